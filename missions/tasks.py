from celery import shared_task

from core import clock
from core.periodic import register_job
from core.tenancy.tasks import SystemTask
from missions import actions

SWEEP = "missions.sweep_orphaned_uploads"


@shared_task(base=SystemTask, name=SWEEP, ignore_result=True)
def sweep_orphaned_uploads() -> None:
    """Files of requests that died between writing them and committing their rows."""
    actions.sweep_orphaned_uploads(at=clock.now())


register_job("sweep_orphaned_uploads", SWEEP, every_seconds=24 * 3600)
