"""From the commit of an urgent request to the fresh row, with an idle worker running; and with a backlog of low ones.

Run `python bench/urgent.py [--mentors 200] [--times 200] [--write]`. It starts a Celery worker of its own.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from academy import ROOT, prepare
from django.db import transaction
from report import report

from core.actions import action
from core.enums import Rank
from core.tenancy.identity import SYSTEM, acting_as
from student_dashboard.aggregation import DashboardAggregationService
from student_dashboard.models import DashboardUpdateQueue, StudentDashboard

GOAL_MS = 300
PATIENCE = 30.0
POLL = 0.002


@contextmanager
def worker() -> Iterator[None]:
    command = [
        sys.executable,
        "-m",
        "celery",
        "--quiet",
        "-A",
        "core",
        "worker",
        "--loglevel",
        "error",
        "--concurrency",
        "1",
    ]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"DATABASE_LOGIN": "worker"})
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


@action
def ask(student_ids: list[UUID], rank: Rank) -> None:
    for student_id in student_ids:
        DashboardAggregationService.queue_update(student_id, "bench", rank)


def revision(student_id: UUID) -> int:
    with transaction.atomic():
        return StudentDashboard.objects.values_list("revision", flat=True).get(pk=student_id)


def milliseconds(student_id: UUID) -> float:
    before = revision(student_id)
    ask([student_id], Rank.URGENT)
    committed = time.perf_counter()
    while revision(student_id) == before:
        if time.perf_counter() - committed > PATIENCE:
            raise SystemExit("The worker does not refresh.")
        time.sleep(POLL)
    return (time.perf_counter() - committed) * 1000


def settle() -> None:
    while waiting():
        time.sleep(0.2)


def waiting() -> bool:
    with transaction.atomic():
        return DashboardUpdateQueue.objects.filter(dead_at__isnull=True).exists()


def words(name: str, times: list[float]) -> str:
    p95 = statistics.quantiles(times, n=20)[-1]
    return f"{name:<28} p50 {statistics.median(times):5.0f} ms, p95 {p95:5.0f} ms, longest {max(times):5.0f} ms"


def measure(times: int) -> list[str]:
    with transaction.atomic():
        students = list(StudentDashboard.objects.order_by("?").values_list("pk", flat=True))
    milliseconds(students[0])
    idle = [milliseconds(student_id) for student_id in students[:times]]
    backlog = []
    for student_id in students[:times:4]:
        ask([other for other in students[:2000] if other != student_id], Rank.LOW)
        backlog.append(milliseconds(student_id))
        settle()
    return [
        words(f"idle worker (goal {GOAL_MS} ms)", idle),
        words("2,000 low ones being drained", backlog),
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Urgent refreshes: commit to fresh row.")
    parser.add_argument("--mentors", type=int, default=200, help="of 20 students each; for an empty database")
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    arguments = parser.parse_args()
    prepare(arguments.mentors)
    with acting_as(SYSTEM):
        while DashboardAggregationService.refresh():
            pass
        with worker():
            time.sleep(3)
            report("urgent.py", measure(arguments.times), write=arguments.write)
