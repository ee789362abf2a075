"""What a mail about a session says: computed when it leaves, in the recipient's zone. Source: product.md §7, §11."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from core.clock import time_words
from mentorship_coordination.enums import NEVER_PLANNED, NotificationKind, SessionStatus
from mentorship_coordination.invitations import Invited, invitation_of
from mentorship_coordination.models.notifications import Notification
from mentorship_coordination.models.sessions import MentorSession
from mentorship_coordination.selectors.calendar_feed import meeting_of

#: Shown beside a mail that was dropped.
OUTDATED = "The session has changed since, or has begun: a later mail tells of it."


def is_outdated(notification: Notification, at: datetime) -> bool:
    """Whether the session has moved on: a later notification tells of it. A reminder of what has begun is late, too."""
    session = notification.session
    if session is None:
        return False
    if notification.sequence is not None and session.sequence > notification.sequence:
        return True
    if (notification.dedupe_key or "").endswith(":requested"):
        return session.status != SessionStatus.REQUESTED
    if notification.kind != NotificationKind.REMINDER:
        return False
    comes = session.participants.filter(person=notification.recipient_id, is_active=True).exists()
    return session.status != SessionStatus.SCHEDULED or session.starts_at <= at or not comes


def session_words(notification: Notification) -> str:
    """When the session is, and where, as the recipient's clock shows it now; of a settled dispute the answer, too."""
    session = notification.session
    if session is None:
        return notification.body
    words = time_words(session.starts_at, notification.recipient.timezone)
    if (notification.dedupe_key or "").endswith(":settled"):
        return f"{words}\n{notification.body}"
    is_on = session.status == SessionStatus.SCHEDULED
    return f"{words}\n{session.meeting_url}" if is_on and session.meeting_url else words


def calendar_part(notification: Notification) -> tuple[bytes, str] | None:
    """The session for the recipient's calendar and the method (RFC 5546); None for a reminder: it changes nothing."""
    session: MentorSession | None = notification.session
    if session is None or notification.kind == NotificationKind.REMINDER or session.status in NEVER_PLANNED:
        return None
    person = notification.recipient
    organizer = settings.DEFAULT_FROM_EMAIL.rpartition("<")[2].rstrip(">")
    return invitation_of(
        meeting_of(session, person.pk), organizer=organizer, to=Invited(name=person.name, address=person.email)
    )
