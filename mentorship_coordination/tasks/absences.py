from __future__ import annotations

from celery import shared_task

from core import clock
from core.periodic import register_job
from core.tenancy.tasks import SystemTask
from mentorship_coordination.actions import absences
from mentorship_coordination.actions.own_time import FOLLOW_ABSENCES


@shared_task(base=SystemTask, name=FOLLOW_ABSENCES)
def follow_absences() -> int:
    """Let backups stand in for mentors who are away, and stop when they are back; how many pairs began or ended."""
    return absences.follow_absences(at=clock.now())


register_job("follow_absences", FOLLOW_ABSENCES, every_seconds=60)
