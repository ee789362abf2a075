"""Every periodic job may run twice: the second time changes nothing (product.md §12, invariant 15)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.apps import apps
from django.conf import settings
from django.core import serializers

from conftest import Cast
from core import clock
from core.actions import action
from core.enums import Rank
from core.periodic import Job, jobs, load_tasks
from student_dashboard.aggregation import DashboardAggregationService
from tests.database import as_system, as_worker, login

load_tasks()


@action
def ask_for_refreshes(cast: Cast) -> None:
    DashboardAggregationService.queue_update(cast.student, "test", Rank.NORMAL)
    DashboardAggregationService.queue_update(cast.stranger, "test", Rank.HIGH)


def run(job: Job) -> None:
    with login(settings.DATABASE_WORKER_URL):
        current_app.tasks[job.task_name]()


def everything() -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables of ours."""
    with as_system():
        return {
            model._meta.label: serializers.serialize("python", model._default_manager.order_by("pk"))
            for model in apps.get_models()
            if model.__module__.split(".")[0] in {"core", "users", "student_dashboard", "missions"}
            or model.__module__.startswith("mentorship_coordination")
        }


@pytest.mark.parametrize("job", jobs(), ids=lambda job: job.name)
def test_a_second_run_changes_nothing(cast: Cast, job: Job) -> None:
    with as_worker():
        ask_for_refreshes(cast)
    with clock.pinned(clock.now() + timedelta(days=3)):
        run(job)
        after_one = everything()
        run(job)
        assert everything() == after_one
