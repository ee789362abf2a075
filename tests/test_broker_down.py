"""The broker dies in the middle: nothing is refused, nothing is slow, nothing is lost (architecture.md §1)."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from django.core.management import call_command

from conftest import Cast
from core.tests.brokers import Broker
from student_dashboard.models import DashboardUpdateQueue
from tests import loop
from tests.api_client import ApiClient
from tests.database import as_system, as_worker
from tests.servers import web_server, worker

#: Generous for a loaded machine; an unbounded wait for a dead broker would take much longer.
ONE_REQUEST = 3.0


@pytest.fixture
def broker(tmp_path: Path) -> Broker:
    return Broker(tmp_path)


def test_refuses_nothing_and_loses_nothing(cast: Cast, broker: Broker) -> None:
    with web_server(REDIS_URL=broker.url) as site:
        student, mentor = ApiClient(site, cast.student), ApiClient(site, cast.mentor)
        submission_id = loop.hand_in(student, cast)
        broker.kill()
        try:
            began = time.monotonic()
            loop.review(mentor, submission_id)
            loop.book(mentor, cast, days=3)
            loop.flag(mentor, cast)
            assert time.monotonic() - began < 3 * ONE_REQUEST
            with as_system():
                waiting = DashboardUpdateQueue.objects.get(student=cast.student)
                assert (waiting.rank, waiting.hits) == (0, 4)

            with as_worker():
                call_command("run_periodic", once=True, verbosity=0)
            assert loop.is_settled(student)
            assert loop.figures(student)["sections"]["missions"]["recent_feedback"][0]["decision"] == "approved"
        finally:
            broker.close()


def test_a_worker_that_comes_back_catches_up(cast: Cast, broker: Broker) -> None:
    with web_server(REDIS_URL=broker.url) as site:
        student, mentor = ApiClient(site, cast.student), ApiClient(site, cast.mentor)
        broker.kill()
        submission_id = loop.hand_in(student, cast)
        broker.start()
        try:
            with worker(REDIS_URL=broker.url):
                time.sleep(5.5)  # the circuit breaker of the web process closes again
                loop.review(mentor, submission_id)
                loop.wait_for(lambda: loop.is_settled(student))
        finally:
            broker.close()
    with as_system():
        assert not DashboardUpdateQueue.objects.exists()
