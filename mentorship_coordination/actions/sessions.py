"""Sessions are booked and moved. Source: product.md §7; architecture.md §7 "Races".

Lock order: enrolments, sessions, people, each by id. The exclusion constraint is what rules a double booking
out; the locks keep two bookings from waiting for each other, and make budget and capacity true.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg2.extras import DateTimeTZRange

from core.actions import action
from core.errors import Conflict, InvalidInput, NotVisible
from core.integrations.meetings import provider_for
from core.wakeup import wake
from mentorship_coordination.actions.meeting_links import MAKE_LINKS, follow_meeting
from mentorship_coordination.actions.session_news import notify_mentees, tell_streams
from mentorship_coordination.actions.session_requests import RequestClosed, is_request_open
from mentorship_coordination.actions.session_time import (
    active_mentees,
    lock_open_session,
    lock_people,
    lock_session,
    span_of,
    take_time,
)
from mentorship_coordination.enums import AssignmentState, ParticipantRole, SessionStatus, SessionType
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.sessions import MentorSession, SessionParticipant
from mentorship_coordination.selectors.mentees import list_current_enrolments, list_current_pairs
from mentorship_coordination.selectors.sessions import Span, session_budget, week_of, weekly_load
from mentorship_coordination.slots.finder import DEFAULT_MINUTES
from missions.selectors import lock_enrolment
from users.models import User

LARGEST_GROUP = 50


class SessionBudgetExhausted(Conflict):
    code = "session_budget_exhausted"
    message = "No session is left in this enrolment's budget."


class WeeklyCapacityReached(Conflict):
    code = "weekly_capacity_reached"
    message = "Your sessions of that week are used up."


class PairNotActive(Conflict):
    code = "assignment_not_active"
    message = "This mentorship is not active at the moment."


@action
def book_session(
    *,
    mentee_id: UUID,
    title: str,
    starts_at: datetime,
    by: User,
    at: datetime,
    duration_minutes: int = DEFAULT_MINUTES,
    type: SessionType = SessionType.ONE_ON_ONE,
    agenda: str = "",
) -> MentorSession:
    """Book one mentee of the mentor `by`, who acts as mentor; `starts_at` is aware.

    Raises InvalidInput (past or naive time, 15 to 240 minutes, a group), NotVisible (no mentee of hers),
    PairNotActive, SessionBudgetExhausted, WeeklyCapacityReached, SlotTaken with up to three `alternatives`.
    """
    if type == SessionType.GROUP:
        raise InvalidInput("A group has mentee_ids.", fields={"type": ["Book a group with mentee_ids."]})
    span = span_of(starts_at, duration_minutes, at)
    (pair,) = _lock_pairs(by, [mentee_id])
    session = MentorSession(
        mentor=by,
        mentee_id=mentee_id,
        enrolment_id=pair.enrolment_id,
        assignment_id=pair.pk,
        cohort_id=pair.cohort_id,
        type=type,
    )
    return _book(session, [pair], span, title=title, agenda=agenda, by=by, at=at)


@action
def book_group_session(
    *,
    mentee_ids: Sequence[UUID],
    title: str,
    starts_at: datetime,
    by: User,
    at: datetime,
    duration_minutes: int = DEFAULT_MINUTES,
    agenda: str = "",
) -> MentorSession:
    """Book several mentees at once: one session of the mentor's week, one of each enrolment's budget.

    Raises what `book_session` raises; one mentee who cannot come stops the booking.
    """
    span, mentees = span_of(starts_at, duration_minutes, at), sorted(set(mentee_ids))
    if not 1 <= len(mentees) <= LARGEST_GROUP:
        raise InvalidInput(fields={"mentee_ids": [f"A group has 1 to {LARGEST_GROUP} mentees."]})
    pairs = _lock_pairs(by, mentees)
    cohorts = {pair.cohort_id for pair in pairs}
    session = MentorSession(mentor=by, type=SessionType.GROUP, cohort_id=cohorts.pop() if len(cohorts) == 1 else None)
    return _book(session, pairs, span, title=title, agenda=agenda, by=by, at=at)


@action
def confirm_session(*, session_id: UUID, by: User, at: datetime) -> MentorSession:
    """The mentor agrees to what her mentee asked for: from now on it holds time and budget, as a booking does.

    Raises NotVisible, RequestClosed (answered, expired or begun by now), and what `book_session` raises.
    """
    asked = MentorSession.objects.of_mentor(by.pk).filter(pk=session_id).first()
    if asked is None or asked.mentee_id is None:
        raise NotVisible
    pairs = _lock_pairs(by, [asked.mentee_id])
    session = lock_session(session_id, by)
    if session.status != SessionStatus.REQUESTED or not is_request_open(session, at):
        raise RequestClosed
    session.status, session.revision = SessionStatus.SCHEDULED, session.revision + 1
    span = Span(session.starts_at, session.ends_at)
    return _book(session, pairs, span, title=session.title, agenda=session.agenda, by=by, at=at)


@action
def reschedule_session(
    *,
    session_id: UUID,
    by: User,
    at: datetime,
    title: str | None = None,
    starts_at: datetime | None = None,
    duration_minutes: int | None = None,
    agenda: str | None = None,
    revision: int | None = None,
) -> MentorSession:
    """Change what is given; another time raises `sequence` by one and tells the mentees.

    `revision`: what the caller saw; another one by now is refused. Raises NotVisible, SessionNotOpen,
    Conflict (`stale`), InvalidInput, WeeklyCapacityReached (a move into a full week), SlotTaken.
    """
    session = lock_open_session(session_id, by, at)
    if revision is not None and session.revision != revision:
        raise Conflict("Somebody changed this session meanwhile.", code="stale")
    before = Span(session.starts_at, session.ends_at)
    minutes = duration_minutes or int((session.ends_at - session.starts_at).total_seconds() // 60)
    span = span_of(starts_at or session.starts_at, minutes, at)
    session.title = session.title if title is None else title
    session.agenda = session.agenda if agenda is None else agenda
    if span != before:
        _move(session, span, by=by, at=at)
    session.updated_at, session.revision = at, session.revision + 1
    session.save(update_fields=["title", "agenda", "starts_at", "ends_at", "sequence", "updated_at", "revision"])
    mentees = active_mentees(session)
    tell_streams(session, mentees, "moved" if span != before else "changed")
    if span != before:
        follow_meeting(session)
        notify_mentees(session, mentees, words="Session moved", kind="moved", at=at)
    return session


def _lock_pairs(mentor: User, mentee_ids: Sequence[UUID]) -> list[MenteeMentorAssignment]:
    """The mentor's pairs with these mentees, their enrolments locked. Raises NotVisible, PairNotActive."""
    for enrolment_id in list_current_enrolments(mentor.pk, mentee_ids):
        lock_enrolment(enrolment_id)
    # Read again: the pair may have ended while this waited for the lock.
    pairs = list_current_pairs(mentor.pk, mentee_ids)
    if len(pairs) < len(mentee_ids):
        raise NotVisible
    if any(pair.state != AssignmentState.ACTIVE for pair in pairs):
        raise PairNotActive
    return pairs


