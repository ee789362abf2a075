"""When clocks change next, so that a drill can begin just before it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from mentorship_coordination.seed.regions import REGIONS

SOONEST = timedelta(hours=3)
LONGEST = timedelta(days=400)
STEP = timedelta(hours=1)


def seeded_zones() -> set[str]:
    return {zone for region in REGIONS for zone, _ in region.zones}


def next_change(zones: Iterable[str], after: datetime) -> tuple[datetime, str]:
    """The first full hour in UTC at which one of `zones` has another offset than an hour before, and which one.

    At least SOONEST after `after`. Raises ValueError when no clock of theirs changes within LONGEST.
    """
    start = (after + SOONEST).astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    found = [(change, zone) for zone in zones if (change := _next_of(zone, start)) is not None]
    if not found:
        raise ValueError("no clock of these zones changes")
    return min(found)


def _next_of(zone: str, start: datetime) -> datetime | None:
    place = ZoneInfo(zone)
    day, end = start, start + LONGEST
    while day < end:
        tomorrow = day + timedelta(days=1)
        if day.astimezone(place).utcoffset() != tomorrow.astimezone(place).utcoffset():
            hour = day
            while hour.astimezone(place).utcoffset() == (hour + STEP).astimezone(place).utcoffset():
                hour += STEP
            return hour + STEP
        day = tomorrow
    return None
