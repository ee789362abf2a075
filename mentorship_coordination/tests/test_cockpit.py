"""The cockpit of one mentee …"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from coaching.actions.goals import complete_goal
from coaching.models import Goal, Habit
from conftest import Cast
from core import clock
from core.actions import action
from core.enums import Rank
from mentorship_coordination.actions.flags import raise_flag
from mentorship_coordination.actions.session_outcomes import complete_session
from mentorship_coordination.enums import FlagCategory, Severity
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.models.sessions import MentorSession
from mentorship_coordination.tests.coaching_world import (
    a_goal,
    a_habit,
    answered,
    goals_noticed,
    refreshed,
    streaks_noticed,
)
from mentorship_coordination.tests.queue_world import at, mentor_acting, student_acting
from mentorship_coordination.tests.session_world import booked
from missions.models import MissionSubmission
from missions.tests.world import review, submit
from student_dashboard.aggregation import DashboardAggregationService
from student_dashboard.models import ReadinessSnapshot
from tests import factories
from tests.database import as_system, as_worker
from users.models import User

Api = Callable[[User | None], APIClient]
NOW = datetime(2026, 3, 25, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def march(day: int, hour: int = 9) -> datetime:
    return datetime(2026, 3, day, hour, 0, tzinfo=UTC)


def cockpit(api: Api, mentor: User, mentee: User) -> dict[str, Any]:
    with at(NOW):
        answer = api(mentor).get(f"/api/v1/mentor/mentees/{mentee.pk}/cockpit")
    assert answer.status_code == 200
    document: dict[str, Any] = answer.json()
    return document


@action
def ask_for_a_refresh(student: User) -> None:
    DashboardAggregationService.queue_update(student, "test", Rank.NORMAL)


def drawn(student: User, moment: datetime) -> None:
    with as_worker(), clock.pinned(moment):
        ask_for_a_refresh(student)
    refreshed(moment)


@dataclass(frozen=True)
class World:
    lab: Habit
    reading: Habit
    certificate: Goal
    chapters: list[Goal]
    approved: MissionSubmission
    waiting: MissionSubmission
    held: MentorSession
    planned: MentorSession
    flag: MentorFlag


def coached(cast: Cast) -> tuple[Habit, Habit, Goal, list[Goal]]:
    """One habit goes on and one broke off; of three chapters one is reached and one answered, both others overdue."""
    student = cast.student
    lab = a_habit(student, done=[march(day) for day in range(20, 25)])
    reading = a_habit(student, done=[march(day, 10) for day in range(10, 13)], name="Read a report")
    certificate = a_goal(student, due=date(2026, 12, 1), at=NOW - 90 * DAY, title="Get the certificate")
    chapters = [
        a_goal(student, due=due, at=march(10, 10 + number), title=f"Chapter {number}")
        for number, due in enumerate((date(2026, 3, 14), date(2026, 3, 19), date(2026, 3, 22)), 1)
    ]
    with student_acting(student), clock.pinned(march(12, 15)):
        complete_goal(goal_id=chapters[0].pk, by=student, at=march(12, 15))
    streaks_noticed(march(14, 0))
    goals_noticed(march(20, 0))
    answered(cast.mentor, chapters[1], at=march(21), text="Take a week more.")
    goals_noticed(march(23, 0))
    return lab, reading, certificate, chapters


@pytest.fixture
def world(cast: Cast) -> World:
    """As it is on 25 March; the enrolment, the pair and the cohort began on 5 January."""
    begun = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
    with as_system():
        cast.enrolment.enrolled_at = cast.assignment.started_at = begun
        cast.enrolment.save(update_fields=["enrolled_at"])
        cast.assignment.save(update_fields=["started_at"])
        second = factories.MissionFactory(track=cast.cohort.track, title="Second mission")
        for day, readiness in ((date(2026, 2, 24), "50"), (date(2026, 2, 25), "61.5"), (date(2026, 3, 18), "70")):
            ReadinessSnapshot.objects.create(
                student=cast.student, local_date=day, readiness=readiness, formula_version=1
            )
    habits_and_goals = coached(cast)
    with clock.pinned(march(24)):
        approved = submit(cast.student, cast.mission, at=march(13))
        review(cast.mentor, approved, at=march(14), score=90)
        waiting = submit(cast.student, second, at=march(24))
        held = booked(cast.mentor, cast.student, march(17), at=march(13))
        planned = booked(cast.mentor, cast.student, march(30), at=march(24), title="Prepare the exam")
        with mentor_acting(cast.mentor):
            complete_session(session_id=held.pk, by=cast.mentor, at=march(17, 10))
            worry = {"reason": "Gone silent.", "severity": Severity.HIGH, "category": FlagCategory.ENGAGEMENT}
            flag = raise_flag(mentee_id=cast.student.pk, by=cast.mentor, at=march(18), **worry)  # type: ignore[arg-type]
    drawn(cast.student, march(24, 18))
    drawn(cast.student, NOW)
    return World(*habits_and_goals, approved, waiting, held, planned, flag)


def test_says_who_she_is_what_can_be_done_and_how_much(cast: Cast, api: Api, world: World) -> None:
    shown = cockpit(api, cast.mentor, cast.student)
    assert shown["profile"] == {
        "mentee_id": str(cast.student.pk),
        "name": "Mina Okafor",
        "timezone": "UTC",
        "languages": ["en"],
        "track": cast.cohort.track.name,
        "cohort": cast.cohort.name,
        "mentored_since": "2026-01-05T09:00:00Z",
        "readiness": 64.33,
        "trend_7d": -5.67,
        "risk_score": 20.0,
        "risk_since": None,
        "computed_at": "2026-03-25T12:00:00Z",
    }
    review_url = f"/api/v1/mentor/missions/{world.waiting.pk}/review"
    answer_url = f"/api/v1/mentor/goals/{world.chapters[2].pk}/feedback"
    assert shown["quick_actions"] == [
        {"type": "review", "title": "Review: Second mission", "url": review_url},
        {"type": "answer_goal", "title": "Goal: Chapter 3", "url": answer_url},
        {"type": "book_session", "title": "Book a session", "url": "/api/v1/mentor/sessions"},
        {"type": "raise_flag", "title": "Raise a flag", "url": "/api/v1/mentor/flags"},
    ]
    assert shown["metrics"] == {
        "habit_completion": 0.4,
        "habit_streak": 5,
        "missions_completed": 1,
        "missions_total": 2,
        "mean_score": 90.0,
        "sessions_used": 1,
        "sessions_reserved": 1,
        "sessions_limit": 12,
        "attendance": 1.0,
        "late_cancellations": 0,
        "open_items": 2,
    }


def test_shows_missions_sessions_flags_and_goals(cast: Cast, api: Api, world: World) -> None:
    shown = cockpit(api, cast.mentor, cast.student)
    assert [tuple(each.values()) for each in shown["missions"]] == [
        (str(world.approved.pk), cast.mission.number, cast.mission.title, "approved", 1, 90, "2026-03-13T09:00:00Z"),
        (
            str(world.waiting.pk), cast.mission.number + 1, "Second mission", "submitted", 1, None,
            "2026-03-24T09:00:00Z",
        ),
    ]  # fmt: skip
    assert [tuple(each.values()) for each in shown["sessions"]] == [
        (str(world.planned.pk), "Prepare the exam", "one_on_one", "scheduled", *times("2026-03-30")),
        (str(world.held.pk), "Catch up", "one_on_one", "completed", *times("2026-03-17")),
    ]
    assert [tuple(each.values()) for each in shown["flags"]] == [
        (str(world.flag.pk), "engagement", "high", "open", "Gone silent.", "2026-03-18T09:00:00Z")
    ]
    answer = {"text": "Take a week more.", "created_at": "2026-03-21T09:00:00Z"}
    first, second, third = (str(goal.pk) for goal in world.chapters)
    assert [tuple(each.values()) for each in shown["goals"]] == [
        (first, "Chapter 1", "2026-03-14", "completed", False, "2026-03-12T15:00:00Z", []),
        (second, "Chapter 2", "2026-03-19", "open", True, None, [answer]),
        (third, "Chapter 3", "2026-03-22", "open", True, None, []),
        (str(world.certificate.pk), "Get the certificate", "2026-12-01", "open", False, None, []),
    ]


def times(day: str) -> tuple[str, str]:
    return f"{day}T09:00:00Z", f"{day}T09:45:00Z"


def test_names_the_keys_of_every_row(cast: Cast, api: Api, world: World) -> None:
    shown = cockpit(api, cast.mentor, cast.student)
    keys = {name: list(rows[0]) for name, rows in shown.items() if isinstance(rows, list)}
    assert keys == {
        "quick_actions": ["type", "title", "url"],
        "missions": ["submission_id", "number", "title", "state", "version", "score", "submitted_at"],
        "sessions": ["id", "title", "type", "status", "start_time", "end_time"],
        "flags": ["id", "category", "severity", "state", "reason", "created_at"],
        "goals": ["id", "title", "due_date", "state", "is_overdue", "closed_at", "feedback"],
        "habits": [
            "habit_id", "name", "cadence", "streak", "longest_streak", "is_at_risk", "is_logged_now", "kept", "due",
            "recent",
        ],
        "risk": ["name", "points", "text", "evidence"],
        "timeline": ["time", "kind", "title", "reference_id"],
    }  # fmt: skip
    assert set(shown) == {*keys, "profile", "metrics", "readiness"}


def test_explains_habits_readiness_and_risk(cast: Cast, api: Api, world: World) -> None:
    shown = cockpit(api, cast.mentor, cast.student)
    assert [tuple(each.values())[:-1] for each in shown["habits"]] == [
        (str(world.reading.pk), "Read a report", "daily", 0, 3, False, False, 3, 15),
        (str(world.lab.pk), "An hour in the lab", "daily", 5, 5, True, False, 5, 5),
    ]
    recent = [(f"2026-03-{day}", "done" if 20 <= day <= 24 else None) for day in range(19, 26)]
    assert [(day["date"], day["state"]) for day in shown["habits"][1]["recent"]] == recent
    assert [tuple(part.values()) for part in shown["readiness"]["parts"]] == [
        ("missions", 35, 0.5, {"approved_weight": 1, "expected_weight": 2, "days_since_start": 79}),
        ("quality", 25, 0.9, {"scores": [90], "cohort_mean": None, "shrinkage": 3}),
        ("consistency", 15, 0.4, {"kept": 8, "due": 20}),
        ("goals", 10, 0.333333, {"due": 3, "on_time": 1}),
        ("attendance", 15, 1.0, {"attended": 1, "missed": 0}),
    ]
    assert [tuple(day.values()) for day in shown["readiness"]["days"]] == [
        ("2026-02-25", 61.5),
        ("2026-03-18", 70.0),
        ("2026-03-24", 64.65),
        ("2026-03-25", 64.33),
    ]
    overdue = [
        {"goal_id": str(goal.pk), "title": goal.title, "due_date": goal.due_date.isoformat()}
        for goal in world.chapters[1:]
    ]
    broken = {"habit_id": str(world.reading.pk), "name": "Read a report", "length": 3}
    days = {"last_date": "2026-03-12", "broken_on": "2026-03-14"}
    assert [tuple(part.values()) for part in shown["risk"]] == [
        ("goals_overdue", 8, "2 goals overdue.", {"goals": overdue}),
        ("streak_broken", 7, "“Read a report” broke off after 3 in a row.", {"habits": [broken | days]}),
        ("falling_readiness", 5, "Readiness fell by 5 points in a week.", {"trend_7d": -5.67}),
    ]


def test_tells_what_happened_in_ninety_days_newest_first_and_nothing_to_come(
    cast: Cast, api: Api, world: World
) -> None:
    """Not the certificate, set 90 days ago to the second, and not the session that is planned."""
    shown = cockpit(api, cast.mentor, cast.student)
    first, second, third = (str(goal.pk) for goal in world.chapters)
    lines = [(each["time"], each["kind"], each["title"], each["reference_id"]) for each in shown["timeline"]]
    assert lines == [
        ("2026-03-24T09:00:00Z", "submitted", "Handed in version 1 of Second mission", str(world.waiting.pk)),
        ("2026-03-23T00:00:00Z", "goal_overdue", "Chapter 3 was due on 22 March", third),
        ("2026-03-21T09:00:00Z", "goal_answered", "Chapter 2", second),
        ("2026-03-20T00:00:00Z", "goal_overdue", "Chapter 2 was due on 19 March", second),
        ("2026-03-18T09:00:00Z", "flag", "Engagement", str(world.flag.pk)),
        ("2026-03-17T09:00:00Z", "session_completed", "Catch up", str(world.held.pk)),
        ("2026-03-14T09:00:00Z", "approved", f"{cast.mission.title}: 90 points", str(world.approved.pk)),
        ("2026-03-14T00:00:00Z", "streak_broken", "“Read a report” broke off after 3 in a row", str(world.reading.pk)),
        ("2026-03-13T09:00:00Z", "submitted", f"Handed in version 1 of {cast.mission.title}", str(world.approved.pk)),
        ("2026-03-12T15:00:00Z", "goal_completed", "Chapter 1", first),
        ("2026-03-10T13:00:00Z", "goal_set", "Chapter 3", third),
        ("2026-03-10T12:00:00Z", "goal_set", "Chapter 2", second),
        ("2026-03-10T11:00:00Z", "goal_set", "Chapter 1", first),
    ]
