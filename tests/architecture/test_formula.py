"""Readiness and risk as the product has them registered: whoever changes the formula raises its version."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from coaching.models import Goal, Habit
from coaching.streaks import WINDOW_DAYS
from conftest import Cast
from core import clock
from core.enums import Rank
from missions.models import MissionSubmission
from missions.standing import SHRINKAGE
from student_dashboard import sections
from student_dashboard.aggregation import DashboardAggregationService
from student_dashboard.models import StudentDashboard
from student_dashboard.readiness import FORMULA_VERSION, LEAST_COVERAGE, evaluate
from student_dashboard.risk import CLEAR_BELOW, LIMIT, OWN_SIGNALS
from student_dashboard.sections import readiness_parts, risk_signals
from student_dashboard.tests.refreshes import queue
from tests import factories
from tests.database import as_system, as_worker
from users.models import User

AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CHANGE = "This is another formula: raise student_dashboard.readiness.FORMULA_VERSION, then change this test."

INPUTS: dict[str, dict[str, Any]] = {
    "missions": {"approved_weight": 3, "expected_weight": 4, "days_since_start": 30},
    "quality": {"scores": [100, 90], "cohort_mean": 60.0, "shrinkage": 3},
    "consistency": {"kept": 21, "due": 28},
    "goals": {"due": 3, "on_time": 1},
    "attendance": {"attended": 3, "missed": 1},
}


def test_version_one_of_the_formula_is_this() -> None:
    assert FORMULA_VERSION == 1, CHANGE
    assert {part.name: part.weight for part in readiness_parts()} == {
        "missions": 35,
        "quality": 25,
        "consistency": 15,
        "attendance": 15,
        "goals": 10,
    }, CHANGE
    numbers = {"least coverage": LEAST_COVERAGE, "shrinkage": SHRINKAGE, "days of habits": WINDOW_DAYS}
    assert numbers == {"least coverage": Decimal("0.5"), "shrinkage": 3, "days of habits": 28}, CHANGE


def test_version_one_of_the_formula_gives_this() -> None:
    found = evaluate(readiness_parts(), INPUTS)
    assert {part.name: part.value for part in found.parts} == {
        "missions": 0.75,
        "quality": 0.74,
        "consistency": 0.75,
        "attendance": 0.75,
        "goals": 0.333333,
    }, CHANGE
    assert (found.figure, found.coverage) == (Decimal("70.58"), Decimal(1)), CHANGE


def test_weights_make_a_hundred() -> None:
    assert sum(part.weight for part in readiness_parts()) == 100


def test_signals_of_risk_make_a_hundred_and_are_these() -> None:
    signals = (*risk_signals(), *OWN_SIGNALS)
    assert {signal.name: signal.most for signal in signals} == {
        "failed_reviews": 15,
        "streak_broken": 14,
        "goals_overdue": 12,
        "missed_sessions": 20,
        "silence": 24,
        "falling_readiness": 15,
    }
    assert sum(signal.most for signal in signals) == 100
    assert len({signal.name for signal in signals}) == len(signals)
    assert (LIMIT, CLEAR_BELOW) == (35, 25)


def test_no_single_signal_makes_a_case() -> None:
    assert max(signal.most for signal in (*risk_signals(), *OWN_SIGNALS)) < CLEAR_BELOW


def students_with_everything(cast: Cast, count: int) -> list[User]:
    """With a judged submission, a habit and a goal each, the first of them with a mentor."""
    with as_system():
        others = factories.EnrolmentFactory.create_batch(count - 1, cohort=cast.cohort)
        enrolments = [cast.enrolment, *others]
        for enrolment in enrolments:
            _work_of(enrolment.student, enrolment.pk, cast)
    return [enrolment.student for enrolment in enrolments]


def _work_of(student: User, enrolment_id: UUID, cast: Cast) -> None:
    stamps = {"created_at": AT, "updated_at": AT}
    MissionSubmission.objects.create(
        mission=cast.mission,
        enrolment_id=enrolment_id,
        student=student,
        cohort=cast.cohort,
        state="approved",
        version=1,
        score=85,
        submitted_at=AT,
        decided_at=AT,
        **stamps,
    )
    Habit.objects.create(student=student, name="Read", cadence="daily", started_on=date(2026, 3, 1), **stamps)
    Goal.objects.create(
        student=student,
        enrolment_id=enrolment_id,
        cohort=cast.cohort,
        title="A lab",
        due_date=date(2026, 3, 1),
        **stamps,
    )


@pytest.fixture
def counted(cast: Cast) -> dict[str, list[int]]:
    """Section → queries of its provider for one student and for twenty."""
    students = students_with_everything(cast, 20)
    return {
        name: [_queries(registered.provider, students[:count]) for count in (1, 20)]
        for name, registered in sections._providers.items()
    }


def _queries(provider: sections.SectionProvider, students: Sequence[User]) -> int:
    with as_system(), CaptureQueriesContext(connection) as captured:
        found = provider([student.pk for student in students], AT)
        assert found.keys() <= {student.pk for student in students}
        return len(captured)


def test_every_provider_makes_as_many_queries_for_one_as_for_twenty(counted: dict[str, list[int]]) -> None:
    assert {name for name, (one, twenty) in counted.items() if one != twenty} == set()
    assert counted.keys() == {"missions", "sessions", "mentor", "habits", "goals"}
    assert sum(twenty for _, twenty in counted.values()) <= 15


def refreshed(students: Sequence[User]) -> dict[UUID, StudentDashboard]:
    with clock.pinned(AT):
        queue(*students, reason="test", rank=Rank.NORMAL)
    with as_worker():
        assert DashboardAggregationService.refresh(at=AT) >= len(students)
    with as_system():
        return StudentDashboard.objects.in_bulk([student.pk for student in students])


def test_a_figure_is_the_same_when_computed_again_from_what_is_stored(cast: Cast) -> None:
    """Product.md §12, invariant 13."""
    students = students_with_everything(cast, 2)
    stored = refreshed([*students, cast.stranger])
    assert [dashboard.readiness is None for dashboard in stored.values()].count(False) >= 2
    for dashboard in stored.values():
        parts = dashboard.inputs["parts"]
        again = evaluate(readiness_parts(), {part["name"]: part["inputs"] for part in parts})
        assert (again.figure, again.coverage) == (dashboard.readiness, dashboard.readiness_coverage)
        assert json.loads(json.dumps([part.as_json() for part in again.parts])) == parts


def test_every_part_and_signal_is_told_of_every_active_student(cast: Cast) -> None:
    """Nobody registers a part and then forgets it: without a word it would have no data for ever."""
    with as_system():
        facts = sections.collect_facts([cast.student.pk, cast.stranger.pk], AT + timedelta(days=1))
    for known in facts.values():
        assert known.inputs.keys() == {part.name for part in readiness_parts()}
        assert known.evidence.keys() == {signal.name for signal in risk_signals()}
