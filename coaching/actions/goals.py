"""Goals are set, changed, reached or given up by the student, and answered by her mentor. Source: product.md §9."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from coaching.enums import GoalState
from coaching.events import GoalAnswered, GoalSettled
from coaching.models import Goal, GoalFeedback
from core.actions import action
from core.clock import local_date
from core.enums import Rank
from core.errors import Conflict, InvalidInput, NotVisible
from core.events import say
from student_dashboard.aggregation import DashboardAggregationService
from users.enums import EnrolmentState
from users.models import Enrolment, User
from users.selectors import lock_person

MOST_OPEN_GOALS = 50
LONGEST_TITLE, LONGEST_TEXT = 160, 5000
FURTHEST = timedelta(days=731)


class TooManyGoals(Conflict):
    code = "too_many_goals"
    message = f"You have {MOST_OPEN_GOALS} open goals: close one first."


class NoActiveEnrolment(Conflict):
    code = "no_active_enrolment"
    message = "Goals belong to an active enrolment, and you have none."


class GoalClosed(Conflict):
    code = "goal_closed"
    message = "This goal is closed already."


@action
def create_goal(*, title: str, due_date: date, by: User, at: datetime, description: str = "") -> Goal:
    """A goal of the student's active enrolment; `due_date` is a local day of hers, today at the earliest.

    Raises InvalidInput, NoActiveEnrolment, TooManyGoals.
    """
    cleaned = {
        "title": _checked_title(title),
        "description": _checked_text("description", description),
        "due_date": _checked_due(due_date, local_date(at, by.timezone)),
    }
    enrolment = Enrolment.objects.filter(student=by, state=EnrolmentState.ACTIVE).first()
    if enrolment is None:
        raise NoActiveEnrolment
    lock_person(by)
    if Goal.objects.of_student(by.pk).open().count() >= MOST_OPEN_GOALS:
        raise TooManyGoals
    goal = Goal.objects.create(
        student=by, enrolment=enrolment, cohort_id=enrolment.cohort_id, created_at=at, updated_at=at, **cleaned
    )
    _refresh(goal, "goal_set")
    return goal


@action
def change_goal(
    *,
    goal_id: UUID,
    by: User,
    at: datetime,
    title: str | None = None,
    description: str | None = None,
    due_date: date | None = None,
) -> Goal:
    """Change what is given. A moved due date settles what waited because the old one had passed: says GoalSettled.

    Raises NotVisible, GoalClosed, InvalidInput (a due date before today).
    """
    goal = _get_open_locked(goal_id, by)
    changes: dict[str, object] = {}
    if title is not None:
        changes["title"] = _checked_title(title)
    if description is not None:
        changes["description"] = _checked_text("description", description)
    if due_date is not None and due_date != goal.due_date:
        changes["due_date"] = _checked_due(due_date, local_date(at, by.timezone))
        changes["overdue_since"] = None
    if changes:
        _change(goal, changes, at)
        _refresh(goal, "goal_changed")
    if "due_date" in changes:
        say(GoalSettled(goal_id=goal.pk, student_id=goal.student_id, at=at))
    return goal


@action
def complete_goal(*, goal_id: UUID, by: User, at: datetime) -> Goal:
    """The goal is reached, in time when her local day is not after the due date. Raises NotVisible, GoalClosed."""
    return _close(goal_id, GoalState.COMPLETED, by=by, at=at)


@action
def abandon_goal(*, goal_id: UUID, by: User, at: datetime) -> Goal:
    """The goal is given up. Raises NotVisible, GoalClosed."""
    return _close(goal_id, GoalState.ABANDONED, by=by, at=at)


@action
def answer_goal(*, goal_id: UUID, text: str, by: User, at: datetime) -> GoalFeedback:
    """A mentor writes to her mentee about a goal, open or not. Says GoalAnswered, which finishes its open item.

    Raises InvalidInput (no text), NotVisible (no goal of a present mentee).
    """
    cleaned = _checked_text("text", text)
    if not cleaned:
        raise InvalidInput(fields={"text": ["Write something."]})
    goal = Goal.objects.filter(pk=goal_id).first()
    if goal is None or goal.student_id == by.pk:
        raise NotVisible
    feedback = GoalFeedback.objects.create(
        goal=goal, student_id=goal.student_id, author=by, text=cleaned, created_at=at
    )
    say(
        GoalAnswered(
            goal_id=goal.pk,
            student_id=goal.student_id,
            title=goal.title,
            feedback_id=feedback.pk,
            author_id=by.pk,
            at=at,
        )
    )
    DashboardAggregationService.queue_update(goal.student_id, "goal_answered", Rank.HIGH)
    return feedback


def _close(goal_id: UUID, state: GoalState, *, by: User, at: datetime) -> Goal:
    goal = _get_open_locked(goal_id, by)
    closing = {"state": state, "closed_at": at, "closed_date": local_date(at, by.timezone), "overdue_since": None}
    _change(goal, closing, at)
    _refresh(goal, f"goal_{state}")
    say(GoalSettled(goal_id=goal.pk, student_id=goal.student_id, at=at))
    return goal


def _get_open_locked(goal_id: UUID, by: User) -> Goal:
    goal = Goal.objects.locked(goal_id).of_student(by.pk).first()
    if goal is None:
        raise NotVisible
    if goal.state != GoalState.OPEN:
        raise GoalClosed
    return goal


def _change(goal: Goal, changes: dict[str, object], at: datetime) -> None:
    for name, value in changes.items():
        setattr(goal, name, value)
    goal.updated_at, goal.revision = at, goal.revision + 1
    goal.save(update_fields=[*changes, "updated_at", "revision"])


def _checked_title(title: str) -> str:
    cleaned = " ".join(title.split())
    if not 0 < len(cleaned) <= LONGEST_TITLE:
        raise InvalidInput(fields={"title": [f"Give 1 to {LONGEST_TITLE} characters."]})
    return cleaned


def _checked_text(field: str, text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise InvalidInput(fields={field: [f"Give at most {LONGEST_TEXT} characters."]})
    return text.strip()


def _checked_due(due_date: date, today: date) -> date:
    if not today <= due_date <= today + FURTHEST:
        message = f"Choose a day from today ({today}) on, within two years."
        raise InvalidInput(fields={"due_date": [message]}, code="not_a_due_date")
    return due_date


def _refresh(goal: Goal, reason: str) -> None:
    DashboardAggregationService.queue_update(goal.student_id, reason, Rank.NORMAL)