def _book(
    session: MentorSession,
    pairs: list[MenteeMentorAssignment],
    span: Span,
    *,
    title: str,
    agenda: str,
    by: User,
    at: datetime,
) -> MentorSession:
    budgets = session_budget(pair.enrolment_id for pair in pairs)
    if any(budget.is_exhausted for budget in budgets.values()):
        raise SessionBudgetExhausted
    mentees = [pair.mentee_id for pair in pairs]
    capacity = lock_people(by, mentees)
    if weekly_load(by, span.starts_at) >= capacity:
        raise WeeklyCapacityReached
    link = provider_for(by.standing_meeting_url).create_link()
    session.title, session.agenda = title, agenda
    session.starts_at, session.ends_at = span.starts_at, span.ends_at
    session.meeting_url, session.meeting_provider = link.url, link.provider
    if not link.url:
        wake(MAKE_LINKS)
    session.updated_at = at
    was_asked_for = not session._state.adding
    session.created_at = session.created_at if was_asked_for else at
    take_time(
        session,
        span,
        mentees,
        by=by,
        capacity=capacity,
        at=at,
        participants=_participants(session, pairs, span),
    )
    if was_asked_for:
        session.save(update_fields=["status", "meeting_url", "meeting_provider", "updated_at", "revision"])
    tell_streams(session, mentees, "scheduled")
    notify_mentees(session, mentees, words="Session booked", kind="scheduled", at=at)
    return session


def _participants(session: MentorSession, pairs: list[MenteeMentorAssignment], span: Span) -> list[SessionParticipant]:
    during: Any = DateTimeTZRange(span.starts_at, span.ends_at)
    people = [
        SessionParticipant(
            session=session,
            person_id=pair.mentee_id,
            enrolment_id=pair.enrolment_id,
            role=ParticipantRole.MENTEE,
            during=during,
        )
        for pair in pairs
    ]
    return [
        SessionParticipant(session=session, person_id=session.mentor_id, role=ParticipantRole.MENTOR, during=during),
        *people,
    ]


def _move(session: MentorSession, span: Span, *, by: User, at: datetime) -> None:
    mentees = active_mentees(session)
    capacity = lock_people(by, mentees)
    is_other_week = week_of(by.timezone, span.starts_at) != week_of(by.timezone, session.starts_at)
    if is_other_week and weekly_load(by, span.starts_at, but=session.pk) >= capacity:
        raise WeeklyCapacityReached
    take_time(session, span, mentees, by=by, capacity=capacity, at=at, participants=[])
    session.starts_at, session.ends_at, session.sequence = span.starts_at, span.ends_at, session.sequence + 1
