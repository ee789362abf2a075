"""How fast a mentor works: hours of her own availability per finished item, while she has work to do.

Finished items over the time in which there was work is the maximum-likelihood estimate of a server's rate from what was
seen of a queue (A. B. Clarke, "Maximum likelihood estimates in a simple queue", 1957). Idle time tells nothing of her
pace and is left out. Few finished items tell little: they are weighed against the pace of all mentors.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from mentorship_coordination.slots.hours import PersonHours
from mentorship_coordination.slots.spans import Bounds, common, joined

#: As many items at the pace of all mentors are added to a mentor's own.
PRIOR_ITEMS = 5


@dataclass(frozen=True, slots=True)
class Worked:
    """What one mentor finished, and for how long (microseconds of her hours) there was something to do."""

    finished: int
    with_work: int


def worked_of(hours: PersonHours, *, waiting: Iterable[Bounds], finished: int, between: Bounds) -> Worked:
    """`waiting`: spans in which an item waited for the mentor; parts outside `between` are not looked at."""
    busy = common(joined(waiting), hours.present(between))
    return Worked(finished, sum(finish - begin for begin, finish in busy))


def paces(worked: Mapping[UUID, Worked]) -> dict[UUID, int | None]:
    """Microseconds of available time per item of each mentor; None for all while nobody has finished anything."""
    finished = sum(each.finished for each in worked.values())
    with_work = sum(each.with_work for each in worked.values())
    if finished == 0 or with_work == 0:
        return dict.fromkeys(worked)
    usual = with_work / finished
    return {
        mentor_id: max(1, round((each.with_work + PRIOR_ITEMS * usual) / (each.finished + PRIOR_ITEMS)))
        for mentor_id, each in worked.items()
    }
