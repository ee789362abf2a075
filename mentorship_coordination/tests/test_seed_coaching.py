"""Habits, logs and goals of the demonstration academy are what students and the clock would have left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from rest_framework.test import APIClient

from coaching.actions import midnight
from coaching.counting import count_habits
from coaching.enums import Cadence, GoalState, LogState
from coaching.models import Goal, GoalFeedback, Habit, HabitLog, MissedDeadline, StreakBreak
from core import clock
from core.clock import local_date
from mentorship_coordination.actions.goal_feedback import keep_goal_items
from mentorship_coordination.enums import WorkStatus, WorkType
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.seed import dashboards
from mentorship_coordination.seed.build import build
from mentorship_coordination.seed.world import Options, Volume
from mentorship_coordination.selectors.invariants import check_invariants
from missions.models import Mission
from student_dashboard.models import RiskEpisode, StudentDashboard
from tests.database import as_system, as_worker
from users.demo import MENTOR_EMAIL, STUDENT_EMAIL
from users.models import Enrolment, User

pytestmark = pytest.mark.usefixtures("db")
AT = datetime(2026, 3, 18, 14, 20, tzinfo=UTC)


def seed(mentors: int = 6, mentees: int = 10, at: datetime = AT, volume: Volume = Volume.DEFAULT) -> None:
    options = Options(mentors=mentors, mentees_per_mentor=mentees, volume=volume, seed=42, at=at)
    with as_worker(), clock.pinned(at):
        build(options, password="seven quiet llamas", progress=lambda *_: None)


@pytest.mark.parametrize("hour", [0, 9, 21])
def test_logs_each_day_once_where_the_student_lives(hour: int) -> None:
    at = AT.replace(hour=hour)
    seed(at=at)

    with as_system():
        logs = list(HabitLog.objects.select_related("habit", "student"))
    assert len(logs) > 200
    assert {log.state for log in logs} == set(LogState.values)
    for log in logs:
        zone = log.student.timezone
        written_on = local_date(log.created_at, zone)
        assert log.habit.student_id == log.student_id
        assert log.habit.started_on <= log.local_date <= local_date(at, zone)
        assert log.local_date <= written_on <= log.local_date + timedelta(days=1)
        assert log.habit.created_at <= log.created_at <= at


def test_begins_habits_after_the_enrolment() -> None:
    seed()

    with as_system():
        habits = list(Habit.objects.select_related("student"))
        enrolled_at = dict(Enrolment.objects.values_list("student", "enrolled_at"))
    assert {habit.cadence for habit in habits} == set(Cadence.values)
    for habit in habits:
        assert enrolled_at[habit.student_id] <= habit.created_at <= AT
        assert local_date(habit.created_at, habit.student.timezone) == habit.started_on


@pytest.mark.parametrize("hour", [0, 12, 23])
def test_leaves_the_sweeps_nothing_to_notice(hour: int) -> None:
    at = AT.replace(hour=hour)
    seed(at=at)

    with as_worker():
        assert midnight.notice_broken_streaks(at=at) == 0
        assert midnight.notice_overdue_goals(at=at) == 0
        assert keep_goal_items(at=at) == 0


def test_has_a_row_for_each_streak_of_three_that_ended() -> None:
    seed()

    with as_system():
        over = Habit.objects.filter(keep_by__isnull=True, chain_end__isnull=False)
        breaks = list(StreakBreak.objects.select_related("habit", "student"))
        assert {each.habit_id for each in breaks} == set(over.filter(streak_length__gte=3).values_list("pk", flat=True))
        assert over.filter(streak_length__lt=3).exists()
    for each in breaks:
        length = 14 if each.habit.cadence == Cadence.WEEKLY else 2
        assert (each.last_date, each.length) == (each.habit.chain_end, each.habit.streak_length)
        assert each.broken_on == each.last_date + timedelta(days=length) <= local_date(AT, each.student.timezone)
        assert each.noticed_at.astimezone(ZoneInfo(each.student.timezone)).isoformat()[:16] == f"{each.broken_on}T00:00"


def test_has_goals_in_every_situation() -> None:
    seed(mentors=20, mentees=10)

    with as_system():
        goals = list(Goal.objects.select_related("student"))
        newcomers = Goal.objects.exclude(enrolment__assignments__isnull=False)
        assert newcomers.exists()
        assert not newcomers.filter(overdue_since__isnull=False).exists()
    assert {situation_of(goal) for goal in goals} == {"open", "overdue", "in time", "late", "abandoned"}
    for goal in goals:
        assert goal.closed_date == (goal.closed_at and local_date(goal.closed_at, goal.student.timezone))
        assert local_date(goal.created_at, goal.student.timezone) <= goal.due_date
        assert goal.created_at <= goal.updated_at <= AT
        if goal.overdue_since:
            assert goal.overdue_since == midnight_after(goal.due_date, goal.student.timezone) <= AT


def situation_of(goal: Goal) -> str:
    if goal.state == GoalState.OPEN:
        return "overdue" if goal.overdue_since else "open"
    if goal.state == GoalState.ABANDONED:
        return "abandoned"
    assert goal.closed_date is not None
    return "in time" if goal.closed_date <= goal.due_date else "late"


def midnight_after(day: date, zone: str) -> datetime:
    following = day + timedelta(days=1)
    return datetime(following.year, following.month, following.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def test_has_an_item_for_each_missed_deadline() -> None:
    seed(mentors=20, mentees=10)

    with as_system():
        missed = {each.goal_id: each for each in MissedDeadline.objects.select_related("goal__student")}
        items = list(MentorWorkQueue.objects.filter(type=WorkType.GOAL_FEEDBACK))
    assert {item.reference_id for item in items} == missed.keys()
    assert len({item.reference_id for item in items}) == len(items)
    for item in items:
        found = missed[item.reference_id]
        since = midnight_after(found.due_date, found.goal.student.timezone)
        assert (item.cycle, item.clock_started_at, found.noticed_at) == (found.number, since, since)


def test_finishes_items_by_answers_and_calls_off_those_of_closed_goals() -> None:
    seed(mentors=20, mentees=10)

    with as_system():
        items = MentorWorkQueue.objects.filter(type=WorkType.GOAL_FEEDBACK)
        answers = list(GoalFeedback.objects.values_list("goal", "author", "created_at"))
        finished = items.filter(status=WorkStatus.COMPLETED, outcome="answered")
        waiting = Goal.objects.filter(overdue_since__isnull=False)
        closed = Goal.objects.filter(closed_at__isnull=False)
        still = {
            GoalState(state) for state in Goal.objects.filter(feedback__isnull=False).values_list("state", flat=True)
        }
        called_off = items.filter(status=WorkStatus.CANCELLED).exclude(closed_reason="")
        opened = set(items.open().values_list("reference_id", flat=True))
        assert set(finished.values_list("reference_id", "completed_by", "completed_at")) == set(answers)
        assert set(called_off.values_list("reference_id", "completed_at")) <= set(closed.values_list("pk", "closed_at"))
        assert opened == set(waiting.filter(feedback__isnull=True).values_list("pk", flat=True))
    assert len(answers) == len({goal for goal, _, _ in answers}) > 5
    assert still >= {GoalState.OPEN, GoalState.COMPLETED}


def test_gives_the_demo_student_something_to_see() -> None:
    seed()

    with as_system():
        student, mentor = User.objects.get(email=STUDENT_EMAIL), User.objects.get(email=MENTOR_EMAIL)
        habits = count_habits([student.pk], AT)[student.pk]
        today = local_date(AT, student.timezone)
        goals = Goal.objects.filter(student=student).order_by("due_date")
        states = [(goal.state, (goal.due_date - today).days, bool(goal.overdue_since)) for goal in goals]
        item = MentorWorkQueue.objects.open().get(reference_id=goals[1].pk)
    assert [habit.cadence for habit in habits] == ["daily", "daily", "weekly"]
    assert [(habit.streak, habit.is_at_risk) for habit in habits] == [(12, True), (5, False), (3, habits[2].is_at_risk)]
    assert states == [("completed", -6, False), ("open", -2, True), ("open", 10, False)]
    assert (item.type, item.mentor_id) == (WorkType.GOAL_FEEDBACK, mentor.pk)


@pytest.mark.parametrize("hour", [0, 9, 23])
def test_leaves_a_mentee_of_the_demo_mentor_at_risk(hour: int, api: Callable[[User], APIClient]) -> None:
    at = AT.replace(hour=hour)
    seed(at=at)
    with as_worker(), clock.pinned(at):
        dashboards.refresh_all()

    with as_system():
        mentor = User.objects.get(email=MENTOR_EMAIL)
        [item] = MentorWorkQueue.objects.open().filter(type=WorkType.RISK_FLAG, mentor=mentor)
        found = StudentDashboard.objects.get(student=item.mentee_id)
        assert RiskEpisode.objects.get(student=item.mentee_id, closed_at=None).score == found.risk_score
        assert [each.invariant.number for each in check_invariants(at) if each.offending] == []
    assert found.risk_since == at
    names = {part["name"] for part in found.risk_parts}
    assert names >= {"silence", "missed_sessions", "streak_broken", "failed_reviews", "goals_overdue"}
    with clock.pinned(at):
        shown = api(mentor).get("/api/v1/mentor/dashboard").json()["at_risk_mentees"]
    assert str(item.mentee_id) in {each["mentee_id"] for each in shown if each["risk_score"] == found.risk_score}


def test_logs_more_days_when_volume_is_large() -> None:
    seed(mentors=2, mentees=10, volume=Volume.LARGE)

    with as_system():
        assert HabitLog.objects.count() > 25 * 20


def test_gives_missions_levels_by_their_number() -> None:
    seed(mentors=1, mentees=1)

    with as_system():
        levels: dict[object, list[int]] = {}
        for track, level in Mission.objects.order_by("track", "number").values_list("track", "level"):
            levels.setdefault(track, []).append(level)
    assert len(levels) >= 8
    assert all(found == sorted(found) and set(found) == {1, 2, 3} for found in levels.values())


def test_shares_the_dashboards_of_a_large_academy_among_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dashboards, "WORTH_SHARING", 1)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    seed(mentors=3, mentees=4)

    with as_worker(), clock.pinned(AT):
        assert dashboards.refresh_all() == 12
    with as_system():
        assert StudentDashboard.objects.filter(computed_at=AT).count() == 12
