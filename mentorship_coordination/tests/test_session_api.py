"""One session over HTTP …"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from conftest import Cast
from mentorship_coordination.tests.queue_world import at
from mentorship_coordination.tests.session_world import HOUR, NOW, TOMORROW, booked, stored
from users.models import User

Api = Callable[[User | None], APIClient]
SESSIONS = "/api/v1/mentor/sessions"
MINE = "/api/v1/student/sessions"


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_moves_with_the_tag_that_was_read(cast: Cast, api: Api) -> None:
    session = booked(cast.mentor, cast.student)
    client, url = api(cast.mentor), f"{SESSIONS}/{session.pk}"
    change = {"start_time": "2026-03-03T14:00:00Z"}
    with at(NOW):
        tag = client.get(url)["ETag"]
        assert client.get(url, headers={"If-None-Match": tag}).status_code == 304
        assert refused(client.patch(url, change))[0] == 428
        assert client.patch(url, change, headers={"If-Match": '"old"'}).status_code == 412
        moved = client.patch(url, change, headers={"If-Match": tag})
        assert client.patch(url, change, headers={"If-Match": tag}).status_code == 412
    assert moved.status_code == 200
    body = moved.json()
    assert (body["start_time"], body["end_time"]) == ("2026-03-03T14:00:00Z", "2026-03-03T14:45:00Z")
    assert (body["sequence"], body["revision"]) == (1, 2)


@pytest.mark.parametrize(
    "change", [{"start_time": "2026-03-03T14:00:00"}, {"duration_minutes": 5}, {"start_time": "2026-03-01T14:00:00Z"}]
)
def test_does_not_move_to_what_cannot_be(cast: Cast, api: Api, change: dict[str, Any]) -> None:
    session = booked(cast.mentor, cast.student)
    with at(NOW):
        answer = api(cast.mentor).patch(f"{SESSIONS}/{session.pk}", change, headers={"If-Match": "*"})
    assert refused(answer) == (400, "invalid")
    assert stored(session.pk).revision == 1


def test_is_called_off_by_the_mentor(cast: Cast, api: Api) -> None:
    session = booked(cast.mentor, cast.student)
    client, url = api(cast.mentor), f"{SESSIONS}/{session.pk}/cancel"
    with at(NOW):
        answer, again = client.post(url, {"reason": "I am ill."}), client.post(url)
    assert (answer.json()["status"], answer.json()["close_reason"]) == ("cancelled_by_mentor", "I am ill.")
    assert refused(again) == (409, "session_closed")


def test_is_held_or_missed_once_it_has_begun(cast: Cast, api: Api) -> None:
    held, missed = booked(cast.mentor, cast.student), booked(cast.mentor, cast.student, TOMORROW + HOUR)
    client = api(cast.mentor)
    with at(NOW):
        assert refused(client.post(f"{SESSIONS}/{held.pk}/complete")) == (409, "session_not_begun")
    with at(TOMORROW + 3 * HOUR):
        assert client.post(f"{SESSIONS}/{held.pk}/complete").json()["status"] == "completed"
        answer = client.post(f"{SESSIONS}/{missed.pk}/no-show", {"who": "mentor"})
        assert answer.json()["status"] == "no_show_mentor"
        assert refused(client.post(f"{SESSIONS}/{held.pk}/no-show")) == (409, "illegal_move")
        assert refused(client.post(f"{SESSIONS}/{held.pk}/no-show", {"who": "cat"})) == (400, "invalid")


def test_tells_facts_of_time(cast: Cast, api: Api) -> None:
    session = booked(cast.mentor, cast.student)
    client, url = api(cast.mentor), f"{SESSIONS}/{session.pk}"
    facts = []
    for moment in (TOMORROW, TOMORROW + timedelta(minutes=45), TOMORROW + timedelta(hours=72, minutes=45)):
        with at(moment):
            body = client.get(url).json()
        facts.append((body["is_in_progress"], body["is_unconfirmed"]))
    assert facts == [(True, False), (False, False), (False, True)]


def test_is_seen_by_the_student_with_herself_alone(cast: Cast, api: Api) -> None:
    session = booked(cast.mentor, cast.student)
    (found,) = api(cast.student).get(MINE).json()["results"]
    assert (found["id"], found["mentor_name"]) == (str(session.pk), "Tomas Berg")
    assert [person["name"] for person in found["participants"]] == ["Mina Okafor"]
    assert api(cast.student).get(f"{MINE}/{session.pk}").json() == found
    assert api(None).get(MINE).status_code == 401
    assert api(cast.director).get(MINE).status_code == 403


def test_is_called_off_by_the_student(cast: Cast, api: Api) -> None:
    session = booked(cast.mentor, cast.student)
    client, url = api(cast.student), f"{MINE}/{session.pk}/cancel"
    with at(TOMORROW - HOUR):
        answer, again = client.post(url, {"reason": "My train is late."}), client.post(url)
    assert (answer.json()["status"], answer.json()["is_late_cancel"]) == ("cancelled_by_mentee", True)
    assert refused(again) == (409, "session_closed")
