"""Weekly windows as bits of real time: eight weeks of quarter hours in UTC, so that zones and clock changes count.

A weekly window says local times; which instants it covers depends on the week. A quarter hour is open when the clock on
the person's wall lies in one of her windows, as in the slot finder. Eight weeks hold every clock change that is near,
and quarter hours hold the zones of :30 and :45. Source: product.md §10.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

WEEKS = 8
QUARTERS_A_WEEK = 7 * 24 * 4
BYTES_A_WEEK = QUARTERS_A_WEEK // 8
QUARTER = timedelta(minutes=15)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PEOPLE_AT_ONCE = 2048
Bits = npt.NDArray[np.uint8]


def monday_of(at: datetime) -> date:
    """The Monday of the UTC week of `at`."""
    day = at.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


@lru_cache(maxsize=8192)
def has_told_hours(availability: str) -> bool:
    """Whether canonical JSON holds any window at all. Who has told no hours has none to share."""
    return any(json.loads(availability).values())


def quarters_of_people(availabilities: Sequence[str], zones: Sequence[str], weeks: Sequence[date]) -> Bits:
    """Shape (people, weeks, 84) of uint8: a bit per quarter hour of each UTC week, the weeks given by their Mondays.

    `availabilities` are canonical JSON, `{"mon": [["09:00", "17:00"]], …}`, in local time of `zones`. A quarter counts
    when the whole of it is open.
    """
    bits = np.zeros((len(zones), len(weeks), BYTES_A_WEEK), np.uint8)
    of_zone: dict[str, list[int]] = {}
    for index, zone in enumerate(zones):
        of_zone.setdefault(zone, []).append(index)
    for zone, everybody in of_zone.items():
        faces = np.concatenate([wall_clock(zone, week) for week in weeks])
        for start in range(0, len(everybody), PEOPLE_AT_ONCE):
            people = everybody[start : start + PEOPLE_AT_ONCE]
            local = np.stack([local_quarters(availabilities[each]) for each in people])
            bits[people] = np.packbits(local[:, faces].reshape(len(people), len(weeks), QUARTERS_A_WEEK), axis=2)
    return bits


def open_quarters(availability: str, timezone: str, first_week: date) -> Bits:
    """Shape (8, 84) of uint8: the hours of one person in the eight weeks from `first_week`, a Monday."""
    weeks = [first_week + timedelta(weeks=nth) for nth in range(WEEKS)]
    of_one: Bits = quarters_of_people([availability], [timezone], weeks)[0]
    return of_one


def weeks_that_differ(zones: Iterable[str], first_week: date) -> list[date]:
    """Mondays of the eight weeks in which somebody's clock differs from that of every earlier one of them."""
    names = sorted(set(zones))
    known: set[bytes] = set()
    weeks = []
    for nth in range(WEEKS):
        week = first_week + timedelta(weeks=nth)
        faces = b"".join(wall_clock(zone, week).tobytes() for zone in names)
        if faces not in known:
            known.add(faces)
            weeks.append(week)
    return weeks


@lru_cache(maxsize=4096)
def wall_clock(timezone: str, week: date) -> npt.NDArray[np.int16]:
    """(672,): for each quarter of the UTC week the quarter of the local week that clocks show, Monday 00:00 is 0."""
    zone = ZoneInfo(timezone)
    start = datetime.combine(week, time(), UTC)
    shown = ((start + nth * QUARTER).astimezone(zone) for nth in range(QUARTERS_A_WEEK))
    return np.array([each.weekday() * 96 + each.hour * 4 + each.minute // 15 for each in shown], np.int16)


@lru_cache(maxsize=16384)
def local_quarters(availability: str) -> npt.NDArray[np.bool_]:
    """(672,): the quarter hours of the local week that lie in the windows, Monday 00:00 first."""
    windows: Mapping[str, Sequence[Sequence[str]]] = json.loads(availability)
    quarters = np.zeros(QUARTERS_A_WEEK, bool)
    for nth, day in enumerate(DAYS):
        for opening, closing in windows.get(day, ()):
            quarters[nth * 96 - (-_minutes(opening) // 15) : nth * 96 + _minutes(closing) // 15] = True
    return quarters


def _minutes(clock_time: str) -> int:
    hours, minutes = clock_time.split(":")
    return int(hours) * 60 + int(minutes)


def shared_quarters(mentors: Bits, student: Bits) -> npt.NDArray[np.int64]:
    """Quarter hours that both have open, in the worst of the weeks. `mentors` (M, W, 84), `student` (W, 84) → (M,)."""
    common = np.bitwise_count(mentors & student).sum(axis=2, dtype=np.int64)
    worst: npt.NDArray[np.int64] = common.min(axis=1)
    return worst
