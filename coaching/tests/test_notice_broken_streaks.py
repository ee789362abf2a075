"""Streaks that end at midnight are noticed … (product.md §9, §11)"""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime

import pytest
from django.db import connections

from coaching.actions.habits import archive_habit, rename_habit, restore_habit
from coaching.events import StreakBroken
from coaching.models import Habit, StreakBreak
from coaching.tests.world import (
    DAY,
    MONDAY,
    NOON,
    SECOND,
    WEEK,
    breaks,
    clear,
    end_streaks,
    forget_refreshes,
    habit_now,
    habit_of,
    local,
    log,
    log_in_bulk,
    log_row,
    moved_to,
    refreshes,
    student_acting,
)
from conftest import Cast
from core import events
from core.enums import Audience, Rank
from mentorship_coordination.tests.queue_world import heard as told
from tests import factories
from tests.database import as_system

#: Monday to Wednesday are done; Thursday saves it, on Friday it is over.
FRIDAY = datetime(2026, 2, 6, tzinfo=UTC)


@pytest.fixture
def habit(cast: Cast) -> Habit:
    """A streak of three."""
    made = habit_of(cast.student)
    log_row(cast.student, made, 3)
    forget_refreshes()
    return made


def broken(cast: Cast, habit: Habit, at: datetime = FRIDAY) -> StreakBroken:
    return StreakBroken(
        habit_id=habit.pk,
        student_id=cast.student.pk,
        habit_name=habit.name,
        length=3,
        last_date=MONDAY + 2 * DAY,
        at=at,
    )


def test_as_midnight_passes_where_she_lives(cast: Cast, heard: list[object]) -> None:
    for zone, midnight_there in (
        ("Pacific/Kiritimati", datetime(2026, 2, 5, 10, 0, tzinfo=UTC)),
        ("Asia/Kathmandu", datetime(2026, 2, 5, 18, 15, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 2, 6, 5, 0, tzinfo=UTC)),
        ("Pacific/Niue", datetime(2026, 2, 6, 11, 0, tzinfo=UTC)),
    ):
        student = moved_to(cast.student, zone)
        habit = habit_of(student, at=local(zone, MONDAY), name=zone)
        log_row(student, habit, 3, zone=zone)

        assert (end_streaks(midnight_there - SECOND), heard) == (0, [])
        assert end_streaks(midnight_there) == 1

        assert heard == [broken(cast, habit, midnight_there)]
        heard.clear()


def test_as_midnight_ends_a_day_of_23_or_25_hours(cast: Cast) -> None:
    student = moved_to(cast.student, "America/New_York")
    for last, midnight_there in (
        (date(2026, 3, 7), datetime(2026, 3, 9, 4, tzinfo=UTC)),
        (date(2026, 10, 31), datetime(2026, 11, 2, 5, tzinfo=UTC)),
    ):
        log_in_bulk(habit_of(student, name=f"{last}"), [(last - back * DAY, "done") for back in range(3)])

        assert [end_streaks(midnight_there - SECOND), end_streaks(midnight_there)] == [0, 1]


def test_with_a_row_an_event_and_a_refresh_ahead_of_others(cast: Cast, habit: Habit, heard: list[object]) -> None:
    end_streaks(FRIDAY)

    with as_system():
        noted = StreakBreak.objects.get()
    assert (noted.habit_id, noted.student_id, noted.length) == (habit.pk, cast.student.pk, 3)
    assert (noted.last_date, noted.broken_on, noted.noticed_at) == (MONDAY + 2 * DAY, MONDAY + 4 * DAY, FRIDAY)
    assert heard == [broken(cast, habit)]
    assert refreshes() == [(cast.student.pk, Rank.HIGH, ["streak_broken"])]
    kept = habit_now(habit)
    assert (kept.keep_by, kept.streak_length, kept.longest_streak) == (None, 3, 3)


