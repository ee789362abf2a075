"""What mentees say of a mentor's sessions. Source: product.md §7."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Avg, Count

from mentorship_coordination.models.sessions import SessionParticipant

RATED_WITHIN = timedelta(days=90)
#: With fewer, the mean would tell what one mentee thinks.
FEWEST_RATINGS = 3


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """Ratings (1 to 5) of the sessions of 90 days; `mean` has two decimals, None below three ratings."""

    mean: float | None
    ratings: int


def get_satisfaction(mentor_id: UUID, at: datetime) -> Satisfaction:
    """The mentor's own figure, or any mentor's as the system. One query."""
    rated = SessionParticipant.objects.filter(
        session__mentor=mentor_id, session__starts_at__gt=at - RATED_WITHIN, rating__isnull=False
    )
    found = rated.aggregate(mean=Avg("rating"), ratings=Count("id"))
    mean = round(float(found["mean"]), 2) if found["ratings"] >= FEWEST_RATINGS else None
    return Satisfaction(mean, found["ratings"])
