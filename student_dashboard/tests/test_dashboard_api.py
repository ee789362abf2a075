"""A student reads her own dashboard, what is pending, and nothing of anybody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from conftest import Cast
from student_dashboard.models import DashboardUpdateQueue, StudentDashboard
from student_dashboard.sections import register_section
from student_dashboard.tests.refreshes import drain, greeting, queue
from tests import factories
from tests.database import as_system
from users.models import User

URL = "/api/v1/student/dashboard"
AT = datetime(2027, 1, 4, 12, 0, tzinfo=UTC)
Api = Callable[[User | None], APIClient]


@pytest.fixture
def refreshed(cast: Cast) -> Cast:
    register_section("greeting", greeting)
    queue(cast.student, cast.stranger)
    drain(AT)
    return cast


def test_shows_the_snapshot(refreshed: Cast, api: Api) -> None:
    answer = api(refreshed.student).get(URL)
    assert answer.status_code == 200
    assert answer.json() == {
        "student": {"id": str(refreshed.student.pk), "name": "Mina Okafor"},
        "mentor": {"id": str(refreshed.mentor.pk), "name": "Tomas Berg"},
        "readiness": None,
        "readiness_coverage": None,
        "trend_7d": None,
        "support": {"is_at_risk": False, "since": None, "reasons": []},
        "sections": {"greeting": {"hello": "Mina Okafor"}},
        "computed_at": "2027-01-04T12:00:00Z",
        "revision": 1,
        "refresh_pending": False,
    }


def test_shows_figures_as_numbers(refreshed: Cast, api: Api) -> None:
    with as_system():
        StudentDashboard.objects.update(readiness="71.25", readiness_coverage="0.8", trend_7d="-3.5")
    body = api(refreshed.student).get(URL).json()
    assert (body["readiness"], body["readiness_coverage"], body["trend_7d"]) == (71.25, 0.8, -3.5)


def test_says_that_a_refresh_is_pending_while_it_waits_and_while_it_runs(refreshed: Cast, api: Api) -> None:
    student = api(refreshed.student)
    queue(refreshed.stranger)
    assert student.get(URL).json()["refresh_pending"] is False
    queue(refreshed.student)
    assert student.get(URL).json()["refresh_pending"] is True
    with as_system():
        DashboardUpdateQueue.objects.update(claimed_at=AT)
    assert student.get(URL).json()["refresh_pending"] is True
    with as_system():
        DashboardUpdateQueue.objects.update(claimed_at=None, dead_at=AT)
    assert student.get(URL).json()["refresh_pending"] is False


def test_is_empty_before_the_first_refresh(cast: Cast, api: Api) -> None:
    body = api(cast.student).get(URL).json()
    assert (body["student"]["name"], body["mentor"], body["sections"]) == ("Mina Okafor", None, {})
    assert (body["computed_at"], body["revision"], body["readiness"]) == (None, 0, None)


def test_answers_304_until_it_changes(refreshed: Cast, api: Api) -> None:
    student = api(refreshed.student)
    tag = student.get(URL)["ETag"]
    assert student.get(URL, headers={"If-None-Match": tag}).status_code == 304
    queue(refreshed.student)
    assert student.get(URL, headers={"If-None-Match": tag}).status_code == 200


def test_needs_a_person(cast: Cast, api: Api) -> None:
    assert api(None).get(URL).status_code == 401


@pytest.mark.parametrize("who", ["mentor", "director", "admin"])
def test_needs_a_student(cast: Cast, api: Api, who: str) -> None:
    assert api(getattr(cast, who)).get(URL).status_code == 403


def test_a_stranger_sees_her_own(refreshed: Cast, api: Api) -> None:
    assert api(refreshed.stranger).get(URL).json()["student"]["name"] == "Sam Stranger"


@pytest.mark.parametrize("count", [1, 20])
def test_makes_as_many_queries_among_many_as_alone(cast: Cast, api: Api, count: int) -> None:
    with as_system():
        others = [factories.EnrolmentFactory(cohort=cast.cohort).student for _ in range(count - 1)]
    queue(cast.student, *others)
    drain(AT)
    client = api(cast.student)
    with CaptureQueriesContext(connection) as captured:
        client.get(URL)
    questions = [query["sql"] for query in captured if query["sql"].lstrip().startswith(("SELECT", "WITH", "EXECUTE"))]
    assert len(questions) == 3, "who asks, whether something is pending, the snapshot"


def test_the_stream_starts_with_what_the_page_shows(refreshed: Cast, api: Api) -> None:
    queue(refreshed.student)
    answer = api(refreshed.student).get(f"{URL}/stream")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/event-stream"
    data = '{"computed_at":"2027-01-04T12:00:00Z","readiness":null,"refresh_pending":true,"revision":1,"trend_7d":null}'
    assert f"id: 1\nevent: snapshot\ndata: {data}\n" in answer.content.decode()


def test_the_stream_is_for_students(cast: Cast, api: Api) -> None:
    assert api(None).get(f"{URL}/stream").status_code == 401
    assert api(cast.mentor).get(f"{URL}/stream").status_code == 403
