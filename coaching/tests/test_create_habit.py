"""Taking up a habit …"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import ProgrammingError, transaction

from coaching.actions.habits import LONGEST_NAME, MOST_HABITS, HabitKnown, TooManyHabits, archive_habit, create_habit
from coaching.models import Habit
from coaching.tests.world import (
    DAY,
    MONDAY,
    NOON,
    alone,
    habit_now,
    habit_of,
    local,
    moved_to,
    refreshes,
    student_acting,
    until_waiting,
)
from conftest import Cast
from core.enums import Rank
from core.errors import InvalidInput
from student_dashboard.aggregation import DashboardAggregationService
from tests.database import as_system


def names() -> list[str]:
    with as_system():
        return list(Habit.objects.order_by("name").values_list("name", flat=True))


def test_begins_today_without_a_streak(cast: Cast) -> None:
    made = habit_of(cast.student, "weekly", name="  Read \n a  paper ")

    kept = habit_now(made)
    assert (kept.student_id, kept.name, kept.cadence) == (cast.student.pk, "Read a paper", "weekly")
    assert (kept.started_on, kept.archived_on) == (MONDAY, None)
    assert (kept.chain_end, kept.streak_length, kept.longest_streak, kept.keep_by) == (None, 0, 0, None)
    assert (kept.created_at, kept.updated_at, kept.revision) == (NOON, NOON, 1)


def test_begins_on_the_students_own_day(cast: Cast) -> None:
    for zone in ("Pacific/Kiritimati", "Pacific/Niue"):
        student = moved_to(cast.student, zone)
        late = habit_of(student, at=local(zone, MONDAY, 23, 59), name=f"{zone} late")
        early = habit_of(student, at=local(zone, MONDAY, 0), name=f"{zone} early")

        assert (late.started_on, early.started_on) == (MONDAY, MONDAY)


def test_asks_for_her_refresh(cast: Cast) -> None:
    habit_of(cast.student)

    assert refreshes() == [(cast.student.pk, Rank.NORMAL, ["habit_changed"])]


def test_needs_a_name(cast: Cast) -> None:
    for name in ("", " \n", "x" * (LONGEST_NAME + 1)):
        with pytest.raises(InvalidInput) as refused:
            habit_of(cast.student, name=name)
        assert list(refused.value.fields) == ["name"]
    assert names() == []
    assert habit_of(cast.student, name="x" * LONGEST_NAME).name == "x" * LONGEST_NAME


def test_refuses_a_name_that_she_uses_whatever_its_case(cast: Cast) -> None:
    habit_of(cast.student, name="Read a paper")

    with pytest.raises(HabitKnown) as refused:
        habit_of(cast.student, name=" READ a  paper")

    assert (refused.value.code, list(refused.value.fields)) == ("habit_known", ["name"])
    assert names() == ["Read a paper"]


def test_takes_the_name_of_another_students_habit_or_of_one_put_away(cast: Cast) -> None:
    first = habit_of(cast.student)
    with student_acting(cast.student):
        archive_habit(habit_id=first.pk, by=cast.student, at=NOON)
    habit_of(cast.student, at=NOON + DAY)
    habit_of(cast.stranger)

    assert names() == ["An hour in the lab"] * 3


def test_ends_at_twenty_that_are_kept_up(cast: Cast) -> None:
    habits = [habit_of(cast.student, name=f"Habit {number}") for number in range(MOST_HABITS)]

    with pytest.raises(TooManyHabits) as refused:
        habit_of(cast.student, name="One more")
    with student_acting(cast.student):
        archive_habit(habit_id=habits[0].pk, by=cast.student, at=NOON)

    assert (refused.value.code, len(names())) == ("too_many_habits", 20)
    assert habit_of(cast.student, name="One more").name == "One more"


def test_is_undone_when_the_refresh_fails(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*given: object) -> None:
        raise RuntimeError("no queue")

    monkeypatch.setattr(DashboardAggregationService, "queue_update", fail)
    with pytest.raises(RuntimeError, match="no queue"):
        habit_of(cast.student)

    assert names() == []


def test_is_only_for_oneself(cast: Cast) -> None:
    with pytest.raises(ProgrammingError, match="row-level security"), student_acting(cast.stranger):
        create_habit(name="Yours", cadence="daily", by=cast.student, at=NOON)

    assert names() == []


def test_of_one_name_in_two_tabs_makes_one(cast: Cast) -> None:
    """The second waits for the first on the unique index, and is refused once it is there."""
    with ThreadPoolExecutor(1) as thread:
        with student_acting(cast.student), transaction.atomic():
            habit_of(cast.student)
            second = thread.submit(alone, lambda: habit_of(cast.student))
            until_waiting(1)
        with pytest.raises(HabitKnown):
            second.result()

    assert names() == ["An hour in the lab"]


def test_ends_at_twenty_from_two_tabs_too(cast: Cast) -> None:
    for number in range(MOST_HABITS - 1):
        habit_of(cast.student, name=f"Habit {number}")
    with ThreadPoolExecutor(1) as thread:
        with student_acting(cast.student), transaction.atomic():
            habit_of(cast.student, name="Twentieth")
            late = thread.submit(alone, lambda: habit_of(cast.student, name="One more"))
            until_waiting(1)
        with pytest.raises(TooManyHabits):
            late.result()
    assert len(names()) == MOST_HABITS
