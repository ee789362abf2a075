"""Operations learn what is wrong without signing in, and the answer never waits for what is broken."""

from __future__ import annotations

import re
import socket
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from prometheus_client.parser import text_string_to_metric_families
from pytest_django.fixtures import Settings

from conftest import Cast
from core import clock, health
from core.heartbeats import Heart, note_heartbeat
from core.metrics import WAITING
from mentorship_coordination.enums import MailState, NotificationKind
from mentorship_coordination.models.notifications import Notification
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.tests.queue_world import open_item
from student_dashboard.models import DashboardUpdateQueue, StudentDashboard
from tests.database import as_system, as_worker, login

pytestmark = pytest.mark.usefixtures("db")

NO_DATABASE = "postgresql://nobody:none@127.0.0.1:1/none"


@pytest.fixture
def workers() -> None:
    with as_worker():
        for heart in (Heart.WORKER, Heart.BEAT):
            note_heartbeat(heart=heart, at=clock.now())


def sample(text: str, name: str, **labels: str) -> float | None:
    """The value of one sample on the page, or None."""
    for family in text_string_to_metric_families(text):
        for found in family.samples:
            if found.name == name and found.labels == labels:
                return float(found.value)
    return None


def page() -> str:
    return Client().get("/metrics").content.decode()


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_what_is_asked_inside_is_not_sent_to_https(settings: Any, path: str) -> None:
    settings.SECURE_SSL_REDIRECT = True
    client = Client()
    assert client.get(path).status_code not in (301, 302)
    assert client.get("/").status_code == 301


def test_the_process_is_alive_whatever_else_is_not() -> None:
    client = Client()
    client.cookies["sessionid"] = "made-up-" + "x" * 24
    with login(NO_DATABASE):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.usefixtures("workers")
def test_is_ready_when_all_is_well() -> None:
    answer = Client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "checks": {"database": "ok", "migrations": "ok", "worker": "ok", "beat": "ok", "broker": "ok"},
    }
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.usefixtures("workers")
def test_is_ready_with_the_broker_down(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.REDIS_URL = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["checks"]["broker"] == "degraded"
    assert answer.json()["checks"]["database"] == "ok"


@pytest.mark.parametrize(("silent", "loud"), [(Heart.WORKER, Heart.BEAT), (Heart.BEAT, Heart.WORKER)])
def test_is_ready_with_a_background_process_away(silent: Heart, loud: Heart) -> None:
    with as_worker():
        note_heartbeat(heart=loud, at=clock.now())
    answer = Client().get("/readyz")
    checks = answer.json()["checks"]
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert (checks[silent], checks[loud]) == ("degraded", "ok")


def test_is_not_ready_without_the_database() -> None:
    with login(NO_DATABASE):
        answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "failed")
    assert answer.json()["checks"] == {
        "database": "failed",
        "migrations": "unknown",
        "worker": "unknown",
        "beat": "unknown",
        "broker": "ok",
    }


@pytest.mark.usefixtures("workers")
def test_is_not_ready_with_migrations_to_apply(monkeypatch: pytest.MonkeyPatch) -> None:
    known = health._migrations_of_the_code()
    monkeypatch.setattr(health, "_migrations_of_the_code", lambda: known | {("core", "9999_later")})
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "failed")
    assert answer.json()["checks"]["migrations"] == "failed"


@pytest.mark.parametrize(("path", "count"), [("/healthz", 0), ("/readyz", 3), ("/metrics", 1)])
def test_asks_nobody_who_they_are(path: str, count: int) -> None:
    Client().get(path)
    client = Client()
    client.cookies["sessionid"] = "made-up-" + "x" * 24
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    questions = [query["sql"] for query in captured.captured_queries]
    assert len(questions) == count
    assert not [sql for sql in questions if re.search("person|session|BEGIN", sql)]


def test_counts_what_waits(cast: Cast) -> None:
    at = clock.now() - timedelta(minutes=5)
    long_ago, now = at - timedelta(days=30), clock.now()
    late, soon, pooled, _ = [open_item(cast.enrolment, started_at=begun) for begun in (long_ago, now, now, now)]
    with as_system():
        MentorWorkQueue.objects.filter(pk=pooled).update(mentor=None)
        done = MentorWorkQueue.objects.exclude(pk__in=[late, soon, pooled])
        done.update(
            status="completed",
            completed_at=now,
            mentor=None,
            due_at=long_ago,
            clock_started_at=long_ago - timedelta(days=9),
        )
        MentorWorkQueue.objects.filter(pk=late).update(clock_started_at=at)
        StudentDashboard.objects.filter(student=cast.student).update(computed_at=now)
        for person, requested_at, claimed_at, dead_at in (
            (cast.student, at, None, None),
            (cast.stranger, at, None, None),
            (cast.mentor, long_ago, now, None),
            (cast.student, long_ago, None, at),
        ):
            DashboardUpdateQueue.objects.create(
                student=person, rank=2, reasons=["x"], requested_at=requested_at, available_at=at,
                claimed_at=claimed_at, dead_at=dead_at,
            )  # fmt: skip
        for state in (MailState.PENDING, MailState.NONE):
            Notification.objects.create(
                recipient=cast.mentor,
                kind=NotificationKind.CAPACITY,
                title="Full",
                created_at=at,
                mail_state=state,
                mail_available_at=at,
            )
    text = page()
    told = {name: sample(text, f"mentorship_{name}") for name in WAITING}
    for name in ("oldest_refresh_seconds", "oldest_mail_seconds", "oldest_work_item_seconds"):
        assert 299 <= (told.pop(name) or 0) <= 330, name
    assert told == {
        "open_work_items": 3,
        "late_work_items": 1,
        "pool_work_items": 1,
        "waiting_refreshes": 2,
        "dead_refreshes": 1,
        "refreshed_in_a_minute": 0,
        "unmatched_students": 0,
        "pending_mails": 1,
    }
    assert sample(text, "mentorship_database_up") == 1


def test_shows_metrics_without_the_database() -> None:
    with login(NO_DATABASE):
        text = page()
    assert sample(text, "mentorship_database_up") == 0
    assert sample(text, "mentorship_waiting_refreshes") is None


def test_counts_requests_by_route_and_never_by_path() -> None:
    labels = {"view": "readyz", "method": "GET", "status": "200"}
    before = sample(page(), "mentorship_requests_total", **labels) or 0.0
    for _ in range(3):
        Client().get("/readyz?probe=1")
    Client().get("/no/such/path")
    Client().generic("BREW", "/no/such/path")
    text = page()
    assert sample(text, "mentorship_requests_total", **labels) == before + 3
    assert sample(text, "mentorship_requests_total", view="unmatched", method="GET", status="404")
    assert sample(text, "mentorship_requests_total", view="unmatched", method="other", status="404")
    assert "no/such/path" not in text


def test_measures_how_long_requests_take() -> None:
    name, labels = "mentorship_request_seconds_count", {"view": "healthz", "method": "GET"}
    before = sample(page(), name, **labels) or 0.0
    Client().get("/healthz")
    assert sample(page(), name, **labels) == before + 1
