from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from psycopg2.extras import DateTimeTZRange
from rest_framework.test import APIClient

from conftest import Cast
from core import clock
from mentorship_coordination.actions.assignments import transfer_assignment
from mentorship_coordination.enums import FlagCategory, ParticipantRole, SessionStatus, Severity
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.models.sessions import MentorSession, SessionParticipant
from missions.enums import SubmissionState
from missions.models import MissionSubmission
from tests import factories
from tests.database import as_system, as_worker
from users.models import User

Api = Callable[[User | None], APIClient]
MENTEES = "/api/v1/mentor/mentees"


def cockpit_url(person: User) -> str:
    return f"{MENTEES}/{person.pk}/cockpit"


def a_past_session(cast: Cast, status: SessionStatus, **changes: object) -> MentorSession:
    at = clock.now() - timedelta(days=3)
    values = {
        "mentor": cast.mentor,
        "mentee": cast.student,
        "enrolment": cast.enrolment,
        "assignment": cast.assignment,
        "cohort": cast.cohort,
        "title": "Weekly talk",
        "status": status,
        "starts_at": at,
        "ends_at": at + timedelta(minutes=45),
        "created_at": at,
        "updated_at": at,
    }
    session = MentorSession.objects.create(**values | changes)
    SessionParticipant.objects.create(
        session=session,
        person=cast.student,
        enrolment=cast.enrolment,
        role=ParticipantRole.MENTEE,
        during=DateTimeTZRange(session.starts_at, session.ends_at),
        is_active=status == SessionStatus.COMPLETED,
    )
    return session


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


def test_cockpit_counts_what_the_rows_say(cast: Cast, api: Api) -> None:
    with as_system():
        at = clock.now()
        MissionSubmission.objects.create(
            mission=cast.mission,
            enrolment=cast.enrolment,
            student=cast.student,
            cohort=cast.cohort,
            state=SubmissionState.APPROVED,
            version=1,
            score=91,
            submitted_at=at,
            decided_at=at,
            created_at=at,
            updated_at=at,
        )
        factories.MissionFactory(track=cast.cohort.track)
        a_past_session(cast, SessionStatus.COMPLETED)
        a_past_session(cast, SessionStatus.CANCELLED_BY_MENTOR)
        a_past_session(cast, SessionStatus.CANCELLED_BY_MENTEE, is_late_cancel=True)
        MentorFlag.objects.create(
            mentee=cast.student,
            enrolment=cast.enrolment,
            cohort=cast.cohort,
            mentor=cast.mentor,
            author=cast.mentor,
            category=FlagCategory.ENGAGEMENT,
            severity=Severity.HIGH,
            reason="Silent for two weeks.",
            created_at=at,
            updated_at=at,
        )
    document = api(cast.mentor).get(cockpit_url(cast.student)).json()
    assert document["profile"]["name"] == "Mina Okafor"
    assert document["metrics"] == {
        "habit_completion": None,
        "missions_completed": 1,
        "missions_total": 2,
        "mean_score": 91.0,
        "sessions_used": 2,
        "sessions_reserved": 0,
        "sessions_limit": 12,
        "open_items": 0,
    }
    assert [flag["severity"] for flag in document["flags"]] == ["high"]
    assert [action["type"] for action in document["quick_actions"]] == ["book_session", "raise_flag"]
    assert {entry["kind"] for entry in document["timeline"]} >= {"flag", "session_completed"}


def test_offers_no_booking_when_the_budget_is_spent(cast: Cast, api: Api) -> None:
    with as_system():
        cast.enrolment.max_sessions = 1
        cast.enrolment.save(update_fields=["max_sessions"])
        a_past_session(cast, SessionStatus.COMPLETED)
    document = api(cast.mentor).get(cockpit_url(cast.student)).json()
    assert [action["type"] for action in document["quick_actions"]] == ["raise_flag"]


def test_answers_304_to_what_is_known(cast: Cast, api: Api) -> None:
    client = api(cast.mentor)
    tag = client.get(cockpit_url(cast.student))["ETag"]
    again = client.get(cockpit_url(cast.student), headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_does_not_exist_for_another_mentor(cast: Cast, api: Api) -> None:
    assert api(cast.other_mentor).get(cockpit_url(cast.student)).status_code == 404


def test_is_closed_to_students_and_to_the_signed_out(cast: Cast, api: Api) -> None:
    assert api(cast.student).get(cockpit_url(cast.student)).status_code == 403
    answer = api(None).get(cockpit_url(cast.student))
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"


def test_student_sees_her_mentor(cast: Cast, api: Api) -> None:
    answer = api(cast.student).get("/api/v1/student/mentor")
    assert (answer.status_code, answer.json()["name"]) == (200, "Tomas Berg")


def test_student_without_mentor_is_told_so(cast: Cast, api: Api) -> None:
    with as_system():
        waiting = factories.EnrolmentFactory(cohort=cast.cohort).student
    answer = api(waiting).get("/api/v1/student/mentor")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_mentor_yet")


def test_counts_the_sessions_of_an_earlier_mentor(cast: Cast, api: Api) -> None:
    with as_system():
        a_past_session(cast, SessionStatus.COMPLETED)
        successor = factories.MentorFactory(name="Nia New")
    with as_worker():
        transfer_assignment(
            assignment_id=cast.assignment.pk, mentor_id=successor.pk, reason="Moved", by=None, at=clock.now()
        )
    document = api(successor).get(cockpit_url(cast.student)).json()
    assert document["metrics"]["sessions_used"] == 1
