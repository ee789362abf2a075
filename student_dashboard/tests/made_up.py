"""A section that says of each student what the test wants, and refreshes at an instant that the test chooses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from core import clock
from student_dashboard.models import StudentDashboard
from student_dashboard.readiness import ReadinessPart
from student_dashboard.risk import RiskSignal
from student_dashboard.sections import Section, register_section
from student_dashboard.tests.refreshes import dashboard_of, drain, queue
from tests import factories
from tests.database import as_system
from users.models import User

ENROLLED = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
PARTS = (ReadinessPart("work", 60, lambda inputs: inputs["value"]), ReadinessPart("habit", 40, lambda inputs: 1.0))
SIGNALS = (
    RiskSignal("worry", 60, lambda evidence: int(evidence["points"])),
    RiskSignal("missed", 20, lambda evidence: int(evidence["points"])),
)


class MadeUp:
    """Registers the section "made_up". Of whom nothing was said, nothing is known; nobody is silent unless
    the test says so."""

    def __init__(self) -> None:
        self._sections: dict[UUID, Callable[[datetime], Section]] = {}
        register_section("made_up", self, parts=PARTS, signals=SIGNALS)

    def say(
        self,
        *students: User,
        work: float | None = None,
        worry: int | None = None,
        missed: int | None = None,
        is_watched: bool = False,
        is_seen: bool = True,
    ) -> None:
        points = {"worry": worry, "missed": missed}
        evidence: dict[str, dict[str, Any]] = {
            name: {"points": each} for name, each in points.items() if each is not None
        }
        inputs = {} if work is None else {"work": {"value": work}}
        for student in students:
            self._sections[student.pk] = lambda at: Section({}, inputs, evidence, at if is_seen else None, is_watched)

    def __call__(self, student_ids: Sequence[UUID], at: datetime) -> Mapping[UUID, Section]:
        nothing: Callable[[datetime], Section] = lambda at: Section(active_at=at)  # noqa: E731
        return {student_id: self._sections.get(student_id, nothing)(at) for student_id in student_ids}


def student_in(zone: str = "UTC", *, enrolled_at: datetime = ENROLLED) -> User:
    with as_system():
        enrolment = factories.EnrolmentFactory(student__timezone=zone, enrolled_at=enrolled_at)
        return User.objects.get(pk=enrolment.student_id)


def ask_at(at: datetime, *students: User, **how: Any) -> None:
    with clock.pinned(at):
        queue(*students, **how)


def refreshed(at: datetime, *students: User) -> StudentDashboard:
    """The dashboard of the first student, after all of them were refreshed."""
    ask_at(at, *students)
    assert drain(at) == len(students)
    return dashboard_of(students[0])
