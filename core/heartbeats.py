"""Signs of life of the background processes, for `/readyz`."""

from __future__ import annotations

import os
import socket
from datetime import datetime, timedelta
from enum import StrEnum

from core.actions import action
from core.models import Heartbeat


class Heart(StrEnum):
    """`PERIODIC` is a process that does the work of both others (`manage.py run_periodic`)."""

    WORKER = "worker"
    BEAT = "beat"
    PERIODIC = "periodic"


#: Several beats may be missed while all workers are at long tasks.
STALE_AFTER = timedelta(seconds=60)
BEAT_SECONDS = 10.0


@action
def note_heartbeat(*, heart: Heart, at: datetime) -> None:
    """Write that a process of this kind lives at `at`; where it runs is kept for operations alone."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=heart.value, beaten_at=at, detail={"host": socket.gethostname(), "process": os.getpid()})],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["beaten_at", "detail"],
    )


def living_hearts(at: datetime) -> frozenset[Heart]:
    """Which kinds of process were seen lately. One query; `PERIODIC` stands for all three."""
    fresh = Heartbeat.objects.filter(beaten_at__gt=at - STALE_AFTER).values_list("name", flat=True)
    living = frozenset(Heart(name) for name in fresh if name in set(Heart))
    return frozenset(Heart) if Heart.PERIODIC in living else living
