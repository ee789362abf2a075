from __future__ import annotations

from collections.abc import Callable
from typing import cast

import structlog
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django_structlog.middlewares import RequestMiddleware

from core.requests import HEADER, RequestIdMiddleware

View = Callable[[HttpRequest], HttpResponse]


def served(given: str | None) -> tuple[str, object]:
    """The id of the answer and the id in the log lines of one request."""
    logged: list[object] = []

    def view(request: HttpRequest) -> HttpResponse:
        logged.append(structlog.contextvars.get_contextvars().get("request_id"))
        return HttpResponse()

    request = RequestFactory().get("/", headers={} if given is None else {HEADER: given})
    answer = RequestIdMiddleware(cast("View", RequestMiddleware(view)))(request)
    return answer[HEADER], logged[0]


def test_is_the_one_that_came() -> None:
    assert served("support-12345") == ("support-12345", "support-12345")


def test_is_made_when_none_came_or_a_bad_one() -> None:
    for given in (None, "x", "a\nb" * 9):
        answered, logged = served(given)
        assert answered == logged
        assert len(answered) == 36
