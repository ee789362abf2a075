"""GET student/dashboard?explain=1 says how readiness was computed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from student_dashboard.readiness import FORMULA_VERSION
from student_dashboard.tests.made_up import MadeUp, refreshed, student_in
from users.models import User

URL = "/api/v1/student/dashboard"
AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
Api = Callable[[User | None], APIClient]


@pytest.fixture
def student(db: None) -> User:
    made_up, student, other = MadeUp(), student_in(), student_in()
    made_up.say(student, work=0.75, worry=50)
    made_up.say(other, work=0.1)
    refreshed(AT, student, other)
    return student


def shown(student: User, api: Api, **parameters: Any) -> dict[str, Any]:
    answer = api(student).get(URL, parameters)
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


def test_with_the_parts_their_inputs_and_the_version(student: User, api: Api) -> None:
    assert shown(student, api, explain="1")["explanation"] == {
        "formula_version": FORMULA_VERSION,
        "parts": [
            {"name": "work", "weight": 60, "value": 0.75, "inputs": {"value": 0.75}},
            {"name": "habit", "weight": 40, "value": None, "inputs": {}},
        ],
    }


def test_beside_all_that_is_there_without_it(student: User, api: Api) -> None:
    explained, plain = shown(student, api, explain="1"), shown(student, api)
    del explained["explanation"]
    assert explained == plain
    assert (plain["readiness"], plain["readiness_coverage"]) == (75.0, 0.6)


def test_only_when_it_is_asked_for(student: User, api: Api) -> None:
    wishes = {"1": True, "true": True, "True": True, "0": False, "false": False, "": False}
    assert {wish: "explanation" in shown(student, api, explain=wish) for wish in wishes} == wishes


def test_refuses_another_wish(db: None, api: Api) -> None:
    client = api(student_in())
    for wish in ("maybe", "2", "yes", "1 ", "\x00"):
        answer = client.get(URL, {"explain": wish})
        assert answer.status_code == 400, wish
        assert answer.json()["errors"] == [{"field": "explain", "code": "invalid", "message": "Give 1 or 0."}]


def test_refuses_an_unknown_parameter(db: None, api: Api) -> None:
    answer = api(student_in()).get(URL, {"explain": "1", "student": "another"})
    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {"field": "student", "code": "invalid", "message": "There is no such parameter."}
    ]


def test_says_nothing_of_the_risk_but_names_of_reasons(student: User, api: Api) -> None:
    body = shown(student, api, explain="1")
    assert body["support"] == {"is_at_risk": True, "since": "2026-03-02T12:00:00Z", "reasons": ["worry"]}
    assert not {"risk_score", "risk_parts", "is_watched"} & body.keys()


def test_has_nothing_to_explain_before_the_first_refresh(db: None, api: Api) -> None:
    body = shown(student_in(), api, explain="1")
    assert body["explanation"] == {"formula_version": 0, "parts": []}
    assert body["support"] == {"is_at_risk": False, "since": None, "reasons": []}


def test_has_a_tag_of_its_own(student: User, api: Api) -> None:
    client = api(student)
    explained, plain = client.get(URL, {"explain": "1"}), client.get(URL)
    assert explained["ETag"] != plain["ETag"]
    again = client.get(URL, {"explain": "1"}, headers={"If-None-Match": explained["ETag"]})
    assert again.status_code == 304


def test_makes_three_queries(student: User, api: Api) -> None:
    client = api(student)
    with CaptureQueriesContext(connection) as captured:
        client.get(URL, {"explain": "1"})
    questions = [query["sql"] for query in captured if query["sql"].lstrip().startswith(("SELECT", "WITH", "EXECUTE"))]
    assert len(questions) == 3, "who asks, whether something is pending, the snapshot"
