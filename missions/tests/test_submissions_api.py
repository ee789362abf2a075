"""GET missions/submissions and one submission, as student, mentor and director …"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from conftest import Cast
from core.tenancy.identity import Role
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from missions.models import MissionSubmission
from missions.tests.world import MONDAY, TUESDAY, WEDNESDAY, pdf, review, submit
from tests import factories
from tests.database import as_system
from users.models import User

Api = Callable[[User | None], APIClient]
LIST = "/api/v1/missions/submissions"

#: Who asks, BEGIN, the rows, COMMIT.
LIST_QUERIES = 4
#: Who asks, BEGIN, the submission, its versions, their files, the reviews, COMMIT.
DETAIL_QUERIES = 7


@pytest.fixture
def submission(cast: Cast) -> MissionSubmission:
    """Refused once, handed in again."""
    first = submit(cast.student, cast.mission, text="One.", files=[pdf()])
    review(cast.director, first, Role.DIRECTOR, decision="changes_requested", score=40, reason="Mentor is away.")
    return submit(cast.student, cast.mission, text="Two.", at=WEDNESDAY)


def test_lists_the_latest_change_first(cast: Cast, api: Api) -> None:
    with as_system():
        second = factories.MissionFactory(track=cast.cohort.track)
    old = submit(cast.student, cast.mission, at=MONDAY)
    new = submit(cast.student, second, at=TUESDAY)

    results = api(cast.student).get(LIST).json()["results"]

    assert [row["id"] for row in results] == [str(new.pk), str(old.pk)]
    assert results[1] == {
        "id": str(old.pk),
        "mission": {
            "id": str(cast.mission.pk),
            "number": cast.mission.number,
            "title": cast.mission.title,
            "weight": 1,
        },
        "state": "submitted",
        "version": 1,
        "cycle": 1,
        "score": None,
        "submitted_at": "2026-01-19T16:30:00Z",
        "decided_at": None,
        "updated_at": "2026-01-19T16:30:00Z",
    }


def test_filters_by_state_and_mission(cast: Cast, api: Api) -> None:
    with as_system():
        second = factories.MissionFactory(track=cast.cohort.track)
    approved = submit(cast.student, cast.mission)
    review(cast.mentor, approved)
    waiting = submit(cast.student, second)
    client = api(cast.student)

    def found(**filters: str) -> list[str]:
        return [row["id"] for row in client.get(LIST, filters).json()["results"]]

    assert found(state="approved") == [str(approved.pk)]
    assert found(state="submitted") == [str(waiting.pk)]
    assert found(mission=str(second.pk)) == [str(waiting.pk)]
    assert found(mission=str(second.pk), state="approved") == []


@pytest.mark.parametrize("filters", [{"state": "lost"}, {"mission": "one"}, {"student": "me"}])
def test_refuses_unknown_filters(cast: Cast, api: Api, filters: dict[str, str]) -> None:
    answer = api(cast.student).get(LIST, filters)

    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == list(filters)


def test_reads_versions_files_and_reviews(cast: Cast, api: Api, submission: MissionSubmission) -> None:
    body = api(cast.student).get(f"{LIST}/{submission.pk}").json()

    assert (body["state"], body["version"], body["cycle"], body["score"]) == ("submitted", 2, 2, None)
    assert [(version["number"], version["cycle"], version["text"]) for version in body["versions"]] == [
        (1, 1, "One."),
        (2, 2, "Two."),
    ]
    file = body["versions"][0]["files"][0]
    assert (file["name"], file["url"]) == ("report.pdf", f"/api/v1/missions/files/{file['id']}")
    review_id = body["reviews"][0]["id"]
    assert body["reviews"] == [
        {
            "id": review_id,
            "submission_id": str(submission.pk),
            "version": 1,
            "decision": "changes_requested",
            "approved": False,
            "score": 40,
            "feedback": "Sound.",
            "competencies": [],
            "rubric_scores": {},
            "reviewer_id": str(cast.director.pk),
            "reviewer_name": None,
            "created_at": "2026-01-20T09:05:00Z",
        }
    ]


@pytest.mark.parametrize("role", ["mentor", "director"])
def test_tells_staff_who_and_why(cast: Cast, api: Api, submission: MissionSubmission, role: str) -> None:
    person = getattr(cast, role)
    body = api(person).get(f"/api/v1/{role}/missions/{submission.pk}").json()

    assert (body["student_id"], body["student_name"]) == (str(cast.student.pk), "Mina Okafor")
    assert body["reviews"][0]["reason"] == "Mentor is away."
    file = body["versions"][0]["files"][0]
    assert file["url"] == f"/api/v1/{role}/files/{file['id']}"


def test_is_hidden_from_strangers(cast: Cast, api: Api, submission: MissionSubmission) -> None:
    assert api(cast.stranger).get(LIST).json()["results"] == []
    assert api(cast.stranger).get(f"{LIST}/{submission.pk}").status_code == 404
    assert api(cast.other_mentor).get(f"/api/v1/mentor/missions/{submission.pk}").status_code == 404
    assert api(cast.other_director).get(f"/api/v1/director/missions/{submission.pk}").status_code == 404


def test_is_hidden_from_a_mentor_who_is_no_longer_hers(cast: Cast, api: Api, submission: MissionSubmission) -> None:
    with as_system():
        MenteeMentorAssignment.objects.filter(pk=cast.assignment.pk).update(state="completed", ended_at=WEDNESDAY)

    assert api(cast.mentor).get(f"/api/v1/mentor/missions/{submission.pk}").status_code == 404


def test_needs_the_role(cast: Cast, api: Api, submission: MissionSubmission) -> None:
    mentor_path = f"/api/v1/mentor/missions/{submission.pk}"
    director_path = f"/api/v1/director/missions/{submission.pk}"
    for path in (LIST, f"{LIST}/{submission.pk}", mentor_path, director_path):
        assert api(None).get(path).status_code == 401
    assert api(cast.mentor).get(LIST).status_code == 403
    assert api(cast.mentor).get(f"{LIST}/{submission.pk}").status_code == 403
    assert api(cast.student).get(mentor_path).status_code == 403
    assert api(cast.student).get(director_path).status_code == 403


def test_is_not_sent_again_when_nothing_changed(cast: Cast, api: Api, submission: MissionSubmission) -> None:
    client, path = api(cast.student), f"{LIST}/{submission.pk}"
    tag = client.get(path)["ETag"]

    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    review(cast.mentor, submission)
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("count", [1, 20])
def test_lists_with_the_same_queries_for_one_and_twenty(
    cast: Cast, api: Api, django_assert_num_queries: Any, count: int
) -> None:
    with as_system():
        missions = factories.MissionFactory.create_batch(count, track=cast.cohort.track)
    for mission in missions:
        submit(cast.student, mission)
    client = api(cast.student)

    with django_assert_num_queries(LIST_QUERIES):
        assert len(client.get(LIST).json()["results"]) == count


@pytest.mark.parametrize("count", [1, 20])
def test_reads_with_the_same_queries_for_one_version_and_twenty(
    cast: Cast, api: Api, django_assert_num_queries: Any, count: int
) -> None:
    for _ in range(count):
        submission = submit(cast.student, cast.mission, files=[pdf()])
    client = api(cast.student)

    with django_assert_num_queries(DETAIL_QUERIES):
        assert len(client.get(f"{LIST}/{submission.pk}").json()["versions"]) == count
