"""The stream over HTTP, against real PostgreSQL, a real broker and a real server process."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from typing import Any

import pytest
from django.conf import settings as project
from django.test import Client
from pytest_django.fixtures import Settings

from core import clock
from core.serving import free_port
from core.stream import bus
from core.tests.brokers import Broker, wait_for
from core.tests.stream_people import access_token, new_mentor, sign_in, sign_out, tell
from core.wakeup import shared_breaker
from tests.database import as_system
from users.models import AccessToken, User
from users.secrets import digest_of

pytestmark = pytest.mark.usefixtures("db")

PATH = "/api/v1/mentor/dashboard/stream"


class Stream:
    """One open stream; `events` reads until so many have come."""

    def __init__(self, port: int, cookie: str = "", **headers: str) -> None:
        self.connection = HTTPConnection("127.0.0.1", port, timeout=10)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if cookie:
            named["Cookie"] = f"{project.SESSION_COOKIE_NAME}={cookie}"
        self.connection.request("GET", PATH, headers=named)
        self.response: HTTPResponse = self.connection.getresponse()

    def events(self, count: int) -> list[tuple[int, str, dict[str, object]]]:
        found: list[tuple[int, str, dict[str, object]]] = []
        block = ""
        while len(found) < count:
            line = self.response.readline().decode()
            assert line, "the stream has ended"
            block += line
            if line == "\n":
                event = re.fullmatch(r"id: (\d+)\nevent: (\w+)\ndata: (.*)\n\n", block)
                if event:
                    found.append((int(event[1]), event[2], json.loads(event[3])))
                block = ""
        return found

    def numbers(self, count: int) -> list[int]:
        return [number for number, _, _ in self.events(count)]


@pytest.fixture(scope="module")
def own_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    broker = Broker(tmp_path_factory.mktemp("broker"))
    yield broker
    broker.kill()


@pytest.fixture(autouse=True)
def broker(own_broker: Broker, settings: Settings) -> Iterator[Broker]:
    settings.REDIS_URL = own_broker.url
    shared_breaker().succeeded()
    yield own_broker
    shared_breaker().succeeded()


def start_server(broker: Broker) -> tuple[int, subprocess.Popen[bytes]]:
    port = free_port()
    environment = os.environ | {
        "DATABASE_LOGIN": "app",
        "DATABASE_URL": project.DATABASE_URL,
        "DATABASE_APP_URL": project.DATABASE_APP_URL,
        "DATABASE_WORKER_URL": project.DATABASE_WORKER_URL,
        "REDIS_URL": broker.url,
        "SECRET_KEY": project.SECRET_KEY,
        "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"],
    }
    command = [sys.executable, "-m", "uvicorn", "--factory", "core.tests.stream_server:application"]
    options = ["--port", str(port), "--log-level", "warning", "--http", "core.stream.server:StreamProtocol"]
    process = subprocess.Popen([*command, *options], env=environment)
    wait_for(port, process)
    return port, process


@pytest.fixture(scope="module")
def port(own_broker: Broker) -> Iterator[int]:
    """A server that all tests of this file share, like its broker."""
    port, process = start_server(own_broker)
    yield port
    process.kill()
    process.wait()


def test_opens_with_a_snapshot_and_goes_on_live(port: int) -> None:
    mentor = new_mentor()
    tell(mentor, count=2)
    stream = Stream(port, sign_in(mentor), X_Request_ID="r-1")
    [(number, event, data)] = stream.events(1)
    assert (number, event) == (2, "snapshot")
    assert data == {"user": str(mentor), "role": "app_mentor", "isolation": "repeatable read"}
    began = time.monotonic()
    tell(mentor)
    assert stream.events(1) == [(3, "work_queue", {"n": 0})]
    assert time.monotonic() - began < 0.6, "the bus carries it, before the next comparison with the database"
    assert stream.response.headers["Content-Type"] == "text/event-stream"
    assert stream.response.headers["Cache-Control"] == "no-cache, no-transform"
    assert stream.response.headers["X-Accel-Buffering"] == "no"
    assert stream.response.headers["X-Request-ID"] == "r-1"


def test_resumes_after_the_last_number(port: int) -> None:
    mentor = new_mentor()
    tell(mentor, count=500)
    stream = Stream(port, sign_in(mentor), Last_Event_ID="40")
    assert stream.numbers(460) == list(range(41, 501))


def test_answers_a_future_number_with_a_reset(port: int) -> None:
    mentor = new_mentor()
    tell(mentor, count=3)
    [(number, event, _)] = Stream(port, sign_in(mentor), Last_Event_ID="4").events(1)
    assert (number, event) == (3, "reset")


def test_accepts_a_token(port: int) -> None:
    mentor = new_mentor()
    stream = Stream(port, Authorization=f"Bearer {sign_in(mentor)}")
    assert stream.events(1)[0][1] == "snapshot"


def asked_of_both(port: int, path: str = PATH, **headers: str) -> list[tuple[int, str | None, str | None, Any]]:
    """Status, challenge, media type and body, as the stream's server says it and as Django says it."""
    connection_to = HTTPConnection("127.0.0.1", port, timeout=10)
    connection_to.request("GET", path, headers=headers)
    streamed = connection_to.getresponse()
    served = Client().get(path, headers=headers)
    return [
        (
            streamed.status,
            streamed.headers["WWW-Authenticate"],
            streamed.headers["Content-Type"],
            json.loads(streamed.read()),
        ),
        (
            served.status_code,
            served.headers.get("WWW-Authenticate"),
            served.headers.get("Content-Type"),
            json.loads(served.content),
        ),
    ]


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "not_authenticated"),
        ({"Cookie": f"{project.SESSION_COOKIE_NAME}=nobodys"}, "not_authenticated"),
        ({"Authorization": "Bearer"}, "not_authenticated"),
        ({"Authorization": "Bearer nobodys"}, "invalid_token"),
    ],
)
def test_refuses_whoever_is_not_signed_in_as_django_does(port: int, headers: dict[str, str], code: str) -> None:
    streamed, served = asked_of_both(port, **headers)
    assert (streamed[0], streamed[3]["code"], streamed[3]["instance"]) == (401, code, PATH)
    assert streamed == served


