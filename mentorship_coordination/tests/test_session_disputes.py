"""A dispute over a session …"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from conftest import Cast
from mentorship_coordination.actions.session_outcomes import (
    cancel_participation,
    close_ended_session,
    complete_session,
    mark_no_show,
)
from mentorship_coordination.attendance import attendance_of
from mentorship_coordination.enums import ParticipantRole, WorkType
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.models.sessions import MentorSession
from mentorship_coordination.selectors.sessions import session_budget
from mentorship_coordination.tests.queue_world import at, mentor_acting, student_acting
from mentorship_coordination.tests.session_world import HOUR, TOMORROW, booked, notifications_of, stored
from mentorship_coordination.tests.test_calendar_feed import address_of, events
from mentorship_coordination.tests.test_session_mails import delivered, entry_of
from tests.database import as_system, as_worker
from users.models import User

Api = Callable[[User | None], APIClient]
AFTER = TOMORROW + HOUR
DAY = timedelta(days=1)
REASON = {"reason": "I waited in the room."}


def missed(cast: Cast) -> MentorSession:
    session = booked(cast.mentor, cast.student)
    with mentor_acting(cast.mentor):
        return mark_no_show(session_id=session.pk, who=ParticipantRole.MENTEE, by=cast.mentor, at=AFTER)


def dispute(api: Api, person: User, session: MentorSession, moment: Any = AFTER, **words: Any) -> Any:
    with at(moment):
        return api(person).post(f"/api/v1/student/sessions/{session.pk}/dispute", words or REASON)


def settle(api: Api, person: User, session: MentorSession, **words: Any) -> Any:
    with at(AFTER + HOUR):
        return api(person).post(f"/api/v1/director/disputes/{session.pk}/settle", {"answer": "Sorry.", **words})


def used(cast: Cast) -> int:
    with as_system():
        return session_budget([cast.enrolment.pk])[cast.enrolment.pk].used


def test_is_heard_by_mentor_and_directors_and_shown(cast: Cast, api: Api) -> None:
    session = missed(cast)
    told = dispute(api, cast.student, session)
    assert (told.status_code, told.json()["is_disputed"], told.json()["status"]) == (200, True, "no_show_mentee")
    for person in (cast.mentor, cast.director):
        assert notifications_of(person)[-1].title == "Mina Okafor disputes a session: Catch up"
        assert notifications_of(person)[-1].body == REASON["reason"]
    with at(AFTER):
        [row] = api(cast.director).get("/api/v1/director/disputes?open=true").json()["results"]
        assert (row["mentee_name"], row["reason"], row["settled_at"]) == ("Mina Okafor", REASON["reason"], None)
        assert api(cast.other_director).get("/api/v1/director/disputes").json()["results"] == []


@pytest.mark.parametrize(
    ("status", "charged", "came"),
    [
        (None, 1, {"mentor": True, "mentee": False}),
        ("completed", 1, {"mentor": True, "mentee": True}),
        ("no_show_mentor", 0, {"mentor": False, "mentee": True}),
        ("cancelled_by_mentor", 0, {"mentor": None, "mentee": None}),
    ],
)
def test_is_settled_and_the_budget_follows(
    cast: Cast, api: Api, status: str | None, charged: int, came: dict[str, bool | None]
) -> None:
    session = missed(cast)
    dispute(api, cast.student, session)
    assert used(cast) == 1
    told = settle(api, cast.director, session, status=status)
    assert (told.status_code, told.json()["status"], told.json()["answer"]) == (
        200,
        status or "no_show_mentee",
        "Sorry.",
    )
    assert used(cast) == charged
    assert {each.role: each.attended for each in stored(session.pk).participants.all()} == came
    assert [notifications_of(each)[-1].title for each in (cast.mentor, cast.student)] == ["Settled: Catch up"] * 2
    with at(AFTER):
        assert api(cast.student).get(f"/api/v1/student/sessions/{session.pk}").json()["is_disputed"] is False
    assert settle(api, cast.director, session).json()["code"] == "dispute_settled"


def test_that_calls_the_session_off_leaves_the_calendars(cast: Cast, api: Api) -> None:
    """The feed and the mails cancel the entry, one step further than what calendars have; the answer is in the mail."""
    session = missed(cast)
    path = address_of(api, cast.student)
    assert [row[1:3] for row in events(path, AFTER)] == [(0, "CONFIRMED")]
    dispute(api, cast.student, session)
    delivered(AFTER)
    settle(api, cast.director, session, status="cancelled_by_mentor")
    assert [row[1:3] for row in events(path, AFTER + HOUR)] == [(1, "CANCELLED")]
    mails = delivered(AFTER + HOUR)
    assert {each.to[0] for each in mails} == {cast.mentor.email, cast.student.email}
    for message in mails:
        method, event = entry_of(message)
        assert (method, int(event["SEQUENCE"]), str(event["STATUS"])) == ("CANCEL", 1, "CANCELLED")
        assert "Sorry." in message.body


@pytest.mark.parametrize("status", [None, "completed", "no_show_mentor"])
def test_that_leaves_the_session_on_moves_no_calendar(cast: Cast, api: Api, status: str | None) -> None:
    session = missed(cast)
    dispute(api, cast.student, session)
    delivered(AFTER)
    settle(api, cast.director, session, status=status)
    assert stored(session.pk).sequence == 0
    assert [each.alternatives for each in delivered(AFTER + HOUR)] == [[], []]


def test_of_what_was_called_off_already_is_no_news_to_calendars(cast: Cast, api: Api) -> None:
    session = booked(cast.mentor, cast.student)
    with student_acting(cast.student):
        cancel_participation(session_id=session.pk, by=cast.student, at=TOMORROW - HOUR)
    dispute(api, cast.student, session, TOMORROW)
    settle(api, cast.director, session, status="cancelled_by_mentor")
    assert stored(session.pk).sequence == 1


def test_stays_in_the_feed_for_thirty_days_from_its_end(cast: Cast, api: Api) -> None:
    """A director may take her time: calendars hear of it from then on."""
    session = missed(cast)
    path = address_of(api, cast.student)
    dispute(api, cast.student, session)
    settled_at = AFTER + 40 * DAY
    with at(settled_at):
        api(cast.director).post(
            f"/api/v1/director/disputes/{session.pk}/settle", {"answer": "Sorry.", "status": "cancelled_by_mentor"}
        )
    assert [row[1:3] for row in events(path, settled_at + 30 * DAY - HOUR)] == [(1, "CANCELLED")]
    assert events(path, settled_at + 30 * DAY) == []


def test_can_be_over_a_late_call_off(cast: Cast, api: Api) -> None:
    session = booked(cast.mentor, cast.student)
    with student_acting(cast.student):
        cancel_participation(session_id=session.pk, by=cast.student, at=TOMORROW - HOUR)
    assert used(cast) == 1
    assert dispute(api, cast.student, session, TOMORROW).status_code == 200
    settle(api, cast.director, session, status="cancelled_by_mentor")
    assert used(cast) == 0
    assert stored(session.pk).is_late_cancel is False


@pytest.mark.parametrize(("status", "came"), [("completed", True), ("no_show_mentee", False)])
def test_over_a_late_call_off_counts_what_was_settled(cast: Cast, api: Api, status: str, came: bool) -> None:
    session = booked(cast.mentor, cast.student)
    with student_acting(cast.student):
        cancel_participation(session_id=session.pk, by=cast.student, at=TOMORROW - HOUR)
    booked(cast.mentor, cast.student)  # in the place of the one that was called off
    dispute(api, cast.student, session, TOMORROW)
    assert settle(api, cast.director, session, status=status).status_code == 200
    assert used(cast) == 1
    with as_system():
        counted = attendance_of([cast.enrolment.pk], AFTER)[cast.student.pk]
    assert (counted.attended, counted.missed, counted.late_cancellations) == (int(came), int(not came), 0)
    with at(AFTER):
        rated = api(cast.student).post(f"/api/v1/student/sessions/{session.pk}/rating", {"rating": 5})
    assert rated.status_code == (200 if came else 409)


def test_that_says_nobody_met_calls_the_notes_off(cast: Cast, api: Api) -> None:
    session = booked(cast.mentor, cast.student)
    with as_worker():
        close_ended_session(session_id=session.pk, at=AFTER)
    with mentor_acting(cast.mentor):
        complete_session(session_id=session.pk, by=cast.mentor, at=AFTER)
    dispute(api, cast.student, session)
    settle(api, cast.director, session, status="no_show_mentor")
    with as_system():
        item = MentorWorkQueue.objects.about(WorkType.SESSION_NOTES, session.pk).get()
    assert (item.status, item.closed_reason) == ("cancelled", "no_show_mentor")


def test_is_possible_once_and_for_72_hours(cast: Cast, api: Api) -> None:
    session = missed(cast)
    assert dispute(api, cast.student, session, AFTER + 3 * DAY).json()["code"] == "cannot_be_disputed"
    assert dispute(api, cast.student, session, AFTER + 3 * DAY - timedelta(seconds=1)).status_code == 200
    assert dispute(api, cast.student, session).json()["code"] == "cannot_be_disputed"


def test_needs_a_session_that_is_closed(cast: Cast, api: Api) -> None:
    session = booked(cast.mentor, cast.student)
    assert dispute(api, cast.student, session).json()["code"] == "cannot_be_disputed"
    with mentor_acting(cast.mentor):
        complete_session(session_id=session.pk, by=cast.mentor, at=AFTER)
    assert dispute(api, cast.student, session).status_code == 200


def test_is_not_for_others(cast: Cast, api: Api) -> None:
    session = missed(cast)
    assert dispute(api, cast.stranger, session).status_code == 404
    assert dispute(api, cast.mentor, session).status_code == 403
    assert settle(api, cast.director, session).status_code == 404
    dispute(api, cast.student, session)
    assert settle(api, cast.other_director, session).status_code == 404
    assert settle(api, cast.mentor, session).status_code == 403


@pytest.mark.parametrize("words", [{"reason": ""}, {"reason": "x" * 301}])
def test_needs_a_reason(cast: Cast, api: Api, words: dict[str, str]) -> None:
    assert dispute(api, cast.student, missed(cast), **words).status_code == 400


@pytest.mark.parametrize("words", [{"answer": ""}, {"status": "expired"}, {"status": "scheduled"}])
def test_needs_an_answer_and_an_outcome(cast: Cast, api: Api, words: dict[str, str]) -> None:
    session = missed(cast)
    dispute(api, cast.student, session)
    assert settle(api, cast.director, session, **words).status_code == 400
    assert stored(session.pk).dispute_settled_at is None
