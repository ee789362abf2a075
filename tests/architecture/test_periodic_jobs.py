"""What runs by the clock exists, acts as the system, and is sent by beat as it is registered."""

from __future__ import annotations

import inspect

from core.celery import app
from core.periodic import beat_schedule, jobs, load_tasks
from core.tenancy.tasks import SystemTask


def test_every_job_runs_a_task_that_exists() -> None:
    load_tasks()
    assert jobs()
    assert [job.name for job in jobs() if job.task_name not in app.tasks] == []


def test_every_task_of_ours_acts_as_the_system() -> None:
    load_tasks()
    ours = {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}
    assert {job.task_name for job in jobs()} <= ours.keys()
    assert [name for name, task in ours.items() if not isinstance(task, SystemTask)] == []


def test_every_job_can_be_sent_without_arguments() -> None:
    load_tasks()
    for job in jobs():
        run = inspect.signature(app.tasks[job.task_name].run)
        required = [
            each for each in run.parameters.values() if each.default is each.empty and each.kind < each.VAR_POSITIONAL
        ]
        assert required == [], job.name


def test_beat_sends_every_job_and_no_other() -> None:
    load_tasks()
    sent = {name: (entry["task"], entry["schedule"]) for name, entry in beat_schedule().items()}
    assert sent == {job.name: (job.task_name, job.every_seconds) for job in jobs()}


def test_names_of_jobs_and_tasks_are_used_once() -> None:
    load_tasks()
    assert len({job.name for job in jobs()}) == len({job.task_name for job in jobs()}) == len(jobs())
