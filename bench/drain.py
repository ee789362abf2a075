"""Students refreshed per second by one worker, complete readiness and risk: by batches against one by one, in one run.

A worker is what the Procfile starts: two processes. The figure of a single process stands beside it.

Run `python bench/drain.py [--mentors 200] [--write]`. It uses a seeded database of its own under `.data/bench`.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
from uuid import UUID

from academy import prepare
from django.db import connection, connections, transaction
from report import report

from core import clock
from core.actions import action
from core.celery import keep_what_is_loaded
from core.enums import Rank
from core.tenancy.identity import SYSTEM, acting_as
from student_dashboard.aggregation import LARGEST_BATCH, DashboardAggregationService
from student_dashboard.models import StudentDashboard
from student_dashboard.sections import readiness_parts, section_names
from users.enums import EnrolmentState
from users.models import Enrolment

GOAL = 2000
#: As in the Procfile.
WORKER_PROCESSES = 2


@action
def queue_all(students: list[UUID]) -> None:
    for student_id in students:
        DashboardAggregationService.queue_update(student_id, "bench", Rank.NORMAL)


def students() -> list[UUID]:
    with transaction.atomic():
        active = Enrolment.objects.filter(state=EnrolmentState.ACTIVE).order_by("student_id")
        return list(active.values_list("student_id", flat=True))


def revisions() -> dict[UUID, int]:
    with transaction.atomic():
        return dict(StudentDashboard.objects.values_list("student_id", "revision"))


def empty_queue() -> None:
    """What the seed and midnight left behind is none of the measurement."""
    while DashboardAggregationService.refresh():
        pass


def refresh_all(batch: int) -> None:
    with acting_as(SYSTEM):
        while DashboardAggregationService.refresh(batch, at=clock.now()):
            pass


def refresh_all_by(processes: int, batch: int) -> None:
    """As the children of a worker: forked, each with a connection of its own."""
    connections.close_all()
    forks = multiprocessing.get_context("fork")
    children = [forks.Process(target=refresh_all, args=(batch,)) for _ in range(processes)]
    for child in children:
        child.start()
    for child in children:
        child.join()


def drain(wanted: list[UUID], batch: int, processes: int = 1) -> float:
    """Queue the students, drain them, check that each was refreshed once; returns students per second."""
    before = revisions()
    queue_all(wanted)
    began = time.perf_counter()
    refresh_all_by(processes, batch)
    seconds = time.perf_counter() - began
    after = revisions()
    if any(after[student_id] != before.get(student_id, 0) + 1 for student_id in wanted):
        raise SystemExit("Some students were not refreshed exactly once.")
    return len(wanted) / seconds


def queries_of_a_batch(wanted: list[UUID]) -> int:
    queue_all(wanted[:LARGEST_BATCH])
    connection.force_debug_cursor = True
    connection.queries_log.clear()
    DashboardAggregationService.refresh()
    connection.force_debug_cursor = False
    return sum(not query["sql"].startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")) for query in connection.queries)


def judged() -> str:
    with transaction.atomic():
        dashboards = StudentDashboard.objects.filter(enrolment__state=EnrolmentState.ACTIVE)
        known = dashboards.filter(readiness__isnull=False).count()
        return f"{known} of {dashboards.count()} with a readiness figure"


def measure() -> list[str]:
    empty_queue()
    everybody = students()
    first = drain(everybody, LARGEST_BATCH)
    one_by_one = drain(everybody[:400], 1)
    worker = drain(everybody, LARGEST_BATCH, WORKER_PROCESSES)
    second = drain(everybody, LARGEST_BATCH)
    names = ", ".join(part.name for part in readiness_parts())
    return [
        f"{len(everybody)} students, {judged()}",
        f"sections {', '.join(section_names())}; parts {names}",
        f"queries a batch of {LARGEST_BATCH}: {queries_of_a_batch(everybody)}",
        f"one worker of {WORKER_PROCESSES} processes, set-based {worker:6.0f} students/s (goal {GOAL})",
        f"one process, set-based              {first:6.0f} and {second:6.0f} students/s",
        f"one process, row by row             {one_by_one:6.0f} students/s: {second / one_by_one:.1f} times slower",
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Dashboards refreshed per second: by batches and one by one.")
    parser.add_argument("--mentors", type=int, default=200, help="of 20 students each; for an empty database")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    arguments = parser.parse_args()
    prepare(arguments.mentors)
    # As a worker does when it starts.
    keep_what_is_loaded()
    with acting_as(SYSTEM):
        report("drain.py", measure(), write=arguments.write)
