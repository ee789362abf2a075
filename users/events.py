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
class AccountClosed:
    """Somebody lost her account: what she was enrolled in ends."""

    person_id: UUID
    by_id: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True)
class PersonErased:
    """What identifies or quotes somebody is being taken away, in this transaction."""

    person_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class MentorLeaves:
    """A mentor is to lose her role, her account or both; they fall when nothing points at her any more."""

    mentor_id: UUID
    ends_mentoring: bool
    ends_account: bool
    by_id: UUID | None
    at: datetime
