"""Links that a provider makes after the booking: a session is booked without one and gets it. Source: product.md §7."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from core.actions import action
from core.integrations.meetings import ZOOM
from mentorship_coordination.actions.session_news import notify_mentees, tell_streams
from mentorship_coordination.actions.session_time import active_mentees
from mentorship_coordination.enums import SessionStatus
from mentorship_coordination.models.sessions import MentorSession

MAKE_LINKS = "mentorship_coordination.make_meeting_links"
#: Longer than a provider may take to answer: nobody else asks for the same link meanwhile.
LEASE = timedelta(minutes=2)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class WantedLink:
    """One session that lacks its link, and which attempt this is."""

    session_id: UUID
    attempt: int
    title: str
    starts_at: datetime
    minutes: int


@action
def claim_meeting_link(*, at: datetime) -> WantedLink | None:
    """Take the next session to come whose link is to be made, for as long as the lease; None when there is none.

    Committed before the provider is asked. Run as the system.
    """
    wanted = MentorSession.objects.scheduled().filter(
        Q(link_available_at__isnull=True) | Q(link_available_at__lte=at),
        meeting_provider=ZOOM,
        meeting_url="",
        starts_at__gt=at,
    )
    session = wanted.order_by("starts_at", "id").select_for_update(of=("self",), skip_locked=True).first()
    if session is None:
        return None
    session.link_attempts += 1
    session.link_available_at = at + LEASE
    session.save(update_fields=["link_attempts", "link_available_at"])
    minutes = int((session.ends_at - session.starts_at).total_seconds() // 60)
    return WantedLink(session.pk, session.link_attempts, session.title, session.starts_at, minutes)


@action
def keep_meeting_link(*, wanted: WantedLink, url: str, at: datetime) -> bool:
    """Give the session its link and tell its people; False when it has one, or is called off, by now."""
    session = MentorSession.objects.locked(wanted.session_id).filter(status=SessionStatus.SCHEDULED).first()
    if session is None or session.meeting_url:
        return False
    session.meeting_url, session.link_available_at, session.link_error = url, None, ""
    session.updated_at, session.revision = at, session.revision + 1
    session.save(update_fields=["meeting_url", "link_available_at", "link_error", "updated_at", "revision"])
    mentees = active_mentees(session)
    tell_streams(session, mentees, "linked")
    notify_mentees(session, mentees, words="Where you meet", kind="linked", at=at)
    return True


@action
def note_link_failure(*, wanted: WantedLink, error: str, at: datetime) -> None:
    """Keep the reason where admins see it, and try again after 30 s, a minute, … half an hour, until the start."""
    pause = min(FIRST_PAUSE * 2 ** (wanted.attempt - 1), LONGEST_PAUSE)
    MentorSession.objects.filter(pk=wanted.session_id, meeting_url="", link_attempts=wanted.attempt).update(
        link_error=error[:300], link_available_at=at + pause
    )
