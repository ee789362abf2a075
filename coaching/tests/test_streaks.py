"""A streak … (product.md §9)."""

from __future__ import annotations

from datetime import date

from coaching.tests.world import (
    DAY,
    MONDAY,
    NOON,
    WEEK,
    counted,
    habit_of,
    log,
    log_in_bulk,
    log_row,
    streak_on,
)
from conftest import Cast


def test_of_ten_days_stands_while_today_is_empty(cast: Cast) -> None:
    habit = habit_of(cast.student)
    log_row(cast.student, habit, 10)

    today = counted(habit, NOON + 10 * DAY)

    assert (today.streak, today.is_at_risk, today.is_logged_now) == (10, True, False)
    assert today.keep_by == MONDAY + 10 * DAY


def test_is_eleven_once_today_is_logged(cast: Cast) -> None:
    habit = habit_of(cast.student)
    log_row(cast.student, habit, 11)

    today = counted(habit, NOON + 10 * DAY)

    assert (today.streak, today.is_at_risk, today.is_logged_now) == (11, False, True)
    assert (today.longest_streak, today.chain_end, today.keep_by) == (11, MONDAY + 10 * DAY, MONDAY + 11 * DAY)


def test_of_eight_weeks_is_eight(cast: Cast) -> None:
    habit = habit_of(cast.student, "weekly")
    log_row(cast.student, habit, 8)

    assert counted(habit, NOON + 7 * WEEK).streak == 8


def test_of_seven_hundred_days_is_seven_hundred(cast: Cast) -> None:
    habit = habit_of(cast.student)
    log_in_bulk(habit, [(MONDAY + back * DAY, "done") for back in range(-699, 1)])

    today = counted(habit, NOON)

    assert (today.streak, today.longest_streak, today.kept.kept, today.kept.due) == (700, 700, 1, 1)


def test_is_neither_lengthened_nor_broken_by_a_skipped_day(cast: Cast) -> None:
    habit = habit_of(cast.student)
    for day, state in enumerate(("done", "skipped", "done")):
        log(cast.student, habit, at=NOON + day * DAY, state=state)

    assert streak_on(habit, MONDAY + 2 * DAY) == 2


def test_that_ends_in_a_skipped_day_stands_one_day_more(cast: Cast) -> None:
    habit = habit_of(cast.student)
    for day, state in enumerate(("done", "done", "skipped")):
        log(cast.student, habit, at=NOON + day * DAY, state=state)

    skipped, after, lost = (counted(habit, NOON + day * DAY) for day in (2, 3, 4))

    assert (skipped.streak, skipped.is_at_risk) == (2, False)
    assert (after.streak, after.is_at_risk) == (2, True)
    assert (lost.streak, lost.is_at_risk) == (0, False)


def test_is_not_made_of_skipped_days(cast: Cast) -> None:
    habit = habit_of(cast.student)
    for day in range(3):
        log(cast.student, habit, at=NOON + day * DAY, state="skipped")

    today = counted(habit, NOON + 2 * DAY)

    assert (today.streak, today.longest_streak, today.keep_by, today.is_at_risk) == (0, 0, None, False)


def test_is_nothing_once_yesterday_was_missed(cast: Cast) -> None:
    habit = habit_of(cast.student)
    last = log_row(cast.student, habit, 5)

    assert [streak_on(habit, last + day * DAY) for day in (0, 1, 2)] == [5, 5, 0]
    assert counted(habit, NOON + 6 * DAY).longest_streak == 5


def test_begins_anew_after_a_missed_day_and_keeps_the_longest(cast: Cast) -> None:
    habit = habit_of(cast.student)
    log_row(cast.student, habit, 4)
    log_row(cast.student, habit, 2, first=MONDAY + 5 * DAY)

    today = counted(habit, NOON + 6 * DAY)

    assert (today.streak, today.longest_streak) == (2, 4)


def test_of_weeks_is_at_risk_all_the_running_week(cast: Cast) -> None:
    habit = habit_of(cast.student, "weekly")
    log_row(cast.student, habit, 3)

    week = [counted(habit, NOON + 3 * WEEK + weekday * DAY) for weekday in range(7)]

    assert {(day.streak, day.is_at_risk, day.is_logged_now) for day in week} == {(3, True, False)}
    assert {day.keep_by for day in week} == {MONDAY + 3 * WEEK + 6 * DAY}


def test_of_weeks_is_broken_on_the_monday_after_a_missed_week(cast: Cast) -> None:
    habit = habit_of(cast.student, "weekly")
    log_row(cast.student, habit, 3)

    assert streak_on(habit, MONDAY + 3 * WEEK + 6 * DAY) == 3
    assert streak_on(habit, MONDAY + 4 * WEEK) == 0


def test_of_weeks_takes_any_day_of_the_week_and_counts_it_once(cast: Cast) -> None:
    habit = habit_of(cast.student, "weekly")
    for day in (0, 1, 6, 7 + 6, 14, 15):
        log(cast.student, habit, at=NOON + day * DAY)

    assert counted(habit, NOON + 15 * DAY).streak == 3


def test_of_weeks_counts_a_week_that_was_skipped_and_done_as_done(cast: Cast) -> None:
    habit = habit_of(cast.student, "weekly")
    log(cast.student, habit, at=NOON, state="skipped")
    log(cast.student, habit, at=NOON + DAY)
    log(cast.student, habit, at=NOON + 2 * DAY, state="skipped")
    log(cast.student, habit, at=NOON + WEEK, state="skipped")
    log(cast.student, habit, at=NOON + 2 * WEEK)

    assert counted(habit, NOON + 2 * WEEK).streak == 2


def test_of_weeks_goes_on_over_new_year(cast: Cast) -> None:
    """2026 has 53 ISO weeks; its last one ends on a Sunday in January."""
    habit = habit_of(cast.student, "weekly", at=NOON)
    log_in_bulk(habit, [(date(2026, 12, 24), "done"), (date(2027, 1, 3), "done"), (date(2027, 1, 4), "done")])

    assert streak_on(habit, date(2027, 1, 4)) == 3
    assert counted(habit, NOON.replace(year=2027, month=1, day=17)).keep_by == date(2027, 1, 17)
    assert streak_on(habit, date(2027, 1, 18)) == 0


def test_of_days_goes_on_over_a_leap_day_and_new_year(cast: Cast) -> None:
    habit = habit_of(cast.student)
    log_in_bulk(habit, [(date(2027, 12, 30) + day * DAY, "done") for day in range(62)])

    assert streak_on(habit, date(2028, 2, 29)) == 62
