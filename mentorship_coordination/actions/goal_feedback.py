"""The work item of an overdue goal: one per goal and due date, at most three open per mentee.

What cannot be opened because three are open already is not lost: the sweep opens it as soon as there is room.
Source: product.md §9, §11.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from core.actions import action
from core.one_by_one import one_by_one
from mentorship_coordination.actions.queue import cancel_items_about, complete_items_about, open_work_item
from mentorship_coordination.enums import WorkType
from mentorship_coordination.selectors.goal_work import (
    MOST_OPEN,
    count_open_goal_items,
    find_unanswered_goal,
    is_settled,
    list_answered_goals,
    list_settled_goals,
    list_unanswered_goals,
)
from missions.selectors import lock_enrolment

BATCH = 200
ANSWERED = "answered"


@action
def open_goal_feedback(
    *,
    goal_id: UUID,
    student_id: UUID,
    enrolment_id: UUID,
    title: str,
    due_date: date,
    number: int,
    started_at: datetime,
    at: datetime,
) -> bool:
    """Open the item of the goal's `number`-th missed due date, its clock started at `started_at`; is it new?

    Not while three of the mentee's are open. Safe to call again. Acts as the system.
    """
    lock_enrolment(enrolment_id)
    if count_open_goal_items(student_id) >= MOST_OPEN:
        return False
    opened = open_work_item(
        type=WorkType.GOAL_FEEDBACK,
        reference_id=goal_id,
        cycle=number,
        version=1,
        enrolment_id=enrolment_id,
        title=f"Goal: {title}",
        description=f"It was due on {due_date:%d %B %Y} and is still open.",
        started_at=started_at,
        at=at,
    )
    return opened.is_new


def keep_goal_items(*, at: datetime) -> int:
    """Finish items that were answered out of their mentor's sight, call off those of goals that are not overdue any
    more, then open what waits for room; how many moved.

    A transaction a goal; safe to run twice. Acts as the system.
    """
    with transaction.atomic():
        answered, settled = list_answered_goals(BATCH), list_settled_goals(BATCH)
    with one_by_one("keeping the item of a goal") as rows:
        moved = rows.count(answered, lambda each: _finish(goal_id=each[0], author_id=each[1], at=at))
        moved += rows.count(settled, lambda goal_id: _call_off(goal_id=goal_id, at=at))
        with transaction.atomic():
            waiting = list_unanswered_goals(BATCH)
        return moved + rows.count(waiting, lambda each: _open_waiting(goal_id=each[0], enrolment_id=each[1], at=at))


@action
def _finish(*, goal_id: UUID, author_id: UUID | None, at: datetime) -> bool:
    """The item of a pair that rests waits in the pool, where the mentor who answers does not see it."""
    closed = complete_items_about(
        type=WorkType.GOAL_FEEDBACK, reference_id=goal_id, outcome=ANSWERED, by=author_id, at=at
    )
    return bool(closed)


@action
def _call_off(*, goal_id: UUID, at: datetime) -> bool:
    if not is_settled(goal_id):
        return False
    reason = "The goal is closed, or its due date was moved."
    return bool(cancel_items_about(type=WorkType.GOAL_FEEDBACK, reference_id=goal_id, reason=reason, by=None, at=at))


@action
def _open_waiting(*, goal_id: UUID, enrolment_id: UUID, at: datetime) -> bool:
    """The clock of what had to wait starts when it opens: nobody could have begun before."""
    lock_enrolment(enrolment_id)
    missed = find_unanswered_goal(goal_id)
    if missed is None:
        return False
    return open_goal_feedback(
        goal_id=goal_id,
        student_id=missed.student_id,
        enrolment_id=enrolment_id,
        title=missed.goal.title,
        due_date=missed.due_date,
        number=missed.number,
        started_at=at,
        at=at,
    )
