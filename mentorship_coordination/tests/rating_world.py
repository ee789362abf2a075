"""Sessions that took place, what students say of them, and who sees it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from conftest import Cast
from core.tenancy.identity import Identity, Role, acting_as
from mentorship_coordination.actions.ratings import rate_session
from mentorship_coordination.actions.session_outcomes import complete_session
from mentorship_coordination.actions.sessions import book_group_session
from mentorship_coordination.models.sessions import MentorSession, SessionRating
from mentorship_coordination.tests.queue_world import mentor_acting, student_acting
from mentorship_coordination.tests.session_world import HOUR, NOW, TOMORROW, booked, mentees_of
from tests.database import as_system
from users.models import User

LATER = TOMORROW + 2 * HOUR


def held(cast: Cast, starts_at: datetime = TOMORROW) -> MentorSession:
    session = booked(cast.mentor, cast.student, starts_at)
    with mentor_acting(cast.mentor):
        return complete_session(session_id=session.pk, by=cast.mentor, at=starts_at + HOUR)


def held_group(cast: Cast) -> tuple[MentorSession, User]:
    """With the student and one more mentee, whom it returns too."""
    (other,) = mentees_of(cast.mentor, 1)
    with mentor_acting(cast.mentor):
        group = book_group_session(
            mentee_ids=[cast.student.pk, other.mentee_id], title="Together", starts_at=TOMORROW, by=cast.mentor, at=NOW
        )
        return complete_session(session_id=group.pk, by=cast.mentor, at=LATER), other.mentee


def rated(student: User, session: MentorSession, rating: int, comment: str = "", moment: datetime = LATER) -> None:
    with student_acting(student):
        rate_session(session_id=session.pk, rating=rating, comment=comment, by=student, at=moment)


def said_of(session: MentorSession) -> dict[UUID, tuple[int, str, datetime]]:
    """Student → what she said."""
    with as_system():
        ratings = SessionRating.objects.filter(session=session)
        return {each.student_id: (each.rating, each.comment, each.rated_at) for each in ratings}


def rows_seen(role: Role, person: User) -> list[tuple[int, str]]:
    with acting_as(Identity(role, person.pk)), transaction.atomic():
        return list(SessionRating.objects.order_by("rated_at", "id").values_list("rating", "comment"))


def figure_by_sql(mentor: User, moment: datetime) -> tuple[float | None, int]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT mean::float, ratings FROM app.satisfaction(%s, %s)", [mentor.pk, moment])
        (found,) = cursor.fetchall()
    return found[0], found[1]
