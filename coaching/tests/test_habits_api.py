"""coaching/habits and one of them …"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from coaching.actions.habits import LONGEST_NAME, MOST_HABITS, archive_habit
from coaching.models import Habit
from coaching.tests.world import (
    DAY,
    MONDAY,
    NOON,
    Api,
    habit_now,
    habit_of,
    local,
    log_row,
    moved_to,
    student_acting,
)
from conftest import Cast
from core import clock
from tests.database import as_system

LIST = "/api/v1/coaching/habits"

#: Who asks, BEGIN, the page, its days, COMMIT.
LIST_QUERIES = 5
#: Who asks, BEGIN, the habits with their days, COMMIT.
DETAIL_QUERIES = 4


def path_of(habit: Habit) -> str:
    return f"{LIST}/{habit.pk}"


def count() -> int:
    with as_system():
        return Habit.objects.count()


def errors_of(answer: Any) -> list[str]:
    return [error["field"] for error in answer.json()["errors"]]


def test_are_taken_up(cast: Cast, api: Api) -> None:
    with clock.pinned(NOON):
        answer = api(cast.student).post(LIST, {"name": " An hour in the lab "})

    assert answer.status_code == 201
    with as_system():
        made = Habit.objects.get()
    assert answer["Location"] == path_of(made)
    assert answer.json() == {
        "id": str(made.pk),
        "name": "An hour in the lab",
        "cadence": "daily",
        "started_on": "2026-02-02",
        "archived_on": None,
        "streak": 0,
        "longest_streak": 0,
        "is_at_risk": False,
        "is_logged_now": False,
        "keep_by": None,
        "kept": 0,
        "due": 0,
        "recent": [
            {"date": "2026-01-27", "state": None},
            {"date": "2026-01-28", "state": None},
            {"date": "2026-01-29", "state": None},
            {"date": "2026-01-30", "state": None},
            {"date": "2026-01-31", "state": None},
            {"date": "2026-02-01", "state": None},
            {"date": "2026-02-02", "state": None},
        ],
        "created_at": "2026-02-02T12:00:00Z",
        "revision": 1,
    }


def test_are_read_with_their_streak(cast: Cast, api: Api) -> None:
    habit = habit_of(cast.student)
    log_row(cast.student, habit, 3)
    client = api(cast.student)

    def shown(at: Any) -> tuple[Any, ...]:
        with clock.pinned(at):
            body = client.get(path_of(habit)).json()
        return tuple(body[name] for name in ("streak", "is_at_risk", "is_logged_now", "keep_by", "kept", "due"))

    assert shown(NOON + 2 * DAY) == (3, False, True, "2026-02-05", 3, 3)
    assert shown(NOON + 3 * DAY) == (3, True, False, "2026-02-05", 3, 3)
    assert shown(NOON + 4 * DAY) == (0, False, False, None, 3, 4)


def test_are_of_her_own_day(cast: Cast, api: Api) -> None:
    student = moved_to(cast.student, "Pacific/Kiritimati")
    habit = habit_of(student, at=local("Pacific/Kiritimati", MONDAY))
    with clock.pinned(local("Pacific/Kiritimati", MONDAY, 0, 1)):
        body = api(student).get(path_of(habit)).json()

    assert (body["started_on"], body["recent"][-1]["date"]) == ("2026-02-02", "2026-02-02")


def test_are_listed_oldest_first_a_page_at_a_time(cast: Cast, api: Api) -> None:
    made = [habit_of(cast.student, name=f"Habit {number}", at=NOON + number * DAY) for number in range(5)]
    client = api(cast.student)
    found: list[str] = []
    url: str | None = f"{LIST}?page_size=2"
    pages = 0
    while url:
        page = client.get(url).json()
        found += [row["id"] for row in page["results"]]
        url, pages = page["next"], pages + 1

    assert (found, pages) == ([str(habit.pk) for habit in made], 3)
    back = client.get(f"{urlsplit(page['previous']).path}?{urlsplit(page['previous']).query}").json()
    assert [row["id"] for row in back["results"]] == found[2:4]


def test_are_filtered(cast: Cast, api: Api) -> None:
    daily, weekly = habit_of(cast.student), habit_of(cast.student, "weekly", name="Weekly")
    away = habit_of(cast.student, name="Away")
    with student_acting(cast.student):
        archive_habit(habit_id=away.pk, by=cast.student, at=NOON)
    client = api(cast.student)

    def found(**filters: str) -> set[str]:
        return {row["id"] for row in client.get(LIST, filters).json()["results"]}

    assert found() == {str(habit.pk) for habit in (daily, weekly, away)}
    assert found(cadence="weekly") == {str(weekly.pk)}
    assert found(is_archived="true") == {str(away.pk)}
    assert found(is_archived="false", cadence="daily") == {str(daily.pk)}
    for name, value in (("cadence", "hourly"), ("is_archived", "maybe"), ("student", "me"), ("cursor", "x")):
        answer = client.get(LIST, {name: value})
        assert (answer.status_code, errors_of(answer)) == (400, [name])


def test_are_renamed_under_their_tag(cast: Cast, api: Api) -> None:
    habit = habit_of(cast.student)
    client = api(cast.student)
    with clock.pinned(NOON + DAY):
        tag = client.get(path_of(habit))["ETag"]

        blind = client.patch(path_of(habit), {"name": "Other"})
        answer = client.patch(path_of(habit), {"name": "Two hours"}, headers={"If-Match": tag})
        stale = client.patch(path_of(habit), {"name": "Three hours"}, headers={"If-Match": tag})
        fresh = client.patch(path_of(habit), {"name": "Three hours"}, headers={"If-Match": answer["ETag"]})

    assert [each.status_code for each in (blind, answer, stale, fresh)] == [428, 200, 412, 200]
    assert (answer.json()["name"], answer.json()["revision"]) == ("Two hours", 2)
    assert (habit_now(habit).name, habit_now(habit).revision) == ("Three hours", 3)


def test_name_the_field_that_is_wrong(cast: Cast, api: Api) -> None:
    habit, client = habit_of(cast.student), api(cast.student)
    for body, fields in (
        ({}, ["name"]),
        ({"name": " "}, ["name"]),
        ({"name": "x" * (LONGEST_NAME + 1)}, ["name"]),
        ({"name": "a\x00b"}, ["name"]),
        ({"name": ["a"]}, ["name"]),
        ({"name": "Ok", "cadence": "hourly"}, ["cadence"]),
        ({"name": "Ok", "cadence": None}, ["cadence"]),
    ):
        answer = client.post(LIST, body)
        assert (answer.status_code, errors_of(answer)) == (400, fields)
    tag = client.get(path_of(habit))["ETag"]
    for body in ({}, {"name": ""}):
        answer = client.patch(path_of(habit), body, headers={"If-Match": tag})
        assert (answer.status_code, errors_of(answer)) == (400, ["name"])
    assert (count(), habit_now(habit).revision) == (1, 1)


def test_conflict_with_a_known_name_and_the_limit(cast: Cast, api: Api) -> None:
    habit_of(cast.student)
    client = api(cast.student)

    known = client.post(LIST, {"name": "an HOUR in the lab"})
    for number in range(1, MOST_HABITS):
        habit_of(cast.student, name=f"Habit {number}")
    full = client.post(LIST, {"name": "One more"})

    assert (known.status_code, known.json()["code"], errors_of(known)) == (409, "habit_known", ["name"])
    assert (full.status_code, full.json()["code"], count()) == (409, "too_many_habits", MOST_HABITS)


def test_are_taken_up_once_under_one_key(cast: Cast, api: Api) -> None:
    client = api(cast.student)
    answers = [client.post(LIST, {"name": "Once"}, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    reused = client.post(LIST, {"name": "Twice"}, headers={"Idempotency-Key": "k"})

    assert [answer.status_code for answer in answers] == [201, 201]
    assert (answers[0].json(), answers[1]["Idempotent-Replayed"]) == (answers[1].json(), "true")
    assert (reused.status_code, count()) == (422, 1)


def test_are_put_away_and_taken_up_again(cast: Cast, api: Api) -> None:
    habit, client = habit_of(cast.student), api(cast.student)
    with clock.pinned(NOON + DAY):
        away = client.post(f"{path_of(habit)}/archive")
        again = client.post(f"{path_of(habit)}/archive")
        back = client.post(f"{path_of(habit)}/restore")

    assert [answer.status_code for answer in (away, again, back)] == [200, 200, 200]
    assert [answer.json()["archived_on"] for answer in (away, again, back)] == ["2026-02-03", "2026-02-03", None]
    assert back.json()["revision"] == 3


def test_do_not_exist_for_strangers(cast: Cast, api: Api) -> None:
    habit, client = habit_of(cast.student), api(cast.stranger)

    assert client.get(LIST).json()["results"] == []
    assert client.get(path_of(habit)).status_code == 404
    assert client.patch(path_of(habit), {"name": "Mine"}, headers={"If-Match": "*"}).status_code == 404
    for move in ("archive", "restore"):
        assert client.post(f"{path_of(habit)}/{move}").status_code == 404
    assert client.get(f"{LIST}/nonsense").status_code == 404
    assert (habit_now(habit).name, habit_now(habit).revision) == ("An hour in the lab", 1)


def test_are_for_students_who_are_signed_in(cast: Cast, api: Api) -> None:
    habit = habit_of(cast.student)
    for person, status in ((None, 401), (cast.mentor, 403), (cast.director, 403)):
        client = api(person)
        assert client.get(LIST).status_code == status
        assert client.post(LIST, {"name": "Mine"}).status_code == status
        assert client.get(path_of(habit)).status_code == status
        assert client.patch(path_of(habit), {"name": "Mine"}, headers={"If-Match": "*"}).status_code == status
        for move in ("archive", "restore"):
            assert client.post(f"{path_of(habit)}/{move}").status_code == status
    assert (count(), habit_now(habit).revision) == (1, 1)


def test_are_not_sent_again_when_nothing_changed(cast: Cast, api: Api) -> None:
    habit, client = habit_of(cast.student), api(cast.student)
    with clock.pinned(NOON):
        for path in (LIST, path_of(habit)):
            tag = client.get(path)["ETag"]
            same = client.get(path, headers={"If-None-Match": tag})
            assert (same.status_code, same.content) == (304, b"")
    with clock.pinned(NOON + DAY):
        assert client.get(path_of(habit), headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("count", [1, 20])
def test_take_the_same_queries_for_one_and_twenty(
    cast: Cast, api: Api, django_assert_num_queries: Any, count: int
) -> None:
    for number in range(count):
        habit = habit_of(cast.student, name=f"Habit {number}")
        log_row(cast.student, habit, 1)
    client = api(cast.student)

    with django_assert_num_queries(LIST_QUERIES):
        assert len(client.get(LIST).json()["results"]) == count
    with django_assert_num_queries(DETAIL_QUERIES):
        assert client.get(path_of(habit)).status_code == 200
