from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from io import StringIO
from typing import cast

import pytest
import structlog
from celery import Task
from celery.worker.request import Request
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django_structlog.celery.steps import DjangoStructLogInitStep
from rest_framework.settings import api_settings

from core.celery import app
from core.logs import configure_logs
from core.requests import HEADER, RequestIdMiddleware, RequestLogMiddleware
from core.wakeup import shared_breaker, wake

View = Callable[[HttpRequest], HttpResponse]


def served(given: str | None) -> tuple[str, object]:
    """The id of the answer and the id in the log lines of one request."""
    logged: list[object] = []

    def view(request: HttpRequest) -> HttpResponse:
        logged.append(structlog.contextvars.get_contextvars().get("request_id"))
        return HttpResponse()

    request = RequestFactory().get("/", headers={} if given is None else {HEADER: given})
    answer = RequestIdMiddleware(cast("View", RequestLogMiddleware(view)))(request)
    return answer[HEADER], logged[0]


def test_is_the_one_that_came() -> None:
    assert served("support-12345") == ("support-12345", "support-12345")


def test_is_made_when_none_came_or_a_bad_one() -> None:
    for given in (None, "x", "a\nb" * 9):
        answered, logged = served(given)
        assert answered == logged
        assert len(answered) == 36


@pytest.mark.parametrize(("proxies", "address"), [(0, "192.0.2.7"), (1, "198.51.100.9"), (2, "203.0.113.5")])
def test_comes_with_the_address_that_our_proxies_vouch_for(
    monkeypatch: pytest.MonkeyPatch, proxies: int, address: str
) -> None:
    monkeypatch.setattr(api_settings, "NUM_PROXIES", proxies)
    logged: list[object] = []

    def view(request: HttpRequest) -> HttpResponse:
        logged.append(structlog.contextvars.get_contextvars().get("ip"))
        return HttpResponse()

    forged = {"X-Forwarded-For": "10.0.0.1, 203.0.113.5, 198.51.100.9"}
    request = RequestFactory().get("/", headers=forged, REMOTE_ADDR="192.0.2.7")
    RequestLogMiddleware(view)(request)
    assert logged == [address]


@pytest.fixture
def lines() -> Iterator[StringIO]:
    """What is written of this logger's lines where LOG_JSON is set."""
    formatter = dict(configure_logs(level="INFO", as_json=True)["formatters"]["structured"])
    handler = logging.StreamHandler(StringIO())
    handler.setFormatter(formatter.pop("()")(**formatter))
    logger = logging.getLogger("tests.task")
    logger.addHandler(handler)
    yield handler.stream
    logger.removeHandler(handler)


@pytest.fixture
def talking_task() -> Iterator[str]:
    def talk() -> None:
        structlog.get_logger("tests.task").warning("drained", students=3)

    task: Task[[], None] = app.task(name="tests.talk")(talk)
    step = DjangoStructLogInitStep(None)  # its receivers live as long as it
    yield task.name
    del step
    del app.tasks[task.name]


def run_next() -> None:
    """What a worker does with the next message of its queue, without the worker's process."""
    with app.connection_for_read() as broker, broker.channel() as channel:
        message = app.amqp.queues[settings.CELERY_TASK_DEFAULT_QUEUE](channel).get(no_ack=True)
        assert message is not None, "nothing was sent"
        task = app.tasks[message.headers["task"]]
        Request(message, app=app, task=task, hostname="tests", on_ack=lambda *given: None).execute()


def test_is_in_the_lines_of_the_tasks_that_the_request_wakes(db: None, talking_task: str, lines: StringIO) -> None:
    shared_breaker().succeeded()

    def view(request: HttpRequest) -> HttpResponse:
        wake(talking_task)
        return HttpResponse()

    for given in ("support-12345", "support-67890"):
        request = RequestFactory().get("/", headers={HEADER: given})
        RequestIdMiddleware(cast("View", RequestLogMiddleware(view)))(request)
        structlog.contextvars.clear_contextvars()
        run_next()

    written = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert [(line["event"], line["students"], line["request_id"]) for line in written] == [
        ("drained", 3, "support-12345"),
        ("drained", 3, "support-67890"),
    ]
    assert len({line["task_id"] for line in written}) == 2
