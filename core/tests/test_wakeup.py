"""A wake-up goes out after the commit; a dead or hung Redis costs next to nothing (architecture.md §6)."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any

import celery
import pytest
from django.db import transaction
from pytest_django.fixtures import Settings
from redis.exceptions import RedisError

from core.celery import app
from core.stream import bus
from core.wakeup import CircuitBreaker, attempt, begins, redis_client, shared_breaker, wake


@pytest.fixture(autouse=True)
def closed_breaker() -> Iterator[None]:
    shared_breaker().succeeded()
    yield
    shared_breaker().succeeded()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of tasks handed to Celery."""
    names: list[str] = []

    def keep(name: str, **options: Any) -> None:
        names.append(name)

    monkeypatch.setattr(celery.current_app, "send_task", keep)
    return names


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Accepts connections and never answers, like a server that hangs."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def seconds_of_ten_events() -> float:
    began = time.monotonic()
    for _ in range(10):
        assert not attempt(redis_client().ping)
        assert not bus.send([])
    return time.monotonic() - began


def test_a_dead_redis_costs_nearly_nothing(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.REDIS_URL = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
    assert seconds_of_ten_events() < 0.1


def test_a_hung_redis_costs_half_a_second_once(settings: Settings, silent_port: int) -> None:
    settings.REDIS_URL = f"redis://127.0.0.1:{silent_port}/0"
    assert 0.4 < seconds_of_ten_events() < 0.7


def test_a_dead_broker_costs_celery_nearly_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    options = {
        "socket_timeout": 0.5,
        "socket_connect_timeout": 0.25,
        "retry_on_timeout": False,
        "max_retries": 0,
    }
    app = celery.Celery(broker=f"redis://127.0.0.1:{port}/0", set_as_current=False)
    app.conf.update(broker_transport_options=options, broker_connection_timeout=0.3, task_publish_retry=False)
    began = time.monotonic()
    assert not attempt(lambda: app.send_task("some.task", retry=False, ignore_result=True))
    assert time.monotonic() - began < 0.3


def test_the_breaker_tries_once_after_its_time() -> None:
    time_now = [0.0]
    breaker = CircuitBreaker(5.0, clock=lambda: time_now[0])
    breaker.failed()
    time_now[0] = 4.9
    assert not breaker.lets_through()
    time_now[0] = 5.0
    assert [breaker.lets_through(), breaker.lets_through()] == [True, False]
    breaker.succeeded()
    assert breaker.lets_through()


def test_other_faults_are_not_swallowed() -> None:
    with pytest.raises(ZeroDivisionError):
        attempt(lambda: 1 / 0)


def test_faults_of_redis_are() -> None:
    def fail() -> None:
        raise RedisError("gone")

    assert not attempt(fail)


@pytest.mark.usefixtures("db")
def test_wakes_after_the_commit_and_once(sent: list[str]) -> None:
    with transaction.atomic():
        wake("drain")
        wake("drain")
        wake("deliver")
        assert sent == []
    assert sent == ["drain", "deliver"]


@pytest.mark.usefixtures("db")
def test_a_savepoint_that_is_taken_back_takes_no_other_wake_up_with_it(sent: list[str]) -> None:
    with transaction.atomic():
        inner = transaction.savepoint()
        wake("drain")
        transaction.savepoint_rollback(inner)
        wake("drain")
    with transaction.atomic():
        wake("never")
        transaction.set_rollback(True)
    assert sent == ["drain"]


@pytest.mark.usefixtures("db")
def test_one_that_waits_is_enough_until_it_begins(sent: list[str]) -> None:
    wake("drain")
    wake("drain")
    wake("deliver")
    assert sent == ["drain", "deliver"]
    begins("drain")
    wake("drain")
    wake("deliver")
    assert sent == ["drain", "deliver", "drain"]


@pytest.mark.usefixtures("db")
def test_one_that_is_lost_counts_as_waiting_for_a_second_at_most(sent: list[str]) -> None:
    wake("drain")
    assert 0 < redis_client().pttl("waiting:drain") <= 1000
    redis_client().pexpire("waiting:drain", 1)
    time.sleep(0.01)
    wake("drain")
    assert sent == ["drain", "drain"]


@pytest.mark.usefixtures("db")
def test_a_task_begins_before_it_looks_at_anything(sent: list[str]) -> None:
    def look() -> None:
        wake("tests.look")

    task: celery.Task[[], None] = app.task(name="tests.look")(look)
    wake(task.name)
    task.apply()
    assert sent == ["tests.look"] * 2
    del app.tasks[task.name]


@pytest.mark.usefixtures("db")
def test_one_that_could_not_be_sent_does_not_count_as_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str, **options: Any) -> None:
        raise RedisError("gone")

    monkeypatch.setattr(celery.current_app, "send_task", fail)
    wake("drain")
    assert not redis_client().exists("waiting:drain")


@pytest.mark.usefixtures("db")
def test_one_that_is_waited_for_carries_on_though_the_breaker_is_open(sent: list[str]) -> None:
    wake("drain")
    shared_breaker().failed()
    begins("drain")
    shared_breaker().succeeded()
    wake("drain")
    assert sent == ["drain"] * 2


@pytest.mark.usefixtures("db")
def test_wakes_at_once_outside_of_a_transaction(sent: list[str]) -> None:
    wake("drain")
    assert sent == ["drain"]
