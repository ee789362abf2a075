"""The jobs that run by the clock: one registry for Celery's beat and for `manage.py run_periodic`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Job:
    """`task_name` runs every `every_seconds`."""

    name: str
    task_name: str
    every_seconds: float


_jobs: dict[str, Job] = {}


def register_job(name: str, task_name: str, every_seconds: float) -> None:
    """Raises ValueError for a name that is taken."""
    if name in _jobs:
        raise ValueError(f"there is a job named {name!r} already")
    _jobs[name] = Job(name, task_name, every_seconds)


def jobs() -> tuple[Job, ...]:
    return tuple(_jobs.values())
