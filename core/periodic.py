"""The jobs that run by the clock: one registry for Celery's beat and for `manage.py run_periodic`."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps


@dataclass(frozen=True, slots=True)
class Job:
    """`task_name` runs every `every_seconds`."""

    name: str
    task_name: str
    every_seconds: float


_jobs: dict[str, Job] = {}


def register_job(name: str, task_name: str, every_seconds: float) -> None:
    """A `tasks` module says, when it is imported, that its task runs by the clock.

    Raises `ValueError` for a name that is taken and for an interval that is none.
    """
    if name in _jobs:
        raise ValueError(f"there is a job named {name!r} already")
    if every_seconds <= 0:
        raise ValueError(f"the job {name!r} cannot run every {every_seconds} s")
    _jobs[name] = Job(name, task_name, every_seconds)


def jobs() -> tuple[Job, ...]:
    """All jobs whose modules are loaded, in the order of their registration."""
    return tuple(_jobs.values())


def load_tasks() -> None:
    """Import every app's `tasks`, a package's modules included, so that its tasks and jobs are known."""
    for app in apps.get_app_configs():
        if find_spec(f"{app.name}.tasks") is None:
            continue
        tasks = import_module(f"{app.name}.tasks")
        for module in pkgutil.iter_modules(getattr(tasks, "__path__", ())):
            import_module(f"{app.name}.tasks.{module.name}")


def beat_schedule() -> Mapping[str, dict[str, Any]]:
    """What beat is given. A run that no worker took before the next one is due is not worth having."""
    return {
        job.name: {
            "task": job.task_name,
            "schedule": job.every_seconds,
            "options": {"expires": job.every_seconds},
        }
        for job in jobs()
    }
