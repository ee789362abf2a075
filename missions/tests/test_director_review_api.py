"""POST director/missions/{submission_id}/review …"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from conftest import Cast
from core import clock
from missions.models import MissionReview, MissionSubmission
from missions.tests.world import TUESDAY, now_in_database, submit
from tests.database import as_system
from users.models import User

Api = Callable[[User | None], APIClient]
GIVEN = {"score": 84, "approved": True, "feedback": "Sound.", "reason": "The mentor is away."}


@pytest.fixture
def submission(cast: Cast) -> MissionSubmission:
    return submit(cast.student, cast.mission)


def path_of(submission: MissionSubmission) -> str:
    return f"/api/v1/director/missions/{submission.pk}/review"


def reviews() -> int:
    with as_system():
        return MissionReview.objects.count()


def test_decides(cast: Cast, api: Api, submission: MissionSubmission) -> None:
    with clock.pinned(TUESDAY):
        answer = api(cast.director).post(
            path_of(submission),
            GIVEN | {"competencies": ["triage"], "rubric_scores": {"evidence": 90}, "submission_version": 1},
        )

    assert answer.status_code == 200
    with as_system():
        review = MissionReview.objects.get()
    assert answer.json() == {
        "status": "success",
        "submission_id": str(submission.pk),
        "approved": True,
        "review": {
            "id": str(review.pk),
            "submission_id": str(submission.pk),
            "version": 1,
            "decision": "approved",
            "approved": True,
            "score": 84,
            "feedback": "Sound.",
            "competencies": ["triage"],
            "rubric_scores": {"evidence": 90},
            "reviewer_id": str(cast.director.pk),
            "reviewer_name": "Dana Reyes",
            "created_at": "2026-01-20T09:05:00Z",
            "reason": "The mentor is away.",
        },
    }
    assert now_in_database(submission.pk).state == "approved"


@pytest.mark.parametrize(
    ("verdict", "state"),
    [
        ({"approved": False}, "changes_requested"),
        ({"decision": "changes_requested"}, "changes_requested"),
        ({"approved": False, "decision": "rejected"}, "rejected"),
        ({"approved": True, "decision": "approved"}, "approved"),
    ],
)
def test_takes_approved_or_decision(
    cast: Cast, api: Api, submission: MissionSubmission, verdict: dict[str, Any], state: str
) -> None:
    given = {name: value for name, value in GIVEN.items() if name != "approved"} | verdict

    assert api(cast.director).post(path_of(submission), given).json()["approved"] == (state == "approved")
    assert now_in_database(submission.pk).state == state


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"score": 101}, "score"),
        ({"score": -1}, "score"),
        ({"score": "many"}, "score"),
        ({"score": None}, "score"),
        ({"approved": None}, "decision"),
        ({"decision": "maybe"}, "decision"),
        ({"decision": "rejected"}, "approved"),
        ({"approved": False, "decision": "approved"}, "approved"),
        ({"approved": False, "feedback": ""}, "feedback"),
        ({"feedback": "a\x00b"}, "feedback"),
        ({"competencies": "triage"}, "competencies"),
        ({"rubric_scores": {"evidence": 101}}, "rubric_scores.evidence"),
        ({"submission_version": 0}, "submission_version"),
        ({"reason": ""}, "reason"),
        ({"reason": None}, "reason"),
    ],
)
def test_names_the_field_that_is_wrong(
    cast: Cast, api: Api, submission: MissionSubmission, change: dict[str, Any], field: str
) -> None:
    answer = api(cast.director).post(path_of(submission), GIVEN | change)

    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert reviews() == 0


def test_answers_409_when_decided_or_outdated(cast: Cast, api: Api, submission: MissionSubmission) -> None:
    submit(cast.student, cast.mission, text="Two.")
    client = api(cast.director)

    outdated = client.post(path_of(submission), GIVEN | {"submission_version": 1})
    decided = [client.post(path_of(submission), GIVEN | {"submission_version": 2}) for _ in range(2)]

    assert (outdated.status_code, outdated.json()["code"]) == (409, "newer_version")
    assert outdated.json()["current_version"] == 2
    assert [answer.status_code for answer in decided] == [200, 409]
    assert decided[1].json()["code"] == "already_decided"
    assert reviews() == 1


def test_answers_the_same_under_one_key(cast: Cast, api: Api, submission: MissionSubmission) -> None:
    client = api(cast.director)
    answers = [client.post(path_of(submission), GIVEN, headers={"Idempotency-Key": "one-click"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert reviews() == 1


def test_is_for_the_directors_of_the_cohort(cast: Cast, api: Api, submission: MissionSubmission) -> None:
    assert api(None).post(path_of(submission), GIVEN).status_code == 401
    assert api(cast.mentor).post(path_of(submission), GIVEN).status_code == 403
    assert api(cast.student).post(path_of(submission), GIVEN).status_code == 403
    assert api(cast.other_director).post(path_of(submission), GIVEN).status_code == 404
    assert reviews() == 0
