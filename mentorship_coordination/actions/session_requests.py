"""A student asks for a session; it waits a day for an answer and holds nothing meanwhile. Source: product.md §7."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.urls import reverse

from core.actions import action
from core.clock import time_words
from core.errors import Conflict, InvalidInput, NotVisible
from core.identifiers import new_id
from mentorship_coordination.actions.notifications import notify
from mentorship_coordination.actions.session_news import notify_mentees, tell_streams
from mentorship_coordination.actions.session_time import lock_session, span_of
from mentorship_coordination.enums import NotificationKind, SessionStatus, SessionType
from mentorship_coordination.models.sessions import MentorSession
from mentorship_coordination.slots.finder import DEFAULT_MINUTES
from users.models import User

#: So long a wish waits for an answer; and so many may wait at once.
ANSWER_WITHIN = timedelta(hours=24)
MOST_OPEN = 3


class RequestClosed(Conflict):
    code = "request_closed"
    message = "This wish has been answered, has run out, or its time has come."


class NoMentorToAsk(Conflict):
    code = "no_mentor"
    message = "You have no mentor whom you could ask."


class MentorshipRests(Conflict):
    code = "assignment_not_active"
    message = "Your mentorship is not active at the moment."


class TooManyRequests(Conflict):
    code = "too_many_requests"
    message = f"{MOST_OPEN} of your wishes wait for an answer already."


REFUSALS: dict[str, type[Conflict]] = {
    "no_mentor": NoMentorToAsk,
    "not_active": MentorshipRests,
    "too_many": TooManyRequests,
}


@action
def request_session(
    *,
    title: str,
    starts_at: datetime,
    by: User,
    at: datetime,
    duration_minutes: int = DEFAULT_MINUTES,
    type: SessionType = SessionType.ONE_ON_ONE,
    agenda: str = "",
) -> UUID:
    """Ask the mentor of `by`, or whoever stands in for her, for a session; its id. `starts_at` is aware.

    Raises InvalidInput (past or naive time, 15 to 240 minutes, a group), NoMentorToAsk, MentorshipRests,
    TooManyRequests.
    """
    if type == SessionType.GROUP:
        raise InvalidInput(fields={"type": ["Groups are the mentor's to arrange."]})
    span = span_of(starts_at, duration_minutes, at)
    session_id = new_id()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT app.request_session(%s, %s, %s, %s, %s, %s, %s, %s)",
            [session_id, type.value, title, agenda, span.starts_at, span.ends_at, MOST_OPEN, at],
        )
        (became,) = cursor.fetchone()
    if became in REFUSALS:
        raise REFUSALS[became]
    session = MentorSession.objects.get(pk=session_id)
    tell_streams(session, [by.pk], "requested")
    zone = next(iter(User.objects.filter(pk=session.mentor_id).values_list("timezone", flat=True)), "UTC")
    notify(
        recipient_id=session.mentor_id,
        kind=NotificationKind.SESSION,
        title=f"{by.name} asks for a session: {title}",
        body=time_words(session.starts_at, zone),
        url=reverse("mentor-page"),
        session=session,
        dedupe_key=f"session:{session.pk}:{session.sequence}:requested",
        by_mail=True,
        at=at,
    )
    return session_id


@action
def decline_session(*, session_id: UUID, by: User, at: datetime, reason: str = "") -> MentorSession:
    """The mentor says no; the student hears of it, with the reason. Raises NotVisible, RequestClosed."""
    session = lock_session(session_id, by)
    if session.status != SessionStatus.REQUESTED:
        raise RequestClosed
    if session.mentee_id is None:
        raise NotVisible
    session.status, session.closed_by, session.closed_at, session.close_reason = (
        SessionStatus.DECLINED, by, at, reason
    )  # fmt: skip
    session.updated_at, session.revision = at, session.revision + 1
    session.save(update_fields=["status", "closed_by", "closed_at", "close_reason", "updated_at", "revision"])
    tell_streams(session, [session.mentee_id], "declined")
    notify_mentees(session, [session.mentee_id], words="Your mentor cannot make it", kind="declined", at=at)
    return session


@action
def expire_session_requests(*, at: datetime, limit: int = 500) -> int:
    """Close wishes that nobody answered within a day, or whose time has come; how many. Run as the system."""
    ran_out = MentorSession.objects.filter(status=SessionStatus.REQUESTED).filter(
        Q(created_at__lte=at - ANSWER_WITHIN) | Q(starts_at__lte=at)
    )
    sessions: Sequence[MentorSession] = list(
        ran_out.order_by("id").select_for_update(of=("self",), skip_locked=True)[:limit]
    )
    for session in sessions:
        session.status, session.closed_at = SessionStatus.EXPIRED, at
        session.updated_at, session.revision = at, session.revision + 1
        session.save(update_fields=["status", "closed_at", "updated_at", "revision"])
        mentees = [session.mentee_id] if session.mentee_id else []
        tell_streams(session, mentees, "expired")
        notify_mentees(session, mentees, words="Your mentor has not answered", kind="expired", at=at)
    return len(sessions)


def is_request_open(session: MentorSession, at: datetime) -> bool:
    """Whether a wish can still be agreed to: not a day old, and its time is to come."""
    return at < session.created_at + ANSWER_WITHIN and at < session.starts_at
