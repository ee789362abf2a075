"""Taking a log back …"""

from __future__ import annotations

import pytest

from coaching.actions.habits import archive_habit
from coaching.actions.logs import HabitArchived, clear_log
from coaching.tests.world import (
    DAY,
    MONDAY,
    NOON,
    clear,
    counted,
    forget_refreshes,
    habit_of,
    log,
    log_row,
    logged_days,
    refreshes,
    student_acting,
)
from conftest import Cast
from core.enums import Rank
from core.errors import InvalidInput, NotVisible


def test_counts_anew(cast: Cast) -> None:
    habit = habit_of(cast.student)
    log_row(cast.student, habit, 3)
    forget_refreshes()
    wednesday = NOON + 2 * DAY

    found = clear(cast.student, habit, MONDAY + 2 * DAY, at=wednesday)

    assert (found.streak_length, found.longest_streak, found.keep_by) == (2, 2, MONDAY + 2 * DAY)
    assert logged_days(habit) == [(MONDAY, "done"), (MONDAY + DAY, "done")]
    assert refreshes() == [(cast.student.pk, Rank.NORMAL, ["habit_logged"])]


def test_of_yesterday_breaks_a_streak(cast: Cast) -> None:
    habit = habit_of(cast.student)
    log_row(cast.student, habit, 3)

    clear(cast.student, habit, MONDAY + DAY, at=NOON + 2 * DAY)

    assert counted(habit, NOON + 2 * DAY).streak == 1


def test_of_the_only_day_leaves_nothing(cast: Cast) -> None:
    habit = habit_of(cast.student)
    log(cast.student, habit, at=NOON)

    found = clear(cast.student, habit, MONDAY, at=NOON)

    assert (found.chain_end, found.streak_length, found.longest_streak, found.keep_by) == (None, 0, 0, None)


def test_that_is_not_there_changes_nothing(cast: Cast) -> None:
    habit = habit_of(cast.student)
    log(cast.student, habit, at=NOON)
    forget_refreshes()

    clear(cast.student, habit, MONDAY + DAY, at=NOON + DAY)

    assert (logged_days(habit), refreshes()) == ([(MONDAY, "done")], [])


def test_is_for_today_and_yesterday_only(cast: Cast) -> None:
    habit = habit_of(cast.student)
    log_row(cast.student, habit, 3)

    for day in (MONDAY, MONDAY + 3 * DAY):
        with pytest.raises(InvalidInput) as refused:
            clear(cast.student, habit, day, at=NOON + 2 * DAY)
        assert (refused.value.code, list(refused.value.fields)) == ("not_a_day_to_log", ["date"])
    with student_acting(cast.student):
        archive_habit(habit_id=habit.pk, by=cast.student, at=NOON + 2 * DAY)
    with pytest.raises(HabitArchived):
        clear(cast.student, habit, MONDAY + 2 * DAY, at=NOON + 2 * DAY)

    assert len(logged_days(habit)) == 3


def test_is_for_nobody_else(cast: Cast) -> None:
    habit = habit_of(cast.student)
    log(cast.student, habit, at=NOON)

    for person in (cast.stranger, cast.mentor, cast.director):
        with student_acting(person), pytest.raises(NotVisible):
            clear_log(habit_id=habit.pk, day=MONDAY, by=person, at=NOON)

    assert logged_days(habit) == [(MONDAY, "done")]
