"""The background edge: what midnight changes, in every zone in its turn."""

from __future__ import annotations

from collections.abc import Callable

from celery import shared_task

from coaching.actions import midnight
from core import clock
from core.periodic import register_job
from core.tenancy.tasks import SystemTask

STREAKS = "coaching.notice_broken_streaks"
GOALS = "coaching.notice_overdue_goals"


@shared_task(base=SystemTask, name=STREAKS)
def notice_broken_streaks() -> int:
    """Streaks that ended, a batch a transaction, until none is left; how many."""
    return _until_done(midnight.notice_broken_streaks, midnight.STREAK_BATCH)


@shared_task(base=SystemTask, name=GOALS)
def notice_overdue_goals() -> int:
    """Goals that became overdue, a batch a transaction, until none is left; how many."""
    return _until_done(midnight.notice_overdue_goals, midnight.GOAL_BATCH)


def _until_done(notice: Callable[..., int], limit: int) -> int:
    at = clock.now()
    total = batch = notice(at=at, limit=limit)
    while batch >= limit:
        batch = notice(at=at, limit=limit)
        total += batch
    return total


register_job("notice_broken_streaks", STREAKS, every_seconds=30)
register_job("notice_overdue_goals", GOALS, every_seconds=30)
