from __future__ import annotations

import structlog
from celery import shared_task
from django.db import transaction

from core import clock
from core.periodic import register_job
from core.tenancy.tasks import SystemTask
from mentorship_coordination.actions.handover import HANDOVERS, carry_out, plan_handover
from mentorship_coordination.enums import HandoverState
from mentorship_coordination.selectors.handover import list_open_handovers

logger = structlog.get_logger(__name__)


class HandoversUnfinished(Exception):
    """Some hand-overs could not be carried out; the others were."""


@shared_task(base=SystemTask, name=HANDOVERS)
def carry_out_handovers() -> int:
    """Plan what was asked for and carry out what was started; returns how many are planned or done now.

    One that fails does not hold up the others. Raises HandoversUnfinished at the end, so that somebody sees it.
    """
    with transaction.atomic():
        waiting = list_open_handovers()
    settled, failed = 0, []
    for handover_id, state in waiting:
        try:
            if state == HandoverState.REQUESTED:
                plan_handover(handover_id=handover_id, at=clock.now())
                settled += 1
            else:
                settled += carry_out(handover_id=handover_id, at=clock.now())
        except Exception:
            logger.exception("a hand-over could not be carried out", handover=str(handover_id))
            failed.append(str(handover_id))
    if failed:
        raise HandoversUnfinished(f"{len(failed)} of {len(waiting)}: {', '.join(failed)}")
    return settled


register_job("carry_out_handovers", HANDOVERS, every_seconds=30)
