"""The SLA clock: a budget in seconds, a calendar, and the spans that count (product.md §4 "Clock").

Pure arithmetic on UTC instants; spans are half-open (product.md §3). Time counts while the calendar is open
and no pause is open. A due time is the earliest instant at which the whole budget has been counted, so a
budget that ends exactly at closing time is due at closing time and not at the next opening.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, get_args

from mentorship_coordination.sla.calendars import ALWAYS_OPEN, LONGEST_CLOSED_DAYS, Calendar, CalendarError
from mentorship_coordination.sla.timeline import (
    DAY,
    SECOND,
    Bounds,
    Timeline,
    from_microseconds,
    timeline_of,
    to_microseconds,
)

__all__ = [
    "ALWAYS_OPEN",
    "Calendar",
    "CalendarError",
    "Pause",
    "Reason",
    "Span",
    "add_business",
    "business_seconds_between",
    "counted_spans",
]

Reason = Literal["open", "closed", "holiday", "paused"]
REASONS: Final[tuple[str, ...]] = get_args(Reason)
Pause = tuple[datetime, datetime | None]
"""Start and end of a pause; an end of None means that it is still open."""

_NEVER: Final = 1 << 62


@dataclass(frozen=True)
class Span:
    """A piece of `[start, end)` in UTC: whether its time counts, and why it does or does not."""

    start: datetime
    end: datetime
    counts: bool
    reason: Reason

    @property
    def seconds(self) -> float:
        return (self.end - self.start).total_seconds()


def add_business(start: datetime, seconds: int, calendar: Calendar, pauses: Sequence[Pause] = ()) -> datetime:
    """The earliest instant (aware, UTC) at which `seconds` have been counted since `start`.

    Raises CalendarError: `naive_datetime`, `negative_budget`, `inverted_pause`, `unknown_zone`, `paused` (an
    open pause begins before the budget is used up: no due time), `no_open_time` (400 closed days in a row),
    `out_of_range` (due after the year 9999). Rule: product.md §4, its vectors included.
    """
    if seconds < 0:
        raise CalendarError("negative_budget", f"A budget cannot be negative, got {seconds} seconds.")
    if calendar.windows is None and not pauses and not calendar.holidays:
        try:
            return _in_utc(start) + timedelta(seconds=seconds)
        except OverflowError as error:
            raise _out_of_range() from error
    position, remaining = to_microseconds(_in_utc(start)), seconds * SECOND
    if remaining == 0:
        return from_microseconds(position)
    for begin, finish in _counting_from(position, timeline_of(calendar), _merged(pauses)):
        if finish - begin >= remaining:
            return _datetime_at(begin + remaining)
        remaining -= finish - begin
    raise CalendarError("paused", "The clock is paused before the budget is used up: there is no due time yet.")


def business_seconds_between(start: datetime, end: datetime, calendar: Calendar, pauses: Sequence[Pause] = ()) -> int:
    """Whole counted seconds in `[start, end)`, rounded down; 0 when `end` is not after `start`.

    Raises CalendarError: `naive_datetime`, `inverted_pause`, `unknown_zone`. Rule: product.md §4.
    """
    first, last = to_microseconds(_in_utc(start)), to_microseconds(_in_utc(end))
    timeline, counted = timeline_of(calendar), 0
    if first >= last:
        return 0
    paused = _merged(pauses)
    if timeline.never_closes:
        counted = last - first - sum(finish - begin for begin, finish in _clipped(paused, first, last))
        return counted // SECOND
    for day in range(first // DAY, (last - 1) // DAY + 1):
        for begin, finish in _without(_clipped(timeline.open_bounds(day), first, last), paused):
            counted += finish - begin
    return counted // SECOND


def counted_spans(start: datetime, end: datetime, calendar: Calendar, pauses: Sequence[Pause] = ()) -> list[Span]:
    """Spans that tile `[start, end)` in UTC without gap or overlap; neighbours differ in their reason.

    A pause outranks a holiday, a holiday the hours of its day. Empty when `end` is not after `start`.
    Raises CalendarError: `naive_datetime`, `inverted_pause`, `unknown_zone`. Rule: product.md §4.
    """
    first, last = to_microseconds(_in_utc(start)), to_microseconds(_in_utc(end))
    spans: list[Span] = []
    begin, current = first, None
    for piece_start, reason in _reasons(first, last, timeline_of(calendar), _merged(pauses)):
        if reason == current:
            continue
        if current is not None:
            spans.append(_span(begin, piece_start, current))
        begin, current = piece_start, reason
    if current is not None:
        spans.append(_span(begin, last, current))
    return spans


def _reasons(first: int, last: int, timeline: Timeline, paused: list[Bounds]) -> Iterator[tuple[int, Reason]]:
    """Starts of the pieces of `[first, last)` in order, each with the reason that holds from there."""
    if first >= last:
        return
    for day in range(first // DAY, (last - 1) // DAY + 1):
        for piece_start, piece_end, kind in timeline.pieces(day):
            position, stop = max(piece_start, first), min(piece_end, last)
            for begin, finish in _clipped(paused, position, stop):
                if position < begin:
                    yield position, kind
                yield begin, "paused"
                position = finish
            if position < stop:
                yield position, kind


def _counting_from(position: int, timeline: Timeline, paused: list[Bounds]) -> Iterator[Bounds]:
    """Counting spans from `position` on, for ever; ends only where an open pause begins."""
    if timeline.never_closes:
        yield from _without([(position, _NEVER)], paused)
        return
    forever_paused_from = paused[-1][0] if paused and paused[-1][1] == _NEVER else _NEVER
    day = last_open_day = position // DAY
    while day * DAY < forever_paused_from:
        bounds = timeline.open_bounds(day)
        if bounds:
            last_open_day = day
            yield from _without(_clipped(bounds, position, _NEVER), paused)
        elif day - last_open_day > LONGEST_CLOSED_DAYS:
            raise CalendarError("no_open_time", f"No open time within {LONGEST_CLOSED_DAYS} days.")
        day += 1


def _merged(pauses: Iterable[Pause]) -> list[Bounds]:
    """Pauses in order, overlapping and touching ones joined, empty ones dropped."""
    merged: list[Bounds] = []
    for begin, finish in sorted(_bounds(pause) for pause in pauses):
        if begin == finish:
            continue
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], finish))
        else:
            merged.append((begin, finish))
    return merged


def _bounds(pause: Pause) -> Bounds:
    start, end = pause
    begin = to_microseconds(_in_utc(start))
    finish = _NEVER if end is None else to_microseconds(_in_utc(end))
    if finish < begin:
        raise CalendarError("inverted_pause", f"A pause ends at {end} before it begins at {start}.")
    return begin, finish


def _clipped(bounds: Iterable[Bounds], first: int, last: int) -> Iterator[Bounds]:
    """The parts of ordered bounds inside `[first, last)`."""
    for begin, finish in bounds:
        if begin >= last:
            return
        if finish > first:
            yield max(begin, first), min(finish, last)


def _without(bounds: Iterable[Bounds], removed: list[Bounds]) -> Iterator[Bounds]:
    """Ordered bounds less the ordered, disjoint `removed`."""
    for begin, finish in bounds:
        position = begin
        for cut_begin, cut_finish in _clipped(removed, begin, finish):
            if position < cut_begin:
                yield position, cut_begin
            position = cut_finish
        if position < finish:
            yield position, finish


def _span(begin: int, finish: int, reason: Reason) -> Span:
    return Span(from_microseconds(begin), from_microseconds(finish), reason == "open", reason)


def _in_utc(instant: datetime) -> datetime:
    if instant.tzinfo is UTC:
        return instant
    if instant.utcoffset() is None:
        raise CalendarError("naive_datetime", f"{instant} has no time zone; the clock works on instants.")
    return instant.astimezone(UTC)


def _datetime_at(microseconds: int) -> datetime:
    try:
        return from_microseconds(microseconds)
    except OverflowError as error:
        raise _out_of_range() from error


def _out_of_range() -> CalendarError:
    return CalendarError("out_of_range", "The due time lies after the year 9999.")
