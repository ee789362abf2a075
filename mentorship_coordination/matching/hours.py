"""Weekly windows as bits of real time: eight weeks of quarter hours in UTC, so that zones and clock changes count.

A weekly window says local times; which instants it covers depends on the week. Eight weeks hold every change that is
near, and quarter hours hold the zones of :30 and :45. Source: product.md §10.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

WEEKS = 8
QUARTERS_A_WEEK = 7 * 24 * 4
QUARTER = timedelta(minutes=15)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Bits = npt.NDArray[np.uint8]


def monday_of(at: datetime) -> date:
    """The Monday of the UTC week of `at`."""
    day = at.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


@lru_cache(maxsize=8192)
def has_told_hours(availability: str) -> bool:
    """Whether canonical JSON holds any window at all. Who has told no hours has none to share."""
    return any(json.loads(availability).values())


@lru_cache(maxsize=8192)
def open_quarters(availability: str, timezone: str, first_week: date) -> Bits:
    """Shape (8, 84) of uint8: a bit per quarter hour of each UTC week from `first_week`, a Monday.

    `availability` is canonical JSON, `{"mon": [["09:00", "17:00"]], …}`, in local time of `timezone`. A quarter counts
    when the whole of it is open.
    """
    zone = ZoneInfo(timezone)
    windows: Mapping[str, Sequence[Sequence[str]]] = json.loads(availability)
    start = datetime.combine(first_week, time(), UTC)
    quarters = np.zeros(WEEKS * QUARTERS_A_WEEK, dtype=bool)
    for offset in range(-1, WEEKS * 7 + 1):
        day = first_week + timedelta(days=offset)
        for opening, closing in windows.get(DAYS[day.weekday()], ()):
            first = -((start - _instant(day, opening, zone)) // QUARTER)
            last = (_instant(day, closing, zone) - start) // QUARTER
            quarters[max(first, 0) : max(last, 0)] = True
    return np.packbits(quarters.reshape(WEEKS, QUARTERS_A_WEEK), axis=1)


def _instant(day: date, clock_time: str, zone: ZoneInfo) -> datetime:
    hours, minutes = map(int, clock_time.split(":"))
    local = datetime.combine(day + timedelta(days=hours // 24), time(hours % 24, minutes), zone)
    return local.astimezone(UTC)


def shared_quarters(mentors: Bits, student: Bits) -> npt.NDArray[np.int64]:
    """Quarter hours that both have open, in the worst of the weeks. `mentors` (M, 8, 84), `student` (8, 84) → (M,)."""
    common = np.bitwise_count(mentors & student).sum(axis=2, dtype=np.int64)
    worst: npt.NDArray[np.int64] = common.min(axis=1)
    return worst
