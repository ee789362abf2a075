"""A student who falls behind …"""

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
from mentorship_coordination.actions.session_outcomes import mark_no_show
from mentorship_coordination.enums import ParticipantRole, WorkStatus, WorkType
from mentorship_coordination.tests.coaching_world import (
    a_goal,
    a_habit,
    goal_items_kept,
    goals_noticed,
    items_of,
    logged,
    refreshed,
    streaks_noticed,
)
from mentorship_coordination.tests.queue_world import HOUR, heard, mentor_acting, student_acting
from mentorship_coordination.tests.session_world import booked
from missions.models import MissionSubmission
from missions.tests.world import review, submit
from student_dashboard.aggregation import DashboardAggregationService
from student_dashboard.models import RiskEpisode
from tests import factories
from tests.database import as_system, as_worker
from users.models import User

Api = Callable[[User | None], APIClient]
NOW = datetime(2026, 3, 25, 12, 0, tzinfo=UTC)


def march(day: int, hour: int = 9) -> datetime:
    return datetime(2026, 3, day, hour, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Trouble:
    habit: Habit
    goals: list[Goal]
    sent_back: MissionSubmission


@pytest.fixture
def trouble(cast: Cast) -> Trouble:
    """A habit of five days breaks off, two goals are missed, so is a session; a mission is sent back, one refused."""
    with as_system():
        cast.enrolment.enrolled_at = datetime(2026, 1, 5, tzinfo=UTC)
        cast.enrolment.save(update_fields=["enrolled_at"])
        refused = factories.MissionFactory(track=cast.cohort.track)
    habit = a_habit(cast.student, done=[march(day) for day in range(10, 15)])
    goals = [a_goal(cast.student, due=date(2026, 3, 16), at=march(11), title=f"Chapter {n}") for n in (1, 2)]
    with clock.pinned(march(11)):
        session = booked(cast.mentor, cast.student, march(17), at=march(11))
    with clock.pinned(march(14, 10)):
        sent_back, rejected = (submit(cast.student, each, at=march(14, 10)) for each in (cast.mission, refused))
        review(cast.mentor, sent_back, at=march(14, 11), decision="changes_requested", score=30)
        review(cast.mentor, rejected, at=march(14, 11), decision="rejected", score=30)
    streaks_noticed(march(16, 0))
    goals_noticed(march(17, 0))
    with mentor_acting(cast.mentor), clock.pinned(march(17, 10)):
        mark_no_show(session_id=session.pk, who=ParticipantRole.MENTEE, by=cast.mentor, at=march(17, 10))
    return Trouble(habit, goals, sent_back)


def at_risk(api: Api, mentor: User, at: datetime) -> list[dict[str, Any]]:
    with clock.pinned(at):
        found: list[dict[str, Any]] = api(mentor).get("/api/v1/mentor/dashboard").json()["at_risk_mentees"]
    return found


def test_is_named_with_reasons_that_sum_up_to_her_score(cast: Cast, api: Api, trouble: Trouble) -> None:
    refreshed(NOW)
    (mentee,) = at_risk(api, cast.mentor, NOW + HOUR)
    assert [(each["name"], each["points"], each["text"]) for each in mentee["reasons"]] == [
        ("silence", 22, "Nothing heard for 11 days."),
        ("failed_reviews", 15, "2 missions sent back or refused."),
        ("missed_sessions", 10, "Missed 1 session in four weeks."),
        ("streak_broken", 9, "“An hour in the lab” broke off after 5 in a row."),
        ("goals_overdue", 8, "2 goals overdue."),
    ]
    assert mentee["risk_score"] == sum(each["points"] for each in mentee["reasons"]) == 64
    assert (mentee["mentee_id"], mentee["risk_since"]) == (str(cast.student.pk), "2026-03-25T12:00:00Z")
    assert (mentee["habit_streak"], mentee["overdue_items"], mentee["flag"]) == (0, 2, None)
    evidence = {each["name"]: each["evidence"] for each in mentee["reasons"]}
    assert evidence["silence"] == {"days": 11, "since": "2026-03-14T10:00:00Z"}
    assert [goal["goal_id"] for goal in evidence["goals_overdue"]["goals"]] == [
        str(pk) for pk in sorted(goal.pk for goal in trouble.goals)
    ]
    (item,) = items_of(WorkType.RISK_FLAG)
    assert item.description == (
        "Risk score 64: silent, missions sent back, sessions missed, a habit broken off, goals overdue."
    )
    assert (item.clock_started_at, item.due_at) == (NOW, NOW + 24 * HOUR)


def test_is_one_case_however_often_she_is_looked_at(cast: Cast, trouble: Trouble) -> None:
    refreshed(NOW)
    for days in range(1, 4):
        with as_worker(), clock.pinned(NOW + timedelta(days=days)):
            assert DashboardAggregationService.renew(at=NOW + timedelta(days=days)) == 2
        assert refreshed(NOW + timedelta(days=days)) == 2
    assert len(items_of(WorkType.RISK_FLAG)) == 1
    assert [news["kind"] for news in heard(cast.mentor) if news["event"] == "risk_alert"] == [
        "streak_broken",
        "risk_crossed",
    ]


def test_is_a_case_until_what_raised_it_is_gone(cast: Cast, api: Api, trouble: Trouble) -> None:
    refreshed(NOW)
    logged(cast.student, trouble.habit, at=NOW + HOUR)
    refreshed(NOW + HOUR)
    (mentee,) = at_risk(api, cast.mentor, NOW + HOUR)
    assert (mentee["risk_score"], mentee["risk_since"], mentee["habit_streak"]) == (33.0, "2026-03-25T12:00:00Z", 1)
    with clock.pinned(NOW + 2 * HOUR):
        submit(cast.student, cast.mission, at=NOW + 2 * HOUR)
        with student_acting(cast.student):
            for goal in trouble.goals:
                complete_goal(goal_id=goal.pk, by=cast.student, at=NOW + 2 * HOUR)
    refreshed(NOW + 3 * HOUR)
    assert goal_items_kept(NOW + 3 * HOUR) == 2
    assert at_risk(api, cast.mentor, NOW + 3 * HOUR) == []
    (item,) = items_of(WorkType.RISK_FLAG)
    assert (item.status, item.closed_reason) == (WorkStatus.CANCELLED, "What raised the risk is gone.")
    assert [each.status for each in items_of(WorkType.GOAL_FEEDBACK)] == [WorkStatus.CANCELLED] * 2
    assert [(each.cycle, each.status) for each in items_of(WorkType.MISSION_REVIEW, trouble.sent_back.pk)] == [
        (1, WorkStatus.COMPLETED),
        (2, WorkStatus.PENDING),
    ]
    with as_system():
        episode = RiskEpisode.objects.get()
        assert (episode.opened_at, episode.closed_at, episode.score) == (NOW, NOW + 3 * HOUR, 64)
    assert [news["kind"] for news in heard(cast.mentor) if news["event"] == "risk_alert"] == [
        "streak_broken",
        "risk_crossed",
        "risk_cleared",
    ]
