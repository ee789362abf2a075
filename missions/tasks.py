from celery import shared_task

from core import clock
from core.periodic import register_job
from core.tenancy.tasks import SystemTask
from missions import actions
from missions.cohort_scores import store_cohort_scores as store

SCORES = "missions.store_cohort_scores"
SWEEP = "missions.sweep_orphaned_uploads"


@shared_task(base=SystemTask, name=SWEEP, ignore_result=True)
def sweep_orphaned_uploads() -> None:
    """Files of requests that died between writing them and committing their rows."""
    actions.sweep_orphaned_uploads(at=clock.now())


@shared_task(base=SystemTask, name=SCORES)
def store_cohort_scores() -> int:
    """The mean of the day for each cohort whose day has begun; how many."""
    return store(at=clock.now())


register_job("store_cohort_scores", SCORES, every_seconds=60)
register_job("sweep_orphaned_uploads", SWEEP, every_seconds=24 * 3600)
