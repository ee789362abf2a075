"""What the matching knows of people: plain values, read once, no queries inside the computation."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Candidate:
    """A mentor with places left."""

    id: UUID
    languages: frozenset[str]
    specialties: frozenset[str]
    timezone: str
    availability: str
    places: int
    load: int
    cohorts: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Waiting:
    """An active enrolment without a primary assignment."""

    enrolment_id: UUID
    cohort_id: UUID
    mentee_id: UUID
    languages: frozenset[str]
    skills: frozenset[str]
    timezone: str
    availability: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Pool:
    waiting: tuple[Waiting, ...]
    candidates: tuple[Candidate, ...]
    #: (mentor, mentee) pairs that are excluded or ended harmfully.
    forbidden: frozenset[tuple[UUID, UUID]]
    first_week: date = field(default=date.min)
    #: Mentors who are away now; none of them is a candidate.
    away: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Pairing:
    """One answer: a mentor with the parts of the score, or the counts of what blocked each candidate."""

    waiting: Waiting
    mentor_id: UUID | None
    score: int | None
    parts: dict[str, int]
    blocked: dict[str, int]
