"""coaching/habits/{id}/logs …"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from coaching.actions.habits import archive_habit
from coaching.models import Habit
from coaching.tests.world import (
    DAY,
    MONDAY,
    NOON,
    Api,
    habit_now,
    habit_of,
    local,
    log,
    log_in_bulk,
    log_row,
    logged_days,
    moved_to,
    student_acting,
)
from conftest import Cast
from core import clock

#: Who asks, BEGIN, the habit, its logs, COMMIT.
LIST_QUERIES = 5


@pytest.fixture
def habit(cast: Cast) -> Habit:
    return habit_of(cast.student)


def path_of(habit: Habit, day: date | str = "") -> str:
    return f"/api/v1/coaching/habits/{habit.pk}/logs" + (f"/{day}" if day else "")


def errors_of(answer: Any) -> list[str]:
    return [error["field"] for error in answer.json()["errors"]]


def test_takes_today(cast: Cast, api: Api, habit: Habit) -> None:
    with clock.pinned(NOON):
        answer = api(cast.student).post(path_of(habit), {"note": " Volatility. "})

    assert answer.status_code == 201
    body = answer.json()
    assert body["log"] == {
        "date": "2026-02-02",
        "state": "done",
        "note": "Volatility.",
        "created_at": "2026-02-02T12:00:00Z",
    }
    shown = body["habit"]
    assert (shown["id"], shown["streak"], shown["is_logged_now"]) == (str(habit.pk), 1, True)
    assert (shown["keep_by"], shown["kept"], shown["due"]) == ("2026-02-03", 1, 1)
    assert shown["recent"][-1] == {"date": "2026-02-02", "state": "done"}


def test_takes_yesterday_and_mends_the_streak(cast: Cast, api: Api, habit: Habit) -> None:
    log_row(cast.student, habit, 3)
    with clock.pinned(NOON + 4 * DAY):
        answer = api(cast.student).post(path_of(habit), {"date": "2026-02-05", "state": "done"})

    assert (answer.status_code, answer.json()["habit"]["streak"]) == (201, 4)


def test_takes_her_own_today(cast: Cast, api: Api) -> None:
    student = moved_to(cast.student, "Pacific/Niue")
    habit = habit_of(student, at=local("Pacific/Niue", MONDAY))
    with clock.pinned(local("Pacific/Niue", MONDAY, 23, 59)):
        answer = api(student).post(path_of(habit), {})

    assert answer.json()["log"]["date"] == "2026-02-02"


def test_replaces_a_day_with_200(cast: Cast, api: Api, habit: Habit) -> None:
    client = api(cast.student)
    with clock.pinned(NOON):
        first, second, third = (
            client.post(path_of(habit), {"state": state}) for state in ("done", "skipped", "skipped")
        )

    assert [answer.status_code for answer in (first, second, third)] == [201, 200, 200]
    assert (second.json()["log"]["state"], second.json()["habit"]["streak"]) == ("skipped", 0)
    assert second.json() == third.json()
    assert logged_days(habit) == [(MONDAY, "skipped")]


def test_refuses_other_days(cast: Cast, api: Api, habit: Habit) -> None:
    client = api(cast.student)
    with clock.pinned(NOON + 3 * DAY):
        for day in ("2026-02-03", "2026-02-06", "2025-02-05", "9999-12-31", "0001-01-01"):
            answer = client.post(path_of(habit), {"date": day})
            assert (answer.status_code, answer.json()["code"]) == (400, "not_a_day_to_log")
            assert errors_of(answer) == ["date"]
            assert client.delete(path_of(habit, day)).json()["code"] == "not_a_day_to_log"
    assert logged_days(habit) == []


def test_names_the_field_that_is_wrong(cast: Cast, api: Api, habit: Habit) -> None:
    client = api(cast.student)
    with clock.pinned(NOON):
        for field, value in (
            ("date", "2026-02-30"),
            ("date", "yesterday"),
            ("date", 5),
            ("state", "half"),
            ("state", None),
            ("note", "x" * 301),
            ("note", "a\x00b"),
        ):
            answer = client.post(path_of(habit), {field: value})
            assert (answer.status_code, errors_of(answer)) == (400, [field])
        for day in ("2026-02-30", "today", "20260202x"):
            answer = client.delete(path_of(habit, day))
            assert (answer.status_code, errors_of(answer)) == (400, ["date"])
    assert logged_days(habit) == []


def test_conflicts_while_the_habit_is_put_away(cast: Cast, api: Api, habit: Habit) -> None:
    log(cast.student, habit, at=NOON)
    with student_acting(cast.student):
        archive_habit(habit_id=habit.pk, by=cast.student, at=NOON)
    client = api(cast.student)
    with clock.pinned(NOON):
        for answer in (client.post(path_of(habit), {}), client.delete(path_of(habit, MONDAY))):
            assert (answer.status_code, answer.json()["code"]) == (409, "habit_archived")
    assert logged_days(habit) == [(MONDAY, "done")]


def test_answers_a_key_that_it_knows(cast: Cast, api: Api, habit: Habit) -> None:
    client = api(cast.student)
    with clock.pinned(NOON):
        first = client.post(path_of(habit), {"state": "skipped"}, headers={"Idempotency-Key": "k"})
        client.post(path_of(habit), {"state": "done"})
        again = client.post(path_of(habit), {"state": "skipped"}, headers={"Idempotency-Key": "k"})

    assert (first.status_code, again.status_code, first.json()) == (201, 201, again.json())
    assert logged_days(habit) == [(MONDAY, "done")]


def test_takes_a_log_back(cast: Cast, api: Api, habit: Habit) -> None:
    log_row(cast.student, habit, 2)
    client = api(cast.student)
    with clock.pinned(NOON + DAY):
        answers = [client.delete(path_of(habit, MONDAY + DAY)) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert (answers[0].json()["streak"], answers[0].json()["is_at_risk"]) == (1, True)
    assert logged_days(habit) == [(MONDAY, "done")]


def test_lists_the_newest_day_first_a_page_at_a_time(cast: Cast, api: Api, habit: Habit) -> None:
    log_in_bulk(habit, [(MONDAY + day * DAY, "done") for day in (2, 0, 1)])
    log(cast.student, habit_of(cast.student, name="Other"), at=NOON)
    client = api(cast.student)

    first = client.get(path_of(habit), {"page_size": 2}).json()
    second = client.get(first["next"]).json()

    assert [row["date"] for row in first["results"]] == ["2026-02-04", "2026-02-03"]
    assert second["results"] == [
        {"date": "2026-02-02", "state": "done", "note": "", "created_at": "2026-02-02T12:00:00Z"}
    ]
    assert second["next"] is None
    assert client.get(path_of(habit), {"state": "done"}).status_code == 400


def test_does_not_exist_for_strangers(cast: Cast, api: Api, habit: Habit) -> None:
    log(cast.student, habit, at=NOON)
    client = api(cast.stranger)
    with clock.pinned(NOON):
        assert client.get(path_of(habit)).status_code == 404
        assert client.post(path_of(habit), {"state": "skipped"}).status_code == 404
        assert client.delete(path_of(habit, MONDAY)).status_code == 404
    assert (logged_days(habit), habit_now(habit).streak_length) == ([(MONDAY, "done")], 1)


def test_is_for_students_who_are_signed_in(cast: Cast, api: Api, habit: Habit) -> None:
    log(cast.student, habit, at=NOON)
    for person, status in ((None, 401), (cast.mentor, 403), (cast.director, 403)):
        client = api(person)
        with clock.pinned(NOON):
            assert client.get(path_of(habit)).status_code == status
            assert client.post(path_of(habit), {"state": "skipped"}).status_code == status
            assert client.delete(path_of(habit, MONDAY)).status_code == status
    assert logged_days(habit) == [(MONDAY, "done")]


def test_is_not_sent_again_when_nothing_changed(cast: Cast, api: Api, habit: Habit) -> None:
    client = api(cast.student)
    tag = client.get(path_of(habit))["ETag"]

    assert client.get(path_of(habit), headers={"If-None-Match": tag}).status_code == 304
    log(cast.student, habit, at=NOON)
    assert client.get(path_of(habit), headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("count", [1, 20])
def test_lists_with_the_same_queries_for_one_and_twenty(
    cast: Cast, api: Api, habit: Habit, django_assert_num_queries: Any, count: int
) -> None:
    log_in_bulk(habit, [(MONDAY + day * DAY, "done") for day in range(count)])
    client = api(cast.student)

    with django_assert_num_queries(LIST_QUERIES):
        assert len(client.get(path_of(habit)).json()["results"]) == count
