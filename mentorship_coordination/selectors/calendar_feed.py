"""What a private calendar address shows. Source: product.md §7."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from core.errors import NotVisible
from core.kept import kept
from core.sql import fetch_planned
from mentorship_coordination.enums import SessionStatus
from mentorship_coordination.invitations import Meeting, feed_of
from mentorship_coordination.models.sessions import MentorSession, SessionParticipant

MEETINGS = """
SELECT id, title, starts_at, ends_at, sequence, is_cancelled, meeting_url, agenda, partner, created_at, updated_at
FROM app.feed_sessions(%(digest)s, %(at)s)
"""
CALLED_OFF = (SessionStatus.CANCELLED_BY_MENTOR, SessionStatus.CANCELLED_BY_MENTEE)


def get_feed(digest: bytes, at: datetime) -> bytes:
    """The iCalendar of the person whose address has this digest. Two queries, as nobody. Raises NotVisible."""
    owner = fetch_planned("SELECT name FROM app.feed_owner(%(digest)s)", digest=digest)
    if not owner:
        raise NotVisible
    rows = fetch_planned(MEETINGS, digest=digest, at=at)
    return feed_of(owner[0][0], (Meeting(*row) for row in rows))


@kept
def _fetch_participation(session_id: UUID, person_id: UUID) -> QuerySet[SessionParticipant]:
    return SessionParticipant.objects.filter(session=session_id, person=person_id)


def meeting_of(session: MentorSession, person_id: UUID) -> Meeting:
    """A session as one of its people has it; the other person is named in a session of two. One query.

    Who is no longer in it finds it called off, one step further.
    """
    participant = next(iter(_fetch_participation(session.pk, person_id)), None)
    is_called_off = session.status in CALLED_OFF
    has_left = participant is not None and not participant.is_active and not is_called_off
    partner = session.mentor if person_id != session.mentor_id else session.mentee
    return Meeting(
        id=session.pk,
        title=session.title,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        sequence=session.sequence + has_left,
        is_cancelled=is_called_off or has_left,
        url=session.meeting_url,
        agenda=session.agenda,
        partner=partner.name if partner else "",
        created_at=session.created_at,
        updated_at=session.updated_at,
    )
