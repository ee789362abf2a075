"""A director's forecast …"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from conftest import Cast
from mentorship_coordination.models.assignments import MatchExclusion
from mentorship_coordination.tests.forecast_world import a_slow_mentor
from mentorship_coordination.tests.queue_world import at, open_item
from mentorship_coordination.tests.session_world import HOUR, NOW, booked
from tests import factories
from tests.database import as_system
from users.models import User

Api = Callable[[User | None], APIClient]
FORECAST = "/api/v1/director/forecast"


def read(api: Api, person: User) -> Any:
    with at(NOW):
        answer = api(person).get(FORECAST)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_says_what_will_be_late_and_who_could_take_it(cast: Cast, api: Api) -> None:
    slow = a_slow_mentor(cast)
    told = read(api, cast.director)
    assert told["summary"] == "One item will be late by Thursday 5 March; moving 7 to one mentor avoids 1."
    assert [(each["title"], each["mentee_name"], each["due_at"]) for each in told["late"]] == [
        ("Item 7", "Mina Okafor", "2026-03-05T09:00:00Z")
    ]
    [mentor] = told["mentors"]
    assert (mentor["name"], mentor["open_items"], mentor["late"]) == ("Tomas Berg", 7, 1)
    # (8 h + 5 × 16 h / 6) / 6 for each; an hour until he turns to one.
    assert (mentor["handling_seconds"], mentor["each_seconds"]) == (3600, int((8 + 5 * 16 / 6) / 6 * 3600))
    [move] = told["moves"]
    assert (move["from_mentor_name"], move["to_mentor_name"], move["avoids"]) == ("Tomas Berg", "Quinn Quick", 1)
    assert sorted(move["items"]) == sorted(str(each) for each in slow.items)


def test_is_of_her_cohorts_alone(cast: Cast, api: Api) -> None:
    a_slow_mentor(cast)
    told = read(api, cast.other_director)
    assert (told["late"], told["mentors"], told["moves"], told["avoided"]) == ([], [], [], 0)


def test_counts_work_of_other_cohorts_without_naming_it(cast: Cast, api: Api) -> None:
    """An item of another director's student comes first in Tomas's queue: now the sixth of ours will be late, too."""
    a_slow_mentor(cast)
    with as_system():
        foreign = factories.AssignmentFactory(mentor=cast.mentor)
    open_item(foreign.enrolment, started_at=NOW - HOUR, at=NOW - HOUR, title="Private")
    told = read(api, cast.director)
    assert [each["title"] for each in told["late"]] == ["Item 6", "Item 7"]
    assert "Private" not in str(told)


def test_takes_sessions_out_of_the_hours(cast: Cast, api: Api) -> None:
    """Four hours of sessions leave 20 of the 24 hours: the sixth item is late as well."""
    a_slow_mentor(cast)
    for hours in (1, 3):
        booked(cast.mentor, cast.student, NOW + hours * HOUR, duration_minutes=120)
    assert [each["title"] for each in read(api, cast.director)["late"]] == ["Item 6", "Item 7"]


def test_keeps_the_rules_of_the_matching(cast: Cast, api: Api) -> None:
    slow = a_slow_mentor(cast)
    with as_system():
        MatchExclusion.objects.create(mentor=slow.quick, mentee=cast.student, reason="Kin.", created_at=NOW)
    told = read(api, cast.director)
    assert (len(told["late"]), told["moves"]) == (1, [])
    assert told["summary"].endswith("no mentor with room could take any of it.")


def test_counts_work_that_nobody_has(cast: Cast, api: Api) -> None:
    with as_system():
        waiting = factories.EnrolmentFactory(cohort=cast.cohort)
    open_item(waiting, started_at=NOW)
    assert read(api, cast.director)["unassigned"] == 1


def test_proposes_transfers_for_who_has_too_many_mentees(cast: Cast, api: Api) -> None:
    slow = a_slow_mentor(cast)
    with as_system():
        User.objects.filter(pk=cast.mentor.pk).update(mentor_max_mentees=0)
    [transfer] = read(api, cast.director)["transfers"]
    assert (transfer["mentee_name"], transfer["to_mentor"]) == ("Mina Okafor", str(slow.quick.pk))
    assert transfer["assignment"] == str(cast.assignment.pk)


def test_asks_the_same_number_of_queries_for_one_item_and_for_twenty(cast: Cast, api: Api) -> None:
    def queries() -> int:
        client = api(cast.director)
        with (
            at(NOW),
            CaptureQueriesContext(
                connection,
            ) as seen,
        ):
            assert client.get(FORECAST).json()["late"]
        return len(seen)

    a_slow_mentor(cast)
    one = queries()
    for _ in range(17):
        open_item(cast.enrolment, started_at=NOW)
    assert queries() == one


def test_is_for_directors(cast: Cast, api: Api) -> None:
    assert api(cast.mentor).get(FORECAST).status_code == 403
    assert api(None).get(FORECAST).status_code == 401
