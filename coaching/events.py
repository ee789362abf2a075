"""What happened to habits and goals, for whoever listens above. Source: product.md §9, §11."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class StreakBroken:
    """A streak of three or more ended as midnight passed where the student lives. Said once per (habit, last date)."""

    habit_id: UUID
    student_id: UUID
    habit_name: str
    length: int
    last_date: date
    at: datetime


@dataclass(frozen=True, slots=True)
class GoalOverdue:
    """The day after the due date has begun where the student lives. Said once per (goal, due date).

    `number` counts the due dates that this goal has missed, from 1; `since` is that midnight.
    """

    goal_id: UUID
    student_id: UUID
    enrolment_id: UUID
    title: str
    due_date: date
    number: int
    since: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class GoalSettled:
    """The goal was closed or its due date moved: whatever waited because it was overdue is moot."""

    goal_id: UUID
    student_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class GoalAnswered:
    """A mentor wrote something about the goal."""

    goal_id: UUID
    student_id: UUID
    title: str
    feedback_id: UUID
    author_id: UUID
    at: datetime
