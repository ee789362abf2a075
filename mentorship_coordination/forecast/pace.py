"""How a mentor works, from what she finished: how long an item waits, and how many she can do one after the other.

All time is time of her own hours, so that nights and holidays are nobody's fault; of all hours but her absences, when
she is seen to work at any. Two figures, because two things take time: an item waits until she turns to it (the median
of what it took from opening to end), and a full queue is worked off one by one, at the pace of the busiest quarter of
her days, which is what she has shown she can do. Few finished items say little: `PRIOR_ITEMS` items as of all mentors
are added to her own.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median_low
from uuid import UUID

from mentorship_coordination.slots.spans import Bounds

PRIOR_ITEMS = 5
BUSIEST_SHARE = 0.25
MOST_OUTSIDE = 0.25


class HoursLine:
    """How much of somebody's open time lies before an instant: ordered, disjoint spans with running sums."""

    def __init__(self, spans: Sequence[Bounds]) -> None:
        self._begins = [begin for begin, _ in spans]
        self._ends = [finish for _, finish in spans]
        self._before = [0]
        for begin, finish in spans:
            self._before.append(self._before[-1] + finish - begin)

    @property
    def total(self) -> int:
        return self._before[-1]

    def until(self, instant: int) -> int:
        """Open microseconds before `instant` (microseconds since 1970)."""
        index = bisect_right(self._begins, instant)
        if index == 0:
            return 0
        return self._before[index] - max(0, self._ends[index - 1] - instant)

    def between(self, begin: int, finish: int) -> int:
        return self.until(finish) - self.until(begin)


@dataclass(frozen=True, slots=True)
class Pace:
    """Microseconds of the mentor's hours: from opening to end of an item, and for each when many wait."""

    handling: int
    each: int


@dataclass(frozen=True, slots=True)
class Worked:
    """What one mentor finished: how long each item took, and the items and open time of the busiest days."""

    handling: tuple[int, ...]
    items: int
    time: int


def keeps_her_hours(hours: HoursLine, ends: Sequence[int]) -> bool:
    """Whether a mentor works in the hours that she told: at most a quarter of the ends of her items lie outside."""
    outside = sum(hours.between(end, end + 1) == 0 for end in ends)
    return len(ends) < PRIOR_ITEMS or outside <= MOST_OUTSIDE * len(ends)


def worked_of(hours: HoursLine, *, done: Sequence[Bounds], days: Mapping[int, tuple[Bounds, int]]) -> Worked:
    """`done`: opening and end of each item; `days`: bounds and finished items of each day on which there were any.

    Days without open time are left out of the pace: nobody can tell how long she worked on them.
    """
    timed = [(count, hours.between(*bounds)) for bounds, count in days.values()]
    open_days = sorted(((count, time) for count, time in timed if time), reverse=True)
    busiest = open_days[: math.ceil(len(open_days) * BUSIEST_SHARE)]
    return Worked(
        tuple(hours.between(*each) for each in done),
        sum(count for count, _ in busiest),
        sum(time for _, time in busiest),
    )


def paces(worked: Mapping[UUID, Worked]) -> dict[UUID, Pace | None]:
    """The pace of each mentor; None for all while nobody has finished anything on an open day."""
    everything = [each for one in worked.values() for each in one.handling]
    items, time = sum(one.items for one in worked.values()), sum(one.time for one in worked.values())
    if not everything or not items:
        return dict.fromkeys(worked)
    usual, usual_each = median_low(everything), time / items
    return {
        mentor_id: Pace(
            handling=median_low([*one.handling, *[usual] * PRIOR_ITEMS]),
            each=max(1, round((one.time + PRIOR_ITEMS * usual_each) / (one.items + PRIOR_ITEMS))),
        )
        for mentor_id, one in worked.items()
    }
