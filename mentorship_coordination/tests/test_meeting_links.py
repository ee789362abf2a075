"""A link that Zoom makes …"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from conftest import Cast
from core import clock
from core.integrations.zoom import MeetingNotMade, ZoomAccount, create_zoom_meeting
from mentorship_coordination.actions.session_outcomes import cancel_session
from mentorship_coordination.models.sessions import MentorSession
from mentorship_coordination.tasks.sessions import make_meeting_links
from mentorship_coordination.tests.queue_world import mentor_acting
from mentorship_coordination.tests.session_world import NOW, TOMORROW, booked, notifications_of, stored
from tests.database import as_system, as_worker
from users.models import User

SECOND = timedelta(seconds=1)
SECRET = "s3cret"


class FakeZoom(BaseHTTPRequestHandler):
    """What Zoom documents of its two addresses; `answers` is consumed, then it works."""

    answers: list[int]
    asked: list[tuple[str, Any]]

    def do_POST(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        server: Any = self.server
        if parts.path == "/oauth/token":
            scheme, _, credentials = self.headers["Authorization"].partition(" ")
            known = scheme == "Basic" and b64decode(credentials).decode() == f"client:{SECRET}"
            query = parse_qs(parts.query)
            right = query == {"grant_type": ["account_credentials"], "account_id": ["account"]}
            self._answer(200 if known and right else 401, {"access_token": "token", "expires_in": 3599})
            return
        server.asked.append((self.headers["Authorization"], json.loads(body)))
        status = server.answers.pop(0) if server.answers else 201
        self._answer(status, {"id": 1, "join_url": f"https://zoom.example/j/{len(server.asked)}"})

    def _answer(self, status: int, content: Any) -> None:
        raw = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the base's name
        pass


@pytest.fixture
def zoom(settings: Any) -> Iterator[Any]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), FakeZoom)
    server.answers, server.asked = [], []
    Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"
    settings.ZOOM = {
        "account_id": "account",
        "client_id": "client",
        "client_secret": SECRET,
        "oauth_url": f"{base}/oauth/token",
        "api_url": base,
    }
    yield server
    server.shutdown()
    server.server_close()


def run(at: Any = NOW) -> int:
    with as_worker(), clock.pinned(at):
        return int(make_meeting_links())


def test_comes_after_the_booking_and_is_told(cast: Cast, zoom: Any) -> None:
    session = booked(cast.mentor, cast.student)
    assert (stored(session.pk).meeting_url, stored(session.pk).meeting_provider, zoom.asked) == ("", "zoom", [])
    assert [run(), run()] == [1, 0]
    assert stored(session.pk).meeting_url == "https://zoom.example/j/1"
    [(token, wish)] = zoom.asked
    assert token == "Bearer token"
    assert (wish["topic"], wish["type"], wish["start_time"], wish["duration"], wish["timezone"]) == (
        "Catch up",
        2,
        "2026-03-03T09:00:00Z",
        45,
        "UTC",
    )
    assert notifications_of(cast.student)[-1].title == "Where you meet: Catch up"


def test_is_asked_for_again_while_zoom_fails_and_the_session_stays(cast: Cast, zoom: Any) -> None:
    zoom.answers = [500, 429]
    session = booked(cast.mentor, cast.student)
    assert run() == 0
    waiting = stored(session.pk)
    assert (waiting.status, waiting.link_attempts, waiting.link_error) == ("scheduled", 1, "Zoom answered 500.")
    assert run(NOW + 29 * SECOND) == 0
    assert len(zoom.asked) == 1
    assert run(NOW + 30 * SECOND) == 0
    assert stored(session.pk).link_error == "Zoom answered 429."
    assert run(NOW + 90 * SECOND) == 1
    assert (stored(session.pk).link_error, stored(session.pk).link_attempts) == ("", 3)


def test_is_not_made_for_what_was_called_off_or_has_begun(cast: Cast, zoom: Any) -> None:
    session = booked(cast.mentor, cast.student)
    assert run(TOMORROW) == 0
    with mentor_acting(cast.mentor):
        cancel_session(session_id=session.pk, by=cast.mentor, at=NOW)
    assert run() == 0
    assert zoom.asked == []


def test_is_not_needed_where_the_mentor_has_a_room_of_her_own(cast: Cast, zoom: Any) -> None:
    with as_system():
        User.objects.filter(pk=cast.mentor.pk).update(standing_meeting_url="https://rooms.example/tomas")
    with as_system():
        mentor = User.objects.get(pk=cast.mentor.pk)
    session = booked(mentor, cast.student)
    assert stored(session.pk).meeting_url == "https://rooms.example/tomas"
    assert run() == 0


def test_is_nobodys_business_without_zoom(cast: Cast) -> None:
    session = booked(cast.mentor, cast.student)
    assert stored(session.pk).meeting_provider == "jitsi"
    assert run() == 0


def test_says_what_went_wrong_without_the_secret(zoom: Any, settings: Any) -> None:
    account = ZoomAccount.of({**settings.ZOOM, "client_secret": "wrong"})
    with pytest.raises(MeetingNotMade, match=r"^Zoom answered 401\.$"):
        create_zoom_meeting(account, topic="T", starts_at=NOW, minutes=45)
    gone = ZoomAccount.of({**settings.ZOOM, "oauth_url": "http://127.0.0.1:9/"})
    with pytest.raises(MeetingNotMade, match=r"^Zoom could not be asked: ConnectionError\.$"):
        create_zoom_meeting(gone, topic="T", starts_at=NOW, minutes=45)
    assert "wrong" not in repr(account)


def test_is_refused_when_it_is_no_link(zoom: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeZoom, "_answer", _without_link)
    with pytest.raises(MeetingNotMade):
        create_zoom_meeting(ZoomAccount.of(settings.ZOOM), topic="T", starts_at=NOW, minutes=45)


def _without_link(handler: Any, status: int, content: Any) -> None:
    raw = json.dumps({"access_token": "token", "join_url": "javascript:alert(1)"}).encode()
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(raw)))
    handler.end_headers()
    handler.wfile.write(raw)


def test_is_kept_once_when_two_workers_ask(cast: Cast, zoom: Any) -> None:
    session = booked(cast.mentor, cast.student)
    run()
    with as_system():
        MentorSession.objects.filter(pk=session.pk).update(link_attempts=5)
    assert run(NOW + 600 * SECOND) == 0
    assert len(zoom.asked) == 1
