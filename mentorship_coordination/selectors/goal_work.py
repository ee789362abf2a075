"""Overdue goals and the items about them. Source: product.md §9."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count, Exists, F, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from coaching.enums import GoalState
from coaching.models import Goal, GoalFeedback, MissedDeadline
from mentorship_coordination.enums import WorkType
from mentorship_coordination.models.queue import MentorWorkQueue, WorkQueueQuerySet
from users.enums import EnrolmentState

#: Of one mentee (product.md §9).
MOST_OPEN = 3


def count_open_goal_items(student_id: UUID) -> int:
    """Open `goal_feedback` items about the student, the pool's included. Run as the system."""
    return _items().open().filter(mentee=student_id).count()


def list_answered_goals(limit: int) -> list[tuple[UUID, UUID | None]]:
    """(goal, author) of open items whose goal was answered since they were opened, by the last answer."""
    answers = GoalFeedback.objects.filter(goal=OuterRef("reference_id"), created_at__gte=OuterRef("created_at"))
    items = _items().open().filter(Exists(answers)).order_by("id")
    author = Subquery(answers.order_by("-created_at", "-id").values("author")[:1])
    return list(items.annotate(author=author).values_list("reference_id", "author")[:limit])


def list_settled_goals(limit: int) -> list[UUID]:
    """Goals with an open item that are not overdue any more."""
    settled = Goal.objects.exclude(state=GoalState.OPEN, overdue_since__isnull=False)
    items = _items().open().filter(reference_id__in=settled.values("pk")).order_by("id")
    return list(items.values_list("reference_id", flat=True)[:limit])


def is_settled(goal_id: UUID) -> bool:
    return not Goal.objects.filter(pk=goal_id, state=GoalState.OPEN, overdue_since__isnull=False).exists()


def list_unanswered_goals(limit: int) -> list[tuple[UUID, UUID]]:
    """(goal, enrolment) of overdue goals without an item of their due date, whose student has room; oldest first."""
    open_items = _items().open().filter(mentee=OuterRef("student_id")).order_by().values("mentee")
    room = Coalesce(Subquery(open_items.annotate(n=Count("id")).values("n"), output_field=IntegerField()), 0)
    waiting = _unanswered().annotate(open_count=room).filter(open_count__lt=MOST_OPEN)
    return list(waiting.order_by("noticed_at", "id").values_list("goal_id", "goal__enrolment_id")[:limit])


def find_unanswered_goal(goal_id: UUID) -> MissedDeadline | None:
    """The missed due date of one of `list_unanswered_goals`, with its goal."""
    return _unanswered().filter(goal=goal_id).select_related("goal").first()


def _items() -> WorkQueueQuerySet:
    return MentorWorkQueue.objects.filter(type=WorkType.GOAL_FEEDBACK)


def _unanswered() -> QuerySet[MissedDeadline]:
    """The missed due date that each overdue goal has now, without an item or an answer since."""
    known = _items().filter(reference_id=OuterRef("goal_id"), cycle=OuterRef("number"))
    answers = GoalFeedback.objects.filter(goal=OuterRef("goal_id"), created_at__gte=OuterRef("noticed_at"))
    return MissedDeadline.objects.filter(
        ~Exists(known),
        ~Exists(answers),
        goal__state=GoalState.OPEN,
        goal__overdue_since__isnull=False,
        goal__due_date=F("due_date"),
        goal__enrolment__state=EnrolmentState.ACTIVE,
    )
