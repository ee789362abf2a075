"""What Prometheus is told: requests by view, and how much work waits (app.gauges)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import structlog
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse
from prometheus_client import REGISTRY, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from core import clock

logger = structlog.get_logger(__name__)

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

REQUESTS = Counter("mentorship_requests", "Requests answered.", ["view", "method", "status"])
LATENCY = Histogram("mentorship_request_seconds", "From request to answer.", ["view", "method"], buckets=SECONDS)

#: Names of app.gauges, and what each counts.
WAITING = {
    "open_work_items": "Work items that are neither completed nor cancelled.",
    "waiting_refreshes": "Dashboards that wait to be refreshed.",
    "dead_refreshes": "Refreshes that were given up.",
    "pending_mails": "Mails that are not sent yet.",
    "late_work_items": "Open work items past their due time.",
    "pool_work_items": "Open work items without a mentor.",
    "oldest_work_item_seconds": "Since the clock of the oldest open work item began.",
    "oldest_refresh_seconds": "Since the oldest waiting refresh was asked for.",
    "oldest_mail_seconds": "Since the oldest unsent mail was written.",
    "refreshed_in_a_minute": "Dashboards computed within the last minute.",
    "unmatched_students": "Active students without a primary mentor.",
}


class RequestMetrics:
    """Middleware, the outermost. Labels are routes as they are written, not paths as they are asked for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        view = match.route or "/" if match else "unmatched"
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(view, method, response.status_code).inc()
        LATENCY.labels(view, method).observe(time.perf_counter() - began)
        return response


class QueueDepths(Collector):
    """Counted when Prometheus asks. With the database away it says that, and the page still stands."""

    def describe(self) -> list[GaugeMetricFamily]:
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        counts = self._counts()
        yield GaugeMetricFamily(
            "mentorship_database_up", "Whether PostgreSQL answers.", value=float(counts is not None)
        )
        for name, meaning in WAITING.items() if counts is not None else ():
            yield GaugeMetricFamily(f"mentorship_{name}", meaning, value=float((counts or {})[name]))

    def _counts(self) -> dict[str, int] | None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT name, value FROM app.gauges(%s)", [clock.now()])
                return dict(cursor.fetchall())
        except Error as error:
            logger.warning("the queues could not be counted", error=str(error))
            return None


REGISTRY.register(QueueDepths())
