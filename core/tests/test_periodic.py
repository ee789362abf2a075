"""Jobs are registered where their tasks are, and beat and run_periodic take them from there."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from celery import current_app
from django.conf import settings
from django.core.management import CommandError, call_command
from redis import Redis

from core import periodic
from core.celery import app
from core.management.commands.run_periodic import forget_wake_ups, run_until
from core.periodic import Job, beat_schedule, jobs, load_tasks, register_job
from core.tenancy.identity import SYSTEM, current
from core.tenancy.tasks import SystemTask
from core.wakeup import wake


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> dict[str, Job]:
    """An empty registry; the tasks of the apps stay out."""
    empty: dict[str, Job] = {}
    load_tasks()
    monkeypatch.setattr(periodic, "_jobs", empty)
    return empty


@pytest.fixture
def job(registry: dict[str, Job]) -> Iterator[Callable[[str, Callable[[], object], float], None]]:
    """Registers a task of the test's own as a job."""
    made: list[str] = []

    def register(name: str, run: Callable[[], object], every_seconds: float) -> None:

        def task() -> None:
            run()

        app.task(name=f"test.{name}")(task)
        made.append(f"test.{name}")
        register_job(name, f"test.{name}", every_seconds)

    yield register
    for name in made:
        current_app.tasks.unregister(name)


def test_a_name_is_taken_once(registry: dict[str, Job]) -> None:
    register_job("drain", "app.drain", 3)
    with pytest.raises(ValueError, match="'drain' already"):
        register_job("drain", "app.other", 3)


@pytest.mark.parametrize("seconds", [0, -1])
def test_an_interval_is_positive(registry: dict[str, Job], seconds: float) -> None:
    with pytest.raises(ValueError, match="cannot run every"):
        register_job("drain", "app.drain", seconds)


def test_beat_lets_a_run_expire_when_the_next_is_due(registry: dict[str, Job]) -> None:
    register_job("drain", "app.drain", 3)
    assert beat_schedule() == {"drain": {"task": "app.drain", "schedule": 3, "options": {"expires": 3}}}


def test_every_job_of_the_apps_names_a_task_that_acts_as_the_system() -> None:
    load_tasks()
    assert {"drain_dashboard_updates", "beat_heart"} <= {job.name for job in jobs()}
    for each in jobs():
        assert isinstance(app.tasks[each.task_name], SystemTask)


def test_beat_and_workers_know_the_jobs_once_they_load_modules() -> None:
    app.loader.import_default_modules()
    assert app.conf.beat_schedule["beat_heart"]["task"] == "core.beat_heart"
    assert set(app.conf.beat_schedule) == {job.name for job in jobs()}


def test_run_once_runs_each_job_as_the_system_the_last_registered_first(job: Callable[..., None]) -> None:
    seen: list[object] = []
    job("first", lambda: seen.append(("first", current())), 60)
    job("second", lambda: seen.append(("second", current())), 60)
    call_command("run_periodic", "--once")
    assert seen == [("second", SYSTEM), ("first", SYSTEM)]


def test_a_job_that_fails_stops_no_other_and_is_named(
    job: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[str] = []

    def fail() -> None:
        raise LookupError("no such queue")

    job("first", fail, 60)
    job("second", lambda: seen.append("second"), 60)
    with pytest.raises(CommandError, match="These jobs failed: first"):
        call_command("run_periodic", "--once")
    assert seen == ["second"]
    assert "a periodic job failed" in caplog.text


def test_a_long_job_delays_no_other(job: Callable[..., None]) -> None:
    times: list[float] = []
    release, stopping = threading.Event(), threading.Event()
    job("long", lambda: release.wait(5), 0.01)
    job("short", lambda: times.append(time.monotonic()), 0.05)
    thread = threading.Thread(target=run_until, args=(stopping,))
    thread.start()
    time.sleep(0.5)
    stopping.set()
    release.set()
    thread.join(5)
    assert not thread.is_alive()
    assert 5 <= len(times) <= 11, "every 50 ms for half a second"


def test_a_job_that_fails_runs_again(job: Callable[..., None]) -> None:
    tries: list[int] = []
    stopping = threading.Event()

    def fail_twice() -> None:
        tries.append(len(tries))
        if len(tries) == 3:
            stopping.set()
        raise LookupError

    job("failing", fail_twice, 0.01)
    run_until(stopping)
    assert tries == [0, 1, 2]


def test_forgets_wake_ups_that_no_worker_reads(db: None) -> None:
    wake("student_dashboard.drain_dashboard_updates")
    broker = Redis.from_url(settings.REDIS_URL)
    assert broker.llen(settings.CELERY_TASK_DEFAULT_QUEUE) == 1
    forget_wake_ups()
    assert broker.llen(settings.CELERY_TASK_DEFAULT_QUEUE) == 0
