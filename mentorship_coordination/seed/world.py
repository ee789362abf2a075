"""What the stages of the seed hand on to each other: plain values, no rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from mentorship_coordination.enums import AssignmentState, Severity
from mentorship_coordination.seed.content import MissionContent, TrackContent
from mentorship_coordination.seed.names import most_people
from mentorship_coordination.seed.writer import Ids, Writer

T = TypeVar("T")

COHORT_SIZE: Final = 200


class Volume(StrEnum):
    DEFAULT = "default"
    LARGE = "large"


@dataclass(frozen=True, slots=True)
class Amounts:
    """How much has happened: days since a cohort began, missions that a student has behind her, the share of students
    with one more handed in lately, sessions of each student, days for which a habit has been kept."""

    cohort_age: tuple[int, int]
    decided: tuple[int, int]
    waiting_share: float
    sessions: tuple[int, int]
    habit_days: tuple[int, int]


AMOUNTS: Final = {
    Volume.DEFAULT: Amounts(
        cohort_age=(24, 45), decided=(1, 3), waiting_share=0.32, sessions=(0, 2), habit_days=(4, 21)
    ),
    Volume.LARGE: Amounts(
        cohort_age=(96, 118), decided=(5, 8), waiting_share=0.96, sessions=(2, 4), habit_days=(60, 95)
    ),
}


def draw(random: Random, options: Sequence[tuple[T, int]]) -> T:
    """One of the options, each with its weight."""
    return random.choices([option for option, _ in options], [weight for _, weight in options])[0]


class UnseedableError(ValueError):
    """Options that no world can be made of; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Options:
    """`at` is the instant that all times are relative to; the rest decides everything else."""

    mentors: int
    mentees_per_mentor: int
    volume: Volume
    seed: int
    at: datetime

    def __post_init__(self) -> None:
        people = self.mentors * (self.mentees_per_mentor + 1)
        if self.mentors < 1 or self.mentees_per_mentor < 1:
            raise UnseedableError("There is at least one mentor with at least one mentee.")
        if people > most_people() - self.mentors:
            raise UnseedableError(f"{people:,} people are more than the {most_people():,} names that there are.")

    @property
    def students(self) -> int:
        return self.mentors * self.mentees_per_mentor

    @property
    def amounts(self) -> Amounts:
        return AMOUNTS[self.volume]

    def random(self, purpose: str) -> Random:
        """A source of its own for each purpose: a change in one leaves the others as they were."""
        return Random(f"{self.seed}:{purpose}")


@dataclass(frozen=True, slots=True)
class SeedTrack:
    id: str
    content: TrackContent
    missions: tuple[tuple[str, MissionContent], ...]


@dataclass(slots=True)
class SeedMentor:
    id: str
    name: str
    timezone: str
    languages: frozenset[str]
    specialties: frozenset[str]
    availability: str
    max_mentees: int
    weekly_sessions: int


@dataclass(frozen=True, slots=True)
class Spell:
    """A pair for a span; `ended_at` is None while it lives."""

    assignment_id: str
    mentor: SeedMentor
    started_at: datetime
    ended_at: datetime | None
    state: AssignmentState


@dataclass(slots=True)
class SeedStudent:
    id: str
    enrolment_id: str
    name: str
    timezone: str
    languages: frozenset[str]
    skills: frozenset[str]
    availability: str
    enrolled_at: datetime
    is_new: bool
    spells: tuple[Spell, ...] = ()
    #: The severity of the worst flag that is not resolved; 0 without one.
    worst_flag: int = 0

    @property
    def spell(self) -> Spell | None:
        """The living spell, active or paused."""
        return next((each for each in self.spells if each.ended_at is None), None)

    @property
    def mentor(self) -> SeedMentor | None:
        return self.spell.mentor if self.spell else None

    @property
    def working_mentor(self) -> SeedMentor | None:
        """Who has her open items: nobody while the pair rests."""
        spell = self.spell
        return spell.mentor if spell and spell.state == AssignmentState.ACTIVE else None

    @property
    def has_critical_flag(self) -> bool:
        return self.worst_flag == Severity.CRITICAL

    def mentor_at(self, at: datetime) -> SeedMentor | None:
        for spell in self.spells:
            if spell.started_at <= at and (spell.ended_at is None or at < spell.ended_at):
                return spell.mentor
        return None


@dataclass(slots=True)
class SeedCohort:
    """A cohort with its own mentors and students: what happens in it concerns nobody else."""

    id: str
    name: str
    track: SeedTrack
    timezone: str
    start_date: date
    directors: tuple[str, ...]
    mentors: list[SeedMentor] = field(default_factory=list)
    students: list[SeedStudent] = field(default_factory=list)


@dataclass(slots=True)
class World:
    """Everything that a stage needs to write its part."""

    options: Options
    writer: Writer
    ids: Ids
    tracks: tuple[SeedTrack, ...] = ()
    cohorts: list[SeedCohort] = field(default_factory=list)
    #: Kept while it lasts: `zoneinfo` itself remembers eight and reads every other one again.
    zones: dict[str, ZoneInfo] = field(default_factory=dict)

    @property
    def at(self) -> datetime:
        return self.options.at

    def ago(self, **span: float) -> datetime:
        return self.at - timedelta(**span)
