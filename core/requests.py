"""What a request is in the logs. `X-Request-ID` in and out: the same id is in all its lines and those of its tasks.

A task that waited to begin already serves several requests, and has the id of the one that sent it (core.wakeup).
"""

import re
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse
from django_structlog.middlewares import RequestMiddleware
from rest_framework.throttling import BaseThrottle

from core.identifiers import new_id

HEADER = "X-Request-ID"
ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{8,100}")


class RequestIdMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Not `request.headers`: it is kept from the first look on, and whoever logs must see the id set below.
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = given if ACCEPTABLE.fullmatch(given) else str(new_id())
        request.META["HTTP_X_REQUEST_ID"] = request_id
        response = self.get_response(request)
        response[HEADER] = request_id
        return response


class RequestLogMiddleware(RequestMiddleware):
    """Says the address that limits count, too: that of the connection, or what as many proxies as we have appended.

    The base class believes any `X-Forwarded-For`, and so whoever sends one.
    """

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        structlog.contextvars.bind_contextvars(ip=BaseThrottle().get_ident(request))  # type: ignore[arg-type]
