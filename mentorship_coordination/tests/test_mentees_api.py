from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from conftest import Cast
from tests import factories
from tests.database import as_system
from users.models import User

Api = Callable[[User | None], APIClient]
MENTEES = "/api/v1/mentor/mentees"


def test_lists_only_her_current_mentees(cast: Cast, api: Api) -> None:
    answer = api(cast.mentor).get(MENTEES)
    assert answer.status_code == 200
    [mentee] = answer.json()["results"]
    assert mentee["name"] == "Mina Okafor"
    assert (mentee["open_items"], mentee["overdue_items"], mentee["unresolved_flags"]) == (0, 0, 0)
    assert mentee["readiness"] is None


@pytest.mark.parametrize("mentees", [1, 20])
def test_lists_in_a_constant_number_of_queries(
    cast: Cast, api: Api, mentees: int, django_assert_num_queries: Any
) -> None:
    with as_system():
        for _ in range(mentees - 1):
            enrolment = factories.EnrolmentFactory(cohort=cast.cohort)
            factories.AssignmentFactory(enrolment=enrolment, mentor=cast.mentor)
    client = api(cast.mentor)
    with django_assert_num_queries(4):  # token, BEGIN, the list, COMMIT
        assert len(client.get(MENTEES).json()["results"]) == mentees


def test_student_sees_her_mentor(cast: Cast, api: Api) -> None:
    answer = api(cast.student).get("/api/v1/student/mentor")
    assert (answer.status_code, answer.json()["name"]) == (200, "Tomas Berg")


def test_student_without_mentor_is_told_so(cast: Cast, api: Api) -> None:
    with as_system():
        waiting = factories.EnrolmentFactory(cohort=cast.cohort).student
    answer = api(waiting).get("/api/v1/student/mentor")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_mentor_yet")
