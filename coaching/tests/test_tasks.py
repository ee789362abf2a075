"""The periodic tasks … (product.md §12, invariant 15)"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from celery import current_app
from django.apps import apps
from django.conf import settings
from django.core import serializers

from coaching import tasks
from coaching.actions import midnight
from coaching.models import Goal
from coaching.tests.world import DAY, MONDAY, NOON, breaks, goal_of, habit_of, log_in_bulk, log_row
from conftest import Cast
from core import clock
from core.periodic import jobs
from core.tenancy.identity import current
from tests.database import as_system, login

LATE = NOON + 5 * DAY


def run(name: str, at: datetime = LATE) -> Any:
    with login(settings.DATABASE_WORKER_URL), clock.pinned(at):
        return current_app.tasks[name]()


def everything() -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables of ours."""
    ours = ("core.", "users.", "student_dashboard.", "missions.", "coaching.", "mentorship_coordination.")
    with as_system():
        return {
            model._meta.label: serializers.serialize("python", model._default_manager.order_by("pk"))
            for model in apps.get_models()
            if f"{model.__module__.split('.')[0]}." in ours
        }


@pytest.fixture
def past_midnight(cast: Cast) -> Cast:
    log_row(cast.student, habit_of(cast.student), 3)
    habit = habit_of(cast.student, name="Short")
    log_row(cast.student, habit, 1)
    goal_of(cast.student, MONDAY)
    return cast


def test_notice_streaks_and_the_second_time_change_nothing(past_midnight: Cast) -> None:
    before = everything()
    assert run(tasks.STREAKS) == 2
    after = everything()
    assert (breaks(), after != before) == ([(MONDAY + 2 * DAY, 3)], True)

    assert run(tasks.STREAKS) == 0
    assert everything() == after


def test_notice_goals_and_the_second_time_change_nothing(past_midnight: Cast) -> None:
    assert run(tasks.GOALS) == 1
    after = everything()
    assert [row["fields"]["number"] for row in after["coaching.MissedDeadline"]] == [1]

    assert run(tasks.GOALS) == 0
    assert everything() == after


def test_go_on_until_nothing_is_left(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(midnight, "STREAK_BATCH", 2)
    monkeypatch.setattr(midnight, "GOAL_BATCH", 2)
    for number in range(4):
        log_in_bulk(habit_of(cast.student, name=f"Habit {number}"), [(MONDAY, "done")])
    for number in range(5):
        goal_of(cast.student, MONDAY, title=f"Goal {number}")

    assert (run(tasks.STREAKS), run(tasks.GOALS)) == (4, 5)

    with as_system():
        assert not Goal.objects.filter(overdue_since=None).exists()


def test_act_as_the_system_at_one_instant(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def notice(*, at: datetime, limit: int) -> int:
        seen.append((current().role.value, at))
        return limit if len(seen) < 3 else 0

    monkeypatch.setattr(midnight, "notice_broken_streaks", notice)
    with clock.pinned(LATE):
        tasks.notice_broken_streaks()

    assert seen == [("system", LATE)] * 3


def test_run_every_half_minute() -> None:
    found = {job.task_name: job.every_seconds for job in jobs()}

    assert (found[tasks.STREAKS], found[tasks.GOALS]) == (30, 30)
