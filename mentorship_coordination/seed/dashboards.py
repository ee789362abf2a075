"""The first look at the product shows figures: every dashboard is computed before the command ends."""

from __future__ import annotations

import multiprocessing
import os
import sys
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from typing import Final

from django.db import DatabaseError, connections, transaction

from student_dashboard.aggregation import LARGEST_BATCH, DashboardAggregationService
from student_dashboard.models import DashboardUpdateQueue

#: With fewer refreshes than this, a second process would begin when the first is done.
WORTH_SHARING: Final = 4 * LARGEST_BATCH
MOST_PROCESSES: Final = 4


class RefreshFailed(Exception):
    """The machine or its database gave up; what was not computed waits in the outbox."""


def refresh_all() -> int:
    """Compute what waits, a batch a transaction; how many. Acts as the system, outside of any transaction.

    A large academy is shared among processes, as workers would share it: half of the time is spent in Python.
    Raises `RefreshFailed` when a process dies or the database goes away.
    """
    try:
        return _drain_together()
    except (BrokenExecutor, DatabaseError, MemoryError, OSError) as error:
        raise RefreshFailed(f"Not all dashboards were computed: {error or type(error).__name__}.") from error


def _drain_together() -> int:
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
