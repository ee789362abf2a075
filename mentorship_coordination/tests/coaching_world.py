"""Goals and habits as students keep them, midnight as the sweeps notice it, and dashboards as the worker draws them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from coaching.actions.goals import answer_goal, create_goal
from coaching.actions.habits import create_habit
from coaching.actions.logs import log_habit
from coaching.actions.midnight import notice_broken_streaks, notice_overdue_goals
from coaching.models import Goal, GoalFeedback, Habit
from core import clock
from mentorship_coordination.actions.goal_feedback import keep_goal_items
from mentorship_coordination.enums import WorkType
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.tests.queue_world import mentor_acting, student_acting
from student_dashboard.aggregation import DashboardAggregationService
from student_dashboard.models import DashboardUpdateQueue
from tests.database import as_system, as_worker
from users.models import User

EXAM = "Pass the practice exam"


def a_goal(student: User, *, due: date, at: datetime, title: str = EXAM) -> Goal:
    """Set by the student, in her zone."""
    with student_acting(student), clock.pinned(at):
        return create_goal(title=title, due_date=due, by=student, at=at)


def answered(mentor: User, goal: Goal, *, at: datetime, text: str = "What holds you up?") -> GoalFeedback:
    with mentor_acting(mentor), clock.pinned(at):
        return answer_goal(goal_id=goal.pk, text=text, by=mentor, at=at)


def a_habit(student: User, *, done: Iterable[datetime], name: str = "An hour in the lab") -> Habit:
    """Taken up with the first of the instants, and logged at each: today, in the student's zone."""
    instants = list(done)
    with student_acting(student), clock.pinned(instants[0]):
        habit = create_habit(name=name, cadence="daily", by=student, at=instants[0])
    for at in instants:
        logged(student, habit, at=at)
    return habit


def logged(student: User, habit: Habit, *, at: datetime) -> None:
    with student_acting(student), clock.pinned(at):
        log_habit(habit_id=habit.pk, by=student, at=at)


def goals_noticed(at: datetime, limit: int = 50) -> int:
    with as_worker(), clock.pinned(at):
        return notice_overdue_goals(at=at, limit=limit)


def streaks_noticed(at: datetime) -> int:
    with as_worker(), clock.pinned(at):
        return notice_broken_streaks(at=at)


def goal_items_kept(at: datetime) -> int:
    with as_worker(), clock.pinned(at):
        return keep_goal_items(at=at)


def refreshed(at: datetime) -> int:
    """Drain what waits, as the worker does."""
    with as_worker(), clock.pinned(at):
        return DashboardAggregationService.refresh(at=at)


def nothing_waits() -> None:
    """Forget the refreshes that setting the world up has asked for."""
    with as_system():
        DashboardUpdateQueue.objects.all().delete()


def items_of(type: WorkType, reference_id: UUID | None = None) -> list[MentorWorkQueue]:
    """In the order in which they were opened."""
    with as_system():
        items = MentorWorkQueue.objects.filter(type=type).order_by("created_at", "id")
        return list(items.filter(reference_id=reference_id) if reference_id else items)
