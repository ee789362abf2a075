"""What becomes of a session: called off, held, missed, over. Source: product.md §7."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.urls import reverse

from core.actions import action
from core.clock import time_words
from core.errors import Conflict, InvalidInput, NotVisible
from mentorship_coordination.actions.meeting_links import follow_meeting
from mentorship_coordination.actions.notifications import notify
from mentorship_coordination.actions.queue import cancel_items_about, open_work_item
from mentorship_coordination.actions.session_news import notify_mentees, tell_streams
from mentorship_coordination.actions.session_time import (
    SessionNotOpen,
    active_mentees,
    lock_open_session,
    lock_session,
    take_notes,
)
from mentorship_coordination.enums import (
    MET,
    SESSION_MOVES,
    NotificationKind,
    ParticipantRole,
    SessionStatus,
    WorkType,
)
from mentorship_coordination.models.sessions import MentorSession
from mentorship_coordination.selectors.sessions import is_noted
from missions.selectors import lock_enrolment
from users.enums import LIVING_ENROLMENTS
from users.models import User

LEFT, CANCELLED, WITHDRAWN, CLOSED = "left", "cancelled", "withdrawn", "closed"
VERBS = {LEFT: "left", CANCELLED: "cancelled", WITHDRAWN: "no longer asks for"}


class IllegalSessionMove(Conflict):
    code = "illegal_move"


class SessionNotBegun(Conflict):
    code = "session_not_begun"
    message = "This session has not begun yet."


@action
def cancel_session(*, session_id: UUID, by: User, at: datetime, reason: str = "") -> MentorSession:
    """The mentor calls off a session that has not begun; nobody is charged.

    Raises NotVisible, SessionNotOpen.
    """
    session = lock_open_session(session_id, by, at)
    mentees = active_mentees(session)
    session.participants.update(is_active=False)
    session.sequence += 1
    _close(session, SessionStatus.CANCELLED_BY_MENTOR, by=by, at=at, reason=reason)
    tell_streams(session, mentees, "cancelled")
    follow_meeting(session)
    notify_mentees(session, mentees, words="Session cancelled", kind="cancelled", at=at)
    return session


@action
def close_unsaid_session(*, session_id: UUID, mentor: User, at: datetime, reason: str) -> None:
    """Of what has begun nobody will say what became of it: nobody is charged, and it is nobody's cancellation.

    Raises NotVisible.
    """
    session = lock_session(session_id, mentor)
    if session.status != SessionStatus.SCHEDULED:
        return
    mentees = active_mentees(session)
    session.participants.update(is_active=False)
    session.sequence += 1
    _close(session, SessionStatus.CANCELLED_BY_MENTOR, by=None, at=at, reason=reason)
    tell_streams(session, mentees, "cancelled")
    notify_mentees(session, mentees, words="Session closed without charge", kind="cancelled", at=at)


@action
def cancel_participation(*, session_id: UUID, by: User, at: datetime, reason: str = "") -> MentorSession:
    """The student calls her session off, or leaves a group, before it begins; or takes back what she asked for.

    Less than 24 hours before the start a one-on-one session is charged. Raises NotVisible, SessionNotOpen.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT app.cancel_participation(%s, %s, %s)", [session_id, reason, at])
        (became,) = cursor.fetchone()
    if became == CLOSED:
        raise SessionNotOpen
    if became not in {LEFT, CANCELLED, WITHDRAWN}:
        raise NotVisible
    session = MentorSession.objects.get(pk=session_id)
    tell_streams(session, [by.pk], became)
    follow_meeting(session)
    zone = next(iter(User.objects.filter(pk=session.mentor_id).values_list("timezone", flat=True)), "UTC")
    notify(
        recipient_id=session.mentor_id,
        kind=NotificationKind.SESSION,
        title=f"{by.name} {VERBS[became]}: {session.title}",
        body=time_words(session.starts_at, zone),
        url=reverse("mentor-session-page", args=[session.pk]),
        session=session,
        by_mail=True,
        dedupe_key=f"session:{session.pk}:{session.sequence}:{became}:{by.pk}",
        at=at,
    )
    return session


