"""From the stored words of a calendar to the clock's own form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from mentorship_coordination.sla.calendars import Calendar, CalendarError

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def calendar_from(zone: str, windows: Any, holidays: Any) -> Calendar:
    """The calendar of `zone` with `windows` ({"mon": [["09:00", "17:00"]], …}, None: always) and `holidays` (dates).

    Raises CalendarError (`malformed`) when the words cannot be read; `Calendar.validate` judges what they say.
    """
    try:
        days = frozenset(date.fromisoformat(day) for day in holidays)
        return Calendar(zone=zone, windows=None if windows is None else _week(windows), holidays=days)
    except (TypeError, ValueError, AttributeError, KeyError) as error:
        raise CalendarError(
            "malformed", 'Give windows as {"mon": [["09:00", "17:00"]]} and holidays as ["2026-07-03"].'
        ) from error


def _week(windows: Mapping[str, Sequence[Sequence[str]]]) -> tuple[tuple[tuple[int, int], ...], ...]:
    if set(windows) - set(WEEKDAYS):
        raise KeyError("a day that is none")
    return tuple(tuple((_minute(opens), _minute(closes)) for opens, closes in windows.get(day, ())) for day in WEEKDAYS)


def _minute(face: str) -> int:
    hours, minutes = face.split(":")
    return int(hours) * 60 + int(minutes)
