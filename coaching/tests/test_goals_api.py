"""coaching/goals and one of them …"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from coaching.actions.goals import LONGEST_TEXT, LONGEST_TITLE, abandon_goal, answer_goal, complete_goal
from coaching.models import Goal
from coaching.tests.world import (
    DAY,
    MONDAY,
    NOON,
    SECOND,
    Api,
    goal_now,
    goal_of,
    local,
    mentor_acting,
    moved_to,
    student_acting,
)
from conftest import Cast
from core import clock
from tests.database import as_system
from users.models import Enrolment

LIST = "/api/v1/coaching/goals"

#: Who asks, BEGIN, the goals, what was written about them, COMMIT.
QUERIES = 5


@pytest.fixture
def goal(cast: Cast) -> Goal:
    return goal_of(cast.student, MONDAY + 2 * DAY)


def path_of(goal: Goal) -> str:
    return f"{LIST}/{goal.pk}"


def count() -> int:
    with as_system():
        return Goal.objects.count()


def errors_of(answer: Any) -> list[str]:
    return [error["field"] for error in answer.json()["errors"]]


def test_are_set(cast: Cast, api: Api) -> None:
    given = {"title": " Pass it ", "description": "With 80.", "due_date": "2026-02-02"}
    with clock.pinned(NOON):
        answer = api(cast.student).post(LIST, given)

    assert answer.status_code == 201
    with as_system():
        made = Goal.objects.get()
    assert answer["Location"] == path_of(made)
    assert answer.json() == {
        "id": str(made.pk),
        "title": "Pass it",
        "description": "With 80.",
        "due_date": "2026-02-02",
        "state": "open",
        "is_overdue": False,
        "closed_at": None,
        "closed_date": None,
        "feedback": [],
        "created_at": "2026-02-02T12:00:00Z",
        "revision": 1,
    }


def test_are_read_with_what_the_mentor_wrote(cast: Cast, api: Api, goal: Goal) -> None:
    with mentor_acting(cast.mentor):
        first = answer_goal(goal_id=goal.pk, text="First.", by=cast.mentor, at=NOON)
        second = answer_goal(goal_id=goal.pk, text="Second.", by=cast.mentor, at=NOON + DAY)

    body = api(cast.student).get(path_of(goal)).json()

    author = {"id": str(cast.mentor.pk), "name": "Tomas Berg"}
    assert body["feedback"] == [
        {"id": str(first.pk), "author": author, "text": "First.", "created_at": "2026-02-02T12:00:00Z"},
        {"id": str(second.pk), "author": author, "text": "Second.", "created_at": "2026-02-03T12:00:00Z"},
    ]


def test_are_overdue_from_her_own_midnight_on(cast: Cast, api: Api) -> None:
    client = api(cast.student)

    def shown(goal: Goal, at: datetime) -> tuple[bool, bool]:
        with clock.pinned(at):
            [listed] = [row for row in client.get(LIST).json()["results"] if row["id"] == str(goal.pk)]
            return listed["is_overdue"], client.get(path_of(goal)).json()["is_overdue"]

    for zone in ("Pacific/Kiritimati", "Pacific/Niue"):
        goal = goal_of(moved_to(cast.student, zone), MONDAY, at=local(zone, MONDAY))
        midnight = local(zone, MONDAY + DAY, 0)
        assert [shown(goal, midnight - SECOND), shown(goal, midnight)] == [(False, False), (True, True)]


def test_are_listed_by_their_day_a_page_at_a_time(cast: Cast, api: Api) -> None:
    made = [goal_of(cast.student, MONDAY + day * DAY, title=str(day)) for day in (3, 0, 2, 1, 1)]
    client = api(cast.student)
    found: list[str] = []
    url: str | None = f"{LIST}?page_size=2"
    while url:
        page = client.get(url).json()
        found += [row["id"] for row in page["results"]]
        url = page["next"]

    order = sorted(made, key=lambda goal: (goal.due_date, goal.pk))
    assert found == [str(goal.pk) for goal in order]


def test_are_filtered(cast: Cast, api: Api) -> None:
    left, reached, given_up = (goal_of(cast.student, MONDAY, title=title) for title in "abc")
    with student_acting(cast.student):
        complete_goal(goal_id=reached.pk, by=cast.student, at=NOON)
        abandon_goal(goal_id=given_up.pk, by=cast.student, at=NOON)
    client = api(cast.student)

    def found(**filters: str) -> set[str]:
        return {row["id"] for row in client.get(LIST, filters).json()["results"]}

    assert len(found()) == 3
    assert found(state="open") == {str(left.pk)}
    assert found(state="completed") == {str(reached.pk)}
    assert found(state="abandoned") == {str(given_up.pk)}
    for name, value in (("state", "lost"), ("student", "me"), ("cursor", "x")):
        answer = client.get(LIST, {name: value})
        assert (answer.status_code, errors_of(answer)) == (400, [name])


def test_are_changed_under_their_tag(cast: Cast, api: Api, goal: Goal) -> None:
    client = api(cast.student)
    with clock.pinned(NOON):
        tag = client.get(path_of(goal))["ETag"]
        blind = client.patch(path_of(goal), {"title": "Other"})
        answer = client.patch(path_of(goal), {"due_date": "2026-02-09"}, headers={"If-Match": tag})
        stale = client.patch(path_of(goal), {"title": "Other"}, headers={"If-Match": tag})
        fresh = client.patch(path_of(goal), {"title": "Pass", "description": ""}, headers={"If-Match": answer["ETag"]})

    assert [each.status_code for each in (blind, answer, stale, fresh)] == [428, 200, 412, 200]
    assert (answer.json()["due_date"], answer.json()["revision"]) == ("2026-02-09", 2)
    assert (goal_now(goal).title, goal_now(goal).revision) == ("Pass", 3)


def test_name_the_field_that_is_wrong(cast: Cast, api: Api, goal: Goal) -> None:
    client = api(cast.student)
    fit = {"title": "Pass", "due_date": "2026-02-09"}
    with clock.pinned(NOON):
        tag = client.get(path_of(goal))["ETag"]
        for field, value in (
            ("title", ""),
            ("title", "x" * (LONGEST_TITLE + 1)),
            ("title", "a\x00b"),
            ("description", "x" * (LONGEST_TEXT + 1)),
            ("description", None),
            ("due_date", "2026-02-30"),
            ("due_date", None),
            ("due_date", "2026-02-01"),
            ("due_date", "2029-01-01"),
            ("due_date", "9999-12-31"),
        ):
            for answer in (
                client.post(LIST, {**fit, field: value}),
                client.patch(path_of(goal), {field: value}, headers={"If-Match": tag}),
            ):
                assert (answer.status_code, errors_of(answer)) == (400, [field])
        assert errors_of(client.post(LIST, {})) == ["title", "due_date"]
        assert client.post(LIST, {**fit, "due_date": "2026-02-01"}).json()["code"] == "not_a_due_date"
    assert (count(), goal_now(goal).revision) == (1, 1)


def test_need_an_active_enrolment(cast: Cast, api: Api) -> None:
    with as_system():
        Enrolment.objects.filter(pk=cast.enrolment.pk).update(state="paused")
    with clock.pinned(NOON):
        answer = api(cast.student).post(LIST, {"title": "Pass", "due_date": "2026-02-09"})

    assert (answer.status_code, answer.json()["code"], count()) == (409, "no_active_enrolment", 0)


def test_are_closed_once(cast: Cast, api: Api) -> None:
    client = api(cast.student)
    for move, state in (("complete", "completed"), ("abandon", "abandoned")):
        goal = goal_of(cast.student, MONDAY + 2 * DAY)
        with clock.pinned(NOON + DAY):
            answer = client.post(f"{path_of(goal)}/{move}")
            refused = [client.post(f"{path_of(goal)}/{again}") for again in ("complete", "abandon")]
            refused.append(client.patch(path_of(goal), {"title": "Other"}, headers={"If-Match": "*"}))

        body = answer.json()
        assert (answer.status_code, body["state"], body["is_overdue"]) == (200, state, False)
        assert (body["closed_at"], body["closed_date"]) == ("2026-02-03T12:00:00Z", "2026-02-03")
        assert [(each.status_code, each.json()["code"]) for each in refused] == [(409, "goal_closed")] * 3
        assert goal_now(goal).revision == 2


def test_are_set_and_closed_once_under_one_key(cast: Cast, api: Api) -> None:
    client = api(cast.student)
    key = {"Idempotency-Key": "k"}
    with clock.pinned(NOON):
        answers = [client.post(LIST, {"title": "Once", "due_date": "2026-02-09"}, headers=key) for _ in range(2)]
        path = f"{LIST}/{answers[0].json()['id']}/complete"
        closed = [client.post(path, headers={"Idempotency-Key": "other"}) for _ in range(2)]

    assert [answer.status_code for answer in (*answers, *closed)] == [201, 201, 200, 200]
    assert (answers[0].json(), closed[0].json()) == (answers[1].json(), closed[1].json())
    assert count() == 1


def test_do_not_exist_for_strangers(cast: Cast, api: Api, goal: Goal) -> None:
    client = api(cast.stranger)

    assert client.get(LIST).json()["results"] == []
    assert client.get(path_of(goal)).status_code == 404
    assert client.patch(path_of(goal), {"title": "Mine"}, headers={"If-Match": "*"}).status_code == 404
    for move in ("complete", "abandon"):
        assert client.post(f"{path_of(goal)}/{move}").status_code == 404
    assert (goal_now(goal).state, goal_now(goal).revision) == ("open", 1)


def test_are_for_students_who_are_signed_in(cast: Cast, api: Api, goal: Goal) -> None:
    for person, status in ((None, 401), (cast.mentor, 403), (cast.director, 403)):
        client = api(person)
        assert client.get(LIST).status_code == status
        assert client.post(LIST, {"title": "Mine", "due_date": "2026-02-09"}).status_code == status
        assert client.get(path_of(goal)).status_code == status
        assert client.patch(path_of(goal), {"title": "Mine"}, headers={"If-Match": "*"}).status_code == status
        for move in ("complete", "abandon"):
            assert client.post(f"{path_of(goal)}/{move}").status_code == status
    assert (count(), goal_now(goal).revision) == (1, 1)


def test_are_not_sent_again_when_nothing_changed(cast: Cast, api: Api, goal: Goal) -> None:
    client = api(cast.student)
    with clock.pinned(NOON):
        for path in (LIST, path_of(goal)):
            tag = client.get(path)["ETag"]
            same = client.get(path, headers={"If-None-Match": tag})
            assert (same.status_code, same.content) == (304, b"")
    with clock.pinned(NOON + 3 * DAY):
        assert client.get(path_of(goal), headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("count", [1, 20])
def test_take_the_same_queries_for_one_and_twenty(
    cast: Cast, api: Api, django_assert_num_queries: Any, count: int
) -> None:
    goals = [goal_of(cast.student, MONDAY, title=str(number)) for number in range(count)]
    with mentor_acting(cast.mentor):
        for goal in goals:
            answer_goal(goal_id=goal.pk, text="Good.", by=cast.mentor, at=NOON)
            answer_goal(goal_id=goals[0].pk, text="Good.", by=cast.mentor, at=NOON)
    client = api(cast.student)

    with django_assert_num_queries(QUERIES):
        assert len(client.get(LIST).json()["results"]) == count
    with django_assert_num_queries(QUERIES):
        assert len(client.get(path_of(goals[0])).json()["feedback"]) == count + 1
