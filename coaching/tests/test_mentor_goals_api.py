"""mentor/goals/{id} and its feedback …"""

from __future__ import annotations

from typing import Any

import pytest

from coaching.actions.goals import LONGEST_TEXT
from coaching.models import Goal, GoalFeedback
from coaching.tests.world import DAY, MONDAY, NOON, Api, end_goals, goal_of, local, moved_to
from conftest import Cast
from core import clock
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.queue import MentorWorkQueue
from tests import factories
from tests.database import as_system

#: Who asks, BEGIN, the goal, what was written about it, COMMIT.
QUERIES = 5


@pytest.fixture
def goal(cast: Cast) -> Goal:
    return goal_of(cast.student, MONDAY)


def path_of(goal: Goal) -> str:
    return f"/api/v1/mentor/goals/{goal.pk}"


def answers() -> list[str]:
    with as_system():
        return list(GoalFeedback.objects.order_by("created_at", "id").values_list("text", flat=True))


def test_shows_a_mentees_goal(cast: Cast, api: Api, goal: Goal) -> None:
    with clock.pinned(NOON + DAY):
        answer = api(cast.mentor).get(path_of(goal))

    assert answer.status_code == 200
    assert answer.json() == {
        "id": str(goal.pk),
        "title": "Pass the practice exam",
        "description": "",
        "due_date": "2026-02-02",
        "state": "open",
        "is_overdue": True,
        "closed_at": None,
        "closed_date": None,
        "feedback": [],
        "created_at": "2026-02-02T12:00:00Z",
        "revision": 1,
        "student": {"id": str(cast.student.pk), "name": "Mina Okafor"},
    }


def test_is_overdue_by_the_students_day_not_the_mentors(cast: Cast, api: Api) -> None:
    moved_to(cast.mentor, "Pacific/Niue")
    student = moved_to(cast.student, "Pacific/Kiritimati")
    goal = goal_of(student, MONDAY, at=local("Pacific/Kiritimati", MONDAY))
    with clock.pinned(local("Pacific/Kiritimati", MONDAY + DAY, 0)):
        assert api(cast.mentor).get(path_of(goal)).json()["is_overdue"] is True


def test_takes_an_answer_that_finishes_the_item(cast: Cast, api: Api, goal: Goal) -> None:
    end_goals(NOON + DAY)
    with clock.pinned(NOON + DAY):
        answer = api(cast.mentor).post(f"{path_of(goal)}/feedback", {"text": " Two weeks more. "})

    assert answer.status_code == 201
    [written] = answer.json()["feedback"]
    assert (written["author"], written["text"]) == (
        {"id": str(cast.mentor.pk), "name": "Tomas Berg"},
        "Two weeks more.",
    )
    assert (answer.json()["id"], written["created_at"]) == (str(goal.pk), "2026-02-03T12:00:00Z")
    with as_system():
        item = MentorWorkQueue.objects.get()
    assert (item.status, item.outcome) == ("completed", "answered")
    assert api(cast.student).get(f"/api/v1/coaching/goals/{goal.pk}").json()["feedback"] == [written]


def test_takes_an_answer_once_under_one_key(cast: Cast, api: Api, goal: Goal) -> None:
    client, path = api(cast.mentor), f"{path_of(goal)}/feedback"
    replies = [client.post(path, {"text": "Once."}, headers={"Idempotency-Key": "k"}) for _ in range(2)]

    assert [reply.status_code for reply in replies] == [201, 201]
    assert (replies[0].json(), answers()) == (replies[1].json(), ["Once."])


def test_names_the_field_that_is_wrong(cast: Cast, api: Api, goal: Goal) -> None:
    client = api(cast.mentor)
    for body in ({}, {"text": " "}, {"text": "x" * (LONGEST_TEXT + 1)}, {"text": None}, {"text": "a\x00b"}):
        answer = client.post(f"{path_of(goal)}/feedback", body)
        assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, ["text"])
    assert answers() == []


def test_does_not_exist_for_other_mentors(cast: Cast, api: Api, goal: Goal) -> None:
    def refused(person: Any) -> bool:
        client = api(person)
        reply = client.post(f"{path_of(goal)}/feedback", {"text": "Hm."})
        return (client.get(path_of(goal)).status_code, reply.status_code) == (404, 404)

    assert refused(cast.other_mentor)
    with as_system():
        MenteeMentorAssignment.objects.filter(pk=cast.assignment.pk).update(state="completed", ended_at=NOON)
    assert refused(cast.mentor)
    assert answers() == []


def test_is_for_mentors_who_are_signed_in(cast: Cast, api: Api, goal: Goal) -> None:
    for person, status in ((None, 401), (cast.student, 403), (cast.director, 403)):
        client = api(person)
        assert client.get(path_of(goal)).status_code == status
        assert client.post(f"{path_of(goal)}/feedback", {"text": "Hm."}).status_code == status
    assert answers() == []


def test_hides_the_name_of_a_mentor_who_is_no_longer_the_students(cast: Cast, api: Api, goal: Goal) -> None:
    """What a former mentor wrote stays; her name goes where she is no longer seen."""
    api(cast.mentor).post(f"{path_of(goal)}/feedback", {"text": "From before."})
    with as_system():
        MenteeMentorAssignment.objects.filter(pk=cast.assignment.pk).update(state="completed", ended_at=NOON)
        successor = factories.AssignmentFactory(enrolment=cast.enrolment).mentor

    [written] = api(successor).get(path_of(goal)).json()["feedback"]

    assert written["text"] == "From before."
    assert written["author"] is None


def test_is_not_sent_again_when_nothing_changed(cast: Cast, api: Api, goal: Goal) -> None:
    client = api(cast.mentor)
    tag = client.get(path_of(goal))["ETag"]

    assert client.get(path_of(goal), headers={"If-None-Match": tag}).status_code == 304
    client.post(f"{path_of(goal)}/feedback", {"text": "Good."})
    assert client.get(path_of(goal), headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("count", [1, 20])
def test_shows_it_with_the_same_queries_for_one_answer_and_twenty(
    cast: Cast, api: Api, goal: Goal, django_assert_num_queries: Any, count: int
) -> None:
    client = api(cast.mentor)
    for _ in range(count):
        client.post(f"{path_of(goal)}/feedback", {"text": "Good."})

    with django_assert_num_queries(QUERIES):
        assert len(client.get(path_of(goal)).json()["feedback"]) == count
