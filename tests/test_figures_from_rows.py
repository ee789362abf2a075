"""Every figure on the student's, the mentor's and the cockpit's page can be traced to rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from core import clock
from mentorship_coordination.seed.build import build
from mentorship_coordination.seed.world import Options, Volume
from missions.cohort_scores import store_cohort_scores
from student_dashboard.aggregation import DashboardAggregationService
from tests.database import as_system, as_worker
from tests.figures import Rows, Student, rows_as_owner
from users.models import User

AT = datetime(2026, 3, 18, 14, 20, tzinfo=UTC)
Api = Callable[[User | None], APIClient]


@pytest.fixture
def academy(db: None) -> Iterator[Rows]:
    """A seeded academy, every figure computed, with its rows."""
    options = Options(mentors=5, mentees_per_mentor=8, volume=Volume.DEFAULT, seed=42, at=AT)
    with as_worker(), clock.pinned(AT):
        build(options, password="seven quiet llamas", progress=lambda *_: None)
        store_cohort_scores(at=AT)
        DashboardAggregationService.renew(at=AT)
        while DashboardAggregationService.refresh(at=AT):
            pass
    with clock.pinned(AT), rows_as_owner() as rows:
        yield rows


def students(rows: Rows) -> list[Student]:
    found = rows.all("SELECT student_id::text FROM users_enrolment WHERE state = 'active' ORDER BY 1")
    assert len(found) == 40
    return [Student(rows, student_id, AT) for (student_id,) in found]


def person(person_id: str) -> User:
    with as_system():
        return User.objects.get(pk=person_id)


def test_of_the_students_dashboard(academy: Rows, api: Api) -> None:
    judged = 0
    for student in students(academy):
        shown: dict[str, Any] = api(person(student.id)).get("/api/v1/student/dashboard?explain=1").json()
        parts = {part["name"]: part["value"] for part in shown["explanation"]["parts"]}
        expected = {name: None if value is None else float(value) for name, value in student.values().items()}
        assert parts == pytest.approx(expected, abs=1e-6)
        assert shown["readiness"] == pytest.approx(student.readiness(), abs=0.006)
        judged += shown["readiness"] is not None
        habits = {each["habit_id"]: each["streak"] for each in shown["sections"]["habits"]["habits"]}
        assert habits == student.streaks()
        assert shown["sections"]["habits"]["current_streak"] == max(habits.values(), default=None)
        _check_trend(academy, student, shown["trend_7d"], shown["readiness"])
        _check_missions(academy, student, shown["sections"]["missions"])
        _check_sessions(academy, student, shown["sections"]["sessions"])
    assert judged > 30, "most of them have enough data"


def _check_trend(rows: Rows, student: Student, trend: float | None, readiness: float | None) -> None:
    query = "SELECT readiness::float FROM student_dashboard_readinesssnapshot WHERE student_id = %s AND local_date = %s"
    before = rows.all(query, student.id, student.today - timedelta(days=7))
    known = bool(before) and before[0][0] is not None and readiness is not None
    assert trend == (pytest.approx(readiness - before[0][0], abs=1e-6) if known else None)


def _check_missions(rows: Rows, student: Student, shown: dict[str, Any]) -> None:
    query = """SELECT coalesce(s.state, 'not_started'), count(*), sum(m.weight) FROM users_enrolment e
      JOIN users_cohort c ON c.id = e.cohort_id JOIN missions_mission m ON m.track_id = c.track_id AND m.is_published
      LEFT JOIN missions_missionsubmission s ON s.mission_id = m.id AND s.enrolment_id = e.id
      WHERE e.id = %s GROUP BY 1"""
    counted = {state: (count, weight) for state, count, weight in rows.all(query, student.enrolment)}
    assert {state: count for state, count in shown["counts"].items() if count} == {
        state: count for state, (count, _) in counted.items()
    }
    assert shown["approved_weight"] == counted.get("approved", (0, 0))[1]
    assert shown["total_count"] == sum(count for count, _ in counted.values())


def _check_sessions(rows: Rows, student: Student, shown: dict[str, Any]) -> None:
    query = """SELECT count(*) FILTER (WHERE s.status IN ('completed', 'no_show_mentee') AND p.is_active
          OR s.status = 'cancelled_by_mentee' AND s.is_late_cancel),
        count(*) FILTER (WHERE s.status = 'scheduled' AND p.is_active),
        min(s.starts_at) FILTER (WHERE s.status = 'scheduled' AND p.is_active AND s.ends_at > %s)
      FROM mentorship_coordination_sessionparticipant p JOIN mentorship_coordination_mentorsession s
        ON s.id = p.session_id WHERE p.enrolment_id = %s AND p.role = 'mentee'"""
    [(used, reserved, following)] = rows.all(query, AT, student.enrolment)
    assert (shown["budget"]["used"], shown["budget"]["reserved"]) == (used, reserved)
    assert (shown["next"] or {}).get("start_time") == (clock.rfc3339(following) if following else None)


def test_of_risk_and_its_reasons(academy: Rows) -> None:
    at_risk = 0
    for student in students(academy):
        query = """SELECT risk_score, risk_parts, risk_since FROM student_dashboard_studentdashboard
          WHERE student_id = %s"""
        [(score, parts, since)] = academy.all(query, student.id)
        assert {part["name"]: part["points"] for part in parts} == student.risk()
        assert score == sum(student.risk().values())
        assert (since is not None) == (score >= 35)
        at_risk += since is not None
    episodes = academy.one("SELECT count(*) FROM student_dashboard_riskepisode WHERE closed_at IS NULL")
    items = """SELECT count(*) FROM mentorship_coordination_mentorworkqueue
      WHERE type = 'risk_flag' AND status = 'pending'"""
    assert episodes == at_risk == academy.one(items)


def test_of_the_mentors_dashboard(academy: Rows, api: Api) -> None:
    mentors = academy.all("SELECT id::text, mentor_capacity_weekly FROM users_user WHERE is_mentor")
    listed = 0
    for mentor_id, limit in mentors:
        shown = api(person(mentor_id)).get("/api/v1/mentor/dashboard").json()
        query = """SELECT count(*) FILTER (WHERE due_at < %s), count(*) FILTER (WHERE rank <= 1), count(*)
          FROM mentorship_coordination_mentorworkqueue WHERE mentor_id = %s AND status IN ('pending', 'in_progress')"""
        queue = shown["work_queue"]
        assert academy.all(query, AT, mentor_id) == [(queue["overdue"], queue["high_priority"], queue["total_pending"])]
        assert shown["capacity"]["limit"] == limit
        assert shown["capacity"]["used"] == _sessions_of_the_week(academy, mentor_id)
        assert {each["mentee_id"] for each in shown["at_risk_mentees"]} == _at_risk(academy, mentor_id)
        for mentee in shown["at_risk_mentees"]:
            _check_mentee_at_risk(academy, mentee)
        listed += len(shown["at_risk_mentees"])
        ratings = """SELECT count(*), avg(r.rating)::float FROM mentorship_coordination_sessionrating r
          JOIN mentorship_coordination_mentorsession s ON s.id = r.session_id
          WHERE s.mentor_id = %s AND s.starts_at > %s"""
        [(count, mean)] = academy.all(ratings, mentor_id, AT - timedelta(days=90))
        expected = pytest.approx(mean, abs=0.006) if count >= 3 else None
        assert (shown["satisfaction"]["ratings"], shown["satisfaction"]["mean"]) == (count, expected)
    assert listed > 0


def _sessions_of_the_week(rows: Rows, mentor_id: str) -> int:
    query = """SELECT count(*) FROM mentorship_coordination_mentorsession s JOIN users_user u ON u.id = s.mentor_id
      WHERE s.mentor_id = %s AND (s.status IN ('scheduled', 'completed', 'no_show_mentee')
        OR s.status = 'cancelled_by_mentee' AND s.is_late_cancel)
        AND date_trunc('week', s.starts_at AT TIME ZONE u.timezone) = date_trunc('week', %s AT TIME ZONE u.timezone)"""
    return int(rows.one(query, mentor_id, AT))


def _at_risk(rows: Rows, mentor_id: str) -> set[str]:
    query = """SELECT a.mentee_id::text FROM mentorship_coordination_menteementorassignment a
      WHERE a.mentor_id = %s AND a.state IN ('active', 'paused') AND (
        EXISTS (SELECT FROM mentorship_coordination_mentorflag f
          WHERE f.mentee_id = a.mentee_id AND f.mentor_id = a.mentor_id AND f.state <> 'resolved')
        OR EXISTS (SELECT FROM mentorship_coordination_mentorworkqueue i WHERE i.mentee_id = a.mentee_id
          AND i.mentor_id = a.mentor_id AND i.status IN ('pending', 'in_progress') AND i.due_at < %s)
        OR EXISTS (SELECT FROM student_dashboard_riskepisode e WHERE e.student_id = a.mentee_id
          AND e.closed_at IS NULL))"""
    return {mentee_id for (mentee_id,) in rows.all(query, mentor_id, AT)}


def _check_mentee_at_risk(rows: Rows, shown: dict[str, Any]) -> None:
    student = Student(rows, shown["mentee_id"], AT)
    assert shown["readiness"] == pytest.approx(student.readiness(), abs=0.006)
    assert {reason["name"]: reason["points"] for reason in shown["reasons"]} == student.risk()
    assert shown["risk_score"] == sum(student.risk().values())
    assert shown["habit_streak"] == max(student.streaks().values(), default=None)
    query = """SELECT count(*) FROM mentorship_coordination_mentorworkqueue
      WHERE mentee_id = %s AND mentor_id IS NOT NULL AND status IN ('pending', 'in_progress') AND due_at < %s"""
    assert shown["overdue_items"] == rows.one(query, student.id, AT)


def test_of_the_cockpit(academy: Rows, api: Api) -> None:
    query = """SELECT mentor_id::text, mentee_id::text FROM mentorship_coordination_menteementorassignment
      WHERE state IN ('active', 'paused')"""
    for mentor_id, mentee_id in academy.all(query):
        answer = api(person(mentor_id)).get(f"/api/v1/mentor/mentees/{mentee_id}/cockpit")
        assert answer.status_code == 200, answer.content
        shown = answer.json()
        student = Student(academy, mentee_id, AT)
        kept, due = student.kept_and_due()
        assert shown["profile"]["readiness"] == pytest.approx(student.readiness(), abs=0.006)
        assert shown["metrics"]["habit_completion"] == (pytest.approx(kept / due, abs=6e-4) if due else None)
        assert {habit["habit_id"]: habit["streak"] for habit in shown["habits"]} == student.streaks()
        assert {reason["name"]: reason["points"] for reason in shown["risk"]} == student.risk()
        goals = academy.all("SELECT id::text, state, due_date FROM coaching_goal WHERE student_id = %s", mentee_id)
        assert {(goal["id"], goal["is_overdue"]) for goal in shown["goals"]} == {
            (goal_id, state == "open" and due_date < student.today) for goal_id, state, due_date in goals
        }
        history = """SELECT local_date::text, readiness::float FROM student_dashboard_readinesssnapshot
          WHERE student_id = %s AND local_date >= %s ORDER BY 1"""
        days = academy.all(history, mentee_id, (AT - timedelta(days=28)).date())
        assert [(day["date"], day["readiness"]) for day in shown["readiness"]["days"]] == days
