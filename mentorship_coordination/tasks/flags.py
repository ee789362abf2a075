from __future__ import annotations

from celery import shared_task

from core import clock
from core.periodic import register_job
from core.tenancy.tasks import SystemTask
from mentorship_coordination.actions import flag_escalation

ESCALATE = "mentorship_coordination.escalate_flags"


@shared_task(base=SystemTask, name=ESCALATE)
def escalate_flags() -> int:
    """Tell again of grave flags that nobody has acknowledged; how many."""
    return flag_escalation.escalate_flags(at=clock.now())


register_job("escalate_flags", ESCALATE, every_seconds=300)
