"""Meetings that a provider makes after the booking: a session is booked without a link and gets it; what is moved or
called off later is moved or deleted there. Source: product.md §7.

Nothing marks a session as changed: the provider is behind when the sequence that it has heard of is, whoever raised the
session's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, Q

from core.actions import action
from core.backoff import backoff
from core.integrations.meetings import ZOOM
from core.wakeup import wake
from mentorship_coordination.actions.session_news import notify_mentees, tell_streams
from mentorship_coordination.actions.session_time import active_mentees
from mentorship_coordination.enums import SessionStatus
from mentorship_coordination.models.sessions import MentorSession, SessionQuerySet

MAKE_LINKS = "mentorship_coordination.make_meeting_links"
#: Longer than a provider may take to answer: nobody else asks for the same meeting meanwhile.
LEASE = timedelta(minutes=2)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class WantedMeeting:
    """What the provider is to hear of one session, and which attempt this is.

    `meeting_id` is the provider's, empty while it has made none. `is_off`: that meeting is not needed any more.
    """

    session_id: UUID
    attempt: int
    sequence: int
    meeting_id: str
    is_off: bool
    title: str
    starts_at: datetime
    minutes: int


def follow_meeting(session: MentorSession) -> None:
    """Wake the job that tells the provider, where one has made the meeting; it looks by the clock, too."""
    if session.meeting_id:
        wake(MAKE_LINKS)


@action
def claim_meeting(*, at: datetime) -> WantedMeeting | None:
    """Take the next session whose meeting is to be changed or, after all of these, made; None when there is none.

    It is taken for as long as the lease, and committed before the provider is asked. Run as the system.
    """
    due = MentorSession.objects.filter(Q(link_available_at__isnull=True) | Q(link_available_at__lte=at))
    session = _first(due.filter(meeting_sequence__lt=F("sequence"), ends_at__gt=at)) or _first(
        due.scheduled().filter(meeting_provider=ZOOM, meeting_url="", meeting_id="", starts_at__gt=at)
    )
    if session is None:
        return None
    session.link_attempts = 1 if session.link_available_at is None else session.link_attempts + 1
    session.link_available_at = at + LEASE
    session.save(update_fields=["link_attempts", "link_available_at"])
    return WantedMeeting(
        session_id=session.pk,
        attempt=session.link_attempts,
        sequence=session.sequence,
        meeting_id=session.meeting_id,
        is_off=bool(session.meeting_id) and not _is_met_there(session),
        title=session.title,
        starts_at=session.starts_at,
        minutes=int((session.ends_at - session.starts_at).total_seconds() // 60),
    )


@action
def keep_meeting(*, wanted: WantedMeeting, meeting_id: str, url: str, at: datetime) -> bool:
    """Give the session its link and tell its people; False when it has one, or is called off, by now.

    The meeting is kept in any case: what became of the session meanwhile is told to the provider next.
    """
    session = MentorSession.objects.locked(wanted.session_id).first()
    if session is None or session.meeting_id:
        return False
    is_wanted = session.status == SessionStatus.SCHEDULED and not session.meeting_url
    if is_wanted:
        session.meeting_url, session.updated_at, session.revision = url, at, session.revision + 1
    session.meeting_id, session.meeting_sequence = meeting_id, wanted.sequence
    _settle(session, "meeting_url", "updated_at", "revision")
    if is_wanted:
        mentees = active_mentees(session)
        tell_streams(session, mentees, "linked")
        notify_mentees(session, mentees, words="Where you meet", kind="linked", at=at)
    return is_wanted


@action
def note_meeting_changed(*, wanted: WantedMeeting) -> bool:
    """The provider has heard of the session as it was claimed; False when that is about another meeting by now."""
    session = MentorSession.objects.locked(wanted.session_id).filter(meeting_id=wanted.meeting_id).first()
    if session is None:
        return False
    if wanted.is_off:
        session.meeting_id, session.meeting_sequence = "", None
    else:
        session.meeting_sequence = wanted.sequence
    _settle(session)
    return True


@action
def replace_lost_meeting(*, wanted: WantedMeeting, at: datetime) -> None:
    """Somebody deleted it at the provider's: the link leads nowhere, and the session waits for another one."""
    session = MentorSession.objects.locked(wanted.session_id).filter(meeting_id=wanted.meeting_id).first()
    if session is None:
        return
    if _is_met_there(session):
        session.meeting_url, session.updated_at, session.revision = "", at, session.revision + 1
    session.meeting_id, session.meeting_sequence = "", None
    _settle(session, "meeting_url", "updated_at", "revision")


@action
def note_meeting_failure(*, wanted: WantedMeeting, error: str, at: datetime) -> None:
    """Keep the reason where admins see it; try again after 30 s, a minute, … half an hour, while it is of use."""
    pause = backoff(wanted.attempt, first=FIRST_PAUSE, longest=LONGEST_PAUSE)
    MentorSession.objects.filter(
        pk=wanted.session_id, meeting_id=wanted.meeting_id, link_attempts=wanted.attempt
    ).update(link_error=error[:300], link_available_at=at + pause)


def _first(sessions: SessionQuerySet) -> MentorSession | None:
    return sessions.order_by("starts_at", "id").select_for_update(of=("self",), skip_locked=True).first()


def _is_met_there(session: MentorSession) -> bool:
    is_on = session.status == SessionStatus.SCHEDULED
    return is_on and session.meeting_provider == ZOOM and bool(session.meeting_url)


def _settle(session: MentorSession, *changed: str) -> None:
    session.link_available_at, session.link_error = None, ""
    session.save(update_fields=["meeting_id", "meeting_sequence", "link_available_at", "link_error", *changed])
