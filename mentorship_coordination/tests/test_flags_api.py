"""Flags over HTTP …"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from conftest import Cast
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.tests.queue_world import at
from mentorship_coordination.tests.session_world import NOW, mentees_of
from tests.database import as_system
from users.models import User

Api = Callable[[User | None], APIClient]
MENTOR, DIRECTOR = "/api/v1/mentor/flags", "/api/v1/director/flags"
MOVES = ("acknowledge", "resolve", "reopen")


def worry(mentee: User, **changes: Any) -> dict[str, Any]:
    return {"mentee_id": str(mentee.pk), "reason": "Silent for a week.", **changes}


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def states() -> list[str]:
    with as_system():
        return list(MentorFlag.objects.values_list("state", flat=True))


@pytest.fixture
def flag(cast: Cast, api: Api) -> dict[str, Any]:
    with at(NOW):
        answer = api(cast.mentor).post(MENTOR, worry(cast.student))
    assert answer.status_code == 201
    body: dict[str, Any] = answer.json()
    return body


def test_are_raised(cast: Cast, flag: dict[str, Any]) -> None:
    mentor = str(cast.mentor.pk)
    assert flag == {
        "id": flag["id"],
        "mentee": str(cast.student.pk),
        "mentee_name": "Mina Okafor",
        "mentor": mentor,
        "mentor_name": "Tomas Berg",
        "author": mentor,
        "reason": "Silent for a week.",
        "severity": "medium",
        "category": "other",
        "state": "open",
        "resolved": False,
        "director_notified": False,
        "director_notified_at": None,
        "acknowledged_at": None,
        "resolved_at": None,
        "outcome": "",
        "note": "",
        "history": [
            {
                "kind": "raised",
                "by": mentor,
                "severity": "medium",
                "text": "Silent for a week.",
                "created_at": "2026-03-02T09:00:00Z",
            }
        ],
        "created_at": "2026-03-02T09:00:00Z",
        "updated_at": "2026-03-02T09:00:00Z",
        "revision": 1,
        "merged": False,
    }


def test_of_one_category_are_merged(cast: Cast, api: Api, flag: dict[str, Any]) -> None:
    answer = api(cast.mentor).post(MENTOR, worry(cast.student, severity="critical"))
    body = answer.json()
    assert (answer.status_code, body["id"], body["merged"]) == (201, flag["id"], True)
    assert (body["severity"], [entry["kind"] for entry in body["history"]]) == ("critical", ["raised", "worsened"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("mentee_id", "x"),
        ("reason", ""),
        ("reason", "x" * 5001),
        ("severity", "extreme"),
        ("severity", 4),
        ("severity", "HIGH"),
        ("category", "weather"),
    ],
)
def test_refuse_what_cannot_be(cast: Cast, api: Api, field: str, value: object) -> None:
    answer = api(cast.mentor).post(MENTOR, worry(cast.student, **{field: value}))
    assert refused(answer) == (400, "invalid")
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert states() == []


def test_are_raised_once_with_one_key(cast: Cast, api: Api) -> None:
    client = api(cast.mentor)
    answers = [client.post(MENTOR, worry(cast.student), headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert [entry["kind"] for entry in client.get(f"{MENTOR}/{answers[0].json()['id']}").json()["history"]] == [
        "raised"
    ]


@pytest.mark.parametrize("base", [MENTOR, DIRECTOR])
def test_are_never_seen_by_the_student(cast: Cast, api: Api, flag: dict[str, Any], base: str) -> None:
    for person, status in ((None, 401), (cast.student, 403), (cast.stranger, 403)):
        client = api(person)
        assert client.get(base).status_code == status
        assert client.get(f"{base}/{flag['id']}").status_code == status
        assert client.post(base, worry(cast.student)).status_code == status
        for move in MOVES:
            assert client.post(f"{base}/{flag['id']}/{move}", {"outcome": "Fine"}).status_code == status
    assert states() == ["open"]


def test_are_in_nothing_that_the_student_reads(cast: Cast, api: Api) -> None:
    api(cast.mentor).post(MENTOR, worry(cast.student, severity="critical", reason="A very private worry."))
    client = api(cast.student)
    for url in ("notifications", "student/sessions", "student/dashboard"):
        answer = client.get(f"/api/v1/{url}")
        assert answer.status_code == 200
        assert b"worry" not in answer.content
        assert b"flag" not in answer.content


def test_do_not_exist_for_others(cast: Cast, api: Api, flag: dict[str, Any]) -> None:
    for person, base in ((cast.other_mentor, MENTOR), (cast.other_director, DIRECTOR)):
        client = api(person)
        assert client.get(base).json()["results"] == []
        assert client.get(f"{base}/{flag['id']}").status_code == 404
        assert client.post(base, worry(cast.student)).status_code == 404
        for move in MOVES:
            assert client.post(f"{base}/{flag['id']}/{move}", {"outcome": "Fine"}).status_code == 404
    assert states() == ["open"]


@pytest.mark.parametrize("base", [MENTOR, DIRECTOR])
def test_move_through_their_states(cast: Cast, api: Api, flag: dict[str, Any], base: str) -> None:
    client, url = api(cast.mentor if base == MENTOR else cast.director), f"{base}/{flag['id']}"
    with at(NOW):
        assert client.post(f"{url}/acknowledge").json()["acknowledged_at"] == "2026-03-02T09:00:00Z"
        assert refused(client.post(f"{url}/reopen")) == (409, "illegal_move")
        assert refused(client.post(f"{url}/resolve")) == (400, "invalid")
        settled = client.post(f"{url}/resolve", {"outcome": "Back on track", "note": "We spoke."}).json()
        assert (settled["resolved"], settled["outcome"]) == (True, "Back on track")
        assert client.post(f"{url}/reopen", {"reason": "Silent again."}).json()["state"] == "open"


def test_are_listed_worst_first_with_filters(cast: Cast, api: Api) -> None:
    client = api(cast.mentor)
    other = mentees_of(cast.mentor, 1)[0].mentee
    low = client.post(MENTOR, worry(other, severity="low")).json()["id"]
    high = client.post(MENTOR, worry(cast.student, severity="high")).json()["id"]

    def found(query: str) -> list[str]:
        return [each["id"] for each in client.get(f"{MENTOR}?{query}").json()["results"]]

    assert found("") == [high, low]
    assert found("severity=low") == [low]
    assert found(f"mentee={cast.student.pk}") == [high]
    assert found("state=resolved") == []
    assert [each["id"] for each in api(cast.director).get(DIRECTOR).json()["results"]] == [high]


@pytest.mark.parametrize("query", ["severity=4", "state=gone", "mentee=x", "color=red"])
def test_refuse_unknown_filters(cast: Cast, api: Api, query: str) -> None:
    assert refused(api(cast.mentor).get(f"{MENTOR}?{query}")) == (400, "invalid")


@pytest.mark.parametrize("count", [1, 20])
def test_list_with_as_many_queries_for_one_as_for_twenty(
    cast: Cast, api: Api, django_assert_num_queries: Any, count: int
) -> None:
    client = api(cast.mentor)
    for mentee in [cast.student, *(pair.mentee for pair in mentees_of(cast.mentor, count - 1))]:
        client.post(MENTOR, worry(mentee))
    # BEGIN and COMMIT, whose token it is, the flags, their histories.
    with django_assert_num_queries(5):
        assert len(client.get(MENTOR).json()["results"]) == count
