"""What this app tells those above it. Source: product.md §11."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class MentorCapacityChanged:
    """A mentor changed how many sessions a week she offers."""

    mentor_id: UUID
    before: int
    after: int
    at: datetime


@dataclass(frozen=True, slots=True)
class ZoneChanged:
    """A person lives by another clock now: her days begin at other instants."""

    person_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class MentorLeft:
    """A mentor is about to lose her account or her role; nothing may be left pointing at her."""

    mentor_id: UUID
    by_id: UUID | None
    at: datetime
