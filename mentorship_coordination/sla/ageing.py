"""When a low item gains a step: every five business days of waiting (product.md §4 "Order").

A business day is a local date on which the calendar has open time. A calendar without weekly windows counts around the
clock, and its business days are Monday to Friday less its holidays.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

from mentorship_coordination.sla.calendars import LONGEST_CLOSED_DAYS, Calendar, CalendarError, zone_of

DAYS_PER_STEP: Final = 5
#: From low over normal and high to urgent.
STEPS: Final = 3
_SATURDAY: Final = 5


def ageing_instants(started_at: datetime, calendar: Calendar) -> list[datetime]:
    """The three instants (aware, UTC) at which 5, 10 and 15 business days have passed since `started_at` (aware).

    Each has the start's local time of day; one that a clock change leaves out is an hour later. Raises CalendarError
    (`unknown_zone`, `no_open_time`).
    """
    zone = zone_of(calendar.zone)
    local = started_at.astimezone(zone)
    day, instants = local.date(), []
    for _ in range(STEPS):
        for _ in range(DAYS_PER_STEP):
            day = _next_business_day(day, calendar)
        instants.append(datetime.combine(day, local.time(), zone).astimezone(UTC))
    return instants


def _next_business_day(day: date, calendar: Calendar) -> date:
    for ahead in range(1, LONGEST_CLOSED_DAYS + 1):
        candidate = day + timedelta(days=ahead)
        if _is_business_day(candidate, calendar):
            return candidate
    raise CalendarError("no_open_time", f"No open time within {LONGEST_CLOSED_DAYS} days.")


def _is_business_day(day: date, calendar: Calendar) -> bool:
    if day in calendar.holidays:
        return False
    if calendar.windows is None:
        return day.weekday() < _SATURDAY
    return bool(calendar.windows_on(day.toordinal()))
