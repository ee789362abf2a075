from celery import shared_task

from core import clock
from core.tenancy.tasks import SystemTask
from missions import actions


@shared_task(base=SystemTask, name="missions.sweep_orphaned_uploads", ignore_result=True)
def sweep_orphaned_uploads() -> None:
    """Files of requests that died between writing them and committing their rows."""
    actions.sweep_orphaned_uploads(at=clock.now())
