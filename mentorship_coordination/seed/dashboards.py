"""The first look at the product shows figures: every dashboard is computed before the command ends."""

from __future__ import annotations

import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from typing import Final

from django.db import connections, transaction

from student_dashboard.aggregation import LARGEST_BATCH, DashboardAggregationService
from student_dashboard.models import DashboardUpdateQueue

#: With fewer refreshes than this, a second process would begin when the first is done.
WORTH_SHARING: Final = 4 * LARGEST_BATCH
MOST_PROCESSES: Final = 4


def refresh_all() -> int:
    """Compute what waits, a batch a transaction; how many. Acts as the system, outside of any transaction.

    A large academy is shared among processes, as workers would share it: half of the time is spent in Python.
    """
    with transaction.atomic():
        waiting = DashboardUpdateQueue.objects.count()
    processes = min(MOST_PROCESSES, os.cpu_count() or 1) if sys.platform == "linux" else 1
    if processes == 1 or waiting < WORTH_SHARING:
        return _drain()
    # A connection belongs to one process: each opens its own.
    connections.close_all()
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("fork")) as pool:
        return sum(each.result() for each in [pool.submit(_drain) for _ in range(processes)])


def _drain() -> int:
    count = 0
    while done := DashboardAggregationService.refresh(LARGEST_BATCH):
        count += done
    return count
