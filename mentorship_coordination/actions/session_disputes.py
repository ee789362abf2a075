"""A student says that a session was not as it is told, and a director settles it. Source: product.md §7."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.urls import reverse

from core.actions import action
from core.errors import Conflict, InvalidInput, NotVisible
from mentorship_coordination.actions.notifications import notify
from mentorship_coordination.actions.session_news import tell_streams
from mentorship_coordination.enums import NotificationKind, SessionStatus
from mentorship_coordination.models.sessions import MentorSession
from mentorship_coordination.selectors.responsible import list_responsible
from users.models import User

WITHIN = timedelta(hours=72)
LONGEST_REASON = 300
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
    """The mentee of a session of two says within 72 hours that it was not so; mentor and directors hear of it.

    Raises InvalidInput (no reason, or more than 300 characters), NotVisible, CannotBeDisputed.
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
    directors = list_responsible(session.cohort_id) if session.cohort_id else []
    _tell(session, {session.mentor_id, *directors}, f"{by.name} disputes a session: {session.title}", "disputed", at)
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
    mentees = [session.mentee_id] if session.mentee_id else []
    tell_streams(session, mentees, "settled")
    people = {session.mentor_id, *mentees}
    _tell(session, people, f"Settled: {session.title}", "settled", at, with_calendar=became == "called_off")
    return session


def _check(words: str, name: str) -> None:
    if not 1 <= len(words.strip()) <= LONGEST_REASON:
        raise InvalidInput(fields={name: [f"Give 1 to {LONGEST_REASON} characters."]})


def _tell(
    session: MentorSession, people: Iterable[UUID], title: str, what: str, at: datetime, *, with_calendar: bool = False
) -> None:
    pages = {session.mentor_id: "sessions-page", session.mentee_id: "student-sessions-page"}
    for person in sorted(people):
        notify(
            recipient_id=person,
            kind=NotificationKind.SESSION,
            title=title,
            body=session.dispute_reason if what == "disputed" else session.dispute_answer,
            url=reverse(pages.get(person, "director-page")),
            session=session if with_calendar else None,
            dedupe_key=f"session:{session.pk}:{what}",
            by_mail=True,
            at=at,
        )
