"""What mentees say of a mentor's sessions. Source: product.md §7."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.sql import fetch


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """Ratings (1 to 5) of the sessions of 90 days; `mean` has two decimals, None below three ratings."""

    mean: float | None
    ratings: int


def get_satisfaction(mentor_id: UUID, at: datetime) -> Satisfaction:
    """The mentor's own figure, or any mentor's as the system. One query; single ratings stay hidden."""
    ((mean, ratings),) = fetch(
        "SELECT mean, ratings FROM app.satisfaction(%(mentor)s, %(at)s)", mentor=mentor_id, at=at
    )
    return Satisfaction(None if mean is None else float(mean), ratings)
