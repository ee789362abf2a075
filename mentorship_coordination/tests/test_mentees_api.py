from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from conftest import Cast
from core import clock
from mentorship_coordination.actions.session_outcomes import cancel_participation
from mentorship_coordination.actions.sessions import book_group_session
from mentorship_coordination.models.sessions import MentorSession
from mentorship_coordination.tests.queue_world import mentor_acting, student_acting
from mentorship_coordination.tests.session_world import HOUR, NOW, TOMORROW, booked
from tests import factories
from tests.database import as_system
from users.enums import EnrolmentState
from users.models import Enrolment, User

Api = Callable[[User | None], APIClient]
MENTEES = "/api/v1/mentor/mentees"


def test_lists_only_her_current_mentees(cast: Cast, api: Api) -> None:
    answer = api(cast.mentor).get(MENTEES)
    assert answer.status_code == 200
    [mentee] = answer.json()["results"]
    assert mentee["name"] == "Mina Okafor"
    assert (mentee["open_items"], mentee["overdue_items"], mentee["unresolved_flags"]) == (0, 0, 0)
    assert mentee["readiness"] is None


def test_shows_the_next_session_a_group_that_she_has_not_left_included(cast: Cast, api: Api) -> None:
    group, other = a_group(cast, TOMORROW), a_group(cast, TOMORROW + 2 * HOUR)
    booked(cast.mentor, cast.student, TOMORROW + 4 * HOUR)
    with clock.pinned(NOW):
        client = api(cast.mentor)
        shown = client.get(f"{MENTEES}/{cast.student.pk}/cockpit").json()
        assert [each["id"] for each in shown["sessions"]][1:] == [str(other.pk), str(group.pk)]
        assert next_session(client) == "2026-03-03T09:00:00Z"
        with student_acting(cast.student):
            cancel_participation(session_id=group.pk, by=cast.student, at=NOW)
        assert next_session(client) == "2026-03-03T11:00:00Z"
        shown = client.get(f"{MENTEES}/{cast.student.pk}/cockpit").json()
        assert [each["id"] for each in shown["sessions"]][1:] == [str(other.pk)]


def next_session(client: APIClient) -> str:
    [mentee] = client.get(MENTEES).json()["results"]
    return str(mentee["next_session_at"])


def a_group(cast: Cast, starts_at: datetime) -> MentorSession:
    with mentor_acting(cast.mentor):
        return book_group_session(
            mentee_ids=[cast.student.pk], title="Together", starts_at=starts_at, by=cast.mentor, at=NOW
        )


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


def test_student_of_two_pairs_sees_the_newer_mentor(cast: Cast, api: Api) -> None:
    """One rests with her first enrolment, the other goes on with her second."""
    with as_system():
        Enrolment.objects.filter(pk=cast.enrolment.pk).update(state=EnrolmentState.PAUSED)
        second = factories.EnrolmentFactory(student=cast.student)
        for days, name in ((40, "Older Pair"), (2, "Newer Pair")):
            begun = clock.now() - timedelta(days=days)
            enrolment = second if days < 30 else factories.EnrolmentFactory(student=cast.student, state="paused")
            factories.AssignmentFactory(enrolment=enrolment, mentor__name=name, started_at=begun, created_at=begun)
    assert api(cast.student).get("/api/v1/student/mentor").json()["name"] == "Newer Pair"


def test_student_without_mentor_is_told_so(cast: Cast, api: Api) -> None:
    with as_system():
        waiting = factories.EnrolmentFactory(cohort=cast.cohort).student
    answer = api(waiting).get("/api/v1/student/mentor")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_mentor_yet")
