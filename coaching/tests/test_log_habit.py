"""Logging a habit …"""

from __future__ import annotations

from datetime import timedelta

import pytest

from coaching.actions.habits import archive_habit, restore_habit
from coaching.actions.logs import HabitArchived, log_habit
from coaching.models import HabitLog
from coaching.tests.world import (
    DAY,
    MONDAY,
    NOON,
    SECOND,
    counted,
    forget_refreshes,
    habit_now,
    habit_of,
    log,
    log_row,
    logged_days,
    queueing_for,
    refreshes,
    student_acting,
)
from conftest import Cast
from core.enums import Rank
from core.errors import InvalidInput, NotVisible
from student_dashboard.aggregation import DashboardAggregationService
from tests.database import as_system


def test_keeps_the_day_and_counts_it(cast: Cast) -> None:
    habit = habit_of(cast.student)
    forget_refreshes()

    logged = log(cast.student, habit, at=NOON, note="  Volatility. ")

    with as_system():
        kept = HabitLog.objects.get()
    assert (kept.habit_id, kept.student_id, kept.local_date) == (habit.pk, cast.student.pk, MONDAY)
    assert (kept.state, kept.note, kept.created_at) == ("done", "Volatility.", NOON)
    assert (logged.is_new, logged.log.pk) == (True, kept.pk)
    assert (logged.habit.streak_length, logged.habit.keep_by) == (1, MONDAY + DAY)
    assert refreshes() == [(cast.student.pk, Rank.NORMAL, ["habit_logged"])]


def test_takes_yesterday_and_no_other_day(cast: Cast) -> None:
    habit = habit_of(cast.student)
    thursday = NOON + 3 * DAY

    assert log(cast.student, habit, at=thursday, day=MONDAY + 2 * DAY).is_new
    for day in (MONDAY + DAY, MONDAY + 4 * DAY):
        with pytest.raises(InvalidInput) as refused:
            log(cast.student, habit, at=thursday, day=day)
        assert (refused.value.code, list(refused.value.fields)) == ("not_a_day_to_log", ["date"])

    assert logged_days(habit) == [(MONDAY + 2 * DAY, "done")]


def test_refuses_yesterday_when_the_habit_began_today(cast: Cast) -> None:
    habit = habit_of(cast.student)

    with pytest.raises(InvalidInput) as refused:
        log(cast.student, habit, at=NOON, day=MONDAY - DAY)

    assert (refused.value.code, list(refused.value.fields)) == ("not_a_day_to_log", ["date"])
    assert logged_days(habit) == []


def test_of_yesterday_mends_a_streak_that_broke_at_midnight(cast: Cast) -> None:
    habit = habit_of(cast.student)
    log_row(cast.student, habit, 4)
    midnight = NOON + 5 * DAY - timedelta(hours=12)
    assert [counted(habit, midnight - SECOND).streak, counted(habit, midnight).streak] == [4, 0]

    mended = log(cast.student, habit, at=midnight + SECOND, day=MONDAY + 4 * DAY)

    assert (mended.habit.streak_length, counted(habit, midnight + SECOND).streak) == (5, 5)


def test_again_replaces_the_day(cast: Cast) -> None:
    habit = habit_of(cast.student)
    first = log(cast.student, habit, at=NOON)
    forget_refreshes()

    again = log(cast.student, habit, at=NOON + timedelta(hours=1), state="skipped", note="Ill.")

    assert (again.is_new, again.log.pk, again.log.created_at) == (False, first.log.pk, NOON)
    assert (again.log.state, again.log.note) == ("skipped", "Ill.")
    assert (again.habit.streak_length, again.habit.keep_by) == (0, None)
    assert logged_days(habit) == [(MONDAY, "skipped")]
    assert refreshes() == [(cast.student.pk, Rank.NORMAL, ["habit_logged"])]


def test_again_with_the_same_changes_nothing(cast: Cast) -> None:
    habit = habit_of(cast.student)
    first = log(cast.student, habit, at=NOON, note="Once.")
    forget_refreshes()

    again = log(cast.student, habit, at=NOON, note=" Once. ")

    assert (again.is_new, again.log.pk, again.habit.streak_length) == (False, first.log.pk, 1)
    assert (refreshes(), habit_now(habit).revision) == ([], 1)


def test_is_refused_while_the_habit_is_put_away(cast: Cast) -> None:
    habit = habit_of(cast.student)
    with student_acting(cast.student):
        archive_habit(habit_id=habit.pk, by=cast.student, at=NOON)

    for day in (None, MONDAY):
        with pytest.raises(HabitArchived) as refused:
            log(cast.student, habit, at=NOON, day=day)
        assert refused.value.code == "habit_archived"
    assert logged_days(habit) == []

    with student_acting(cast.student):
        restore_habit(habit_id=habit.pk, by=cast.student, at=NOON)
    assert log(cast.student, habit, at=NOON).is_new


def test_is_nobody_elses(cast: Cast) -> None:
    habit = habit_of(cast.student)

    for person in (cast.stranger, cast.mentor, cast.director):
        with student_acting(person), pytest.raises(NotVisible):
            log_habit(habit_id=habit.pk, by=person, at=NOON)

    assert (logged_days(habit), habit_now(habit).streak_length) == ([], 0)


def test_is_undone_with_its_count_when_the_refresh_fails(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    habit = habit_of(cast.student)

    def fail(*given: object) -> None:
        raise RuntimeError("no queue")

    monkeypatch.setattr(DashboardAggregationService, "queue_update", fail)
    with pytest.raises(RuntimeError, match="no queue"):
        log(cast.student, habit, at=NOON)

    assert (logged_days(habit), habit_now(habit).streak_length) == ([], 0)


def test_from_two_tabs_at_once_makes_one_log(cast: Cast) -> None:
    habit = habit_of(cast.student)

    first, second = queueing_for(
        habit,
        lambda: log(cast.student, habit, at=NOON),
        lambda: log(cast.student, habit, at=NOON, state="skipped"),
    )

    assert (first.result().is_new, second.result().is_new) == (True, False)
    assert logged_days(habit) == [(MONDAY, "skipped")]
