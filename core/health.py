"""What those who run the system ask: does it live, is it ready, how much does it have to do.

Nobody signs in here, and the answers hold states and counts alone. The views open no transaction, so that
they answer with the database away too. Source: operations.md, "Health".
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from http import HTTPStatus
from typing import Any, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db import Error, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from redis.exceptions import RedisError

import core.metrics  # noqa: F401 - registers what /metrics shows
from core import clock
from core.heartbeats import Heart, living_hearts
from core.tenancy.identity import Role
from core.wakeup import redis_client

View = TypeVar("View", bound=Callable[..., HttpResponse])

OK, DEGRADED, FAILED, UNKNOWN = "ok", "degraded", "failed", "unknown"
#: Without these nothing can be answered; without the others work only waits.
NEEDED = frozenset({"database", "migrations"})


def for_anybody(view: View) -> View:
    """No transaction, no person, no cached answer."""

    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        # The log's middleware asks who it was once the view is done: with a cookie that is a query, and a 500 while the
        # database is away.
        request.user = AnonymousUser()
        return view(request)

    open_view: Any = transaction.non_atomic_requests(never_cache(answer))
    open_view.acts_as = Role.ANON
    return open_view  # type: ignore[no-any-return]


@for_anybody
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. It asks nobody else."""
    return JsonResponse({"status": OK})


@for_anybody
def readyz(request: HttpRequest) -> HttpResponse:
    """200, or 503 without the database or with migrations that are not applied. The rest is degraded."""
    checks = {**_database_checks(), "broker": _broker_state()}
    is_ready = all(checks[name] == OK for name in NEEDED)
    status = OK if set(checks.values()) == {OK} else DEGRADED if is_ready else FAILED
    code = HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE
    return JsonResponse({"status": status, "checks": checks}, status=code)


@for_anybody
def metrics(request: HttpRequest) -> HttpResponse:
    """The text format of Prometheus, of this process."""
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


def _database_checks() -> dict[str, str]:
    try:
        applied = MigrationRecorder(connection).applied_migrations()
        living = living_hearts(clock.now())
    except Error:
        return {"database": FAILED, "migrations": UNKNOWN, "worker": UNKNOWN, "beat": UNKNOWN}
    return {
        "database": OK,
        "migrations": OK if _migrations_of_the_code() <= applied.keys() else FAILED,
        "worker": OK if Heart.WORKER in living else DEGRADED,
        "beat": OK if Heart.BEAT in living else DEGRADED,
    }


@cache
def _migrations_of_the_code() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).disk_migrations)


def _broker_state() -> str:
    try:
        redis_client().ping()
    except (RedisError, OSError):
        return DEGRADED
    return OK
