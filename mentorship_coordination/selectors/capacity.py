"""The three capacities of a mentor, never compared with each other. Source: product.md §6."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings

from mentorship_coordination.enums import CapacityKind
from mentorship_coordination.selectors.forecast import Outlooks
from mentorship_coordination.selectors.mentor_loads import list_mentor_loads


@dataclass(frozen=True, slots=True)
class Overload:
    """One limit that a mentor is over; of work also one that she is not wholly rid of (`is_over` is False then)."""

    mentor_id: UUID
    name: str
    kind: CapacityKind
    figure: int
    limit: int

    @property
    def is_over(self) -> bool:
        return self.figure > self.limit

    @property
    def words(self) -> str:
        if self.kind == CapacityKind.REVIEWS:
            return f"{self.figure} open items will be late within seven days"
        return f"{self.figure} {self.kind.label}, {self.limit} at most"


def list_overloads(at: datetime, outlooks: Outlooks) -> list[Overload]:
    """Every mentor with more mentees, or more sessions in her current week, than her limit, or with work that will be
    late. One query.
    """
    found: list[Overload] = []
    for load in list_mentor_loads(at):
        if load.mentees > load.max_mentees:
            found.append(Overload(load.id, load.name, CapacityKind.MENTEES, load.mentees, load.max_mentees))
        if load.sessions > load.weekly_limit:
            found.append(Overload(load.id, load.name, CapacityKind.SESSIONS, load.sessions, load.weekly_limit))
    for mentor_id, outlook in outlooks.of.items():
        late = len(outlooks.late_of(mentor_id))
        if late:
            kind = CapacityKind.REVIEWS
            found.append(Overload(mentor_id, outlook.name, kind, late, settings.REVIEW_LOAD_LATE_ITEMS))
    return found
