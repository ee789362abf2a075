"""Pairs over HTTP …"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from conftest import Cast
from core.identifiers import new_id
from mentorship_coordination.models.assignments import MatchExclusion
from mentorship_coordination.tests.handover_world import a_mentor, item, pair_of
from mentorship_coordination.tests.queue_world import at, open_item
from mentorship_coordination.tests.session_world import NOW, mentees_of
from tests import factories
from tests.database import as_system
from users.models import User

Api = Callable[[User | None], APIClient]
URL = "/api/v1/director/assignments"
REASON = {"reason": "Exams."}
MOVES = ("pause", "resume", "end", "transfer")


def move(api: Api, cast: Cast, name: str, **given: Any) -> Any:
    with at(NOW):
        return api(cast.director).post(f"{URL}/{cast.assignment.pk}/{name}", {**REASON, **given})


def test_rest_and_come_back_with_their_items_and_a_history(cast: Cast, api: Api) -> None:
    item_id = open_item(cast.enrolment, started_at=NOW)
    due_at = item(item_id).due_at
    paused = move(api, cast, "pause").json()
    assert (paused["state"], paused["mentee_name"], paused["mentor_name"]) == ("paused", "Mina Okafor", "Tomas Berg")
    assert item(item_id).mentor_id is None
    resumed = move(api, cast, "resume", reason="Back.").json()
    assert [(each["state"], each["reason"], each["by"]) for each in resumed["history"]] == [
        ("paused", "Exams.", str(cast.director.pk)),
        ("active", "Back.", str(cast.director.pk)),
    ]
    assert (item(item_id).mentor_id, item(item_id).due_at) == (cast.mentor.pk, due_at)


def test_end_once(cast: Cast, api: Api) -> None:
    ended = move(api, cast, "end", is_harmful=True).json()
    assert (ended["state"], ended["end_reason"], ended["ended_harmfully"]) == ("completed", "Exams.", True)
    again = move(api, cast, "end")
    assert (again.status_code, again.json()["code"]) == (409, "illegal_move")


def test_change_hands_in_one_step(cast: Cast, api: Api) -> None:
    new = a_mentor()
    item_id = open_item(cast.enrolment, started_at=NOW)
    due_at = item(item_id).due_at
    answer = move(api, cast, "transfer", mentor_id=str(new.pk))
    assert (answer.status_code, answer.json()["mentor_name"], answer.json()["state"]) == (200, new.name, "active")
    assert answer.json()["id"] != str(cast.assignment.pk)
    assert (item(item_id).mentor_id, item(item_id).due_at) == (new.pk, due_at)


@pytest.mark.parametrize(
    ("mentor", "status", "code"),
    [
        ({"languages": ["fi"]}, 422, "matching_rule_broken"),
        ({"mentor_availability": {}}, 422, "matching_rule_broken"),
        ({"mentor_max_mentees": 0}, 409, "mentor_full"),
        ({"leaving_at": NOW}, 409, "mentor_not_available"),
    ],
)
def test_change_to_nobody_whom_the_rules_keep_apart(
    cast: Cast, api: Api, mentor: dict[str, Any], status: int, code: str
) -> None:
    new = a_mentor(**mentor)
    answer = move(api, cast, "transfer", mentor_id=str(new.pk))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    pair = pair_of(cast.student)
    assert pair is not None
    assert pair.pk == cast.assignment.pk


def test_respect_exclusions(cast: Cast, api: Api) -> None:
    new = a_mentor()
    with as_system():
        MatchExclusion.objects.create(mentor=new, mentee=cast.student, reason="Kin.", created_at=NOW)
    answer = move(api, cast, "transfer", mentor_id=str(new.pk))
    assert (answer.status_code, answer.json()["detail"]) == (
        422,
        "The matching's rules keep these two apart: kept apart.",
    )
    assert move(api, cast, "transfer", mentor_id=str(cast.mentor.pk)).status_code == 409


def test_need_a_reason(cast: Cast, api: Api) -> None:
    for name in MOVES:
        assert move(api, cast, name, reason=" ", mentor_id=str(cast.other_mentor.pk)).status_code == 400


def test_are_listed_for_her_cohorts_with_filters(cast: Cast, api: Api) -> None:
    client = api(cast.director)
    [listed] = client.get(URL).json()["results"]
    assert listed["id"] == str(cast.assignment.pk)
    assert client.get(URL, {"state": "paused"}).json()["results"] == []
    assert client.get(URL, {"state": "asleep"}).status_code == 400
    assert client.get(f"{URL}/{cast.other_assignment.pk}").status_code == 404
    assert client.get(f"{URL}/{cast.assignment.pk}").json() == listed


@pytest.mark.parametrize(("who", "status"), [("mentor", 403), ("student", 403), ("other_director", 404), ("", 401)])
@pytest.mark.parametrize("name", MOVES)
def test_are_moved_by_their_cohorts_directors_only(cast: Cast, api: Api, who: str, status: int, name: str) -> None:
    client = api(getattr(cast, who) if who else None)
    given = {**REASON, "mentor_id": str(cast.other_mentor.pk)}
    assert client.post(f"{URL}/{cast.assignment.pk}/{name}", given).status_code == status
    assert client.post(f"{URL}/{new_id()}/{name}", given).status_code in {status, 404}
    pair = pair_of(cast.student)
    assert pair is not None
    assert (pair.pk, pair.state) == (cast.assignment.pk, "active")


def test_answer_a_repeated_key_as_before(cast: Cast, api: Api) -> None:
    client, url = api(cast.director), f"{URL}/{cast.assignment.pk}/pause"
    first, second = (client.post(url, REASON, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert (first.status_code, first.json()) == (second.status_code, second.json())


def test_take_as_many_queries_for_twenty_as_for_one(cast: Cast, api: Api) -> None:
    client = api(cast.director)
    with CaptureQueriesContext(connection) as for_one:
        client.get(URL)
    with as_system():
        for _ in range(10):
            enrolment = factories.EnrolmentFactory(cohort=cast.cohort)
            factories.AssignmentFactory(enrolment=enrolment, created_at=NOW - timedelta(days=1))
    mentees_of(cast.mentor, 3)
    with CaptureQueriesContext(connection) as for_many:
        assert len(client.get(URL).json()["results"]) == 11
    assert len(for_many) == len(for_one)