def test_and_her_mentor_hears_of_it(cast: Cast, habit: Habit) -> None:
    end_streaks(FRIDAY)

    [news] = [each for each in told(cast.mentor) if each["event"] == "risk_alert"]
    assert (news["kind"], news["mentee"]) == ("streak_broken", str(cast.student.pk))
    assert (news["habit"], news["length"]) == ("An hour in the lab", 3)
    assert told(cast.other_mentor) == []
    assert [each for each in told(cast.student, Audience.STUDENT) if each["event"] == "risk_alert"] == []


def test_of_weeks_on_the_monday_after_the_missed_week(cast: Cast, heard: list[object]) -> None:
    habit = habit_of(cast.student, "weekly")
    log_row(cast.student, habit, 3)
    monday = datetime(2026, 3, 2, tzinfo=UTC)

    assert [end_streaks(monday - SECOND), end_streaks(monday)] == [0, 1]

    with as_system():
        noted = StreakBreak.objects.get()
    assert (noted.last_date, noted.length, noted.broken_on) == (MONDAY + 2 * WEEK, 3, date(2026, 3, 2))
    assert len(heard) == 1


def test_once(cast: Cast, habit: Habit, heard: list[object]) -> None:
    assert [end_streaks(FRIDAY + minutes * DAY / 1440) for minutes in (0, 1, 1440)] == [1, 0, 0]
    assert (len(heard), breaks()) == (1, [(MONDAY + 2 * DAY, 3)])


def test_late_with_the_day_on_which_it_was_over(cast: Cast, habit: Habit) -> None:
    end_streaks(FRIDAY + 5 * DAY)

    with as_system():
        noted = StreakBreak.objects.get()
    assert (noted.broken_on, noted.noticed_at) == (MONDAY + 4 * DAY, FRIDAY + 5 * DAY)


def test_without_a_word_when_they_were_short(cast: Cast, heard: list[object]) -> None:
    habit = habit_of(cast.student)
    log_row(cast.student, habit, 2)
    log(cast.student, habit, at=NOON + 2 * DAY, state="skipped")
    forget_refreshes()

    assert end_streaks(NOON + 5 * DAY) == 1

    assert (heard, breaks(), refreshes(), habit_now(habit).keep_by) == ([], [], [], None)


def test_not_again_when_a_log_was_taken_back_and_put_again(cast: Cast, habit: Habit, heard: list[object]) -> None:
    """Counting anew fills `keep_by` again: that alone is no second break."""
    end_streaks(FRIDAY)
    log(cast.student, habit, at=NOON + 4 * DAY)
    clear(cast.student, habit, MONDAY + 4 * DAY, at=NOON + 4 * DAY)
    assert habit_now(habit).keep_by == MONDAY + 3 * DAY
    forget_refreshes()

    assert end_streaks(NOON + 4 * DAY) == 1

    assert (len(heard), breaks(), refreshes()) == (1, [(MONDAY + 2 * DAY, 3)], [])
    assert habit_now(habit).keep_by is None


def test_again_when_a_mended_one_ends(cast: Cast, habit: Habit, heard: list[object]) -> None:
    end_streaks(FRIDAY)
    log(cast.student, habit, at=NOON + 4 * DAY, day=MONDAY + 3 * DAY)
    log(cast.student, habit, at=NOON + 4 * DAY)

    end_streaks(NOON + 6 * DAY)

    assert breaks() == [(MONDAY + 2 * DAY, 3), (MONDAY + 4 * DAY, 5)]
    assert [event.length for event in heard if isinstance(event, StreakBroken)] == [3, 5]


def test_not_while_they_are_put_away(cast: Cast, habit: Habit) -> None:
    with student_acting(cast.student):
        archive_habit(habit_id=habit.pk, by=cast.student, at=NOON + 2 * DAY)

    assert (end_streaks(FRIDAY), breaks()) == (0, [])


