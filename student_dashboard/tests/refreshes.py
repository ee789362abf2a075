"""Refreshes asked for and looked at, as the system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from core.actions import action
from core.enums import Rank
from core.models import StreamEvent
from student_dashboard.aggregation import DashboardAggregationService
from student_dashboard.models import DashboardUpdateQueue, StudentDashboard
from student_dashboard.sections import Section
from tests import factories
from tests.database import as_system, as_worker
from users.models import User


@action
def ask(*students: User, reason: str = "test", rank: Rank = Rank.NORMAL) -> None:
    for student in students:
        DashboardAggregationService.queue_update(student, reason, rank)


def queue(*students: User, reason: str = "test", rank: Rank = Rank.NORMAL) -> None:
    """`ask` as the system, in a transaction of its own that commits."""
    with as_worker():
        ask(*students, reason=reason, rank=rank)


def drain(at: datetime | None = None, limit: int = 200) -> int:
    with as_worker():
        return DashboardAggregationService.refresh(limit, at=at)


def recover(at: datetime) -> int:
    with as_worker():
        return DashboardAggregationService.recover(at=at)


def enrolled_students(count: int) -> list[User]:
    with as_system():
        cohort = factories.CohortFactory()
        return [factories.EnrolmentFactory(cohort=cohort).student for _ in range(count)]


def waiting() -> list[DashboardUpdateQueue]:
    with as_system():
        return list(DashboardUpdateQueue.objects.filter(claimed_at=None, dead_at=None).order_by("rank", "id"))


def only_row() -> DashboardUpdateQueue:
    with as_system():
        return DashboardUpdateQueue.objects.get()


def dashboard_of(student: User) -> StudentDashboard:
    with as_system():
        return StudentDashboard.objects.get(pk=student.pk)


def told() -> list[tuple[UUID, int, str]]:
    """Everything said on streams: recipient, audience, data."""
    with as_system():
        events = StreamEvent.objects.filter(event="dashboard").order_by("recipient", "audience", "number")
        return list(events.values_list("recipient", "audience", "data"))


def greeting(student_ids: Sequence[UUID], at: datetime) -> Mapping[UUID, Section]:
    """A section with one real query for the batch."""
    names = User.objects.filter(pk__in=list(student_ids)).values_list("pk", "name")
    return {student_id: Section({"hello": name}) for student_id, name in names}
