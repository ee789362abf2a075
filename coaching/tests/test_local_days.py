"""A student's day is that of where she lives … (product.md §3, §9)"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from coaching.tests.world import (
    DAY,
    MONDAY,
    SECOND,
    counted,
    habit_of,
    local,
    log,
    logged_days,
    moved_to,
)
from conftest import Cast
from core.errors import InvalidInput

NEW_YORK = "America/New_York"
HALF_HOUR = timedelta(minutes=30)


def test_from_its_first_second_to_its_last(cast: Cast) -> None:
    day = date(2026, 3, 4)
    for zone, begins in (
        # Clocks are 14 h ahead, 11 h behind, 5:45 h ahead of and 5 h behind UTC.
        ("Pacific/Kiritimati", datetime(2026, 3, 3, 10, 0, tzinfo=UTC)),
        ("Pacific/Niue", datetime(2026, 3, 4, 11, 0, tzinfo=UTC)),
        ("Asia/Kathmandu", datetime(2026, 3, 3, 18, 15, tzinfo=UTC)),
        (NEW_YORK, datetime(2026, 3, 4, 5, 0, tzinfo=UTC)),
    ):
        student = moved_to(cast.student, zone)
        habit = habit_of(student, at=begins - DAY, name=zone)

        assert log(student, habit, at=begins).log.local_date == day
        last = log(student, habit, at=begins + DAY - SECOND)
        assert (last.log.local_date, last.is_new) == (day, False)
        assert log(student, habit, at=begins - SECOND).log.local_date == day - DAY
        assert log(student, habit, at=begins + DAY).log.local_date == day + DAY
        assert counted(habit, begins + DAY).bits.today == day + DAY


def test_at_one_instant_is_another_elsewhere(cast: Cast) -> None:
    at = datetime(2026, 3, 1, 10, 30, tzinfo=UTC)
    found = {}
    for zone in ("Pacific/Kiritimati", "Pacific/Niue", "Asia/Kathmandu", NEW_YORK):
        student = moved_to(cast.student, zone)
        found[zone] = log(student, habit_of(student, at=at, name=zone), at=at).log.local_date.isoformat()

    assert found == {
        "Pacific/Kiritimati": "2026-03-02",
        "Pacific/Niue": "2026-02-28",
        "Asia/Kathmandu": "2026-03-01",
        NEW_YORK: "2026-03-01",
    }


def test_with_23_or_25_hours_is_one_day(cast: Cast) -> None:
    student = moved_to(cast.student, NEW_YORK)
    for day, begins, hours in (
        (date(2026, 3, 8), datetime(2026, 3, 8, 5, tzinfo=UTC), 23),
        (date(2026, 11, 1), datetime(2026, 11, 1, 4, tzinfo=UTC), 25),
    ):
        habit, ends = habit_of(student, at=begins - 3 * DAY, name=f"{day}"), begins + timedelta(hours=hours)
        for back in (2, 1):
            log(student, habit, at=local(NEW_YORK, day - back * DAY, 23, 30))

        hourly = [log(student, habit, at=begins + HALF_HOUR + timedelta(hours=hour)) for hour in range(hours)]
        log(student, habit, at=ends)

        assert [each.is_new for each in hourly] == [True] + [False] * (hours - 1)
        assert logged_days(habit) == [(day + ahead * DAY, "done") for ahead in (-2, -1, 0, 1)]
        assert (counted(habit, ends).streak, counted(habit, ends - SECOND).bits.today) == (4, day)


def test_missed_on_a_change_of_clocks_still_breaks(cast: Cast) -> None:
    student = moved_to(cast.student, NEW_YORK)
    habit = habit_of(student, at=local(NEW_YORK, date(2026, 3, 6)))
    for day in (6, 7):
        log(student, habit, at=local(NEW_YORK, date(2026, 3, day)))
    monday = datetime(2026, 3, 9, 4, tzinfo=UTC)

    assert [counted(habit, monday - SECOND).streak, counted(habit, monday).streak] == [2, 0]


def test_of_a_week_turns_on_her_own_monday(cast: Cast) -> None:
    student = moved_to(cast.student, "Pacific/Kiritimati")
    habit = habit_of(student, "weekly", at=local("Pacific/Kiritimati", MONDAY))
    log(student, habit, at=local("Pacific/Kiritimati", MONDAY + 6 * DAY, 23, 59))
    log(student, habit, at=local("Pacific/Kiritimati", MONDAY + 7 * DAY, 0))

    broken = local("Pacific/Kiritimati", MONDAY + 21 * DAY, 0)
    assert [counted(habit, at).streak for at in (broken - SECOND, broken)] == [2, 0]


def test_stays_with_the_log_when_she_moves(cast: Cast) -> None:
    """She logs Tuesday east of the date line, flies west and has it once more, then goes on with Wednesday."""
    east = moved_to(cast.student, "Pacific/Kiritimati")
    habit = habit_of(east, at=local("Pacific/Kiritimati", MONDAY))
    log(east, habit, at=local("Pacific/Kiritimati", MONDAY))
    log(east, habit, at=local("Pacific/Kiritimati", MONDAY + DAY))
    west = moved_to(cast.student, "Pacific/Honolulu")

    again = log(west, habit, at=local("Pacific/Honolulu", MONDAY + DAY))
    log(west, habit, at=local("Pacific/Honolulu", MONDAY + 2 * DAY))

    assert not again.is_new
    assert logged_days(habit) == [(MONDAY + day * DAY, "done") for day in range(3)]
    assert counted(habit, local("Pacific/Honolulu", MONDAY + 2 * DAY)).streak == 3


def test_before_the_habit_began_is_none_to_log(cast: Cast) -> None:
    """Taken up east of the date line, it begins "tomorrow" west of it."""
    east = moved_to(cast.student, "Pacific/Kiritimati")
    at = local("Pacific/Kiritimati", MONDAY, 1)
    habit = habit_of(east, at=at)
    west = moved_to(cast.student, "Pacific/Niue")

    with pytest.raises(InvalidInput) as refused:
        log(west, habit, at=at, day=MONDAY - DAY)

    assert refused.value.code == "not_a_day_to_log"
    assert log(west, habit, at=at).log.local_date == MONDAY
    assert counted(habit, at).streak == 1