def test_for_many_students_in_batches(cast: Cast, heard: list[object]) -> None:
    with as_system():
        students = [factories.EnrolmentFactory(cohort=cast.cohort).student for _ in range(5)]
    for student in students:
        log_in_bulk(habit_of(student), [(MONDAY + day * DAY, "done") for day in range(3)])

    assert [end_streaks(FRIDAY, limit=2) for _ in range(4)] == [2, 2, 1, 0]

    found = [event.student_id for event in heard if isinstance(event, StreakBroken)]
    assert (len(found), set(found)) == (5, {student.pk for student in students})


def test_or_not_at_all_when_a_listener_fails(
    cast: Cast, habit: Habit, heard: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(event: object) -> None:
        raise RuntimeError("nobody listens")

    with monkeypatch.context() as broken_wire:
        broken_wire.setitem(events._handlers, StreakBroken, [*events._handlers[StreakBroken], fail])
        with pytest.raises(RuntimeError, match="nobody listens"):
            end_streaks(FRIDAY)
    assert (breaks(), refreshes(), habit_now(habit).keep_by) == ([], [], MONDAY + 3 * DAY)
    assert told(cast.mentor) == []
    heard.clear()

    assert (end_streaks(FRIDAY), len(heard)) == (1, 1)


def test_by_one_of_two_that_look_at_once(cast: Cast, habit: Habit, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second neither waits for the first nor says it again, before its commit and after."""
    has_noticed, may_commit = threading.Event(), threading.Event()
    said: list[object] = []

    def hold(event: object) -> None:
        said.append(event)
        has_noticed.set()
        assert may_commit.wait(10)

    def work() -> None:
        try:
            end_streaks(FRIDAY)
        finally:
            connections.close_all()

    monkeypatch.setitem(events._handlers, StreakBroken, [*events._handlers[StreakBroken], hold])
    first = threading.Thread(target=work)
    first.start()
    assert has_noticed.wait(10)
    during = end_streaks(FRIDAY)
    may_commit.set()
    first.join(10)

    assert (during, end_streaks(FRIDAY), len(said)) == (0, 0, 1)
    assert breaks() == [(MONDAY + 2 * DAY, 3)]


def test_with_the_name_that_they_have_now(cast: Cast, habit: Habit, heard: list[object]) -> None:
    with student_acting(cast.student):
        rename_habit(habit_id=habit.pk, name="Two hours", by=cast.student, at=NOON + 3 * DAY)

    end_streaks(FRIDAY)

    assert [event.habit_name for event in heard if isinstance(event, StreakBroken)] == ["Two hours"]


@pytest.mark.parametrize("state", ["done", "skipped"])
def test_even_when_she_logs_before_the_sweep(cast: Cast, heard: list[object], state: str) -> None:
    made = habit_of(cast.student)
    log_row(cast.student, made, 5)
    log(cast.student, made, at=NOON + 6 * DAY, state=state)

    assert end_streaks(NOON + 6 * DAY) == 1
    assert end_streaks(NOON + 6 * DAY) == 0

    assert breaks() == [(MONDAY + 4 * DAY, 5)]
    [said] = heard
    assert isinstance(said, StreakBroken)
    assert (said.length, said.last_date) == (5, MONDAY + 4 * DAY)


def test_not_when_yesterday_is_filled_in_before_the_sweep(cast: Cast, heard: list[object]) -> None:
    made = habit_of(cast.student)
    log_row(cast.student, made, 5)
    log(cast.student, made, at=NOON + 6 * DAY)
    log(cast.student, made, at=NOON + 6 * DAY, day=MONDAY + 5 * DAY)

    assert end_streaks(NOON + 6 * DAY) == 0
    assert (breaks(), heard, habit_now(made).streak_length) == ([], [], 7)


def test_without_a_word_when_that_was_long_ago(cast: Cast, habit: Habit, heard: list[object]) -> None:
    with student_acting(cast.student):
        archive_habit(habit_id=habit.pk, by=cast.student, at=NOON + 2 * DAY)
        restore_habit(habit_id=habit.pk, by=cast.student, at=NOON + 136 * DAY)

    assert end_streaks(NOON + 136 * DAY) == 1
    assert (breaks(), heard, habit_now(habit).keep_by) == ([], [], None)
