"""What was noted of a session, as far as the reader may see it. Source: product.md §7."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from mentorship_coordination.models.sessions import MentorSession, SessionActionItem, SessionNote
from mentorship_coordination.selectors.sessions import get_session


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """Notes and action items, oldest first. A student sees shared notes, her own items and her mentor's."""

    notes: list[SessionNote]
    action_items: list[SessionActionItem]


def get_session_record(sessions: QuerySet[MentorSession], session_id: UUID) -> SessionRecord:
    """Of one of `sessions`. Four queries. Raises NotVisible."""
    session = get_session(sessions, session_id)
    return SessionRecord(
        list(SessionNote.objects.filter(session=session)),
        list(SessionActionItem.objects.filter(session=session)),
    )
