"""The mentor's dashboard names the mentees at risk, worst first."""

from __future__ import annotations

from conftest import Cast
from mentorship_coordination.enums import AssignmentState, FlagCategory, FlagState, Severity
from mentorship_coordination.tests.dashboard_world import Api, dashboard, flag, second_mentee
from mentorship_coordination.tests.queue_world import HOUR, MONDAY, open_item
from student_dashboard.models import StudentDashboard
from tests.database import as_system

SILENCE = {"name": "silence", "points": 12, "evidence": {"days": 12, "since": "2025-12-24T14:00:00Z"}}


def test_names_mentees_with_flags_or_overdue_work_worst_first(cast: Cast, api: Api) -> None:
    quiet, late = second_mentee(cast, "Quiet Quinn"), second_mentee(cast, "Late Lena")
    worst = flag(cast.enrolment, cast.mentor, Severity.HIGH, category=FlagCategory.ENGAGEMENT)
    flag(cast.enrolment, cast.mentor, Severity.LOW, category=FlagCategory.ACADEMIC)
    flag(quiet, cast.mentor, Severity.HIGH, state=FlagState.RESOLVED, resolved_at=MONDAY)
    flag(cast.other_enrolment, cast.other_mentor, Severity.CRITICAL)
    open_item(late, started_at=MONDAY - 80 * HOUR)
    open_item(quiet)
    with as_system():
        StudentDashboard.objects.update_or_create(
            student=cast.student,
            defaults={
                "enrolment": cast.enrolment,
                "readiness": "61.50",
                "trend_7d": "-4.25",
                "sections": {"habits": {"current_streak": 5}},
                "risk_score": "12.00",
                "risk_parts": [SILENCE],
            },
        )
    assert dashboard(api, cast.mentor, MONDAY)["at_risk_mentees"] == [
        {
            "mentee_id": str(cast.student.pk),
            "name": "Mina Okafor",
            "readiness": 61.5,
            "readiness_trend": -4.25,
            "habit_streak": 5,
            "risk_score": 12.0,
            "risk_since": None,
            "reasons": [{**SILENCE, "text": "Nothing heard for 12 days."}],
            "flag": {
                "id": str(worst.pk),
                "severity": "high",
                "category": "engagement",
                "reason": "Gone silent.",
                "state": "open",
                "created_at": "2026-01-05T14:00:00Z",
            },
            "unresolved_flags": 2,
            "overdue_items": 0,
        },
        {
            "mentee_id": str(late.student_id),
            "name": "Late Lena",
            "readiness": None,
            "readiness_trend": None,
            "habit_streak": None,
            "risk_score": None,
            "risk_since": None,
            "reasons": [],
            "flag": None,
            "unresolved_flags": 0,
            "overdue_items": 1,
        },
    ]


def test_puts_risk_over_the_limit_after_flags_and_before_overdue_work(cast: Cast, api: Api) -> None:
    """A score that is over no limit yet names nobody by itself."""
    over, flagged, late, below = (second_mentee(cast, name) for name in ("Over", "Flagged", "Late", "Below"))
    with as_system():
        for enrolment, score, since in ((over, 44, MONDAY), (below, 39, None), (flagged, 41, MONDAY)):
            StudentDashboard.objects.create(
                student=enrolment.student, enrolment=enrolment, risk_score=score, risk_since=since
            )
    flag(flagged, cast.mentor, Severity.LOW)
    open_item(late, started_at=MONDAY - 80 * HOUR)
    found = dashboard(api, cast.mentor, MONDAY)["at_risk_mentees"]
    assert [(each["name"], each["risk_score"], each["risk_since"]) for each in found] == [
        ("Flagged", 41.0, "2026-01-05T14:00:00Z"),
        ("Over", 44.0, "2026-01-05T14:00:00Z"),
        ("Late", None, None),
    ]


def test_names_nobody_whose_pair_has_not_begun(cast: Cast, api: Api) -> None:
    with as_system():
        cast.assignment.state = AssignmentState.PENDING
        cast.assignment.save(update_fields=["state"])
    flag(cast.enrolment, cast.mentor, Severity.HIGH)
    assert dashboard(api, cast.mentor, MONDAY)["at_risk_mentees"] == []
