"""Reviewing a mission over HTTP …"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from rest_framework.test import APIClient

from conftest import Cast
from core.enums import Audience
from core.identifiers import new_id
from mentorship_coordination.actions.assignments import pause_assignment
from mentorship_coordination.enums import WorkStatus, WorkType
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.tests.queue_world import HOUR, MONDAY, at, heard, review_item, seen, submitted
from missions.enums import SubmissionState
from missions.models import MissionReview, MissionSubmission
from student_dashboard.models import DashboardUpdateQueue
from tests.database import as_system, as_worker
from users.models import User

Api = Callable[[User | None], APIClient]
VERDICT = {"score": 85, "feedback": "Clear and complete.", "approved": True, "competencies": ["triage"]}


def url(submission_id: UUID | str) -> str:
    return f"/api/v1/mentor/missions/{submission_id}/review"


def state_of(submission: MissionSubmission) -> str:
    with as_system():
        return str(MissionSubmission.objects.get(pk=submission.pk).state)


def reviews() -> int:
    with as_system():
        return MissionReview.objects.count()


def test_decides_and_finishes_the_item(cast: Cast, api: Api) -> None:
    submission = submitted(cast.enrolment, cast.mission)
    item_id = review_item(cast.enrolment, submission).item_id
    with at(MONDAY + HOUR):
        answer = api(cast.mentor).post(url(submission.pk), VERDICT)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["status"], body["submission_id"], body["approved"]) == ("success", str(submission.pk), True)
    assert (body["review"]["score"], body["review"]["decision"], body["review"]["version"]) == (85, "approved", 1)
    assert (body["review"]["feedback"], body["review"]["competencies"]) == ("Clear and complete.", ["triage"])
    assert body["review"]["created_at"] == "2026-01-05T15:00:00Z"
    item = seen(item_id)
    assert (item.status, item.outcome, item.completed_by_id) == (WorkStatus.COMPLETED, "approved", cast.mentor.pk)
    assert (item.completed_at, item.breached_at) == (MONDAY + HOUR, None)
    assert state_of(submission) == SubmissionState.APPROVED
    with as_system():
        assert DashboardUpdateQueue.objects.get().student_id == cast.student.pk
    assert [news["kind"] for news in heard(cast.mentor) if news["event"] == "work_queue"] == ["opened", "completed"]


def test_finishes_a_late_item_and_keeps_the_breach(cast: Cast, api: Api) -> None:
    submission = submitted(cast.enrolment, cast.mission)
    item_id = review_item(cast.enrolment, submission).item_id
    with at(MONDAY + 100 * HOUR):
        api(cast.mentor).post(url(submission.pk), {"score": 20, "feedback": "No.", "decision": "rejected"})
    item = seen(item_id)
    assert (item.status, item.outcome) == (WorkStatus.COMPLETED, "rejected")
    assert item.breached_at == MONDAY + 48 * HOUR


def test_twice_is_409_but_a_repeated_request_gets_its_answer_again(cast: Cast, api: Api) -> None:
    submission = submitted(cast.enrolment, cast.mission)
    client = api(cast.mentor)
    key = {"Idempotency-Key": "review-1"}
    first = client.post(url(submission.pk), VERDICT, headers=key)
    repeated = client.post(url(submission.pk), VERDICT, headers=key)
    other = client.post(url(submission.pk), VERDICT)
    reused = client.post(url(submission.pk), VERDICT | {"score": 10}, headers=key)
    assert (first.status_code, repeated.status_code, repeated.json()) == (200, 200, first.json())
    assert (other.status_code, other.json()["code"]) == (409, "already_decided")
    assert (reused.status_code, reused.json()["code"]) == (422, "idempotency_key_reused")
    assert reviews() == 1


def test_of_an_older_version_is_409_with_the_newer_one(cast: Cast, api: Api) -> None:
    submission = submitted(cast.enrolment, cast.mission, version=2)
    answer = api(cast.mentor).post(url(submission.pk), VERDICT | {"submission_version": 1})
    assert (answer.status_code, answer.json()["current_version"]) == (409, 2)
    assert (reviews(), state_of(submission)) == (0, SubmissionState.SUBMITTED)


@pytest.mark.parametrize(
    "change",
    [
        {"score": 101},
        {"score": -1},
        {"score": "many"},
        {"approved": None},
        {"approved": True, "decision": "rejected"},
        {"approved": False, "feedback": ""},
        {"feedback": "a\u0000b"},
    ],
)
def test_refuses_bad_input(cast: Cast, api: Api, change: dict[str, Any]) -> None:
    submission = submitted(cast.enrolment, cast.mission)
    answer = api(cast.mentor).post(url(submission.pk), VERDICT | change)
    assert answer.status_code == 400
    assert answer.json()["errors"]
    assert (reviews(), state_of(submission)) == (0, SubmissionState.SUBMITTED)


def test_is_only_for_the_mentees_mentor(cast: Cast, api: Api) -> None:
    submission = submitted(cast.enrolment, cast.mission)
    item_id = review_item(cast.enrolment, submission).item_id
    assert api(None).post(url(submission.pk), VERDICT).status_code == 401
    assert api(cast.student).post(url(submission.pk), VERDICT).status_code == 403
    assert api(cast.other_mentor).post(url(submission.pk), VERDICT).status_code == 404
    assert api(cast.mentor).post(url(new_id()), VERDICT).status_code == 404
    assert (reviews(), seen(item_id).status) == (0, WorkStatus.PENDING)


def test_is_refused_while_the_pair_rests(cast: Cast, api: Api) -> None:
    submission = submitted(cast.enrolment, cast.mission)
    item_id = review_item(cast.enrolment, submission).item_id
    with as_worker():
        pause_assignment(assignment_id=cast.assignment.pk, by=None, at=MONDAY)
    assert api(cast.mentor).post(url(submission.pk), VERDICT).status_code == 403
    assert (reviews(), state_of(submission), seen(item_id).status) == (
        0,
        SubmissionState.SUBMITTED,
        WorkStatus.PENDING,
    )


def test_follows_a_hand_in_through_all_its_cycles(cast: Cast, api: Api) -> None:
    """Hand in, changes requested, hand in twice, approve: two items, the second of version 3, both finished."""
    student, mentor = api(cast.student), api(cast.mentor)
    hand_in = f"/api/v1/missions/{cast.mission.pk}/submissions"
    with at(MONDAY):
        submission_id = student.post(hand_in, {"text": "First try."}).json()["id"]
    with at(MONDAY + HOUR):
        mentor.post(url(submission_id), {"score": 40, "feedback": "Show the logs.", "approved": False})
    for hours in (2, 3):
        with at(MONDAY + hours * HOUR):
            assert student.post(hand_in, {"text": f"Try of hour {hours}."}).status_code == 201
    with as_system():
        first, second = MentorWorkQueue.objects.order_by("cycle")
    assert (first.status, first.outcome, first.cycle) == (WorkStatus.COMPLETED, "changes_requested", 1)
    assert (second.status, second.cycle, second.reference_version) == (WorkStatus.PENDING, 2, 3)
    assert (second.clock_started_at, second.mentor_id) == (MONDAY + 2 * HOUR, cast.mentor.pk)
    assert (second.type, second.title) == (WorkType.MISSION_REVIEW, f"Review: {cast.mission.title}")
    assert second.description == f"Mina Okafor has handed in “{cast.mission.title}”."
    with at(MONDAY + 4 * HOUR):
        assert mentor.post(url(submission_id), VERDICT | {"submission_version": 3}).status_code == 200
    assert seen(second.pk).status == WorkStatus.COMPLETED
    kinds = [news["kind"] for news in heard(cast.mentor) if news["event"] == "work_queue"]
    assert kinds == ["opened", "completed", "opened", "updated", "completed"]


def test_by_a_director_finishes_the_mentors_item(cast: Cast, api: Api) -> None:
    submission = submitted(cast.enrolment, cast.mission)
    item_id = review_item(cast.enrolment, submission).item_id
    answer = api(cast.director).post(
        f"/api/v1/director/missions/{submission.pk}/review", VERDICT | {"reason": "The mentor is ill."}
    )
    assert answer.status_code == 200
    item = seen(item_id)
    assert (item.status, item.completed_by_id) == (WorkStatus.COMPLETED, cast.director.pk)
    assert [news["kind"] for news in heard(cast.mentor)] == ["opened", "completed"]
    assert heard(cast.director, Audience.DIRECTOR) == []


def test_by_a_director_finishes_an_item_in_the_pool(cast: Cast, api: Api) -> None:
    submission = submitted(cast.enrolment, cast.mission)
    with as_worker():
        pause_assignment(assignment_id=cast.assignment.pk, by=None, at=MONDAY)
    item_id = review_item(cast.enrolment, submission).item_id
    api(cast.director).post(
        f"/api/v1/director/missions/{submission.pk}/review", VERDICT | {"reason": "Nobody else can."}
    )
    assert seen(item_id).status == WorkStatus.COMPLETED
    kinds = [news["kind"] for news in heard(cast.director, Audience.DIRECTOR)]
    assert kinds == ["opened", "completed"]
