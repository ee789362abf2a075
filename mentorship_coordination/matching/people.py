"""What the matching knows of people: plain values, read once, no queries inside the computation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from mentorship_coordination.matching.hours import monday_of

Pairs = frozenset[tuple[UUID, UUID]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A mentor. `experience` counts the students she has had by track; `load` her mentees of now."""

    id: UUID
    languages: frozenset[str]
    specialties: frozenset[str]
    timezone: str
    availability: str
    places: int
    load: int
    cohorts: frozenset[UUID]
    experience: Mapping[UUID, int] = field(default_factory=dict)
    name: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An active enrolment without a primary assignment, or one that is to be matched anew.

    `current` is the mentor she has, when she may stay with her.
    """

    enrolment_id: UUID
    cohort_id: UUID
    track_id: UUID
    mentee_id: UUID
    languages: frozenset[str]
    wanted_skills: frozenset[str]
    track_skills: frozenset[str]
    timezone: str
    availability: str
    since: datetime
    name: str = ""
    current: UUID | None = None


@dataclass(frozen=True, slots=True)
class Pool:
    waiting: tuple[Waiting, ...]
    candidates: tuple[Candidate, ...]
    #: (mentor, mentee) pairs that are excluded or ended harmfully.
    forbidden: Pairs
    at: datetime
    #: Mentors who are away now; none of them is a candidate.
    away: frozenset[UUID] = frozenset()
    #: (mentor, mentee) pairs that the director wants, or does not want, in this run.
    pinned: Pairs = frozenset()
    unwanted: Pairs = frozenset()

    @property
    def first_week(self) -> date:
        return monday_of(self.at)


@dataclass(frozen=True, slots=True)
class Pairing:
    """One answer: a mentor with the parts of the score, or the counts of what blocked each candidate.

    `explanation` is plain JSON: see `explaining`.
    """

    waiting: Waiting
    mentor_id: UUID | None
    score: int | None
    parts: dict[str, int]
    blocked: dict[str, int]
    explanation: dict[str, Any] = field(default_factory=dict)
