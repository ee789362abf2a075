"""Days kept as bits …"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from coaching.days import KEPT_DAYS, DayBits, Kept

Logs = Mapping[date, str]

MONDAY = date(2026, 2, 2)
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)

todays = st.dates(date(2025, 12, 1), date(2026, 3, 31))
#: By the days before today; more of them than the bits hold.
states = st.dictionaries(st.integers(0, 60), st.sampled_from(["done", "skipped"]), max_size=50)


def bits_of(today: date, logs: Logs) -> DayBits:
    def word(state: str) -> int:
        days = [(today - day).days for day, logged in logs.items() if logged == state]
        return sum(1 << back for back in days if back < KEPT_DAYS)

    return DayBits(today, word("done"), word("skipped"))


def monday_of(day: date) -> date:
    while day.isoweekday() != 1:
        day -= DAY
    return day


def walk_days(today: date, logs: Logs, started_on: date, archived_on: date | None) -> Kept:
    kept = due = 0
    day = today - 28 * DAY
    while day <= today:
        state = logs.get(day)
        is_alive = started_on <= day and (archived_on is None or day <= archived_on)
        if is_alive and (state == "done" or (state is None and day not in {today, archived_on})):
            due += 1
            kept += state == "done"
        day += DAY
    return Kept(kept, due)


def walk_weeks(today: date, logs: Logs, started_on: date, archived_on: date | None) -> Kept:
    kept = due = 0
    first = monday_of(today) - 4 * WEEK
    while first <= today:
        logged = {logs[first + day * DAY] for day in range(7) if first + day * DAY in logs}
        was_begun = monday_of(started_on) <= first
        was_put_away = archived_on is not None and monday_of(archived_on) < first
        was_cut_short = archived_on is not None and monday_of(archived_on) == first
        if was_begun and not was_put_away:
            if "done" in logged:
                kept, due = kept + 1, due + 1
            elif not logged and not was_cut_short and first + 6 * DAY < today:
                due += 1
        first += WEEK
    return Kept(kept, due)


@settings(max_examples=400, deadline=None)
@given(todays, states, st.sampled_from(["daily", "weekly"]), st.integers(0, 60), st.none() | st.integers(0, 60))
def test_count_what_a_walk_over_the_days_counts(
    today: date, back: dict[int, str], cadence: str, started: int, archived: int | None
) -> None:
    logs = {today - days * DAY: state for days, state in back.items()}
    started_on = today - started * DAY
    archived_on = None if archived is None else max(started_on, today - archived * DAY)
    walk = walk_days if cadence == "daily" else walk_weeks

    found = bits_of(today, logs).count(cadence, started_on=started_on, archived_on=archived_on)

    assert found == walk(today, logs, started_on, archived_on)


@settings(max_examples=200, deadline=None)
@given(todays, states, st.integers(-3, 70))
def test_know_the_state_of_a_day_in_sight(today: date, back: dict[int, str], asked: int) -> None:
    logs = {today - days * DAY: state for days, state in back.items()}
    day = today - asked * DAY

    assert bits_of(today, logs).state_of(day) == (logs.get(day) if 0 <= asked < KEPT_DAYS else None)


@settings(max_examples=200, deadline=None)
@given(todays, states)
def test_know_whether_the_running_period_is_logged(today: date, back: dict[int, str]) -> None:
    logs = {today - days * DAY: state for days, state in back.items()}
    bits = bits_of(today, logs)

    assert bits.is_logged_now("daily") == (today in logs)
    assert bits.is_logged_now("weekly") == any(monday_of(day) == monday_of(today) for day in logs)


def test_count_what_is_due_and_kept() -> None:
    logs = {MONDAY: "done", MONDAY + DAY: "skipped", MONDAY + 3 * DAY: "done"}
    bits = bits_of(MONDAY + 5 * DAY, logs)

    assert bits.count("daily", started_on=MONDAY, archived_on=None) == Kept(2, 4)
    assert bits.count("weekly", started_on=MONDAY, archived_on=None) == Kept(1, 1)


def test_count_twenty_eight_days_before_today() -> None:
    bits = bits_of(MONDAY, {MONDAY - 29 * DAY: "done", MONDAY - 28 * DAY: "done"})

    assert bits.count("daily", started_on=MONDAY - 60 * DAY, archived_on=None) == Kept(1, 28)


def test_count_four_weeks_before_this_one_whatever_the_weekday() -> None:
    for weekday in range(7):
        bits = bits_of(MONDAY + weekday * DAY, {MONDAY - 4 * WEEK: "done", MONDAY - 4 * WEEK - DAY: "done"})
        assert bits.count("weekly", started_on=MONDAY - 9 * WEEK, archived_on=None) == Kept(1, 4)


def test_of_an_archived_habit_count_until_the_day_before_and_that_day_if_it_is_done() -> None:
    bits = bits_of(MONDAY + 3 * DAY, {MONDAY: "done"})

    assert bits.count("daily", started_on=MONDAY, archived_on=MONDAY + 2 * DAY) == Kept(1, 2)
    assert bits.count("daily", started_on=MONDAY, archived_on=MONDAY) == Kept(1, 1)
    assert bits.count("daily", started_on=MONDAY - DAY, archived_on=MONDAY - DAY) == Kept(0, 0)
    assert bits.count("weekly", started_on=MONDAY, archived_on=MONDAY + 2 * DAY) == Kept(1, 1)