def test_refuses_who_is_no_director_as_django_does(port: int) -> None:
    path, mentor = "/api/v1/director/dashboard/stream", new_mentor()
    streamed, served = asked_of_both(port, path, Authorization=f"Bearer {access_token(mentor)}")
    assert (streamed[0], streamed[3]["code"], streamed[3]["instance"]) == (403, "permission_denied", path)
    assert streamed == served


def test_refuses_other_methods(port: int) -> None:
    connection_to = HTTPConnection("127.0.0.1", port, timeout=10)
    connection_to.request("POST", PATH)
    response = connection_to.getresponse()
    assert (response.status, response.headers["Allow"]) == (405, "GET")


def test_refuses_to_answer_for_another_host(port: int) -> None:
    cookie = sign_in(new_mentor())
    assert Stream(port, cookie, Host="evil.example").response.status == 400


def test_ends_when_the_session_ends(port: int) -> None:
    mentor = new_mentor()
    cookie = sign_in(mentor)
    stream = Stream(port, cookie)
    stream.events(1)
    sign_out(cookie)
    assert b"event" not in stream.response.read()


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_mentor": False}, {"auth_version": 2}])
def test_ends_when_the_person_may_no_longer_listen(port: int, change: dict[str, object]) -> None:
    mentor = new_mentor()
    stream = Stream(port, sign_in(mentor))
    stream.events(1)
    with as_system():
        User.objects.filter(pk=mentor).update(**change)
    assert b"event" not in stream.response.read()


def test_ends_when_the_token_is_revoked_and_goes_on_for_another_one(port: int) -> None:
    mentor = new_mentor()
    first, second = access_token(mentor), access_token(mentor)
    streams = [Stream(port, Authorization=f"Bearer {token}") for token in (first, second)]
    for stream in streams:
        stream.events(1)
    with as_system():
        AccessToken.objects.filter(digest=digest_of(first)).update(revoked_at=clock.now())
    assert b"event" not in streams[0].response.read()
    tell(mentor)
    assert streams[1].numbers(1) == [1]


def test_loses_nothing_while_the_broker_is_dead_and_after(port: int, broker: Broker) -> None:
    mentor = new_mentor()
    stream = Stream(port, sign_in(mentor))
    stream.events(1)
    tell(mentor)
    broker.kill()
    for _ in range(5):
        tell(mentor)
    assert stream.numbers(6) == [1, 2, 3, 4, 5, 6]
    broker.start()
    shared_breaker().succeeded()
    for _ in range(5):
        tell(mentor)
    assert stream.numbers(5) == [7, 8, 9, 10, 11]


def test_fills_what_the_bus_lost(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    mentor = new_mentor()
    stream = Stream(port, sign_in(mentor))
    stream.events(1)
    with monkeypatch.context() as deaf:
        deaf.setattr(bus, "attempt", lambda call: False)
        tell(mentor, count=3)
    tell(mentor)
    assert stream.numbers(4) == [1, 2, 3, 4]


def test_beats_while_nothing_happens_and_stays_readable(port: int) -> None:
    mentor = new_mentor()
    stream = Stream(port, sign_in(mentor))
    stream.events(1)
    assert [stream.response.readline() for _ in range(4)] == [b": ping\n", b"\n"] * 2
    tell(mentor)
    assert stream.numbers(1) == [1]


def test_says_when_to_come_back_before_it_goes(broker: Broker) -> None:
    port, process = start_server(broker)
    stream = Stream(port, sign_in(new_mentor()))
    stream.events(1)
    process.send_signal(signal.SIGTERM)
    assert re.search(rb"retry: \d+\n\n\Z", stream.response.read())
    assert process.wait(timeout=3) in (0, -signal.SIGTERM)
