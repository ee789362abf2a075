"""Booked sessions, and what their people's streams heard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection

from core.tenancy.identity import Identity, Role, acting_as
from mentorship_coordination.actions.sessions import book_session
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.notifications import Notification
from mentorship_coordination.models.sessions import MentorSession
from student_dashboard.models import DashboardUpdateQueue
from tests import factories
from tests.database import as_system
from users.models import User

T = TypeVar("T")

#: A Monday, 09:00 UTC.
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TOMORROW = NOW + timedelta(days=1)
HOUR = timedelta(hours=1)


def booked(mentor: User, mentee: User, starts_at: datetime = TOMORROW, **changes: Any) -> MentorSession:
    """Booked by the mentor at NOW unless said otherwise."""
    wish = {"title": "Catch up", "starts_at": starts_at, "at": NOW, **changes}
    with acting_as(Identity(Role.MENTOR, mentor.pk)):
        return book_session(mentee_id=mentee.pk, by=mentor, **wish)


def mentees_of(mentor: User, count: int, **enrolment: Any) -> list[MenteeMentorAssignment]:
    with as_system():
        return [
            factories.AssignmentFactory(mentor=mentor, enrolment=factories.EnrolmentFactory(**enrolment))
            for _ in range(count)
        ]


def stored(session_id: UUID) -> MentorSession:
    with as_system():
        return MentorSession.objects.prefetch_related("participants").get(pk=session_id)


def count_sessions() -> int:
    with as_system():
        return MentorSession.objects.count()


def refreshes_of(student: User) -> list[tuple[int, list[str]]]:
    with as_system():
        return [(row.rank, row.reasons) for row in DashboardUpdateQueue.objects.filter(student=student)]


def notifications_of(person: User) -> list[Notification]:
    with as_system():
        return list(Notification.objects.filter(recipient=person).order_by("created_at", "id"))


def at_once(calls: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """Run every call in a thread with a connection of its own, all let go at the same moment."""
    together = Barrier(len(calls))

    def run(call: Callable[[], T]) -> T | Exception:
        try:
            connection.ensure_connection()
            together.wait(timeout=30)
            return call()
        except Exception as error:  # noqa: BLE001 - handed to the test
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))
