"""The open, closed and holiday spans of a calendar, one UTC day at a time, remembered per calendar.

An instant is open when its local wall clock lies in a window of its local date and that date is no holiday.
Seen from UTC, both passes of a repeated hour count and a skipped hour cannot, without a special case.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal

from mentorship_coordination.sla.calendars import Calendar, CalendarError, zone_of

Kind = Literal["open", "closed", "holiday"]
Piece = tuple[int, int, Kind]
Bounds = tuple[int, int]

SECOND: Final = 1_000_000
DAY: Final = 86_400 * SECOND
_MINUTE: Final = 60 * SECOND
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL: Final = _EPOCH.toordinal()
_MICROSECOND: Final = timedelta(microseconds=1)
_REMEMBERED_DAYS: Final = 2_000
_FIRST_DAY: Final = (datetime(1, 1, 3, tzinfo=UTC) - _EPOCH).days
_LAST_DAY: Final = (datetime(9999, 12, 29, tzinfo=UTC) - _EPOCH).days


def to_microseconds(instant: datetime) -> int:
    """Microseconds since 1970-01-01T00:00Z of an aware datetime."""
    return (instant - _EPOCH) // _MICROSECOND


def from_microseconds(instant: int) -> datetime:
    """The aware UTC datetime of microseconds since 1970. Raises OverflowError after the year 9999."""
    return _EPOCH + timedelta(microseconds=instant)


class Timeline:
    """Pieces of UTC days of one calendar, in microseconds since 1970. `timeline_of` shares the memory."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self._zone = zone_of(calendar.zone)
        self._holidays = frozenset(day.toordinal() - _EPOCH_ORDINAL for day in calendar.holidays)
        self._pieces: dict[int, tuple[Piece, ...]] = {}
        self._open: dict[int, tuple[Bounds, ...]] = {}
        self.never_closes = calendar.windows is None and not calendar.holidays

    def pieces(self, day: int) -> tuple[Piece, ...]:
        """Pieces that tile a UTC day (days since the epoch) without gap or overlap.

        Raises CalendarError `out_of_range` for days whose local dates have no representation.
        """
        found = self._pieces.get(day)
        if found is None:
            if len(self._pieces) >= _REMEMBERED_DAYS:
                self._pieces.clear()
            if not _FIRST_DAY <= day <= _LAST_DAY:
                raise CalendarError("out_of_range", "The clock works between the years 1 and 9999.")
            found = self._pieces[day] = tuple(self._build(day))
        return found

    def open_bounds(self, day: int) -> tuple[Bounds, ...]:
        """The open pieces of a UTC day (days since the epoch)."""
        found = self._open.get(day)
        if found is None:
            if len(self._open) >= _REMEMBERED_DAYS:
                self._open.clear()
            found = self._open[day] = tuple((start, end) for start, end, kind in self.pieces(day) if kind == "open")
        return found

    def _build(self, day: int) -> Iterator[Piece]:
        for start, end, offset in self._constant_offsets(day * DAY, (day + 1) * DAY):
            first, last = (start + offset) // DAY, (end + offset - 1) // DAY
            for local_day in range(first, last + 1):
                yield from self._cut_local_day(local_day, start + offset, end + offset, offset)

    def _cut_local_day(self, local_day: int, start: int, end: int, offset: int) -> Iterator[Piece]:
        """Pieces of one local date inside local `[start, end)`, moved to UTC."""
        midnight = local_day * DAY
        position, stop = max(start, midnight), min(end, midnight + DAY)
        if local_day in self._holidays:
            yield position - offset, stop - offset, "holiday"
            return
        for opens, closes in sorted(self.calendar.windows_on(local_day + _EPOCH_ORDINAL)):
            begin, finish = max(position, midnight + opens * _MINUTE), min(stop, midnight + closes * _MINUTE)
            if begin >= finish:
                continue
            if position < begin:
                yield position - offset, begin - offset, "closed"
            yield begin - offset, finish - offset, "open"
            position = finish
        if position < stop:
            yield position - offset, stop - offset, "closed"

    def _constant_offsets(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """`[start, end)` cut at the clock change inside it, if any, as (start, end, offset from UTC)."""
        before, after = self._offset(start), self._offset(end)
        if before == after:
            yield start, end, before
            return
        low, high = start // SECOND, end // SECOND
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._offset(middle * SECOND) == before else (low, middle)
        yield start, high * SECOND, before
        if high * SECOND < end:
            yield high * SECOND, end, after

    def _offset(self, instant: int) -> int:
        offset = from_microseconds(instant).astimezone(self._zone).utcoffset()
        return 0 if offset is None else offset // _MICROSECOND


@lru_cache(maxsize=256)
def timeline_of(calendar: Calendar) -> Timeline:
    """The shared timeline of a calendar. Raises CalendarError `unknown_zone`."""
    return Timeline(calendar)
