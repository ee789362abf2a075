"""A director's figures over HTTP …"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from conftest import Cast
from mentorship_coordination.enums import Severity
from mentorship_coordination.tests.queue_world import HOUR, at, open_item
from mentorship_coordination.tests.session_world import NOW, booked, mentees_of
from mentorship_coordination.tests.test_raise_flag import raised
from tests import factories
from tests.database import as_system
from users.models import User

Api = Callable[[User | None], APIClient]
OVERVIEW = "/api/v1/director/overview"
MENTORS = "/api/v1/director/mentors"


def read(api: Api, person: User, url: str = OVERVIEW, **query: Any) -> Any:
    with at(NOW):
        answer = api(person).get(url, query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_count_her_cohorts_alone(cast: Cast, api: Api) -> None:
    with as_system():
        waiting = factories.EnrolmentFactory(cohort=cast.cohort, student__name="Wanda Waits")
    open_item(cast.enrolment, started_at=NOW - 73 * HOUR)
    open_item(cast.enrolment, started_at=NOW - 60 * HOUR)
    open_item(cast.enrolment, started_at=NOW)
    open_item(waiting, started_at=NOW)
    open_item(cast.other_enrolment, started_at=NOW - 73 * HOUR)
    told = read(api, cast.director)
    assert (told["cohorts"], told["unassigned_students"]) == (1, 1)
    assert [each["name"] for each in told["unassigned"]] == ["Wanda Waits"]
    assert told["work"] == {"open": 4, "unassigned": 1, "overdue": 1, "about_to_breach": 1, "paused": 0}


def test_count_unresolved_flags_by_severity(cast: Cast, api: Api) -> None:
    raised(cast, severity=Severity.HIGH)
    assert read(api, cast.director)["open_flags"] == {"critical": 0, "high": 1, "medium": 0, "low": 0}
    assert read(api, cast.other_director)["open_flags"] == {"critical": 0, "high": 0, "medium": 0, "low": 0}


def test_name_the_overloaded(cast: Cast, api: Api) -> None:
    with as_system():
        User.objects.filter(pk=cast.mentor.pk).update(mentor_max_mentees=0)
    assert [each["name"] for each in read(api, cast.director)["overloaded_mentors"]] == ["Tomas Berg"]
    assert read(api, cast.other_director)["overloaded_mentors"] == []


def test_take_twelve_queries_at_most_whatever_their_number(cast: Cast, api: Api) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            read(api, cast.director)
        return len([each for each in queries if each["sql"].lstrip().startswith(("SELECT", "WITH", "EXECUTE"))])

    before = count()
    for pair in mentees_of(cast.mentor, 15, cohort=cast.cohort):
        open_item(pair.enrolment, started_at=NOW)
    assert before == count() <= 12


def test_tell_a_mentors_load_over_all_cohorts(cast: Cast, api: Api) -> None:
    (elsewhere,) = mentees_of(cast.mentor, 1, cohort=cast.other_enrolment.cohort)
    booked(cast.mentor, cast.student)
    booked(cast.mentor, cast.student, NOW + timedelta(days=7))
    open_item(elsewhere.enrolment, started_at=NOW - 73 * HOUR)
    (load,) = read(api, cast.director, MENTORS)["results"]
    assert {**load, "id": None} == {
        "id": None,
        "name": "Tomas Berg",
        "mentees": 2,
        "max_mentees": cast.mentor.mentor_max_mentees,
        "sessions_this_week": 1,
        "weekly_limit": cast.mentor.mentor_capacity_weekly,
        "open_items": 1,
        "late_items": 1,
        "about_to_breach": 0,
        "is_overloaded": False,
    }


def test_count_the_week_in_the_mentors_own_zone(cast: Cast, api: Api) -> None:
    booked(cast.mentor, cast.student, NOW.replace(day=8, hour=23))
    assert read(api, cast.director, MENTORS)["results"][0]["sessions_this_week"] == 1
    with as_system():
        User.objects.filter(pk=cast.mentor.pk).update(timezone="Europe/Helsinki")
    assert read(api, cast.director, MENTORS)["results"][0]["sessions_this_week"] == 0


def test_page_the_mentors_both_ways(cast: Cast, api: Api) -> None:
    with as_system():
        for name in ("Anna", "Zoe"):
            pair = factories.AssignmentFactory(enrolment__cohort=cast.cohort, mentor__name=name)
            factories.AssignmentFactory(enrolment__cohort=cast.cohort, mentor=pair.mentor)
    first = read(api, cast.director, MENTORS, sort="name", page_size=2)
    assert [each["name"] for each in first["results"]] == ["Anna", "Tomas Berg"]
    assert first["previous"] is None
    second = read(api, cast.director, first["next"])
    assert ([each["name"] for each in second["results"]], second["next"]) == (["Zoe"], None)
    assert read(api, cast.director, second["previous"])["results"] == first["results"]
    fullest = read(api, cast.director, MENTORS, sort="-mentees")["results"]
    assert [each["mentees"] for each in fullest] == [2, 2, 1]


@pytest.mark.parametrize("query", [{"sort": "salary"}, {"cursor": "eA=="}, {"colour": "red"}])
def test_refuse_what_they_do_not_know(cast: Cast, api: Api, query: dict[str, str]) -> None:
    assert api(cast.director).get(MENTORS, query).status_code == 400


@pytest.mark.parametrize("url", [OVERVIEW, MENTORS])
def test_are_for_directors(cast: Cast, api: Api, url: str) -> None:
    assert [api(person).get(url).status_code for person in (None, cast.mentor, cast.student)] == [401, 403, 403]
