"""Every job of beat in one process, for installations without Celery."""

from __future__ import annotations

import signal
import threading
import time
from argparse import ArgumentParser
from types import FrameType

import structlog
from celery import current_app
from django.core.management.base import CommandError
from django.db import close_old_connections

from core.periodic import Job, jobs, load_tasks
from core.tenancy.commands import SystemCommand
from core.wakeup import attempt

FORGET_SECONDS = 60.0

logger = structlog.get_logger(__name__)


class Command(SystemCommand):
    help = "Run every periodic job at its interval, until SIGTERM or Ctrl-C; with --once, each of them one time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="run each job once, the upper apps first, and end")

    def handle(self, *args: object, **options: object) -> None:
        load_tasks()
        if options["once"]:
            # The upper apps first: what they ask of a lower one, such as a refresh, it finds when its turn comes.
            failed = [job.name for job in reversed(jobs()) if not run_job(job)]
            if failed:
                raise CommandError(f"These jobs failed: {', '.join(failed)}. The log has the reasons.")
            return
        stopping = threading.Event()
        stop_on_signals(stopping)
        run_until(stopping)


def run_job(job: Job) -> bool:
    """Run one job in this process; whether it succeeded. A failure is logged and stops no other job."""
    close_old_connections()
    try:
        current_app.tasks[job.task_name]()
    except Exception:
        logger.exception("a periodic job failed", job=job.name)
        return False
    finally:
        close_old_connections()
    return True


def run_until(stopping: threading.Event) -> None:
    """Run all jobs until `stopping` is set, each in a thread of its own: a long one delays no other."""
    threads = [threading.Thread(target=repeat, args=(job, stopping), name=job.name) for job in jobs()]
    threads.append(threading.Thread(target=keep_forgetting_wake_ups, args=(stopping,), name="wake-ups"))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def repeat(job: Job, stopping: threading.Event) -> None:
    """Run the job now and at its interval; a run that takes longer is followed by the next at once."""
    due = time.monotonic()
    while not stopping.wait(max(0.0, due - time.monotonic())):
        run_job(job)
        due = max(due + job.every_seconds, time.monotonic())


def keep_forgetting_wake_ups(stopping: threading.Event) -> None:
    """Where no worker reads them, wake-ups would pile up in the broker; what they announce is swept here anyway."""
    while not stopping.wait(FORGET_SECONDS):
        forget_wake_ups()


def forget_wake_ups() -> None:
    attempt(current_app.control.purge)


def stop_on_signals(stopping: threading.Event) -> None:
    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
