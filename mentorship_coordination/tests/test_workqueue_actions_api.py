"""Taking, finishing and putting off work over HTTP …"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from conftest import Cast
from core.identifiers import new_id
from mentorship_coordination.enums import WorkStatus
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.tests.queue_world import (
    HOUR,
    MONDAY,
    at,
    finishable_item,
    open_item,
    review_item,
    seen,
    submitted,
)
from tests.database import as_system
from users.models import User

Api = Callable[[User | None], APIClient]
QUEUE = "/api/v1/mentor/workqueue"
DUE = MONDAY + 72 * HOUR
#: What is done to an item, with a body that is fit.
ACTIONS: dict[str, dict[str, Any] | None] = {
    "claim": None,
    "release": None,
    "complete": None,
    "snooze": {"until": None},
    "pause": {"reason": "dispute"},
    "resume": {"reason": "dispute"},
}


def test_claims_and_releases(cast: Cast, api: Api) -> None:
    item_id = open_item(cast.enrolment)
    client = api(cast.mentor)
    with at(MONDAY):
        taken = client.post(f"{QUEUE}/{item_id}/claim")
        back = client.post(f"{QUEUE}/{item_id}/release")
        again = client.post(f"{QUEUE}/{item_id}/release")
    assert (taken.status_code, taken.json()["status"]) == (200, "in_progress")
    assert taken.json()["lease_until"] == "2026-01-05T14:30:00Z"
    assert (back.status_code, back.json()["status"], back.json()["lease_until"]) == (200, "pending", None)
    assert (again.status_code, again.json()["code"]) == (409, "item_not_claimed")


def test_answers_409_with_the_end_of_somebody_elses_lease(cast: Cast, api: Api) -> None:
    item_id = open_item(cast.enrolment)
    with as_system():
        MentorWorkQueue.objects.filter(pk=item_id).update(
            status=WorkStatus.IN_PROGRESS, claimed_by=cast.director, lease_until=MONDAY + HOUR
        )
    with at(MONDAY):
        answer = api(cast.mentor).post(f"{QUEUE}/{item_id}/claim")
    assert (answer.status_code, answer.json()["code"]) == (409, "item_claimed")
    assert answer.json()["lease_until"] == "2026-01-05T15:00:00Z"


def test_completes_late_work_and_keeps_the_breach(cast: Cast, api: Api) -> None:
    item_id = finishable_item(cast.enrolment)
    client = api(cast.mentor)
    with at(DUE + HOUR):
        answer = client.post(f"{QUEUE}/{item_id}/complete", {"outcome": "talked"})
        again = client.post(f"{QUEUE}/{item_id}/complete", {})
    assert answer.status_code == 200
    item = answer.json()
    assert (item["status"], item["outcome"]) == ("completed", "talked")
    assert (item["breached_at"], item["completed_at"]) == ("2026-01-08T14:00:00Z", "2026-01-08T15:00:00Z")
    assert (again.status_code, again.json()["code"]) == (409, "item_closed")


def test_sends_reviews_and_goals_to_their_own_action(cast: Cast, api: Api) -> None:
    review = review_item(cast.enrolment, submitted(cast.enrolment, cast.mission)).item_id
    hints = {
        review: "Review the mission to finish this item.",
        open_item(cast.enrolment): "Answer the goal to finish this item.",
    }
    for item_id, hint in hints.items():
        answer = api(cast.mentor).post(f"{QUEUE}/{item_id}/complete")
        assert (answer.status_code, answer.json()["code"]) == (422, "finished_by_own_action")
        assert answer.json()["detail"] == hint
        assert (seen(item_id).status, seen(item_id).revision) == (WorkStatus.PENDING, 1)


def test_snoozes_and_wakes(cast: Cast, api: Api) -> None:
    item_id = open_item(cast.enrolment)
    client = api(cast.mentor)
    with at(MONDAY):
        snoozed = client.post(f"{QUEUE}/{item_id}/snooze", {"until": "2026-01-06T12:00:00+03:00"})
        woken = client.post(f"{QUEUE}/{item_id}/snooze", {"until": None})
    assert (snoozed.status_code, snoozed.json()["snoozed_until"]) == (200, "2026-01-06T09:00:00Z")
    assert snoozed.json()["due_at"] == "2026-01-08T14:00:00Z"
    assert (woken.status_code, woken.json()["snoozed_until"]) == (200, None)


def test_pauses_and_resumes_with_the_rest_of_the_clock(cast: Cast, api: Api) -> None:
    item_id = open_item(cast.enrolment)
    client = api(cast.mentor)
    with at(MONDAY + 10 * HOUR):
        paused = client.post(f"{QUEUE}/{item_id}/pause", {"reason": "waiting_on_student", "note": " Which host? "})
        twice = client.post(f"{QUEUE}/{item_id}/pause", {"reason": "waiting_on_student"})
    with at(MONDAY + 12 * HOUR):
        overlapping = client.post(f"{QUEUE}/{item_id}/pause", {"reason": "dispute"})
        still = client.post(f"{QUEUE}/{item_id}/resume", {"reason": "waiting_on_student"})
    with at(MONDAY + 15 * HOUR):
        running = client.post(f"{QUEUE}/{item_id}/resume", {"reason": "dispute"})
        again = client.post(f"{QUEUE}/{item_id}/resume", {"reason": "dispute"})
        sla = client.get(f"{QUEUE}/{item_id}/sla").json()
    for answer in (paused, overlapping, still):
        item = answer.json()
        assert (answer.status_code, item["is_paused"], item["due_at"]) == (200, True, None)
        assert item["sla_remaining"] == 62 * 3600
    assert (running.status_code, running.json()["due_at"]) == (200, "2026-01-08T19:00:00Z")
    assert [(twice.status_code, twice.json()["code"]), (again.status_code, again.json()["code"])] == [
        (409, "already_paused"),
        (409, "not_paused"),
    ]
    assert [(each["reason"], each["note"], each["opened_at"], each["closed_at"]) for each in sla["pauses"]] == [
        ("waiting_on_student", "Which host?", "2026-01-06T00:00:00Z", "2026-01-06T02:00:00Z"),
        ("dispute", "", "2026-01-06T02:00:00Z", "2026-01-06T05:00:00Z"),
    ]
    assert [(span["reason"], span["seconds"] / 3600) for span in sla["spans"]] == [
        ("open", 10),
        ("paused", 5),
        ("open", 62),
    ]


def test_refuses_a_pause_after_the_breach(cast: Cast, api: Api) -> None:
    item_id = open_item(cast.enrolment)
    with at(DUE + HOUR):
        answer = api(cast.mentor).post(f"{QUEUE}/{item_id}/pause", {"reason": "dispute"})
    assert (answer.status_code, answer.json()["code"]) == (409, "already_breached")
    assert (seen(item_id).due_at, seen(item_id).revision) == (DUE, 1)


@pytest.mark.parametrize(
    ("action", "body", "field"),
    [
        ("snooze", {}, "until"),
        ("snooze", {"until": "tomorrow"}, "until"),
        ("snooze", {"until": "2026-01-06T12:00:00"}, "until"),
        ("snooze", {"until": "2020-01-06T12:00:00Z"}, "until"),
        ("pause", {}, "reason"),
        ("pause", {"reason": "holiday"}, "reason"),
        ("pause", {"reason": "dispute", "note": "x" * 501}, "note"),
        ("resume", {"reason": None}, "reason"),
        ("complete", {"outcome": ""}, "outcome"),
        ("complete", {"outcome": "x" * 41}, "outcome"),
        ("complete", {"outcome": ["done"]}, "outcome"),
        ("complete", {"outcome": "a\u0000b"}, "outcome"),
    ],
)
def test_refuses_bad_input(cast: Cast, api: Api, action: str, body: dict[str, Any], field: str) -> None:
    item_id = open_item(cast.enrolment)
    answer = api(cast.mentor).post(f"{QUEUE}/{item_id}/{action}", body)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert seen(item_id).revision == 1


@pytest.mark.parametrize("action", ACTIONS)
def test_is_closed_to_the_signed_out_and_to_students(cast: Cast, api: Api, action: str) -> None:
    item_id = finishable_item(cast.enrolment)
    url = f"{QUEUE}/{item_id}/{action}"
    assert api(None).post(url, ACTIONS[action]).status_code == 401
    assert api(cast.student).post(url, ACTIONS[action]).status_code == 403
    assert api(cast.director).post(url, ACTIONS[action]).status_code == 403
    assert seen(item_id).revision == 1


@pytest.mark.parametrize("action", ACTIONS)
def test_does_not_exist_for_another_mentor(cast: Cast, api: Api, action: str) -> None:
    item_id = finishable_item(cast.enrolment)
    stranger, mentor = api(cast.other_mentor), api(cast.mentor)
    assert stranger.post(f"{QUEUE}/{item_id}/{action}", ACTIONS[action]).status_code == 404
    assert mentor.post(f"{QUEUE}/{new_id()}/{action}", ACTIONS[action]).status_code == 404
    assert mentor.post(f"{QUEUE}/7/{action}", ACTIONS[action]).status_code == 404
    assert seen(item_id).revision == 1
