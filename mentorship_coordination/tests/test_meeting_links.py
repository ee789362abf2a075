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
from core.integrations.zoom import (
    MeetingGone,
    ZoomAccount,
    ZoomFailed,
    create_zoom_meeting,
    delete_zoom_meeting,
    move_zoom_meeting,
)
from mentorship_coordination.actions import meeting_links
from mentorship_coordination.actions.assignments import end_assignment
from mentorship_coordination.actions.meeting_links import claim_meeting, keep_meeting
from mentorship_coordination.actions.session_outcomes import cancel_participation, cancel_session
from mentorship_coordination.actions.sessions import reschedule_session
from mentorship_coordination.enums import AssignmentState
from mentorship_coordination.models.sessions import MentorSession
from mentorship_coordination.tasks.sessions import make_meeting_links
from mentorship_coordination.tests.queue_world import mentor_acting, student_acting
from mentorship_coordination.tests.session_world import HOUR, NOW, TOMORROW, booked, notifications_of, stored
from tests.database import as_system, as_worker
from users.models import User

SECOND = timedelta(seconds=1)
SECRET = "s3cret"


class FakeZoom(BaseHTTPRequestHandler):
    """What Zoom documents of its two addresses; `answers` is consumed, then it works."""

    answers: list[int]
    asked: list[tuple[str, Any]]
    changes: list[tuple[str, str, Any]]
    deleted: set[str]

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
        number = len(server.asked)
        self._answer(status, {"id": 85746065 + number, "join_url": f"https://zoom.example/j/{number}"})

    def do_PATCH(self) -> None:
        self._change(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def do_DELETE(self) -> None:
        self._change(None)

    def _change(self, body: Any) -> None:
        """204 without content, or 404 for a meeting that is gone, as documented of both."""
        server: Any = self.server
        meeting = self.path.removeprefix("/meetings/")
        server.changes.append((self.command, meeting, body))
        usual = 404 if meeting in server.deleted else 204
        if body is None:
            server.deleted.add(meeting)
        self.send_response(server.answers.pop(0) if server.answers else usual)
        self.send_header("Content-Length", "0")
        self.end_headers()

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
    server.answers, server.asked, server.changes, server.deleted = [], [], [], set()
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
    with pytest.raises(ZoomFailed, match=r"^Zoom answered 401\.$"):
        create_zoom_meeting(account, topic="T", starts_at=NOW, minutes=45)
    gone = ZoomAccount.of({**settings.ZOOM, "oauth_url": "http://127.0.0.1:9/"})
    with pytest.raises(ZoomFailed, match=r"^Zoom could not be asked: ConnectionError\.$"):
        create_zoom_meeting(gone, topic="T", starts_at=NOW, minutes=45)
    assert "wrong" not in repr(account)


def test_is_refused_when_it_is_no_link(zoom: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeZoom, "_answer", _without_link)
    with pytest.raises(ZoomFailed):
        create_zoom_meeting(ZoomAccount.of(settings.ZOOM), topic="T", starts_at=NOW, minutes=45)


def _without_link(handler: Any, status: int, content: Any) -> None:
    _reply(handler, {"access_token": "token", "id": 1, "join_url": "javascript:alert(1)"})


def _reply(handler: Any, content: Any) -> None:
    raw = json.dumps(content).encode()
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


def with_link(cast: Cast) -> MentorSession:
    session = booked(cast.mentor, cast.student)
    assert run() == 1
    return stored(session.pk)


def moved(cast: Cast, session: MentorSession, hours: int) -> None:
    with mentor_acting(cast.mentor):
        reschedule_session(session_id=session.pk, starts_at=TOMORROW + hours * HOUR, by=cast.mentor, at=NOW)


def test_moves_with_the_session_and_stays_the_same(cast: Cast, zoom: Any) -> None:
    session = with_link(cast)
    assert (session.meeting_id, session.meeting_sequence) == ("85746066", 0)
    moved(cast, session, 2)
    assert zoom.changes == [], "after the commit, by the job"
    assert [run(), run()] == [1, 0]
    [(method, meeting, wish)] = zoom.changes
    assert (method, meeting) == ("PATCH", "85746066")
    assert wish == {"topic": "Catch up", "start_time": "2026-03-03T11:00:00Z", "duration": 45, "timezone": "UTC"}
    after = stored(session.pk)
    assert (after.meeting_url, after.meeting_sequence, after.link_error) == ("https://zoom.example/j/1", 1, "")
    assert len(zoom.asked) == 1


def test_wakes_the_job_when_its_session_moves_or_is_called_off(
    cast: Cast, zoom: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, woken = with_link(cast), list[str]()
    monkeypatch.setattr(meeting_links, "wake", woken.append)
    moved(cast, session, 2)
    with student_acting(cast.student):
        cancel_participation(session_id=session.pk, by=cast.student, at=NOW)
    assert woken == [meeting_links.MAKE_LINKS] * 2
    other = booked(cast.mentor, cast.student, TOMORROW)
    moved(cast, other, 3)
    assert len(woken) == 2, "a meeting that was not made is not moved"


def test_is_not_moved_by_other_words(cast: Cast, zoom: Any) -> None:
    session = with_link(cast)
    with mentor_acting(cast.mentor):
        reschedule_session(session_id=session.pk, agenda="Read chapter two.", by=cast.mentor, at=NOW)
    assert run() == 0
    assert zoom.changes == []


@pytest.mark.parametrize("by", ["mentor", "student", "pair"])
def test_is_deleted_when_its_session_is_called_off(cast: Cast, zoom: Any, by: str) -> None:
    """By whomever, the end of the pair included."""
    session = with_link(cast)
    if by == "mentor":
        with mentor_acting(cast.mentor):
            cancel_session(session_id=session.pk, by=cast.mentor, at=NOW)
    elif by == "student":
        with student_acting(cast.student):
            cancel_participation(session_id=session.pk, by=cast.student, at=NOW)
    else:
        with as_worker():
            end_assignment(
                assignment_id=cast.assignment.pk, state=AssignmentState.COMPLETED, reason="Over.", by=None, at=NOW
            )
    assert [run(), run()] == [1, 0]
    assert zoom.changes == [("DELETE", "85746066", None)]
    assert (stored(session.pk).meeting_id, stored(session.pk).meeting_sequence) == ("", None)


def test_is_changed_again_while_zoom_fails_with_the_reason_where_admins_see_it(cast: Cast, zoom: Any) -> None:
    session = with_link(cast)
    moved(cast, session, 2)
    zoom.answers = [500, 429]
    assert run() == 0
    waiting = stored(session.pk)
    assert (waiting.link_error, waiting.link_attempts, waiting.meeting_sequence) == ("Zoom answered 500.", 1, 0)
    assert run(NOW + 29 * SECOND) == 0
    assert run(NOW + 30 * SECOND) == 0
    assert stored(session.pk).link_error == "Zoom answered 429."
    with mentor_acting(cast.mentor):
        cancel_session(session_id=session.pk, by=cast.mentor, at=NOW + 40 * SECOND)
    assert run(NOW + 90 * SECOND) == 1
    assert [(method, meeting) for method, meeting, _ in zoom.changes] == [("PATCH", "85746066")] * 2 + [
        ("DELETE", "85746066")
    ]
    assert stored(session.pk).link_error == ""


def test_is_no_longer_changed_when_the_session_is_over(cast: Cast, zoom: Any) -> None:
    session = with_link(cast)
    moved(cast, session, 2)
    assert run(TOMORROW + 3 * HOUR) == 0
    assert run(TOMORROW + 2 * HOUR) == 1, "it has begun, and is not over"
    assert stored(session.pk).meeting_sequence == 1


def test_that_somebody_deleted_at_zoom_is_made_anew(cast: Cast, zoom: Any) -> None:
    session = with_link(cast)
    moved(cast, session, 2)
    zoom.deleted = {"85746066"}
    assert run() == 1
    after = stored(session.pk)
    assert (after.meeting_url, after.meeting_id) == ("https://zoom.example/j/2", "85746067")
    assert zoom.asked[1][1]["start_time"] == "2026-03-03T11:00:00Z"
    assert notifications_of(cast.student)[-1].title == "Where you meet: Catch up"


def test_that_is_gone_already_needs_no_deleting(cast: Cast, zoom: Any) -> None:
    session = with_link(cast)
    zoom.deleted = {"85746066"}
    with mentor_acting(cast.mentor):
        cancel_session(session_id=session.pk, by=cast.mentor, at=NOW)
    assert run() == 1
    assert (stored(session.pk).meeting_id, stored(session.pk).link_error) == ("", "")


def test_made_while_its_session_was_called_off_is_deleted(cast: Cast, zoom: Any) -> None:
    session = booked(cast.mentor, cast.student)
    with as_worker():
        wanted = claim_meeting(at=NOW)
    assert wanted is not None
    with mentor_acting(cast.mentor):
        cancel_session(session_id=session.pk, by=cast.mentor, at=NOW)
    with as_worker():
        assert keep_meeting(wanted=wanted, meeting_id="7", url="https://zoom.example/j/7", at=NOW) is False
    assert stored(session.pk).meeting_url == ""
    assert run() == 1
    assert zoom.changes == [("DELETE", "7", None)]


def test_made_while_its_session_moved_is_moved(cast: Cast, zoom: Any) -> None:
    session = booked(cast.mentor, cast.student)
    with as_worker():
        wanted = claim_meeting(at=NOW)
    assert wanted is not None
    moved(cast, session, 2)
    with as_worker():
        assert keep_meeting(wanted=wanted, meeting_id="7", url="https://zoom.example/j/7", at=NOW) is True
    assert run() == 1
    assert [(method, meeting) for method, meeting, _ in zoom.changes] == [("PATCH", "7")]


def test_of_a_mentor_who_left_is_deleted_before_the_next_ones_is_made(cast: Cast, zoom: Any) -> None:
    """What a hand-over writes: another mentor, no link yet, one step further."""
    session = with_link(cast)
    with as_system():
        MentorSession.objects.filter(pk=session.pk).update(meeting_url="", sequence=1)
    assert run() == 2
    assert zoom.changes == [("DELETE", "85746066", None)]
    after = stored(session.pk)
    assert (after.meeting_id, after.meeting_sequence) == ("85746067", 1)
    assert after.meeting_url == "https://zoom.example/j/2"


def test_is_refused_without_an_id(zoom: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {"access_token": "token", "id": None, "join_url": "https://zoom.example/j/1"}
    monkeypatch.setattr(FakeZoom, "_answer", lambda self, *_: _reply(self, answer))
    with pytest.raises(ZoomFailed, match="without an id"):
        create_zoom_meeting(ZoomAccount.of(settings.ZOOM), topic="T", starts_at=NOW, minutes=45)


def test_says_what_went_wrong_with_a_change(zoom: Any, settings: Any) -> None:
    account = ZoomAccount.of(settings.ZOOM)
    zoom.answers = [400, 404]
    with pytest.raises(ZoomFailed, match=r"^Zoom answered 400\.$"):
        delete_zoom_meeting(account, "7")
    with pytest.raises(MeetingGone):
        move_zoom_meeting(account, "7", topic="T", starts_at=NOW, minutes=45)
    gone = ZoomAccount.of({**settings.ZOOM, "oauth_url": "http://127.0.0.1:9/"})
    with pytest.raises(ZoomFailed, match=r"^Zoom could not be asked: ConnectionError\.$"):
        delete_zoom_meeting(gone, "7")
