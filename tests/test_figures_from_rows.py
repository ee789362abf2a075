"""Every figure on the student's, the mentor's and the cockpit's page can be traced to rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models import F, Value
from django.db.models.functions import Least
from rest_framework.test import APIClient

from core import clock
from mentorship_coordination.seed.build import build
from mentorship_coordination.seed.world import Options, Volume
from student_dashboard.aggregation import DashboardAggregationService
from student_dashboard.models import ReadinessSnapshot
from tests import page_figures as pages
from tests.database import as_system, as_worker
from tests.figures import Rows, Student, rows_as_owner
from users.demo import STUDENT_EMAIL
from users.models import User

AT = datetime(2026, 3, 18, 14, 20, tzinfo=UTC)
SIGNALS = {
    "silence",
    "missed_sessions",
    "goals_overdue",
    "failed_reviews",
    "streak_broken",
    "falling_readiness",
}
Api = Callable[[User | None], APIClient]


@pytest.fixture
def academy(db: None) -> Iterator[Rows]:
    """A seeded academy, every figure computed, with its rows."""
    options = Options(mentors=5, mentees_per_mentor=8, volume=Volume.DEFAULT, seed=42, at=AT)
    with as_worker(), clock.pinned(AT):
        build(options, password="seven quiet llamas", progress=lambda *_: None)
        _let_somebody_fall()
        DashboardAggregationService.renew(at=AT)
        while DashboardAggregationService.refresh(at=AT):
            pass
    with clock.pinned(AT), rows_as_owner() as rows:
        yield rows


def _let_somebody_fall() -> None:
    """The seed's curves are gentle. The demo student was much better a week ago."""
    with as_system():
        student = User.objects.get(email=STUDENT_EMAIL)
        week_ago = clock.local_date(AT, student.timezone) - timedelta(days=7)
        day = ReadinessSnapshot.objects.filter(student=student, local_date=week_ago)
        assert day.update(readiness=Least(F("readiness") + 12, Value(100))) == 1


def students(rows: Rows) -> list[Student]:
    found = rows.all("SELECT student_id::text FROM users_enrolment WHERE state = 'active' ORDER BY 1")
    assert len(found) == 40
    return [Student(rows, student_id, AT) for (student_id,) in found]


def person(person_id: str) -> User:
    with as_system():
        return User.objects.get(pk=person_id)


def test_of_the_students_dashboard(academy: Rows, api: Api) -> None:
    judged = helped = 0
    for student in students(academy):
        shown: dict[str, Any] = api(person(student.id)).get("/api/v1/student/dashboard?explain=1").json()
        parts = {part["name"]: part["value"] for part in shown["explanation"]["parts"]}
        expected = {name: None if value is None else float(value) for name, value in student.values().items()}
        assert parts == pytest.approx(expected, abs=1e-6)
        assert shown["readiness"] == pytest.approx(student.readiness(), abs=0.006)
        judged += shown["readiness"] is not None
        assert shown["readiness_coverage"] == pytest.approx(student.coverage(), abs=6e-4)
        _check_trend(academy, student, shown)
        _check_practice(student, shown["sections"])
        _check_missions(academy, student, shown["sections"]["missions"])
        _check_sessions(academy, student, shown["sections"]["sessions"])
        mentor_id = pages.present_mentor(student)
        assert (shown["sections"]["mentor"] or {}).get("mentor_id") == mentor_id == (shown["mentor"] or {}).get("id")
        assert (shown["support"]["is_at_risk"], shown["support"]["reasons"]) == pages.support(student)
        helped += shown["support"]["is_at_risk"]
    assert helped > 1, "one by the figures, another because somebody worries"
    assert judged > 30, "most of them have enough data"


def _check_trend(rows: Rows, student: Student, shown: dict[str, Any]) -> None:
    """The row of today is the figure itself, which the trend is made of."""
    query = "SELECT readiness::float FROM student_dashboard_readinesssnapshot WHERE student_id = %s AND local_date = %s"
    assert rows.one(query, student.id, student.today) == pytest.approx(student.readiness(), abs=0.006)
    assert shown["trend_7d"] == (pytest.approx(student.trend(), abs=1e-6) if student.trend() is not None else None)


