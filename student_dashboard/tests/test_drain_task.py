"""The task takes everything that waits, gives its time a limit, and first finds what dead workers left."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings

from conftest import Cast
from core import clock
from core.periodic import jobs
from core.tenancy.identity import ANON, current
from student_dashboard import aggregation, tasks
from student_dashboard.models import DashboardUpdateQueue
from student_dashboard.outbox import claim_refreshes
from student_dashboard.tests.refreshes import enrolled_students, queue, waiting
from tests.database import as_system, as_worker, login


def run() -> int:
    """As a worker does: with its login, and no identity until the task's base says one."""
    with login(settings.DATABASE_WORKER_URL):
        assert current() == ANON
        taken: int = tasks.drain_dashboard_updates()
        return taken


def test_runs_until_nothing_waits(db: None) -> None:
    queue(*enrolled_students(230))
    assert run() == 230
    assert waiting() == []
    assert run() == 0


def test_stops_when_its_time_is_over(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "LONGEST_RUN_SECONDS", 0.0)
    queue(*enrolled_students(201))
    assert run() == 200
    assert len(waiting()) == 1


def test_finds_what_a_dead_worker_left(cast: Cast) -> None:
    queue(cast.student)
    with as_worker():
        claim_refreshes(limit=1, worker="gone", at=clock.now() - timedelta(minutes=3))
    with as_system():
        DashboardUpdateQueue.objects.update(claimed_at=clock.now() - timedelta(minutes=3))
    run()
    [row] = waiting()
    assert (row.attempts, row.last_error) == (1, "the worker did not finish")


def test_is_swept_every_three_seconds() -> None:
    [job] = [job for job in jobs() if job.task_name == aggregation.DRAIN]
    assert job.every_seconds == 3.0
