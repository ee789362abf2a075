"""A person's own time …"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from conftest import Cast
from mentorship_coordination.actions.absences import follow_absences
from mentorship_coordination.actions.own_time import add_absence
from mentorship_coordination.models.assignments import MenteeMentorAssignment, MentorAbsence
from mentorship_coordination.tests.handover_world import a_mentor, as_job
from mentorship_coordination.tests.queue_world import at, mentor_acting
from mentorship_coordination.tests.session_world import HOUR, NOW, at_once, booked
from tests.database import as_system
from users.models import User

Api = Callable[[User | None], APIClient]
AWAY, DATES = "/api/v1/mentor/absences", "/api/v1/users/me/dates"
WEEK = {"starts_at": "2026-03-02T08:00:00Z", "ends_at": "2026-03-09T00:00:00Z"}


def ask(api: Api, person: User, method: str, url: str, body: Any = None, moment: Any = NOW) -> Any:
    with at(moment):
        return getattr(api(person), method)(url, body)


def slots(api: Api, cast: Cast) -> set[str]:
    with at(NOW):
        found = api(cast.mentor).get(f"/api/v1/mentor/slots?mentee={cast.student.pk}").json()["slots"]
    return {each["start_time"][:10] for each in found}


def test_away_is_offered_to_nobody_and_the_backup_gets_the_work(cast: Cast, api: Api) -> None:
    backup = a_mentor()
    booked(cast.mentor, cast.student, NOW + HOUR)
    told = ask(api, cast.mentor, "post", AWAY, {**WEEK, "backup": backup.email.upper(), "reason": "Spring"})
    assert told.status_code == 201
    assert (told.json()["has_backup"], told.json()["sessions_within"]) == (True, 1)
    assert min(slots(api, cast)) == "2026-03-09"
    with as_job():
        assert follow_absences(at=NOW) == 1
    with as_system():
        assert MenteeMentorAssignment.objects.standing_in().live().get().mentor_id == backup.pk
    assert ask(api, cast.mentor, "delete", f"{AWAY}/{told.json()['id']}").status_code == 204
    with as_job():
        assert follow_absences(at=NOW) == 1
    assert ask(api, cast.mentor, "get", AWAY).json()["results"] == []


def test_away_counts_the_sessions_of_each_span_in_one_question(
    cast: Cast, api: Api, django_assert_max_num_queries: Any
) -> None:
    booked(cast.mentor, cast.student, NOW + HOUR)
    booked(cast.mentor, cast.student, NOW + 9 * 24 * HOUR)
    ask(api, cast.mentor, "post", AWAY, WEEK)
    with CaptureQueriesContext(connection) as for_one:
        ask(api, cast.mentor, "get", AWAY)
    asked = len(for_one)
    assert asked
    ask(api, cast.mentor, "post", AWAY, {"starts_at": WEEK["ends_at"], "ends_at": "2026-03-10T00:00:00Z"})
    with django_assert_max_num_queries(asked):
        found = ask(api, cast.mentor, "get", AWAY).json()["results"]
    assert [each["sessions_within"] for each in found] == [1, 0]


def test_away_can_be_changed(cast: Cast, api: Api) -> None:
    made = ask(api, cast.mentor, "post", AWAY, {**WEEK, "backup": a_mentor().email}).json()
    path = f"{AWAY}/{made['id']}"
    earlier = ask(api, cast.mentor, "post", path, {"ends_at": "2026-03-05T00:00:00Z"}).json()
    assert (earlier["ends_at"], earlier["has_backup"]) == ("2026-03-05T00:00:00Z", True)
    assert ask(api, cast.mentor, "post", path, {"backup": ""}).json()["has_backup"] is False
    assert ask(api, cast.mentor, "post", path, {"ends_at": "2026-03-01T00:00:00Z"}).status_code == 400
    assert ask(api, cast.other_mentor, "post", path, {"reason": "x"}).status_code == 404
    assert ask(api, cast.other_mentor, "delete", path).status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"ends_at": "2026-03-02T08:00:00Z"}, "ends_at"),
        ({"starts_at": "2026-02-01T00:00:00Z", "ends_at": "2026-03-02T09:00:00Z"}, "ends_at"),
        ({"ends_at": "2027-06-01T00:00:00Z"}, "ends_at"),
        ({"starts_at": "2026-03-02T08:00:00"}, "starts_at"),
        ({"backup": "nobody@academy.example"}, "backup"),
        ({"reason": "x" * 201}, "reason"),
    ],
)
def test_away_is_checked(cast: Cast, api: Api, change: dict[str, str], field: str) -> None:
    answer = ask(api, cast.mentor, "post", AWAY, WEEK | change)
    assert answer.status_code == 400
    assert field in {each["field"] for each in answer.json()["errors"]}
    with as_system():
        assert not MentorAbsence.objects.exists()


def test_away_names_no_student_and_not_oneself_as_backup_and_does_not_overlap(cast: Cast, api: Api) -> None:
    for address in (cast.student.email, cast.mentor.email):
        assert ask(api, cast.mentor, "post", AWAY, {**WEEK, "backup": address}).status_code == 400
    assert ask(api, cast.mentor, "post", AWAY, WEEK).status_code == 201
    assert ask(api, cast.mentor, "post", AWAY, WEEK).json()["code"] == "absence_overlaps"
    later = {"starts_at": WEEK["ends_at"], "ends_at": "2026-03-10T00:00:00Z"}
    assert ask(api, cast.mentor, "post", AWAY, later).status_code == 201


def test_on_one_date_stands_instead_of_the_week(cast: Cast, api: Api) -> None:
    assert "2026-03-04" in slots(api, cast)
    assert "2026-03-07" not in slots(api, cast)
    assert ask(api, cast.mentor, "post", f"{DATES}/2026-03-04", {"windows": []}).json() == {
        "date": "2026-03-04",
        "windows": [],
    }
    told = ask(api, cast.mentor, "post", f"{DATES}/2026-03-07", {"windows": [["10:00", "12:00"], ["09:00", "10:30"]]})
    assert told.json()["windows"] == [["09:00", "12:00"]]
    ask(api, cast.student, "post", f"{DATES}/2026-03-07", {"windows": [["09:00", "24:00"]]})
    assert "2026-03-04" not in slots(api, cast)
    assert "2026-03-07" in slots(api, cast)
    assert [each["date"] for each in ask(api, cast.mentor, "get", DATES).json()] == ["2026-03-04", "2026-03-07"]
    assert [each["date"] for each in ask(api, cast.student, "get", DATES).json()] == ["2026-03-07"]
    assert ask(api, cast.mentor, "delete", f"{DATES}/2026-03-04").status_code == 204
    assert ask(api, cast.mentor, "delete", f"{DATES}/2026-03-04").status_code == 404
    assert "2026-03-04" in slots(api, cast)


@pytest.mark.parametrize(
    ("day", "windows", "field"),
    [
        ("2026-03-01", [], "date"),
        ("2027-06-01", [], "date"),
        ("2026-03-04", [["17:00", "09:00"]], "windows"),
        ("2026-03-04", [["09:00", "25:00"]], "windows"),
        ("2026-03-04", "all day", "windows"),
        ("2026-03-04", [["09:00"]], "windows"),
    ],
)
def test_on_one_date_is_checked(cast: Cast, api: Api, day: str, windows: Any, field: str) -> None:
    answer = ask(api, cast.mentor, "post", f"{DATES}/{day}", {"windows": windows})
    assert answer.status_code == 400
    assert [each["field"] for each in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("day", ["2026-02-30", "0000-00-00", "soon"])
def test_has_no_dates_that_do_not_exist(cast: Cast, api: Api, day: str) -> None:
    assert ask(api, cast.mentor, "post", f"{DATES}/{day}", {"windows": []}).status_code == 404


@pytest.mark.parametrize("_", range(3))
def test_away_twice_at_once_is_away_once(cast: Cast, _: int) -> None:
    def away() -> MentorAbsence:
        with mentor_acting(cast.mentor):
            return add_absence(starts_at=NOW, ends_at=NOW + 24 * HOUR, by=cast.mentor, at=NOW)

    assert sorted(type(each).__name__ for each in at_once([away, away])) == ["AbsenceOverlaps", "MentorAbsence"]