def _check_practice(student: Student, shown: dict[str, Any]) -> None:
    habits = {**shown["habits"], "habits": {each["habit_id"]: each for each in shown["habits"]["habits"]}}
    expected = pages.habits_section(student)
    assert {habit_id: _part(habit, expected["habits"][habit_id]) for habit_id, habit in habits["habits"].items()} == (
        expected.pop("habits")
    )
    assert _part(habits, expected) == expected
    goals = pages.goals_section(student)
    listed = goals.pop("goals")
    assert _part(shown["goals"], goals) == goals
    assert [_part(goal, listed[0]) for goal in shown["goals"]["goals"]] == listed


def _part(shown: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    return {name: shown[name] for name in expected}


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
    assert shown["mean_score"] == _near(pages.mean_score(student), 0.006)


def _check_sessions(rows: Rows, student: Student, shown: dict[str, Any]) -> None:
    query = """SELECT min(s.starts_at) FROM mentorship_coordination_sessionparticipant p
      JOIN mentorship_coordination_mentorsession s ON s.id = p.session_id
      WHERE p.enrolment_id = %s AND p.role = 'mentee' AND p.is_active AND s.status = 'scheduled' AND s.ends_at > %s"""
    following = rows.one(query, student.enrolment, AT)
    assert (shown["next"] or {}).get("start_time") == (clock.rfc3339(following) if following else None)
    budget = shown["budget"]
    assert (budget["used"], budget["reserved"], budget["max_sessions"]) == pages.session_use(student)
    attended, known = student.attended_and_known()
    assert (shown["attended"], shown["missed"]) == (attended, known - attended)
    assert shown["late_cancellations"] == student.late_cancellations()


def _near(figure: float | None, within: float) -> Any:
    return None if figure is None else pytest.approx(figure, abs=within)


def test_of_risk_and_its_reasons(academy: Rows) -> None:
    at_risk, signals = 0, set[str]()
    for student in students(academy):
        query = """SELECT risk_score, risk_parts, risk_since FROM student_dashboard_studentdashboard
          WHERE student_id = %s"""
        [(score, parts, since)] = academy.all(query, student.id)
        assert {part["name"]: part["points"] for part in parts} == student.risk()
        assert score == sum(student.risk().values())
        assert (since is not None) == (score >= 35)
        at_risk += since is not None
        signals |= student.risk().keys()
    episodes = academy.one("SELECT count(*) FROM student_dashboard_riskepisode WHERE closed_at IS NULL")
    items = """SELECT count(*) FROM mentorship_coordination_mentorworkqueue
      WHERE type = 'risk_flag' AND status = 'pending'"""
    assert episodes == at_risk == academy.one(items) > 0
    assert signals == SIGNALS, "each was put to the test"


def test_of_the_mentors_dashboard(academy: Rows, api: Api) -> None:
    mentors = academy.all("SELECT id::text, mentor_capacity_weekly FROM users_user WHERE is_mentor")
    listed, seen, went = 0, Counter[str](), Counter[str]()
    for mentor_id, limit in mentors:
        shown = api(person(mentor_id)).get("/api/v1/mentor/dashboard").json()
        query = """SELECT count(*) FILTER (WHERE due_at < %s), count(*) FILTER (WHERE rank <= 1), count(*)
          FROM mentorship_coordination_mentorworkqueue WHERE mentor_id = %s AND status IN ('pending', 'in_progress')"""
        queue = shown["work_queue"]
        assert academy.all(query, AT, mentor_id) == [(queue["overdue"], queue["high_priority"], queue["total_pending"])]
        assert queue["today"] == pages.due_today(academy, mentor_id, AT)
        assert [each["id"] for each in shown["today_sessions"]] == pages.sessions_today(academy, mentor_id, AT)
        activity = [(each["action"], each["reference_id"]) for each in shown["recent_activity"]]
        assert activity == pages.recent_activity(academy, mentor_id, AT)
        assert shown["capacity"]["limit"] == limit
        assert shown["capacity"]["used"] == _sessions_of_the_week(academy, mentor_id)
        assert {each["mentee_id"] for each in shown["at_risk_mentees"]} == _at_risk(academy, mentor_id)
        for mentee in shown["at_risk_mentees"]:
            _check_mentee_at_risk(academy, mentor_id, mentee)
        seen += Counter(today=queue["today"], sessions=len(shown["today_sessions"]), news=len(activity))
        seen += Counter(flagged=sum(each["flag"] is not None for each in shown["at_risk_mentees"]))
        listed += len(shown["at_risk_mentees"])
        assert shown["session_figures"] == pages.session_figures(academy, mentor_id, AT)
        went += Counter(shown["session_figures"])
        ratings = """SELECT count(*), avg(r.rating)::float FROM mentorship_coordination_sessionrating r
          JOIN mentorship_coordination_mentorsession s ON s.id = r.session_id
          WHERE s.mentor_id = %s AND s.starts_at > %s"""
        [(count, mean)] = academy.all(ratings, mentor_id, AT - timedelta(days=90))
        expected = pytest.approx(mean, abs=0.006) if count >= 3 else None
        assert (shown["satisfaction"]["ratings"], shown["satisfaction"]["mean"]) == (count, expected)
    assert listed > 0
    assert seen.keys() == {"today", "sessions", "flagged", "news"}, "none of them is 0 everywhere"
    assert all(went.values()), "nor of these"


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


def _check_mentee_at_risk(rows: Rows, mentor_id: str, shown: dict[str, Any]) -> None:
    student = Student(rows, shown["mentee_id"], AT)
    assert shown["readiness"] == pytest.approx(student.readiness(), abs=0.006)
    assert {reason["name"]: reason["points"] for reason in shown["reasons"]} == student.risk()
    assert shown["risk_score"] == sum(student.risk().values())
    assert shown["habit_streak"] == max(student.streaks().values(), default=None)
    assert shown["readiness_trend"] == _near(student.trend(), 1e-6)
    assert (shown["risk_since"] is not None) == (shown["risk_score"] >= pages.LIMIT)
    flags = pages.unresolved_flags(rows, mentor_id, student.id)
    worst = (shown["flag"]["id"], shown["flag"]["severity"]) if shown["flag"] else None
    assert (shown["unresolved_flags"], worst) == (len(flags), flags[0] if flags else None)
    query = """SELECT count(*) FROM mentorship_coordination_mentorworkqueue
      WHERE mentee_id = %s AND mentor_id IS NOT NULL AND status IN ('pending', 'in_progress') AND due_at < %s"""
    assert shown["overdue_items"] == rows.one(query, student.id, AT)


def test_of_the_cockpit(academy: Rows, api: Api) -> None:
    query = """SELECT mentor_id::text, mentee_id::text FROM mentorship_coordination_menteementorassignment
      WHERE state IN ('active', 'paused')"""
    seen = Counter[str]()
    for mentor_id, mentee_id in academy.all(query):
        answer = api(person(mentor_id)).get(f"/api/v1/mentor/mentees/{mentee_id}/cockpit")
        assert answer.status_code == 200, answer.content
        shown = answer.json()
        student = Student(academy, mentee_id, AT)
        assert shown["profile"]["readiness"] == pytest.approx(student.readiness(), abs=0.006)
        assert shown["profile"]["trend_7d"] == _near(student.trend(), 1e-6)
        assert shown["profile"]["risk_score"] == sum(student.risk().values())
        assert shown["metrics"] == {
            **pages.cockpit_metrics(student, mentor_id),
            "mean_score": _near(pages.mean_score(student), 0.051),
        }
        seen += Counter({name: value or 0 for name, value in shown["metrics"].items()})
        assert {habit["habit_id"]: habit["streak"] for habit in shown["habits"]} == student.streaks()
        assert {reason["name"]: reason["points"] for reason in shown["risk"]} == student.risk()
        goals = academy.all("SELECT id::text, state, due_date FROM coaching_goal WHERE student_id = %s", mentee_id)
        assert {(goal["id"], goal["is_overdue"]) for goal in shown["goals"]} == {
            (goal_id, state == "open" and due_date < student.today) for goal_id, state, due_date in goals
        }
        history = """SELECT local_date::text, readiness::float FROM student_dashboard_readinesssnapshot
          WHERE student_id = %s AND local_date >= %s ORDER BY 1"""
        days = academy.all(history, mentee_id, student.today - timedelta(days=28))
        assert [(day["date"], day["readiness"]) for day in shown["readiness"]["days"]] == days
    assert all(seen[name] > 0 for name in shown["metrics"]), "none of them is 0 everywhere"
