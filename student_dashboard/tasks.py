"""The background edge: drains the outbox, soon after a commit and by the clock."""

from __future__ import annotations

import time

from celery import shared_task

from core import clock
from core.periodic import register_job
from core.tenancy.tasks import SystemTask
from student_dashboard.aggregation import DRAIN, LARGEST_BATCH, DashboardAggregationService

#: Far below the time limit of a task; whatever is left, the next run takes.
LONGEST_RUN_SECONDS = 20.0
SWEEP_SECONDS = 3.0
RENEW = "student_dashboard.renew_dashboards"


@shared_task(base=SystemTask, name=DRAIN)
def drain_dashboard_updates() -> int:
    """Refresh what waits until nothing does, or 20 s are over; returns how many refreshes were taken."""
    ends = time.monotonic() + LONGEST_RUN_SECONDS
    DashboardAggregationService.recover(at=clock.now())
    total = 0
    while True:
        taken = DashboardAggregationService.refresh(at=clock.now())
        total += taken
        # What began to wait since a batch that was not full was taken has sent a task of its own.
        if taken < LARGEST_BATCH or time.monotonic() >= ends:
            return total


@shared_task(base=SystemTask, name=RENEW)
def renew_dashboards() -> int:
    """Ask for the refreshes that a new day makes necessary, zone by zone as it begins; how many."""
    return DashboardAggregationService.renew(at=clock.now())


register_job("drain_dashboard_updates", DRAIN, every_seconds=SWEEP_SECONDS)
register_job("renew_dashboards", RENEW, every_seconds=60)
