"""The time of a session's people: who holds it, who takes it, and what is offered when it is taken.

Source: product.md §7; architecture.md §7 "Races".
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from psycopg2.extras import DateTimeTZRange

from core.errors import Conflict, InvalidInput, NotVisible
from core.sql import fetch, fetch_planned
from mentorship_coordination.enums import ParticipantRole, SessionStatus
from mentorship_coordination.models.sessions import MentorSession, SessionParticipant
from mentorship_coordination.selectors.sessions import Span
from mentorship_coordination.selectors.slots import list_alternatives
from users.models import User

SHORTEST_MINUTES, LONGEST_MINUTES = 15, 240
FURTHEST = timedelta(days=366)
NO_DOUBLE_BOOKING = "no_double_booking"
IN_THE_PAST = "This is in the past."


class SlotTaken(Conflict):
    code = "slot_taken"
    message = "Not everybody is free then."


class SessionNotOpen(Conflict):
    code = "session_closed"
    message = "This session has begun or is closed."


def span_of(starts_at: datetime, minutes: int, at: datetime) -> Span:
    """The span of a session to be held. Raises InvalidInput."""
    if starts_at.utcoffset() is None:
        raise InvalidInput(fields={"start_time": ["Give the offset too."]})
    if not SHORTEST_MINUTES <= minutes <= LONGEST_MINUTES:
        raise InvalidInput(fields={"duration_minutes": ["A session takes 15 to 240 minutes."]})
    if starts_at <= at:
        raise InvalidInput(fields={"start_time": [IN_THE_PAST]})
    if starts_at > at + FURTHEST:
        raise InvalidInput(fields={"start_time": ["This is more than a year ahead."]})
    return Span(starts_at, starts_at + timedelta(minutes=minutes))


def lock_open_session(session_id: UUID, by: User, at: datetime) -> MentorSession:
    """The mentor's session, locked, scheduled and not begun. Raises NotVisible, SessionNotOpen."""
    session = lock_session(session_id, by)
    if session.status != SessionStatus.SCHEDULED or session.starts_at <= at:
        raise SessionNotOpen
    return session


def lock_session(session_id: UUID, by: User) -> MentorSession:
    """The mentor's session, locked. Raises NotVisible."""
    session = MentorSession.objects.locked(session_id).of_mentor(by.pk).first()
    if session is None:
        raise NotVisible
    return session


def take_notes(session: MentorSession) -> None:
    """Make the mentor the holder of her locked session's open notes, wherever they wait: she is about to close them."""
    fetch("SELECT app.take_notes(%(session)s)", session=session.pk)


def active_mentees(session: MentorSession) -> list[UUID]:
    """Ids of the mentees who still take part, ascending."""
    return list(
        session.participants.filter(role=ParticipantRole.MENTEE, is_active=True)
        .order_by("person_id")
        .values_list("person_id", flat=True)
    )


def take_time(
    session: MentorSession,
    span: Span,
    mentees: list[UUID],
    *,
    by: User,
    capacity: int,
    at: datetime,
    participants: list[SessionParticipant],
) -> None:
    """Write the people's time: participants of a session that is new or asked for, or new spans of one that moves."""
    try:
        with transaction.atomic():
            if participants:
                if session._state.adding:
                    session.save(force_insert=True)
                SessionParticipant.objects.bulk_create(participants)
            else:
                during = DateTimeTZRange(span.starts_at, span.ends_at)
                session.participants.filter(is_active=True).update(during=during)
    except IntegrityError as error:
        if _constraint_of(error) != NO_DOUBLE_BOOKING:
            raise
        free = list_alternatives(mentor=by, mentee_ids=mentees, wished=span, capacity=capacity, at=at, but=session.pk)
        offers = [{"start_time": each.starts_at, "end_time": each.ends_at} for each in free]
        raise SlotTaken(extra={"alternatives": offers}) from error


def lock_people(mentor: User, mentees: Sequence[UUID]) -> int:
    """Lock everybody who comes, by id, and return the mentor's sessions a week."""
    capacities: dict[UUID, int] = {}
    for person in sorted({mentor.pk, *mentees}):
        [(capacities[person],)] = fetch_planned("SELECT app.lock_mentor(%(person)s)", person=person)
    return capacities[mentor.pk]


def _constraint_of(error: IntegrityError) -> str | None:
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None)
