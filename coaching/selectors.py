"""Reads of habits and goals, under the caller's rights."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from coaching.counting import CountedHabit, count_habits
from coaching.enums import GoalState
from coaching.models import Goal, GoalFeedback, Habit, HabitLog
from core.clock import local_date
from core.errors import NotVisible
from core.kept import attach, kept


def list_habits(student_id: UUID) -> QuerySet[Habit]:
    """The student's habits, archived ones too."""
    return Habit.objects.of_student(student_id)


def counted_habits(student_id: UUID, at: datetime) -> dict[UUID, CountedHabit]:
    """Habit id → the habit with its days as of `at`. One query."""
    return {UUID(habit.id): habit for habit in count_habits([student_id], at).get(student_id, [])}


def get_counted_habit(habit_id: UUID, student_id: UUID, at: datetime) -> CountedHabit:
    """Raises `NotVisible`."""
    habit = counted_habits(student_id, at).get(habit_id)
    if habit is None:
        raise NotVisible
    return habit


def list_logs(habit_id: UUID, student_id: UUID) -> QuerySet[HabitLog]:
    """The logs of one of the student's habits, newest day first. Raises `NotVisible`."""
    if not Habit.objects.of_student(student_id).filter(pk=habit_id).exists():
        raise NotVisible
    return HabitLog.objects.filter(habit=habit_id)


def list_goals(student_id: UUID) -> QuerySet[Goal]:
    """The student's goals with what was written about them; two queries."""
    return _with_feedback(Goal.objects.of_student(student_id))


def fetch_goals(student_id: UUID) -> list[Goal]:
    """What `list_goals` lists, by due date."""
    goals = _fetch_goals(student_id)
    attach(goals, "feedback", _fetch_feedback(student_id) if goals else ())
    return goals


@kept
def _fetch_goals(student_id: UUID) -> QuerySet[Goal]:
    return Goal.objects.of_student(student_id).select_related("student").order_by("due_date", "id")


@kept
def _fetch_feedback(student_id: UUID) -> QuerySet[GoalFeedback]:
    return _in_order(GoalFeedback.objects.filter(student=student_id))


def get_goal(goal_id: UUID) -> Goal:
    """A visible goal with its student and what was written about it. Raises `NotVisible`."""
    goal = _with_feedback(Goal.objects.filter(pk=goal_id)).first()
    if goal is None:
        raise NotVisible
    return goal


def is_overdue(goal: Goal, at: datetime) -> bool:
    """Open, and the day after its due date has begun where the student lives. `goal` comes with its student."""
    return goal.state == GoalState.OPEN and goal.due_date < local_date(at, goal.student.timezone)


def _with_feedback(goals: QuerySet[Goal]) -> QuerySet[Goal]:
    feedback = _in_order(GoalFeedback.objects.all())
    return goals.select_related("student").prefetch_related(Prefetch("feedback", queryset=feedback))


def _in_order(feedback: QuerySet[GoalFeedback]) -> QuerySet[GoalFeedback]:
    """An author whom the caller may not see is None."""
    return feedback.select_related("author").order_by("created_at", "id")
