"""A session that a student asks for …"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from rest_framework.test import APIClient

from conftest import Cast
from core.enums import Audience
from mentorship_coordination.actions.assignments import end_assignment, pause_assignment
from mentorship_coordination.actions.session_requests import (
    RequestClosed,
    decline_session,
    expire_session_requests,
    request_session,
)
from mentorship_coordination.actions.session_time import SlotTaken
from mentorship_coordination.actions.sessions import confirm_session
from mentorship_coordination.enums import AssignmentState, SessionStatus
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.sessions import SessionParticipant
from mentorship_coordination.selectors.sessions import session_budget, weekly_load
from mentorship_coordination.tests.handover_world import broken_invariants
from mentorship_coordination.tests.queue_world import at, heard, mentor_acting, student_acting
from mentorship_coordination.tests.session_world import HOUR, NOW, TOMORROW, at_once, booked, notifications_of, stored
from tests import factories
from tests.database import as_system, as_worker
from users.models import User

Api = Callable[[User | None], APIClient]
DAY = timedelta(days=1)
SESSIONS = "/api/v1/student/sessions"


def asked(student: User, starts_at: Any = TOMORROW, **changes: Any) -> UUID:
    with student_acting(student):
        return request_session(title="Stuck", starts_at=starts_at, by=student, **{"at": NOW, **changes})


def confirmed(mentor: User, session_id: UUID, moment: Any = NOW) -> Any:
    with mentor_acting(mentor):
        return confirm_session(session_id=session_id, by=mentor, at=moment)


def titles_of(person: User) -> list[str]:
    return [each.title for each in notifications_of(person)]


def test_holds_neither_time_nor_budget_and_tells_the_mentor(cast: Cast) -> None:
    session = stored(asked(cast.student))
    assert (session.status, session.mentor_id, session.assignment_id) == (
        SessionStatus.REQUESTED,
        cast.mentor.pk,
        cast.assignment.pk,
    )
    with as_system():
        assert not SessionParticipant.objects.exists()
        assert session_budget([cast.enrolment.pk])[cast.enrolment.pk].reserved == 0
        assert weekly_load(cast.mentor, TOMORROW) == 0
    assert titles_of(cast.mentor) == ["Mina Okafor asks for a session: Stuck"]
    assert heard(cast.mentor)[-2]["kind"] == "requested"
    booked(cast.mentor, cast.student, TOMORROW)


def test_is_booked_when_the_mentor_agrees(cast: Cast) -> None:
    session_id = asked(cast.student)
    confirmed(cast.mentor, session_id, NOW + HOUR)
    session = stored(session_id)
    assert (session.status, session.sequence, bool(session.meeting_url)) == (SessionStatus.SCHEDULED, 0, True)
    assert {each.person_id for each in session.participants.all()} == {cast.mentor.pk, cast.student.pk}
    assert titles_of(cast.student) == ["Session booked: Stuck"]
    with as_system():
        assert session_budget([cast.enrolment.pk])[cast.enrolment.pk].reserved == 1
    assert broken_invariants() == []


def test_is_declined_with_a_reason_that_she_reads(cast: Cast, api: Api) -> None:
    session_id = asked(cast.student)
    with mentor_acting(cast.mentor):
        decline_session(session_id=session_id, by=cast.mentor, at=NOW, reason="I am away.")
    assert titles_of(cast.student) == ["Your mentor cannot make it: Stuck"]
    with at(NOW):
        told = api(cast.student).get(f"{SESSIONS}/{session_id}").json()
    assert (told["status"], told["close_reason"], told["participants"]) == ("declined", "I am away.", [])


def test_runs_out_after_a_day_or_when_its_time_comes(cast: Cast) -> None:
    slow, soon = asked(cast.student, NOW + 5 * DAY), asked(cast.student, NOW + HOUR)

    def expired(moment: Any) -> int:
        with as_worker():
            return expire_session_requests(at=moment)

    assert [expired(NOW + HOUR / 2), expired(NOW + HOUR), expired(NOW + HOUR)] == [0, 1, 0]
    assert [expired(NOW + DAY - HOUR), expired(NOW + DAY)] == [0, 1]
    assert [stored(each).status for each in (slow, soon)] == [SessionStatus.EXPIRED] * 2
    assert titles_of(cast.student) == ["Your mentor has not answered: Stuck"] * 2
    assert heard(cast.student, Audience.STUDENT)[-2]["kind"] == "expired"


@pytest.mark.parametrize("moment", [NOW + DAY, TOMORROW])
def test_that_ran_out_cannot_be_agreed_to_though_no_job_has_seen_it(cast: Cast, moment: Any) -> None:
    session_id = asked(cast.student)
    with pytest.raises(RequestClosed):
        confirmed(cast.mentor, session_id, moment)
    assert stored(session_id).status == SessionStatus.REQUESTED


def test_can_be_answered_once(cast: Cast) -> None:
    session_id = asked(cast.student)

    def declined() -> Any:
        with mentor_acting(cast.mentor):
            return decline_session(session_id=session_id, by=cast.mentor, at=NOW)

    answers = at_once([partial(confirmed, cast.mentor, session_id)] * 3 + [declined] * 3)
    assert [getattr(each, "code", "done") for each in answers].count("done") == 1
    assert {getattr(each, "code", "done") for each in answers} == {"done", "request_closed"}
    assert broken_invariants() == []


def test_is_refused_like_a_booking_when_somebody_is_busy_by_then(cast: Cast) -> None:
    session_id = asked(cast.student)
    booked(cast.mentor, cast.student, TOMORROW)
    with pytest.raises(SlotTaken) as refused:
        confirmed(cast.mentor, session_id)
    assert refused.value.extra["alternatives"]
    assert stored(session_id).status == SessionStatus.REQUESTED


def test_is_taken_back_by_the_student(cast: Cast, api: Api) -> None:
    session_id = asked(cast.student)
    with at(NOW):
        answer = api(cast.student).post(f"{SESSIONS}/{session_id}/cancel", {"reason": "Found it."})
    assert (answer.status_code, answer.json()["status"]) == (200, "declined")
    assert titles_of(cast.mentor)[-1] == "Mina Okafor no longer asks for: Stuck"
    with at(NOW):
        assert api(cast.student).post(f"{SESSIONS}/{session_id}/cancel").status_code == 409


def test_falls_with_the_pair(cast: Cast) -> None:
    session_id = asked(cast.student)
    with as_worker():
        end_assignment(
            assignment_id=cast.assignment.pk, state=AssignmentState.COMPLETED, reason="Over.", by=None, at=NOW
        )
    session = stored(session_id)
    assert (session.status, session.close_reason) == (SessionStatus.DECLINED, "The mentorship has ended.")


def test_goes_to_whoever_stands_in(cast: Cast) -> None:
    with as_system():
        stand_in = factories.AssignmentFactory(
            enrolment=cast.enrolment, is_primary=False, stands_in_until=NOW + 9 * DAY
        )
    assert stored(asked(cast.student)).mentor_id == stand_in.mentor_id


def test_over_http(cast: Cast, api: Api) -> None:
    wish = {"title": "Stuck", "start_time": "2026-03-03T15:00:00+03:00", "agenda": "The log."}
    with at(NOW):
        client = api(cast.student)
        made = client.post(SESSIONS, wish, HTTP_IDEMPOTENCY_KEY="a")
        again = client.post(SESSIONS, wish, HTTP_IDEMPOTENCY_KEY="a")
        assert (made.status_code, made.json()["status"], made.json()["start_time"]) == (
            201,
            "requested",
            "2026-03-03T12:00:00Z",
        )
        assert again.json()["id"] == made.json()["id"]
        path = f"/api/v1/mentor/sessions/{made.json()['id']}"
        mentor = api(cast.mentor)
        assert [each["id"] for each in mentor.get("/api/v1/mentor/sessions?status=requested").json()["results"]] == [
            made.json()["id"]
        ]
        assert api(cast.other_mentor).post(f"{path}/confirm").status_code == 404
        assert api(cast.other_mentor).post(f"{path}/decline").status_code == 404
        assert mentor.post(f"{path}/confirm").json()["status"] == "scheduled"
        assert mentor.post(f"{path}/decline").json()["code"] == "request_closed"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"start_time": "2026-03-01T15:00:00Z"}, "start_time"),
        ({"start_time": "2026-03-03T15:00:00"}, "start_time"),
        ({"duration_minutes": 5}, "duration_minutes"),
        ({"type": "group"}, "type"),
        ({"title": ""}, "title"),
    ],
)
def test_needs_sensible_words(cast: Cast, api: Api, change: dict[str, Any], field: str) -> None:
    with at(NOW):
        answer = api(cast.student).post(SESSIONS, {"title": "Stuck", "start_time": "2026-03-03T15:00:00Z", **change})
    assert answer.status_code == 400
    assert [each["field"] for each in answer.json()["errors"]] == [field]


def test_is_refused_without_a_mentor_while_the_pair_rests_and_beyond_three(cast: Cast, api: Api) -> None:
    def code() -> Any:
        with at(NOW):
            return (
                api(cast.student)
                .post(SESSIONS, {"title": "S", "start_time": "2026-03-03T15:00:00Z"})
                .json()
                .get("code")
            )

    assert [code() for _ in range(4)] == [None, None, None, "too_many_requests"]
    with as_worker():
        pause_assignment(assignment_id=cast.assignment.pk, by=None, at=NOW)
    assert code() == "assignment_not_active"
    with as_system():
        MenteeMentorAssignment.objects.filter(pk=cast.assignment.pk).update(state="completed", ended_at=NOW)
    assert code() == "no_mentor"
