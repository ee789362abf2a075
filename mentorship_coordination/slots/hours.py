"""When a person can meet: her weekly windows, the dates that differ, and the spans when she is away.

An instant is open when the clock on her wall lies in a window of her local date. So a window in an hour that the
clocks skip is closed, and one in an hour that comes twice is open twice. Source: product.md §7.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from mentorship_coordination.sla.calendars import Calendar, DayWindows
from mentorship_coordination.sla.stored import calendar_from
from mentorship_coordination.sla.timeline import DAY, timeline_of
from mentorship_coordination.slots.spans import Bounds, common, joined, without


@dataclass(frozen=True)
class DatedCalendar(Calendar):
    """A weekly calendar in which some local dates, given as ordinals, have windows of their own."""

    dates: tuple[tuple[int, DayWindows], ...] = ()

    @cached_property
    def _by_date(self) -> dict[int, DayWindows]:
        return dict(self.dates)

    def windows_on(self, ordinal: int) -> DayWindows:
        own = self._by_date.get(ordinal)
        return super().windows_on(ordinal) if own is None else own


@dataclass(frozen=True, slots=True)
class PersonHours:
    """`away` is ordered and disjoint."""

    calendar: DatedCalendar
    away: tuple[Bounds, ...] = ()

    def weekly(self, between: Bounds) -> list[Bounds]:
        """Open spans inside `between`, absences not looked at."""
        return open_spans(self.calendar, between)

    def present(self, between: Bounds) -> list[Bounds]:
        """Open spans inside `between`, less the absences."""
        return without(self.weekly(between), self.away)


def hours_from(
    windows: Mapping[str, Any],
    zone: str,
    *,
    dates: Mapping[date, Sequence[Sequence[str]]] | None = None,
    away: Sequence[Bounds] = (),
) -> PersonHours:
    """The hours of one person from what is stored; an override replaces the windows of its local date.

    Raises CalendarError (`malformed`, `unknown_zone`) for words that cannot be read.
    """
    week = calendar_from(zone, windows, ())
    own = tuple(sorted((day.toordinal(), _day(zone, faces)) for day, faces in (dates or {}).items()))
    return PersonHours(DatedCalendar(zone, week.windows, dates=own), tuple(joined(away)))


def open_spans(calendar: Calendar, between: Bounds) -> list[Bounds]:
    """The open spans of `calendar` inside `between`, those of neighbouring days joined."""
    first, last = between
    if first >= last:
        return []
    timeline = timeline_of(calendar)
    days = range(first // DAY, (last - 1) // DAY + 1)
    return common(joined(piece for day in days for piece in timeline.open_bounds(day)), [between])


def _day(zone: str, windows: Sequence[Sequence[str]]) -> DayWindows:
    week = calendar_from(zone, {"mon": windows}, ()).windows
    return week[0] if week else ()
