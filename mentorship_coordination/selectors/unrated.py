"""The session about which a student is asked. Source: product.md §7."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef

from mentorship_coordination.enums import ParticipantRole, SessionStatus
from mentorship_coordination.models.sessions import SessionParticipant, SessionRating
from mentorship_coordination.sql_ratings import RATED_WITHIN
from users.selectors import name_of


@dataclass(frozen=True, slots=True)
class UnratedSession:
    """`mentor_name` is None when the student may not see her any more."""

    id: UUID
    title: str
    starts_at: datetime
    mentor_name: str | None


def find_unrated_session(student_id: UUID, at: datetime) -> UnratedSession | None:
    """The last session that she attended and has not rated; none older than what ratings are counted of. One query."""
    rated = SessionRating.objects.filter(session=OuterRef("session_id"), student=student_id)
    attended = SessionParticipant.objects.filter(
        ~Exists(rated),
        person=student_id,
        role=ParticipantRole.MENTEE,
        attended=True,
        session__status=SessionStatus.COMPLETED,
        session__starts_at__gt=at - RATED_WITHIN,
    )
    newest = attended.annotate(mentor_name=name_of("session__mentor_id")).order_by("-session__starts_at", "-session_id")
    row = newest.values_list("session_id", "session__title", "session__starts_at", "mentor_name").first()
    return UnratedSession(*row) if row else None
