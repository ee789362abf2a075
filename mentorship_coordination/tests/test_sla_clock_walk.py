"""The SLA clock agrees with a minute-by-minute walk over random calendars, zones and pauses."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from mentorship_coordination.sla.clock import (
    Calendar,
    add_business,
    business_seconds_between,
    counted_spans,
)

HOUR = 3600
ZONES = (
    "UTC",
    "America/New_York",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Pacific/Chatham",
    "Australia/Lord_Howe",
    "Europe/Dublin",
    "Pacific/Apia",
    "Africa/Casablanca",
)
# Around clock changes of the zones above (either hemisphere), a leap day, and the date that Apia skipped.
BEGINNINGS = (
    datetime(2026, 3, 6, tzinfo=UTC),
    datetime(2026, 10, 30, tzinfo=UTC),
    datetime(2026, 4, 3, tzinfo=UTC),
    datetime(2026, 9, 25, tzinfo=UTC),
    datetime(2028, 2, 28, tzinfo=UTC),
    datetime(2011, 12, 28, tzinfo=UTC),
    datetime(2026, 2, 14, tzinfo=UTC),
)
HORIZON = 5 * 1440
MINUTE = timedelta(minutes=1)
ALWAYS = (((0, 1440),),) * 7
Pause = tuple[datetime, datetime]


@st.composite
def day_windows(draw: st.DrawFn) -> tuple[tuple[int, int], ...]:
    edges = sorted(draw(st.sets(st.integers(0, 96), max_size=6)))
    return tuple((15 * opens, 15 * closes) for opens, closes in zip(edges[::2], edges[1::2], strict=False))


@st.composite
def worlds(draw: st.DrawFn) -> tuple[datetime, Calendar, list[Pause]]:
    start = draw(st.sampled_from(BEGINNINGS)) + timedelta(minutes=draw(st.integers(0, 2880)))
    windows = draw(st.none() | st.tuples(*[day_windows()] * 7))
    holidays = draw(st.sets(st.integers(0, 6), max_size=2))
    closed = frozenset((start + timedelta(days=days)).date() for days in holidays)
    minutes = st.tuples(st.integers(-600, HORIZON), st.integers(0, 2000))
    pauses: list[Pause] = [
        (start + timedelta(minutes=begin), start + timedelta(minutes=begin + length))
        for begin, length in draw(st.lists(minutes, max_size=4))
    ]
    return start, Calendar(draw(st.sampled_from(ZONES)), windows, closed), pauses


def walk(start: datetime, calendar: Calendar, pauses: list[Pause]) -> list[bool]:
    """Whether each minute after `start` counts, found by looking at the wall clock of that minute."""
    zone = ZoneInfo(calendar.zone)
    open_minutes = [marked(1440, windows) for windows in (ALWAYS if calendar.windows is None else calendar.windows)]
    paused = marked(HORIZON, [((begin - start) // MINUTE, (end - start) // MINUTE) for begin, end in pauses])
    counted = []
    for minute in range(HORIZON):
        face = (start + minute * MINUTE).astimezone(zone)
        is_open = open_minutes[face.weekday()][face.hour * 60 + face.minute]
        counted.append(is_open and not paused[minute] and face.date() not in calendar.holidays)
    return counted


def marked(length: int, spans: Iterable[tuple[int, int]]) -> list[bool]:
    """Of each of `length` minutes whether it lies within a span."""
    marks = [False] * length
    for begin, end in spans:
        for minute in range(max(begin, 0), min(end, length)):
            marks[minute] = True
    return marks


def walk_due(start: datetime, seconds: int, counted: list[bool]) -> datetime:
    for minute, counts in enumerate(counted):
        if counts and seconds <= 60:
            return start + timedelta(minutes=minute, seconds=seconds)
        seconds -= 60 if counts else 0
    raise AssertionError("the budget was drawn to fit the horizon")


@settings(max_examples=300, deadline=None)
@given(worlds(), st.data())
def test_agrees_with_a_walk_minute_by_minute(
    world: tuple[datetime, Calendar, list[Pause]], data: st.DataObject
) -> None:
    start, calendar, pauses = world
    counted = walk(start, calendar, pauses)
    stop = data.draw(st.integers(0, HORIZON), label="stop")

    elapsed = business_seconds_between(start, start + timedelta(minutes=stop), calendar, pauses)

    assert elapsed == 60 * sum(counted[:stop])
    if any(counted):
        budget = data.draw(st.integers(1, 60 * sum(counted)), label="budget")
        assert add_business(start, budget, calendar, pauses) == walk_due(start, budget, counted)


@settings(max_examples=300, deadline=None)
@given(worlds(), st.integers(0, HORIZON))
def test_tiles_the_time_in_agreement_with_the_walk(world: tuple[datetime, Calendar, list[Pause]], minutes: int) -> None:
    start, calendar, pauses = world
    end = start + timedelta(minutes=minutes)

    spans = counted_spans(start, end, calendar, pauses)

    edges = [start, *(span.end for span in spans)]
    per_minute = [span.counts for span in spans for _ in range(int(span.seconds // 60))]
    assert [span.start for span in spans] == edges[:-1]
    assert edges[-1] == end
    assert all(span.start < span.end for span in spans)
    assert all(one.reason != other.reason for one, other in pairwise(spans))
    assert per_minute == walk(start, calendar, pauses)[:minutes]


@settings(max_examples=300, deadline=None)
@given(worlds(), st.integers(0, 100 * HOUR), st.integers(-600, HORIZON), st.integers(0, 2000))
def test_is_never_due_earlier_for_a_pause(
    world: tuple[datetime, Calendar, list[Pause]], budget: int, begin: int, length: int
) -> None:
    start, calendar, pauses = world
    extra = (start + timedelta(minutes=begin), start + timedelta(minutes=begin + length))
    always_some_hour = Calendar(calendar.zone, calendar.windows and (*calendar.windows[:6], ((600, 660),)))

    without = add_business(start, budget, always_some_hour, pauses)

    assert add_business(start, budget, always_some_hour, [*pauses, extra]) >= without
