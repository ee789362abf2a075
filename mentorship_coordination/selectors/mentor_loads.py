"""How full each mentor is, by three figures that are never compared with each other. Source: product.md §6."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.sql import fetch

LOADS = """
SELECT mentor_id, name, max_mentees, mentees, weekly_limit, sessions, open_items, late_items, about_to_breach
FROM app.mentor_loads(%(at)s)
"""


@dataclass(frozen=True, slots=True)
class MentorLoad:
    """Mentees, sessions of the week in the mentor's own zone, and open work, over all cohorts.

    `about_to_breach`: open items past 75 % of their clock and not late yet.
    """

    id: UUID
    name: str
    max_mentees: int
    mentees: int
    weekly_limit: int
    sessions: int
    open_items: int
    late_items: int
    about_to_breach: int

    @property
    def percent(self) -> int:
        """Mentees of her limit, at most 100; a limit of 0 is full."""
        return min(100, round(100 * self.mentees / self.max_mentees)) if self.max_mentees else 100

    @property
    def is_overloaded(self) -> bool:
        return self.mentees > self.max_mentees or self.sessions > self.weekly_limit


def list_mentor_loads(at: datetime) -> list[MentorLoad]:
    """A director's mentors (those with a live pair in her cohorts); all active ones for staff. One query."""
    return [MentorLoad(*row) for row in fetch(LOADS, at=at)]
