from __future__ import annotations

from celery import shared_task

from core import clock
from core.periodic import register_job
from core.tenancy.tasks import SystemTask
from mentorship_coordination.actions import goal_feedback, priorities
from mentorship_coordination.actions.repairs import repair_mission_reviews

PRIORITIZE = "mentorship_coordination.prioritize_work_queue"
GOALS = "mentorship_coordination.keep_goal_items"
REPAIR = "mentorship_coordination.create_mission_review_queue_item"


@shared_task(base=SystemTask, name=PRIORITIZE)
def prioritize_work_queue() -> int:
    """Move what has come due, a batch a transaction, until nothing is left; how many items."""
    at = clock.now()
    moved = batch = priorities.prioritize_work_queue(at=at)
    while batch >= priorities.BATCH:
        batch = priorities.prioritize_work_queue(at=at)
        moved += batch
    return moved


@shared_task(base=SystemTask, name=REPAIR)
def create_mission_review_queue_item() -> int:
    """Open the items that waiting submissions lack; how many."""
    return repair_mission_reviews(at=clock.now())


@shared_task(base=SystemTask, name=GOALS)
def keep_goal_items() -> int:
    """Call off the items of settled goals, open those that waited for room, a batch a transaction; how many."""
    at = clock.now()
    kept = batch = goal_feedback.keep_goal_items(at=at)
    while batch >= goal_feedback.BATCH:
        batch = goal_feedback.keep_goal_items(at=at)
        kept += batch
    return kept


register_job("prioritize_work_queue", PRIORITIZE, every_seconds=5)
register_job("create_mission_review_queue_item", REPAIR, every_seconds=60)
register_job("keep_goal_items", GOALS, every_seconds=60)
