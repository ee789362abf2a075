"""The kernel's own jobs: signs of life, and the pruning of the stream."""

from __future__ import annotations

import time
from typing import Any

import structlog
from celery import shared_task
from celery.signals import beat_embedded_init, beat_init, before_task_publish, task_prerun
from django.conf import settings
from django.db import Error, close_old_connections, connection

from core import clock
from core.heartbeats import BEAT_SECONDS, Heart, note_heartbeat
from core.periodic import register_job
from core.stream.pruning import prune_stream_events
from core.tenancy.identity import SYSTEM, acting_as
from core.tenancy.tasks import SystemTask

logger = structlog.get_logger(__name__)

BEAT_HEART = "core.beat_heart"
PRUNE = "core.prune_stream"


@shared_task(base=SystemTask, bind=True, name=BEAT_HEART)
def beat_heart(self: SystemTask) -> None:
    """Note that whoever runs this lives: a worker, or, called without a message, `run_periodic`."""
    heart = Heart.PERIODIC if self.request.called_directly else Heart.WORKER
    note_heartbeat(heart=heart, at=clock.now())


@shared_task(base=SystemTask, name=PRUNE)
def prune_stream() -> int:
    """Delete stream events that nobody will ask for any more; returns how many."""
    return prune_stream_events(at=clock.now())


class _Noted:
    """When this process last noted that it works, in seconds of the steady clock."""

    at = -BEAT_SECONDS


def note_work(**signal: Any) -> None:
    """A worker that begins tasks lives, even where its `beat_heart` waits behind others until it is stale."""
    now = time.monotonic()
    # Another login may not act as the system, and whoever has a transaction open runs the task within work of its own.
    is_worker = settings.DATABASE_LOGIN == "worker" and not connection.in_atomic_block
    if not is_worker or now - _Noted.at < BEAT_SECONDS:
        return
    try:
        with acting_as(SYSTEM):
            note_heartbeat(heart=Heart.WORKER, at=clock.now())
    except Error as error:
        logger.warning("a worker could not note that it lives", error=str(error))
    else:
        _Noted.at = now


def note_beat(**signal: Any) -> None:
    """Beat writes by itself that it lives as it sends the job: it counts with every worker away, too."""
    close_old_connections()
    try:
        with acting_as(SYSTEM):
            note_heartbeat(heart=Heart.BEAT, at=clock.now())
    except Error as error:
        logger.warning("beat could not note that it lives", error=str(error))


def follow_beat(**signal: Any) -> None:
    before_task_publish.connect(note_beat, sender=BEAT_HEART, weak=False, dispatch_uid=BEAT_HEART)


task_prerun.connect(note_work, weak=False, dispatch_uid="note_work")
beat_init.connect(follow_beat, weak=False)
beat_embedded_init.connect(follow_beat, weak=False)
register_job("beat_heart", BEAT_HEART, every_seconds=BEAT_SECONDS)
register_job("prune_stream", PRUNE, every_seconds=3600)
