"""Reading the work queue over HTTP …"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import Any

import pytest
from rest_framework.test import APIClient

from conftest import Cast
from core import clock
from core.enums import Rank
from core.identifiers import new_id
from mentorship_coordination.actions.assignments import end_assignment
from mentorship_coordination.actions.clocks import pause_work_item
from mentorship_coordination.actions.priorities import prioritize_work_queue
from mentorship_coordination.actions.queue import complete_work_item
from mentorship_coordination.enums import AssignmentState, PauseReason, WorkStatus, WorkType
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.tests.coaching_world import a_goal, goals_noticed
from mentorship_coordination.tests.queue_world import (
    HOUR,
    MONDAY,
    at,
    finishable_item,
    mentor_acting,
    office_hours,
    open_item,
    policy,
    review_item,
    submitted,
)
from tests.database import as_system, as_worker
from users.models import User

Api = Callable[[User | None], APIClient]
QUEUE = "/api/v1/mentor/workqueue"
DUE = MONDAY + 72 * HOUR


def ids(answer: Any) -> list[str]:
    return [item["id"] for item in answer.json()["results"]]


def prioritized(moment: datetime) -> None:
    with as_worker():
        prioritize_work_queue(at=moment)


def test_shows_an_item_with_every_key(cast: Cast, api: Api) -> None:
    submission = submitted(cast.enrolment, cast.mission)
    item_id = review_item(cast.enrolment, submission).item_id
    with at(MONDAY + 12 * HOUR):
        answer = api(cast.mentor).get(QUEUE)
    assert answer.status_code == 200
    assert answer.json() == {
        "next": None,
        "previous": None,
        "results": [
            {
                "id": str(item_id),
                "type": "mission_review",
                "priority": "high",
                "base_priority": "high",
                "status": "pending",
                "title": "Review: it",
                "description": "",
                "mentee": str(cast.student.pk),
                "mentee_name": "Mina Okafor",
                "reference_id": str(submission.pk),
                "reference_version": 1,
                "reference_url": f"/api/v1/mentor/missions/{submission.pk}",
                "cycle": 1,
                "sla_hours": 48.0,
                "sla_remaining": 36 * 3600,
                "is_paused": False,
                "due_at": "2026-01-07T14:00:00Z",
                "breached_at": None,
                "lease_until": None,
                "snoozed_until": None,
                "outcome": "",
                "completed_at": None,
                "created_at": "2026-01-05T14:00:00Z",
                "revision": 1,
                "why": ["Priority high by its type."],
            }
        ],
    }


def test_reports_overdue_from_the_first_instant_on(cast: Cast, api: Api) -> None:
    item_id = open_item(cast.enrolment)
    client = api(cast.mentor)
    for moment, status, left in ((DUE, "pending", 0), (DUE + HOUR, "overdue", -3600)):
        with at(moment):
            item = client.get(f"{QUEUE}/{item_id}").json()
        assert (item["status"], item["sla_remaining"]) == (status, left)
    prioritized(DUE + HOUR)
    with at(DUE + HOUR):
        item = client.get(f"{QUEUE}/{item_id}").json()
    assert (item["priority"], item["base_priority"]) == ("urgent", "normal")
    assert item["breached_at"] == item["due_at"] == "2026-01-08T14:00:00Z"
    assert item["why"] == ["Urgent: its time has run out.", "Priority normal by its type."]


def test_lists_what_is_open_late_first_and_paused_last(cast: Cast, api: Api) -> None:
    paused = open_item(cast.enrolment, started_at=MONDAY - 50 * HOUR)
    fresh = open_item(cast.enrolment)
    late = open_item(cast.enrolment, started_at=MONDAY - 100 * HOUR)
    finished = finishable_item(cast.enrolment)
    with mentor_acting(cast.mentor):
        pause_work_item(item_id=paused, reason=PauseReason.DISPUTE, by=cast.mentor, at=MONDAY - 40 * HOUR)
        complete_work_item(item_id=finished, outcome="done", by=cast.mentor, at=MONDAY)
    open_item(cast.other_enrolment)
    prioritized(MONDAY)
    with at(MONDAY):
        answer = api(cast.mentor).get(QUEUE)
    assert ids(answer) == [str(late), str(fresh), str(paused)]
    last = answer.json()["results"][-1]
    assert (last["is_paused"], last["due_at"], last["sla_remaining"]) == (True, None, 62 * 3600)
    assert last["why"] == ["Last: its clock is paused.", "Priority normal by its type."]


def test_filters_by_what_it_reports(cast: Cast, api: Api) -> None:
    overdue = open_item(cast.enrolment, started_at=MONDAY - 100 * HOUR)
    taken, pending, cancelled = (open_item(cast.enrolment) for _ in range(3))
    risk = open_item(cast.enrolment, type=WorkType.RISK_FLAG)
    client = api(cast.mentor)
    with as_system():
        MentorWorkQueue.objects.filter(pk=cancelled).update(status=WorkStatus.CANCELLED, completed_at=MONDAY)
    with at(MONDAY):
        client.post(f"{QUEUE}/{taken}/claim")
        found = {
            query: set(ids(client.get(f"{QUEUE}?{query}")))
            for query in (
                "status=overdue",
                "status=pending",
                "status=in_progress",
                "status=cancelled",
                "priority=high",
                "type=risk_flag",
                f"mentee={cast.student.pk}",
                f"mentee={cast.stranger.pk}",
                "status=pending&type=goal_feedback",
            )
        }
    assert found == {
        "status=overdue": {str(overdue)},
        "status=pending": {str(pending), str(risk)},
        "status=in_progress": {str(taken)},
        "status=cancelled": {str(cancelled)},
        "priority=high": {str(risk)},
        "type=risk_flag": {str(risk)},
        f"mentee={cast.student.pk}": {str(pk) for pk in (overdue, taken, pending, risk)},
        f"mentee={cast.stranger.pk}": set(),
        "status=pending&type=goal_feedback": {str(pending)},
    }


@pytest.mark.parametrize(
    "query",
    ["status=late", "priority=1", "type=homework", "mentee=me", "colour=red", "cursor=abc", "cursor=WzFd", "cursor=é"],
)
def test_refuses_what_it_does_not_know(cast: Cast, api: Api, query: str) -> None:
    answer = api(cast.mentor).get(f"{QUEUE}?{query}")
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [query.partition("=")[0]]


def test_pages_through_the_order_and_back(cast: Cast, api: Api) -> None:
    """23 items of one rank, seven of them due at one instant: every one once, in the order of work."""
    for number in range(23):
        open_item(cast.enrolment, started_at=MONDAY - min(number, 16) * HOUR)
    with as_system():
        order = [str(pk) for pk in MentorWorkQueue.objects.in_order().values_list("id", flat=True)]
    client = api(cast.mentor)
    pages, url = [], f"{QUEUE}?page_size=5"
    with at(MONDAY):
        while url:
            answer = client.get(url).json()
            pages.append([item["id"] for item in answer["results"]])
            previous, url = answer["previous"], answer["next"]
        assert list(chain(*pages)) == order
        assert [len(page) for page in pages] == [5, 5, 5, 5, 3]
        for page in reversed(pages[:-1]):
            answer = client.get(previous).json()
            assert [item["id"] for item in answer["results"]] == page
            previous = answer["previous"]
    assert previous is None


def test_shows_finished_work_newest_first(cast: Cast, api: Api) -> None:
    items = [finishable_item(cast.enrolment) for _ in range(5)]
    with mentor_acting(cast.mentor):
        for number, item_id in enumerate(items):
            complete_work_item(item_id=item_id, outcome="done", by=cast.mentor, at=MONDAY + number * HOUR)
    client = api(cast.mentor)
    first = client.get(f"{QUEUE}?status=completed&page_size=3")
    second = client.get(first.json()["next"])
    assert ids(first) + ids(second) == [str(pk) for pk in reversed(items)]
    assert client.get(second.json()["previous"]).json()["results"] == first.json()["results"]
    assert first.json()["results"][0]["sla_remaining"] == 68 * 3600


def test_keeps_a_former_mentees_finished_work_without_her_name(cast: Cast, api: Api) -> None:
    item_id = finishable_item(cast.enrolment)
    with mentor_acting(cast.mentor):
        complete_work_item(item_id=item_id, outcome="done", by=cast.mentor, at=MONDAY)
    with as_worker():
        end_assignment(
            assignment_id=cast.assignment.pk, state=AssignmentState.COMPLETED, reason="end", by=None, at=MONDAY
        )
    (item,) = api(cast.mentor).get(f"{QUEUE}?status=completed").json()["results"]
    assert (item["mentee"], item["mentee_name"]) == (str(cast.student.pk), None)


@pytest.mark.parametrize("count", [1, 20])
def test_lists_in_a_constant_number_of_queries(
    cast: Cast, api: Api, django_assert_num_queries: Any, count: int
) -> None:
    for _ in range(count):
        open_item(cast.enrolment)
    client = api(cast.mentor)
    # The token, BEGIN, the page, COMMIT.
    with django_assert_num_queries(4):
        answer = client.get(QUEUE)
    assert len(ids(answer)) == count


def test_carries_a_tag_that_answers_304(cast: Cast, api: Api) -> None:
    item_id = open_item(cast.enrolment)
    client = api(cast.mentor)
    for url in (QUEUE, f"{QUEUE}/{item_id}", f"{QUEUE}/{item_id}/sla"):
        with at(MONDAY):
            tag = client.get(url)["ETag"]
            assert client.get(url, headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("path", ["", "/{id}"])
def test_keeps_its_tag_while_nothing_but_the_clock_moves(cast: Cast, api: Api, path: str) -> None:
    item_id = open_item(cast.enrolment)
    url, client = QUEUE + path.format(id=item_id), api(cast.mentor)
    with at(MONDAY):
        first = client.get(url)
    tag = first["ETag"]
    assert tag.startswith('W/"')
    with at(MONDAY + timedelta(seconds=1)):
        assert client.get(url, headers={"If-None-Match": tag}).status_code == 304
        # An intermediary may have made a strong tag of it: the comparison is the weak one.
        assert client.get(url, headers={"If-None-Match": tag.removeprefix("W/")}).status_code == 304
        client.post(f"{QUEUE}/{item_id}/claim")
        changed = client.get(url, headers={"If-None-Match": tag})
    assert (changed.status_code, changed["ETag"] != tag) == (200, True)
    with at(DUE + timedelta(seconds=1)):
        overdue = client.get(url, headers={"If-None-Match": changed["ETag"]})
    assert overdue.status_code == 200


def test_explains_a_due_time_over_a_weekend(cast: Cast, api: Api) -> None:
    """Friday 16:30 in New York, 1 h of office hours: due Monday 09:30 (product.md §4)."""
    policy(WorkType.GOAL_FEEDBACK, seconds=3600, rank=Rank.NORMAL, calendar=office_hours())
    item_id = open_item(cast.enrolment, started_at=datetime(2026, 1, 9, 21, 30, tzinfo=UTC))
    with at(datetime(2026, 1, 10, 12, 0, tzinfo=UTC)):
        answer = api(cast.mentor).get(f"{QUEUE}/{item_id}/sla")
    spans = [(s["start"], s["end"], s["seconds"], s["counts"], s["reason"]) for s in answer.json()["spans"]]
    assert spans == [
        ("2026-01-09T21:30:00Z", "2026-01-09T22:00:00Z", 1800, True, "open"),
        ("2026-01-09T22:00:00Z", "2026-01-12T14:00:00Z", 64 * 3600, False, "closed"),
        ("2026-01-12T14:00:00Z", "2026-01-12T14:30:00Z", 1800, True, "open"),
    ]
    explained = {name: value for name, value in answer.json().items() if name != "spans"}
    assert explained == {
        "pauses": [],
        "id": str(item_id),
        "calendar": "Office hours America/New_York",
        "timezone": "America/New_York",
        "started_at": "2026-01-09T21:30:00Z",
        "budget_seconds": 3600,
        "counted_seconds": 3600,
        "elapsed_seconds": 1800,
        "remaining_seconds": 1800,
        "is_paused": False,
        "warn_75_at": "2026-01-12T14:15:00Z",
        "warn_90_at": "2026-01-12T14:24:00Z",
        "due_at": "2026-01-12T14:30:00Z",
        "breached_at": None,
    }


def test_explains_a_paused_item_up_to_now(cast: Cast, api: Api) -> None:
    item_id = open_item(cast.enrolment)
    with mentor_acting(cast.mentor):
        pause_work_item(item_id=item_id, reason=PauseReason.WAITING_ON_STUDENT, by=cast.mentor, at=MONDAY + 10 * HOUR)
    with at(MONDAY + 15 * HOUR):
        sla = api(cast.mentor).get(f"{QUEUE}/{item_id}/sla").json()
    assert [(s["seconds"], s["counts"], s["reason"]) for s in sla["spans"]] == [
        (36000, True, "open"),
        (18000, False, "paused"),
    ]
    assert (sla["is_paused"], sla["due_at"], sla["counted_seconds"]) == (True, None, 36000)
    assert (sla["elapsed_seconds"], sla["remaining_seconds"]) == (36000, 62 * 3600)


READS = ["", "/{id}", "/{id}/sla"]


@pytest.mark.parametrize("path", READS)
def test_is_closed_to_the_signed_out_and_to_students(cast: Cast, api: Api, path: str) -> None:
    url = QUEUE + path.format(id=open_item(cast.enrolment))
    assert api(None).get(url).status_code == 401
    assert api(cast.student).get(url).status_code == 403
    assert api(cast.director).get(url).status_code == 403


@pytest.mark.parametrize("path", READS[1:])
def test_does_not_exist_for_another_mentor(cast: Cast, api: Api, path: str) -> None:
    item_id = open_item(cast.enrolment)
    stranger, mentor = api(cast.other_mentor), api(cast.mentor)
    assert stranger.get(QUEUE + path.format(id=item_id)).status_code == 404
    assert mentor.get(QUEUE + path.format(id=new_id())).status_code == 404
    assert mentor.get(QUEUE + path.format(id="7")).status_code == 404
    assert ids(stranger.get(QUEUE)) == []


def test_names_a_url_for_each_type_that_has_one(cast: Cast, api: Api) -> None:
    a_goal(cast.student, due=date(2026, 1, 5), at=MONDAY)
    goals_noticed(MONDAY + 10 * HOUR)
    open_item(cast.enrolment, type=WorkType.RISK_FLAG)
    review_item(cast.enrolment, submitted(cast.enrolment, cast.mission))
    client = api(cast.mentor)
    urls = {item["type"]: item["reference_url"] for item in client.get(QUEUE).json()["results"]}
    assert set(urls) == {"goal_feedback", "mission_review", "risk_flag"}
    for url in urls.values():
        assert client.get(url).status_code == 200


def test_now_is_read_once_for_a_request(cast: Cast, api: Api) -> None:
    """An item on its very edge is told consistently by status and remaining time."""
    item_id = open_item(cast.enrolment)
    with at(DUE + timedelta(microseconds=1)):
        item = api(cast.mentor).get(f"{QUEUE}/{item_id}").json()
    assert (item["status"], item["sla_remaining"]) == ("overdue", 0)
    assert clock.now() > DUE
