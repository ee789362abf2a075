"""Which open items will be late: every mentor works her queue off in its order, at her pace, in her hours.

An item is finished when she has turned to it as usual, and when everything before it is done. Instants are microseconds
since 1970. Work that is not open yet is not in it: a forecast of what is certain, no more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from mentorship_coordination.forecast.pace import HoursLine, Pace


@dataclass(frozen=True, slots=True)
class OpenWork:
    """One open item whose clock runs. `item_id` and `enrolment_id` are None for one that the caller may not know.

    `waited`: time of the mentor's hours since it was opened, or since it came to her.
    """

    rank: int
    due_at: int
    created_at: int
    item_id: UUID | None
    enrolment_id: UUID | None
    waited: int = 0
    type: str = ""

    @property
    def place(self) -> tuple[int, int, int, str]:
        return self.rank, self.due_at, self.created_at, str(self.item_id)


@dataclass(frozen=True, slots=True)
class Outlook:
    """A mentor's hours from now on (less sessions and absences), her pace and her free places.

    `pace` is None when nobody has finished anything yet.
    """

    mentor_id: UUID
    name: str
    hours: HoursLine
    pace: Pace | None
    places: int


def late_among(outlook: Outlook, works: Iterable[OpenWork], at: int, until: int) -> list[OpenWork]:
    """Those of the mentor's items that are due in `[at, until)` and will not be finished by then, in the order of work.

    What is late already is no forecast. Without a pace nothing is foretold.
    """
    pace = outlook.pace
    if pace is None:
        return []
    late, queued = [], 0
    for work in sorted(works, key=lambda each: each.place):
        queued += pace.each
        needed = max(queued, pace.handling - work.waited)
        if at <= work.due_at < until and needed > outlook.hours.until(work.due_at):
            late.append(work)
    return late
