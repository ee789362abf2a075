"""A goal as a card on a page, with what the mentor wrote about it. Plain values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from coaching.enums import GoalState
from coaching.models import Goal
from coaching.selectors import is_overdue
from core.clock import local_date
from mentorship_coordination.web.words import day_words

CLOSED_WORDS = {GoalState.COMPLETED: "reached", GoalState.ABANDONED: "given up"}


@dataclass(frozen=True, slots=True)
class Feedback:
    author: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class GoalCard:
    """`due` is said from the student's local day; `closed` is empty while the goal is open."""

    id: UUID
    title: str
    description: str
    due_date: date
    due: str
    is_overdue: bool
    closed: str
    closed_date: date | None
    feedback: list[Feedback]

    @property
    def is_open(self) -> bool:
        return not self.closed

    @property
    def latest(self) -> Feedback | None:
        return self.feedback[-1] if self.feedback else None


def cards_of(goals: Iterable[Goal], at: datetime) -> list[GoalCard]:
    """`goals` come as `coaching.selectors.list_goals` gives them."""
    return [_card(goal, at) for goal in goals]


def _card(goal: Goal, at: datetime) -> GoalCard:
    return GoalCard(
        id=goal.pk,
        title=goal.title,
        description=goal.description,
        due_date=goal.due_date,
        due=day_words(goal.due_date, local_date(at, goal.student.timezone)),
        is_overdue=is_overdue(goal, at),
        closed=CLOSED_WORDS.get(GoalState(goal.state), ""),
        closed_date=goal.closed_date,
        feedback=[
            Feedback(each.author.name if each.author else "", each.created_at, each.text)
            for each in goal.feedback.all()
        ],
    )
