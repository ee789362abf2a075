"""A habit is renamed, put away and taken up again …"""

from __future__ import annotations

from datetime import datetime
from functools import partial

import pytest

from coaching.actions.habits import (
    MOST_HABITS,
    HabitKnown,
    TooManyHabits,
    archive_habit,
    rename_habit,
    restore_habit,
)
from coaching.models import Habit
from coaching.tests.world import (
    DAY,
    MONDAY,
    NOON,
    counted,
    forget_refreshes,
    habit_now,
    habit_of,
    local,
    log_row,
    moved_to,
    queueing_for,
    refreshes,
    student_acting,
)
from conftest import Cast
from core.enums import Rank
from core.errors import InvalidInput, NotVisible
from core.identifiers import new_id
from users.models import User

TUESDAY = NOON + DAY


def rename(student: User, habit: Habit, name: str, at: datetime = TUESDAY) -> Habit:
    with student_acting(student):
        return rename_habit(habit_id=habit.pk, name=name, by=student, at=at)


def archive(student: User, habit: Habit, at: datetime = TUESDAY) -> Habit:
    with student_acting(student):
        return archive_habit(habit_id=habit.pk, by=student, at=at)


def restore(student: User, habit: Habit, at: datetime = TUESDAY) -> Habit:
    with student_acting(student):
        return restore_habit(habit_id=habit.pk, by=student, at=at)


def test_with_a_new_name_and_the_old_streak(cast: Cast) -> None:
    habit = habit_of(cast.student)
    log_row(cast.student, habit, 2)
    forget_refreshes()

    rename(cast.student, habit, " Two hours  in the lab ")

    kept = habit_now(habit)
    assert (kept.name, kept.streak_length, kept.keep_by) == ("Two hours in the lab", 2, MONDAY + 2 * DAY)
    assert (kept.updated_at, kept.revision, kept.created_at) == (TUESDAY, 2, NOON)
    assert refreshes() == [(cast.student.pk, Rank.NORMAL, ["habit_changed"])]


def test_not_with_a_name_that_is_none_or_taken(cast: Cast) -> None:
    habit = habit_of(cast.student)
    habit_of(cast.student, name="Read a paper")

    with pytest.raises(InvalidInput):
        rename(cast.student, habit, "  ")
    with pytest.raises(HabitKnown):
        rename(cast.student, habit, "read A paper")

    assert (habit_now(habit).name, habit_now(habit).revision) == ("An hour in the lab", 1)
    assert rename(cast.student, habit, "AN HOUR in the lab").name == "AN HOUR in the lab"


def test_away_from_today_on(cast: Cast) -> None:
    student = moved_to(cast.student, "Pacific/Kiritimati")
    habit = habit_of(student, at=local("Pacific/Kiritimati", MONDAY))
    log_row(student, habit, 3, zone="Pacific/Kiritimati")
    forget_refreshes()
    thursday = local("Pacific/Kiritimati", MONDAY + 3 * DAY, 0, 1)

    archive(student, habit, thursday)

    kept = habit_now(habit)
    assert (kept.archived_on, kept.updated_at, kept.revision) == (MONDAY + 3 * DAY, thursday, 2)
    assert refreshes() == [(student.pk, Rank.NORMAL, ["habit_changed"])]
    much_later = counted(habit, thursday + 10 * DAY)
    assert (much_later.kept.kept, much_later.kept.due, much_later.is_at_risk) == (3, 3, False)


def test_away_twice_changes_nothing(cast: Cast) -> None:
    habit = habit_of(cast.student)
    archive(cast.student, habit)
    forget_refreshes()

    archive(cast.student, habit, TUESDAY + DAY)

    assert (habit_now(habit).archived_on, habit_now(habit).revision, refreshes()) == (MONDAY + DAY, 2, [])


def test_away_on_the_day_it_began_wherever_she_went_meanwhile(cast: Cast) -> None:
    east = moved_to(cast.student, "Pacific/Kiritimati")
    habit = habit_of(east, at=local("Pacific/Kiritimati", MONDAY, 1))
    west = moved_to(cast.student, "Pacific/Niue")

    archive(west, habit, local("Pacific/Kiritimati", MONDAY, 2))

    assert habit_now(habit).archived_on == MONDAY


def test_back_as_if_it_had_never_been_away(cast: Cast) -> None:
    habit = habit_of(cast.student)
    log_row(cast.student, habit, 2)
    archive(cast.student, habit, NOON + 2 * DAY)
    forget_refreshes()

    restore(cast.student, habit, NOON + 2 * DAY)

    kept = habit_now(habit)
    assert (kept.archived_on, kept.revision) == (None, 3)
    assert refreshes() == [(cast.student.pk, Rank.NORMAL, ["habit_changed"])]
    assert (counted(habit, NOON + 2 * DAY).streak, counted(habit, NOON + 2 * DAY).is_at_risk) == (2, True)


def test_back_twice_changes_nothing(cast: Cast) -> None:
    habit = habit_of(cast.student)
    forget_refreshes()

    restore(cast.student, habit)

    assert (habit_now(habit).revision, refreshes()) == (1, [])


def test_not_back_beside_one_of_its_name_or_twenty_others(cast: Cast) -> None:
    habit = habit_of(cast.student)
    archive(cast.student, habit)
    twin = habit_of(cast.student, name="an hour in the LAB")

    with pytest.raises(HabitKnown):
        restore(cast.student, habit)
    archive(cast.student, twin)
    for number in range(MOST_HABITS):
        habit_of(cast.student, name=f"Habit {number}")
    with pytest.raises(TooManyHabits):
        restore(cast.student, habit)

    assert habit_now(habit).archived_on == MONDAY + DAY


def test_by_nobody_but_the_student(cast: Cast) -> None:
    habit = habit_of(cast.student)

    for act in (partial(rename_habit, name="Mine"), archive_habit, restore_habit):
        for person in (cast.stranger, cast.mentor, cast.director):
            with student_acting(person), pytest.raises(NotVisible):
                act(habit_id=habit.pk, by=person, at=TUESDAY)
        with student_acting(cast.student), pytest.raises(NotVisible):
            act(habit_id=new_id(), by=cast.student, at=TUESDAY)

    assert (habit_now(habit).revision, habit_now(habit).archived_on) == (1, None)


def test_one_change_after_the_other(cast: Cast) -> None:
    habit = habit_of(cast.student)

    for future in queueing_for(
        habit,
        lambda: rename(cast.student, habit, "Two hours in the lab"),
        lambda: archive(cast.student, habit),
    ):
        future.result()

    kept = habit_now(habit)
    assert (kept.name, kept.archived_on, kept.revision) == ("Two hours in the lab", MONDAY + DAY, 3)
