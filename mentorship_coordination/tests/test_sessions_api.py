"""Sessions over HTTP …"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from conftest import Cast
from core.identifiers import new_id
from mentorship_coordination.actions.assignments import end_assignment
from mentorship_coordination.enums import AssignmentState
from mentorship_coordination.tests.queue_world import at
from mentorship_coordination.tests.session_world import (
    HOUR,
    NOW,
    TOMORROW,
    booked,
    count_sessions,
    mentees_of,
    stored,
)
from tests.database import as_worker
from users.models import User

Api = Callable[[User | None], APIClient]
SESSIONS = "/api/v1/mentor/sessions"
MINE = "/api/v1/student/sessions"
ENDPOINTS = ("cancel", "complete", "no-show")


def wish(cast: Cast, **changes: Any) -> dict[str, Any]:
    return {
        "mentee_id": str(cast.student.pk),
        "title": "Catch up",
        "start_time": "2026-03-03T12:00:00+03:00",
        **changes,
    }


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_book_one(cast: Cast, api: Api) -> None:
    with at(NOW):
        answer = api(cast.mentor).post(SESSIONS, wish(cast))
    body = answer.json()
    assert answer.status_code == 201
    room = body.pop("zoom_url")
    assert room.startswith("https://meet.jit.si/")
    assert body == {
        "id": body["id"],
        "assignment": str(cast.assignment.pk),
        "mentee": str(cast.student.pk),
        "mentee_name": "Mina Okafor",
        "mentor": str(cast.mentor.pk),
        "mentor_name": "Tomas Berg",
        "title": "Catch up",
        "type": "one_on_one",
        "start_time": "2026-03-03T09:00:00Z",
        "end_time": "2026-03-03T09:45:00Z",
        "duration_minutes": 45,
        "agenda": "",
        "status": "scheduled",
        "sequence": 0,
        "is_in_progress": False,
        "is_unconfirmed": False,
        "is_disputed": False,
        "is_late_cancel": False,
        "close_reason": "",
        "closed_at": None,
        "participants": [
            {
                "person": str(cast.mentor.pk),
                "name": "Tomas Berg",
                "role": "mentor",
                "is_active": True,
                "attended": None,
                "is_disputed": False,
            },
            {
                "person": str(cast.student.pk),
                "name": "Mina Okafor",
                "role": "mentee",
                "is_active": True,
                "attended": None,
                "is_disputed": False,
            },
        ],
        "created_at": "2026-03-02T09:00:00Z",
        "revision": 1,
    }


def test_book_a_group(cast: Cast, api: Api) -> None:
    other = mentees_of(cast.mentor, 1)[0].mentee
    group = {"mentee_ids": [str(cast.student.pk), str(other.pk)], "type": "group"}
    with at(NOW):
        given = wish(cast, **group)
        del given["mentee_id"]
        body = api(cast.mentor).post(SESSIONS, given).json()
    assert (body["type"], body["mentee"], body["assignment"]) == ("group", None, None)
    assert {p["person"] for p in body["participants"]} == {str(cast.mentor.pk), *group["mentee_ids"]}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("start_time", "2026-03-03T12:00:00"),
        ("start_time", "2026-03-02T08:00:00Z"),
        ("start_time", "tomorrow"),
        ("start_time", "9999-12-31T23:59:59-14:00"),
        ("start_time", 5),
        ("duration_minutes", 14),
        ("duration_minutes", 241),
        ("duration_minutes", "long"),
        ("type", "party"),
        ("type", "group"),
        ("title", ""),
        ("title", "x" * 161),
        ("mentee_id", "nobody"),
    ],
)
def test_refuse_what_cannot_be(cast: Cast, api: Api, field: str, value: object) -> None:
    with at(NOW):
        answer = api(cast.mentor).post(SESSIONS, wish(cast, **{field: value}))
    assert refused(answer) == (400, "invalid")
    wanted = "mentee_ids" if value == "group" else field
    assert [error["field"] for error in answer.json()["errors"]] == [wanted]
    assert count_sessions() == 0


def test_need_a_mentee(cast: Cast, api: Api) -> None:
    given = wish(cast)
    del given["mentee_id"]
    with at(NOW):
        answer = api(cast.mentor).post(SESSIONS, given)
    assert refused(answer) == (400, "invalid")


def test_answer_a_taken_slot_with_free_ones(cast: Cast, api: Api) -> None:
    other = mentees_of(cast.mentor, 1)[0].mentee
    booked(cast.mentor, other, title="A secret")
    with at(NOW):
        answer = api(cast.mentor).post(SESSIONS, wish(cast))
    assert refused(answer) == (409, "slot_taken")
    assert answer.json()["alternatives"] == [
        {"start_time": "2026-03-03T09:45:00Z", "end_time": "2026-03-03T10:30:00Z"},
        {"start_time": "2026-03-03T10:00:00Z", "end_time": "2026-03-03T10:45:00Z"},
        {"start_time": "2026-03-03T10:15:00Z", "end_time": "2026-03-03T11:00:00Z"},
    ]
    assert b"secret" not in answer.content
    assert other.name.encode() not in answer.content
    assert str(other.pk).encode() not in answer.content


def test_are_booked_once_with_one_key(cast: Cast, api: Api) -> None:
    client = api(cast.mentor)
    with at(NOW):
        first = client.post(SESSIONS, wish(cast), headers={"Idempotency-Key": "k1"})
        again = client.post(SESSIONS, wish(cast), headers={"Idempotency-Key": "k1"})
        other = client.post(SESSIONS, wish(cast, title="Other"), headers={"Idempotency-Key": "k1"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert refused(other) == (422, "idempotency_key_reused")
    assert count_sessions() == 1


def test_belong_to_signed_in_mentors(cast: Cast, api: Api) -> None:
    session = booked(cast.mentor, cast.student)
    urls = [SESSIONS, f"{SESSIONS}/{session.pk}"]
    for url in urls:
        assert api(None).get(url).status_code == 401
        assert api(cast.student).get(url).status_code == 403
    for endpoint in ENDPOINTS:
        assert api(None).post(f"{SESSIONS}/{session.pk}/{endpoint}").status_code == 401
        assert api(cast.student).post(f"{SESSIONS}/{session.pk}/{endpoint}").status_code == 403
    assert api(cast.student).post(SESSIONS, wish(cast)).status_code == 403
    assert api(None).post(SESSIONS, wish(cast)).status_code == 401


def test_do_not_exist_for_strangers(cast: Cast, api: Api) -> None:
    session = booked(cast.mentor, cast.student)
    url, stranger = f"{SESSIONS}/{session.pk}", api(cast.other_mentor)
    with at(NOW):
        assert stranger.post(SESSIONS, wish(cast)).status_code == 404
        assert stranger.get(SESSIONS).json()["results"] == []
        assert stranger.get(url).status_code == 404
        assert stranger.patch(url, {"title": "Mine"}, headers={"If-Match": "*"}).status_code == 404
        for endpoint in ENDPOINTS:
            assert stranger.post(f"{url}/{endpoint}").status_code == 404
        outsider = api(cast.stranger)
        assert outsider.get(MINE).json()["results"] == []
        assert outsider.get(f"{MINE}/{session.pk}").status_code == 404
        assert outsider.post(f"{MINE}/{session.pk}/cancel").status_code == 404
    assert (stored(session.pk).status, stored(session.pk).revision) == ("scheduled", 1)
    assert count_sessions() == 1


def test_list_in_order_of_time_with_filters(cast: Cast, api: Api) -> None:
    other = mentees_of(cast.mentor, 1)[0].mentee
    late = booked(cast.mentor, cast.student, TOMORROW + timedelta(days=2))
    early = booked(cast.mentor, other)
    client = api(cast.mentor)

    def found(query: str) -> list[str]:
        return [session["id"] for session in client.get(f"{SESSIONS}?{query}").json()["results"]]

    assert found("") == [str(early.pk), str(late.pk)]
    assert found(f"mentee={other.pk}") == [str(early.pk)]
    assert found("status=completed") == []
    assert found("from=2026-03-03T09:00:00Z&to=2026-03-05T09:00:00Z") == [str(early.pk)]
    assert found("from=2026-03-03T12:00:01%2B03:00") == [str(late.pk)]
    assert found(f"mentee={new_id()}") == []


@pytest.mark.parametrize(
    "query", ["status=lost", "mentee=x", "from=2026-03-03T09:00:00", "to=never", "color=red", "cursor=cD1ub3Q="]
)
def test_refuse_unknown_filters(cast: Cast, api: Api, query: str) -> None:
    answer = api(cast.mentor).get(f"{SESSIONS}?{query}")
    assert refused(answer) == (400, "invalid")


def test_are_paged_without_gap(cast: Cast, api: Api) -> None:
    wanted = [str(booked(cast.mentor, cast.student, TOMORROW + number * HOUR).pk) for number in range(5)]
    client, url, found = api(cast.mentor), f"{SESSIONS}?page_size=2", []
    while url:
        page = client.get(url).json()
        found += [session["id"] for session in page["results"]]
        url = page["next"]
    assert found == wanted


@pytest.mark.parametrize("count", [1, 20])
def test_list_with_as_many_queries_for_one_as_for_twenty(
    cast: Cast, api: Api, django_assert_num_queries: Any, count: int
) -> None:
    mentees = [cast.student, *(pair.mentee for pair in mentees_of(cast.mentor, count - 1))]
    for number, mentee in enumerate(mentees):
        booked(cast.mentor, mentee, TOMORROW + timedelta(days=7 * (number // 5), hours=number % 5))
    client = api(cast.mentor)
    # BEGIN and COMMIT, whose token it is, the sessions, their people.
    with django_assert_num_queries(5):
        assert len(client.get(SESSIONS).json()["results"]) == count


def test_stay_listed_after_the_pair_has_ended(cast: Cast, api: Api) -> None:
    session = booked(cast.mentor, cast.student)
    with as_worker():
        end_assignment(
            assignment_id=cast.assignment.pk,
            state=AssignmentState.COMPLETED,
            reason="Done.",
            by=None,
            at=NOW,
        )
    (found,) = api(cast.mentor).get(SESSIONS).json()["results"]
    assert (found["id"], found["mentee"], found["mentee_name"]) == (str(session.pk), str(cast.student.pk), None)
