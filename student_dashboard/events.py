"""What the drain finds out about students, for whoever listens above. Source: product.md §8, §9."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class RiskLimitCrossed:
    """A student's risk score reached the limit: an episode has begun. `reasons` are the names of its parts."""

    episode_id: UUID
    student_id: UUID
    enrolment_id: UUID
    mentor_id: UUID | None
    score: int
    reasons: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class RiskCleared:
    """The score fell far enough below the limit, or there is nothing to assess any more: the episode is over."""

    episode_id: UUID
    student_id: UUID
    enrolment_id: UUID
    mentor_id: UUID | None
    at: datetime
