"""A student says that a session was not as it is told, and a director settles it. Source: product.md §7."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.urls import reverse

from core.actions import action
from core.errors import Conflict, InvalidInput, NotVisible
from mentorship_coordination.actions.notifications import notify
from mentorship_coordination.actions.queue import cancel_items_about
from mentorship_coordination.actions.session_news import tell_streams
from mentorship_coordination.enums import MET, NotificationKind, SessionStatus, WorkType
from mentorship_coordination.models.sessions import MentorSession, SessionParticipant
from mentorship_coordination.selectors.responsible import list_responsible
from users.models import User

WITHIN = timedelta(hours=72)
LONGEST_REASON = 300
MENTOR_PAGE, STUDENT_PAGE, DIRECTOR_PAGE = "sessions-page", "student-sessions-page", "director-disputes-page"
#: What a director may say became of a session.
OUTCOMES = (
    SessionStatus.COMPLETED,
    SessionStatus.NO_SHOW_MENTEE,
    SessionStatus.NO_SHOW_MENTOR,
    SessionStatus.CANCELLED_BY_MENTOR,
)


class CannotBeDisputed(Conflict):
    code = "cannot_be_disputed"
    message = "This session cannot be disputed: it is not closed, was closed over 72 hours ago, or is disputed already."


class DisputeSettled(Conflict):
    code = "dispute_settled"
    message = "This dispute is settled already."


@action
def dispute_session(*, session_id: UUID, reason: str, by: User, at: datetime) -> MentorSession:
    """The mentee says within 72 hours that it was not so: of a session of two; of a group, whether she was there.

    Mentor and directors hear of it. Raises InvalidInput (no reason, or more than 300 characters), NotVisible,
    CannotBeDisputed.
    """
    _check(reason, "reason")
    with connection.cursor() as cursor:
        values: list[Any] = [session_id, reason.strip(), WITHIN, at]
        cursor.execute("SELECT app.dispute_session(%s, %s, %s, %s)", values)
        (became,) = cursor.fetchone()
    if became == "not_found":
        raise NotVisible
    if became == "closed":
        raise CannotBeDisputed
    session = MentorSession.objects.get(pk=session_id)
    tell_streams(session, [by.pk], "disputed")
    is_group = session.mentee_id is None
    _tell(
        session,
        dict.fromkeys(_directors_of(session, by), DIRECTOR_PAGE) | {session.mentor_id: MENTOR_PAGE},
        title=f"{by.name} disputes {'her attendance' if is_group else 'a session'}: {session.title}",
        body=reason.strip(),
        key=f"disputed:{by.pk}" if is_group else "disputed",
        at=at,
    )
    return session


@action
def settle_dispute(
    *, session_id: UUID, status: SessionStatus | None, answer: str, by: User, at: datetime
) -> MentorSession:
    """A director says what became of the session; None leaves what was said. Mentor and student hear of it.

    What becomes called off leaves their calendars, too: `sequence` rises, and the mails carry the cancellation.

    Raises InvalidInput (no outcome, no answer, or more than 300 characters), NotVisible, DisputeSettled.
    """
    _check(answer, "answer")
    if status is not None and status not in OUTCOMES:
        raise InvalidInput(fields={"status": [f"Choose one of {', '.join(OUTCOMES)}, or none."]})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT app.settle_dispute(%s, %s, %s, %s)",
            [session_id, status.value if status else None, answer.strip(), at],
        )
        (became,) = cursor.fetchone()
    if became == "not_found":
        raise NotVisible
    if became == "closed":
        raise DisputeSettled
    session = MentorSession.objects.get(pk=session_id)
    if session.status not in MET:
        cancel_items_about(
            type=WorkType.SESSION_NOTES, reference_id=session.pk, reason=str(session.status), by=by, at=at
        )
    mentees = [session.mentee_id] if session.mentee_id else []
    tell_streams(session, mentees, "settled")
    _tell(
        session,
        {session.mentor_id: MENTOR_PAGE, **dict.fromkeys(mentees, STUDENT_PAGE)},
        title=f"Settled: {session.title}",
        body=session.dispute_answer,
        key="settled",
        at=at,
        with_calendar=became == "called_off",
    )
    return session


@action
def settle_attendance(
    *, participant_id: UUID, attended: bool | None, answer: str, by: User, at: datetime
) -> SessionParticipant:
    """A director says whether a mentee was in a group; None leaves what was said. Mentor and student hear of it.

    Hers alone changes: neither the session, nor the budget, nor the others. Raises InvalidInput (no answer, or more
    than 300 characters), NotVisible, DisputeSettled.
    """
    _check(answer, "answer")
    with connection.cursor() as cursor:
        values: list[Any] = [participant_id, attended, answer.strip(), at]
        cursor.execute("SELECT app.settle_attendance(%s, %s, %s, %s)", values)
        (became,) = cursor.fetchone()
    if became == "not_found":
        raise NotVisible
    if became == "closed":
        raise DisputeSettled
    participant = SessionParticipant.objects.select_related("session").get(pk=participant_id)
    session, mentee = participant.session, participant.person_id
    tell_streams(session, [mentee], "settled")
    _tell(
        session,
        {session.mentor_id: MENTOR_PAGE, mentee: STUDENT_PAGE},
        title=f"Settled: {session.title}",
        body=participant.dispute_answer,
        key=f"settled:{mentee}",
        at=at,
    )
    return participant


def _directors_of(session: MentorSession, mentee: User) -> list[UUID]:
    """Of the session's cohort; a group of several cohorts is settled by those of the mentee's own."""
    if session.cohort_id:
        return list_responsible(session.cohort_id)
    cohorts = SessionParticipant.objects.filter(session=session, person=mentee).values_list("enrolment__cohort_id")
    return [person for (cohort_id,) in cohorts if cohort_id for person in list_responsible(cohort_id)]


def _check(words: str, name: str) -> None:
    if not 1 <= len(words.strip()) <= LONGEST_REASON:
        raise InvalidInput(fields={name: [f"Give 1 to {LONGEST_REASON} characters."]})


def _tell(
    session: MentorSession,
    pages: Mapping[UUID, str],
    *,
    title: str,
    body: str,
    key: str,
    at: datetime,
    with_calendar: bool = False,
) -> None:
    """Each of these people by a notification that leads to the page of that name."""
    for person in sorted(pages):
        notify(
            recipient_id=person,
            kind=NotificationKind.SESSION,
            title=title,
            body=body,
            url=reverse(pages[person]),
            session=session if with_calendar else None,
            dedupe_key=f"session:{session.pk}:{key}",
            by_mail=True,
            at=at,
        )
