"""When each open item will be finished: every mentor works her queue off in its order, at her pace, in her hours.

Instants are microseconds since 1970. Work that is not open yet is not in it: a forecast of what is certain, no more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from mentorship_coordination.slots.spans import Bounds


@dataclass(frozen=True, slots=True, order=True)
class OpenWork:
    """One open item whose clock runs, in the order of work. `item_id` and `enrolment_id` are None for another's."""

    rank: int
    due_at: int
    created_at: int
    item_id: UUID | None
    enrolment_id: UUID | None
    type: str = ""

    @property
    def place(self) -> tuple[int, int, int, str]:
        return self.rank, self.due_at, self.created_at, str(self.item_id)


@dataclass(frozen=True, slots=True)
class Outlook:
    """A mentor's hours to come (ordered, disjoint; less sessions and absences), her pace and her free places.

    `pace`: microseconds of available time per item; None when nobody has finished anything yet.
    """

    mentor_id: UUID
    name: str
    hours: tuple[Bounds, ...]
    pace: int | None
    places: int


def late_among(outlook: Outlook, works: Sequence[OpenWork], at: int, until: int) -> list[OpenWork]:
    """Those of the mentor's items that are due in `[at, until)` and will not be finished by then, in the order of work.

    What is late already is no forecast. Without a pace nothing is foretold.
    """
    if outlook.pace is None:
        return []
    late, ends = [], _finishing(outlook.hours, outlook.pace)
    for work in sorted(works, key=lambda each: each.place):
        finish = next(ends, None)
        if at <= work.due_at < until and (finish is None or finish > work.due_at):
            late.append(work)
    return late


def _finishing(hours: Sequence[Bounds], pace: int) -> Iterator[int]:
    """The instants at which one item after the other is finished, as far as the hours reach."""
    left = pace
    for begin, finish in hours:
        position = begin
        while finish - position >= left:
            position += left
            yield position
            left = pace
        left -= finish - position
