"""Background processes say that they live; silence for a minute says that they do not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from celery.signals import before_task_publish, task_prerun
from django.conf import settings
from django.db import transaction

from core import clock
from core.heartbeats import BEAT_SECONDS, Heart, living_hearts, note_heartbeat
from core.models import Heartbeat
from core.tasks import BEAT_HEART, _Noted, beat_heart, follow_beat, note_beat
from tests.database import as_system, as_worker, login

pytestmark = pytest.mark.usefixtures("db")

AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
ALL = frozenset(Heart)


@pytest.fixture
def followed_beat() -> Iterator[None]:
    follow_beat()
    yield
    before_task_publish.disconnect(sender=BEAT_HEART, dispatch_uid=BEAT_HEART)


def beat(heart: Heart, at: datetime = AT) -> None:
    with as_worker():
        note_heartbeat(heart=heart, at=at)


def living(at: datetime) -> frozenset[Heart]:
    with transaction.atomic():
        return living_hearts(at)


def names() -> list[tuple[str, datetime]]:
    with as_system():
        return list(Heartbeat.objects.order_by("name").values_list("name", "beaten_at"))


def test_a_heart_beats_for_a_minute() -> None:
    beat(Heart.WORKER)
    assert living(AT + timedelta(seconds=59)) == {Heart.WORKER}
    assert living(AT + timedelta(seconds=60)) == frozenset()


def test_each_kind_has_one_row() -> None:
    beat(Heart.BEAT)
    beat(Heart.BEAT, AT + timedelta(seconds=10))
    assert names() == [("beat", AT + timedelta(seconds=10))]


def test_run_periodic_stands_for_all() -> None:
    beat(Heart.PERIODIC)
    assert living(AT) == ALL


def test_rows_of_other_names_count_for_nothing() -> None:
    with as_system():
        Heartbeat.objects.create(name="match_run", beaten_at=AT)
    assert living(AT) == frozenset()


def test_the_job_beats_for_run_periodic_when_it_is_called() -> None:
    with login(settings.DATABASE_WORKER_URL), clock.pinned(AT):
        beat_heart()
    assert names() == [("periodic", AT)]


def test_the_job_beats_for_the_worker_when_a_message_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Noted, "at", time.monotonic())  # the job itself, not that a worker began it
    with login(settings.DATABASE_WORKER_URL), clock.pinned(AT):
        beat_heart.apply().get()
    assert names() == [("worker", AT)]


@pytest.mark.usefixtures("followed_beat")
def test_beat_notes_that_it_lives_as_it_sends_the_job() -> None:
    with login(settings.DATABASE_WORKER_URL), clock.pinned(AT):
        before_task_publish.send(sender="some.other_task")
        assert names() == []
        before_task_publish.send(sender=BEAT_HEART)
    assert names() == [("beat", AT)]


def test_beat_goes_on_with_the_database_away() -> None:
    with login("postgresql://nobody:none@127.0.0.1:1/none"):
        note_beat()
    assert names() == []


def test_a_worker_that_begins_a_task_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its `beat_heart` may wait behind long tasks until it is stale; once in ten seconds is enough."""
    monkeypatch.setattr(_Noted, "at", -BEAT_SECONDS)
    monkeypatch.setattr(settings, "DATABASE_LOGIN", "worker")
    with login(settings.DATABASE_WORKER_URL):
        for minutes in range(3):
            with clock.pinned(AT + timedelta(minutes=minutes)):
                task_prerun.send(sender=beat_heart, task_id="one", task=beat_heart)
    assert names() == [("worker", AT)]