@action
def complete_session(*, session_id: UUID, by: User, at: datetime, absent: Collection[UUID] = ()) -> MentorSession:
    """It took place; `absent` are the mentees of a group who did not come.

    Raises NotVisible, IllegalSessionMove, SessionNotBegun, InvalidInput (somebody who takes no part, or everybody).
    """
    session = _lock_begun(session_id, by, SessionStatus.COMPLETED, at)
    mentees = active_mentees(session)
    if set(absent) - set(mentees):
        raise InvalidInput(fields={"absent": ["Name mentees who take part."]})
    if mentees and set(absent) == set(mentees):
        raise InvalidInput(fields={"absent": ["Nobody came: say no-show instead."]})
    session.participants.filter(is_active=True).update(attended=True)
    session.participants.filter(is_active=True, person__in=absent).update(attended=False)
    _close(session, SessionStatus.COMPLETED, by=by, at=at)
    tell_streams(session, active_mentees(session), "completed")
    return session


@action
def mark_no_show(*, session_id: UUID, who: ParticipantRole, by: User, at: datetime) -> MentorSession:
    """Somebody did not come; only a mentee's absence is charged. There is nothing to note then.

    Raises NotVisible, IllegalSessionMove, SessionNotBegun.
    """
    status = SessionStatus.NO_SHOW_MENTEE if who == ParticipantRole.MENTEE else SessionStatus.NO_SHOW_MENTOR
    session = _lock_begun(session_id, by, status, at)
    session.participants.filter(is_active=True, role=who).update(attended=False)
    session.participants.filter(is_active=True).exclude(role=who).update(attended=True)
    _close(session, status, by=by, at=at)
    take_notes(session)
    cancel_items_about(type=WorkType.SESSION_NOTES, reference_id=session.pk, reason=str(status), by=by, at=at)
    tell_streams(session, active_mentees(session), str(status))
    return session


@action
def close_ended_session(*, session_id: UUID, at: datetime) -> bool:
    """Bear the `session_notes` item of a session that has ended, its clock started at the end; is it new?

    The state stays what people said: only they know whether the session took place. Of a student who has left by then
    nothing is to be noted.
    """
    ended = MentorSession.objects.filter(pk=session_id, ends_at__lte=at)
    enrolment_id = ended.values_list("enrolment_id", flat=True).first()
    if enrolment_id is None:
        return False
    lock_enrolment(enrolment_id)
    session = MentorSession.objects.locked(session_id).filter(enrolment__state__in=LIVING_ENROLMENTS).first()
    if session is None:
        return False
    if session.status not in MET or is_noted(session.pk):
        return False
    opened = open_work_item(
        type=WorkType.SESSION_NOTES,
        reference_id=session.pk,
        cycle=1,
        version=1,
        enrolment_id=enrolment_id,
        title=f"Notes: {session.title}",
        description="Write down what was agreed.",
        started_at=session.ends_at,
        at=at,
    )
    if opened.is_new:
        tell_streams(session, active_mentees(session), "ended")
    return opened.is_new


def _lock_begun(session_id: UUID, by: User, status: SessionStatus, at: datetime) -> MentorSession:
    session = lock_session(session_id, by)
    if status not in SESSION_MOVES[SessionStatus(session.status)]:
        raise IllegalSessionMove(f"A session that is {session.status} cannot become {status}.")
    if session.starts_at > at:
        raise SessionNotBegun
    return session


def _close(session: MentorSession, status: SessionStatus, *, by: User | None, at: datetime, reason: str = "") -> None:
    session.status, session.closed_by, session.closed_at, session.close_reason = status, by, at, reason
    session.updated_at, session.revision = at, session.revision + 1
    session.save(
        update_fields=[
            "status", "closed_by", "closed_at", "close_reason", "sequence", "updated_at", "revision",
        ]
    )  # fmt: skip
