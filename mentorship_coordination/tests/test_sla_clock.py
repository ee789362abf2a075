"""The SLA clock: the vectors of product.md §4, its explanations, refusals and speed."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from mentorship_coordination.sla.clock import (
    ALWAYS_OPEN,
    Calendar,
    CalendarError,
    Pause,
    add_business,
    business_seconds_between,
    counted_spans,
)

HOUR = 3600
NINE_TO_FIVE = ((9 * 60, 17 * 60),)
WORKWEEK = (NINE_TO_FIVE,) * 5 + ((), ())
NEW_YORK = Calendar("America/New_York", WORKWEEK)
NEW_YORK_JULY_3 = Calendar("America/New_York", WORKWEEK, frozenset({date(2026, 7, 3)}))
NAIROBI = Calendar("Africa/Nairobi", (((480, 720), (810, 1080)),) * 5 + ((), ()))
NEW_YORK_ALWAYS = Calendar("America/New_York", None)


def local(calendar: Calendar, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(calendar.zone))


@pytest.mark.parametrize(
    ("calendar", "start", "hours", "pauses", "due"),
    [
        (NEW_YORK, "2026-01-09 16:30", 1, (), "2026-01-12 09:30"),
        (NEW_YORK, "2026-01-07 07:00", 2, (), "2026-01-07 11:00"),
        (NEW_YORK, "2026-01-05 17:00", 1, (), "2026-01-06 10:00"),
        (NEW_YORK, "2026-01-05 09:00", 8, (), "2026-01-05 17:00"),
        (NEW_YORK_JULY_3, "2026-07-02 12:00", 16, (), "2026-07-07 12:00"),
        (NEW_YORK, "2026-01-05 09:00", 4, [("2026-01-05 10:00", "2026-01-06 15:00")], "2026-01-07 10:00"),
        (
            NEW_YORK,
            "2026-01-05 09:00",
            4,
            [("2026-01-05 10:00", "2026-01-05 10:30"), ("2026-01-05 10:30", "2026-01-05 11:00")],
            "2026-01-05 14:00",
        ),
        (NAIROBI, "2026-01-05 11:00", 2, (), "2026-01-05 14:30"),
        (NEW_YORK_ALWAYS, "2026-03-07 12:00", 24, (), "2026-03-08 13:00"),
        (NEW_YORK_ALWAYS, "2026-10-31 12:00", 24, (), "2026-11-01 11:00"),
    ],
)
def test_is_due_as_the_product_says(
    calendar: Calendar, start: str, hours: int, pauses: list[tuple[str, str]], due: str
) -> None:
    instants: list[Pause] = [(local(calendar, begin), local(calendar, end)) for begin, end in pauses]

    answer = add_business(local(calendar, start), hours * HOUR, calendar, instants)

    assert answer == local(calendar, due).astimezone(UTC)
    assert answer.tzinfo is UTC
    assert business_seconds_between(local(calendar, start), answer, calendar, instants) == hours * HOUR


def test_is_due_after_whichever_offset_holds_then() -> None:
    spring = add_business(local(NEW_YORK_ALWAYS, "2026-03-07 12:00"), 24 * HOUR, NEW_YORK_ALWAYS)
    autumn = add_business(local(NEW_YORK_ALWAYS, "2026-10-31 12:00"), 24 * HOUR, NEW_YORK_ALWAYS)

    assert (spring, autumn) == (datetime(2026, 3, 8, 17, tzinfo=UTC), datetime(2026, 11, 1, 16, tzinfo=UTC))


def test_counts_a_repeated_hour_twice_and_a_skipped_hour_never() -> None:
    night = Calendar("America/New_York", (((60, 180),),) * 7)

    def night_of(day: str) -> int:
        start = local(night, f"{day} 00:00")
        return business_seconds_between(start, start.astimezone(UTC) + timedelta(hours=12), night)

    assert [night_of(day) for day in ("2026-03-08", "2026-03-09", "2026-11-01")] == [HOUR, 2 * HOUR, 3 * HOUR]


def test_keeps_microseconds() -> None:
    start = datetime(2026, 1, 9, 21, 59, 59, 750_000, tzinfo=UTC)

    assert add_business(start, 1, NEW_YORK) == datetime(2026, 1, 12, 14, 0, 0, 750_000, tzinfo=UTC)


def test_is_due_at_once_without_a_budget_even_when_closed() -> None:
    sunday = datetime(2026, 1, 11, 12, tzinfo=UTC)

    assert add_business(sunday, 0, NEW_YORK) == sunday


def test_explains_each_span() -> None:
    start, end = local(NEW_YORK_JULY_3, "2026-07-02 12:00"), local(NEW_YORK_JULY_3, "2026-07-06 10:00")
    pause: Pause = (local(NEW_YORK_JULY_3, "2026-07-02 13:00"), local(NEW_YORK_JULY_3, "2026-07-02 14:00"))

    spans = counted_spans(start, end, NEW_YORK_JULY_3, [pause])

    assert [(span.reason, span.counts, span.seconds / HOUR) for span in spans] == [
        ("open", True, 1),
        ("paused", False, 1),
        ("open", True, 3),
        ("closed", False, 7),
        ("holiday", False, 24),
        ("closed", False, 57),
        ("open", True, 1),
    ]


def test_shows_an_open_pause_up_to_the_end() -> None:
    start = datetime(2026, 1, 5, 15, tzinfo=UTC)

    spans = counted_spans(start, start + timedelta(hours=3), ALWAYS_OPEN, [(start + timedelta(hours=1), None)])

    assert [(span.reason, span.seconds / HOUR) for span in spans] == [("open", 1), ("paused", 2)]


def test_leaves_out_a_pause_that_only_touches() -> None:
    end = START + timedelta(hours=1)

    spans = counted_spans(START, end, ALWAYS_OPEN, [(START - timedelta(1), START), (end, None)])

    assert [(span.start, span.end, span.reason) for span in spans] == [(START, end, "open")]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda: Calendar("America/New_Yrok", WORKWEEK), "unknown_zone"),
        (lambda: Calendar("America", WORKWEEK), "unknown_zone"),
        (lambda: Calendar("UTC", WORKWEEK[:5]), "bad_windows"),
        (lambda: Calendar("UTC", (((540, 1441),),) * 7), "bad_windows"),
        (lambda: Calendar("UTC", (((1020, 540),),) * 7), "inverted_window"),
        (lambda: Calendar("UTC", (((540, 540),),) * 7), "inverted_window"),
        (lambda: Calendar("UTC", (((700, 900), (540, 720)),) * 7), "overlapping_windows"),
        (lambda: Calendar("UTC", ((),) * 7), "no_open_time"),
        (lambda: Calendar("UTC", WORKWEEK, holidays_from(date(2026, 1, 3), 400)), "no_open_time"),
        (lambda: Calendar("UTC", None, holidays_from(date(2026, 1, 1), 400)), "no_open_time"),
    ],
)
def test_refuses_a_calendar_that_cannot_work(change: Callable[[], Calendar], code: str) -> None:
    with pytest.raises(CalendarError) as refusal:
        change().validate()

    assert refusal.value.code == code


def holidays_from(first: date, days: int) -> frozenset[date]:
    return frozenset(first + timedelta(days=offset) for offset in range(days))


@pytest.mark.parametrize(
    "calendar",
    [ALWAYS_OPEN, NEW_YORK_JULY_3, NAIROBI, Calendar("UTC", None, holidays_from(date(2026, 1, 1), 399))],
)
def test_accepts_a_calendar_that_works(calendar: Calendar) -> None:
    calendar.validate()


START = datetime(2026, 1, 5, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("compute", "code"),
    [
        (lambda: add_business(START.replace(tzinfo=None), 1, ALWAYS_OPEN), "naive_datetime"),
        (lambda: add_business(START, -1, ALWAYS_OPEN), "negative_budget"),
        (lambda: add_business(START, 1, ALWAYS_OPEN, [(START, START - timedelta(1))]), "inverted_pause"),
        (lambda: add_business(START, 2, ALWAYS_OPEN, [(START + timedelta(seconds=1), None)]), "paused"),
        (lambda: add_business(START, 9 * HOUR, NEW_YORK, [(START, None)]), "paused"),
        (lambda: add_business(START, 1, Calendar("UTC", ((),) * 7)), "no_open_time"),
        (lambda: add_business(START, 1 << 38, ALWAYS_OPEN), "out_of_range"),
        (lambda: add_business(START, 1 << 38, ALWAYS_OPEN, [(START, START + timedelta(1))]), "out_of_range"),
        (lambda: add_business(datetime(9999, 12, 1, tzinfo=UTC), 999 * HOUR, NEW_YORK), "out_of_range"),
    ],
)
def test_refuses_what_has_no_answer(compute: Callable[[], datetime], code: str) -> None:
    with pytest.raises(CalendarError) as refusal:
        compute()

    assert refusal.value.code == code


def test_is_due_before_an_open_pause_that_begins_later() -> None:
    assert add_business(START, HOUR, ALWAYS_OPEN, [(START + timedelta(hours=1), None)]) == START + timedelta(hours=1)


def test_answers_fast_enough_for_a_sweep() -> None:
    budget = 48 * HOUR

    def best(calendar: Calendar) -> float:
        rounds = []
        for _ in range(20):
            began = time.perf_counter()
            for minute in range(50):
                add_business(START + timedelta(minutes=minute), budget, calendar)
            rounds.append((time.perf_counter() - began) / 50)
        return min(rounds)

    assert best(ALWAYS_OPEN) < 5e-6
    assert best(NEW_YORK_JULY_3) < 100e-6
