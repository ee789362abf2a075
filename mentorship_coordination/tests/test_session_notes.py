"""What is noted of a session …"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from coaching.models import Goal
from conftest import Cast
from mentorship_coordination.actions.assignments import (
    end_assignment,
    pause_assignment,
    resume_assignment,
    transfer_assignment,
)
from mentorship_coordination.actions.session_outcomes import close_ended_session, complete_session, mark_no_show
from mentorship_coordination.actions.sessions import book_group_session
from mentorship_coordination.enums import AssignmentState, ParticipantRole, WorkType
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.models.sessions import MentorSession
from mentorship_coordination.selectors.sessions import list_ended_without_notes
from mentorship_coordination.tasks.sessions import close_ended_sessions
from mentorship_coordination.tests.queue_world import at, mentor_acting
from mentorship_coordination.tests.session_world import (
    HOUR,
    NOW,
    TOMORROW,
    booked,
    mentees_of,
    notifications_of,
    stored,
)
from tests import factories
from tests.database import as_system, as_worker
from users.models import User

Api = Callable[[User | None], APIClient]
AFTER = TOMORROW + HOUR
WORDS: dict[str, Any] = {
    "notes": "We read the timeline.",
    "private_notes": "Tired.",
    "action_items": [{"text": "Draw it", "due_date": "2026-03-09"}],
}


def note(api: Api, mentor: User, session: MentorSession, moment: Any = AFTER, **words: Any) -> Any:
    with at(moment):
        return api(mentor).post(f"/api/v1/mentor/sessions/{session.pk}/notes", words)


def read(api: Api, person: User, session: MentorSession, role: str = "student") -> Any:
    with at(AFTER):
        return api(person).get(f"/api/v1/{role}/sessions/{session.pk}/notes").json()


def test_is_the_students_too_but_for_what_is_private(cast: Cast, api: Api) -> None:
    session = booked(cast.mentor, cast.student)
    made = note(api, cast.mentor, session, **WORDS)
    assert made.status_code == 201
    assert [(each["text"], each["is_private"]) for each in made.json()["notes"]] == [
        ("We read the timeline.", False),
        ("Tired.", True),
    ]
    hers = read(api, cast.student, session)
    assert [each["text"] for each in hers["notes"]] == ["We read the timeline."]
    [item] = hers["action_items"]
    assert (item["text"], item["owner"], item["due_date"], item["done_at"]) == (
        "Draw it",
        str(cast.student.pk),
        "2026-03-09",
        None,
    )
    assert notifications_of(cast.student)[-1].title == "Notes of your session: Catch up"


def test_finishes_the_item_of_the_queue(cast: Cast, api: Api) -> None:
    session = booked(cast.mentor, cast.student)
    with as_worker(), at(AFTER):
        close_ended_sessions()
    note(api, cast.mentor, session, notes="Short.")
    with as_system():
        item = MentorWorkQueue.objects.get(type=WorkType.SESSION_NOTES)
    assert (item.status, item.outcome) == ("completed", "noted")


def test_can_be_added_to(cast: Cast, api: Api) -> None:
    session = booked(cast.mentor, cast.student)
    note(api, cast.mentor, session, notes="First.")
    note(api, cast.mentor, session, notes="Second.")
    assert [each["text"] for each in read(api, cast.student, session)["notes"]] == ["First.", "Second."]


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({}, "notes"),
        ({"notes": "x" * 20_001}, "notes"),
        ({"action_items": [{"text": ""}]}, "action_items.0.text"),
        ({"action_items": [{"text": "Go", "owner": "00000000-0000-0000-0000-000000000000"}]}, "action_items.0.owner"),
        ({"action_items": [{"text": "Go"}] * 21}, "action_items"),
    ],
)
def test_is_checked(cast: Cast, api: Api, words: dict[str, Any], field: str) -> None:
    session = booked(cast.mentor, cast.student)
    answer = note(api, cast.mentor, session, **words)
    assert answer.status_code == 400
    assert field in {each["field"] for each in answer.json()["errors"]}
    assert read(api, cast.student, session) == {"notes": [], "action_items": []}


def test_is_refused_before_the_start_and_where_nobody_met(cast: Cast, api: Api) -> None:
    session = booked(cast.mentor, cast.student)
    assert note(api, cast.mentor, session, TOMORROW - HOUR, notes="x").json()["code"] == "nothing_to_note"
    with mentor_acting(cast.mentor):
        mark_no_show(session_id=session.pk, who=ParticipantRole.MENTEE, by=cast.mentor, at=AFTER)
    assert note(api, cast.mentor, session, notes="x").status_code == 409


def test_is_not_for_strangers(cast: Cast, api: Api) -> None:
    session = booked(cast.mentor, cast.student)
    note(api, cast.mentor, session, **WORDS)
    assert note(api, cast.other_mentor, session, notes="x").status_code == 404
    with at(AFTER):
        assert api(cast.stranger).get(f"/api/v1/student/sessions/{session.pk}/notes").status_code == 404
        assert api(cast.student).post(f"/api/v1/mentor/sessions/{session.pk}/notes", {}).status_code == 403


def test_action_items_are_done_by_their_owner_once(cast: Cast, api: Api) -> None:
    session = booked(cast.mentor, cast.student)
    mine = [{"text": "Send the book", "owner": str(cast.mentor.pk)}, {"text": "Read it"}]
    items = note(api, cast.mentor, session, action_items=mine).json()["action_items"]
    book, reading = (f"action-items/{each['id']}/done" for each in items)
    with at(AFTER):
        assert api(cast.mentor).post(f"/api/v1/mentor/{reading}").status_code == 404
        assert api(cast.student).post(f"/api/v1/student/{book}").status_code == 404
        assert api(cast.student).post(f"/api/v1/student/{reading}").json()["done_at"] == "2026-03-03T10:00:00Z"
        assert api(cast.student).post(f"/api/v1/student/{reading}").json()["code"] == "action_item_done"
        assert api(cast.mentor).post(f"/api/v1/mentor/{book}").status_code == 200


def test_an_action_item_becomes_a_goal_when_she_wishes(cast: Cast, api: Api) -> None:
    session = booked(cast.mentor, cast.student)
    items = note(
        api, cast.mentor, session, action_items=[{"text": "Draw it", "due_date": "2026-03-09"}, {"text": "Read"}]
    )
    first, second = (f"/api/v1/student/action-items/{each['id']}/goal" for each in items.json()["action_items"])
    with at(AFTER):
        made = api(cast.student).post(first)
        assert made.status_code == 201
        assert api(cast.student).post(first).status_code == 409
        assert api(cast.student).post(second).json()["errors"][0]["field"] == "due_date"
        assert api(cast.student).post(second, {"due_date": "2026-03-01"}).status_code == 400
        assert api(cast.student).post(second, {"due_date": "2026-03-10"}).status_code == 201
        assert api(cast.stranger).post(first).status_code == 404
    with as_system():
        goals = list(Goal.objects.order_by("due_date").values_list("title", "student"))
    assert goals == [("Draw it", cast.student.pk), ("Read", cast.student.pk)]


def test_of_a_group_says_who_came_and_keeps_each_ones_items_apart(cast: Cast, api: Api) -> None:
    [second] = mentees_of(cast.mentor, 1, cohort=cast.cohort)
    with mentor_acting(cast.mentor):
        group = book_group_session(
            mentee_ids=[cast.student.pk, second.mentee_id], title="Clinic", starts_at=TOMORROW, by=cast.mentor, at=NOW
        )
    with at(AFTER):
        path = f"/api/v1/mentor/sessions/{group.pk}/complete"
        assert api(cast.mentor).post(path, {"absent": [str(cast.stranger.pk)]}).status_code == 400
        both = [str(cast.student.pk), str(second.mentee_id)]
        assert api(cast.mentor).post(path, {"absent": both}).status_code == 400
        assert api(cast.mentor).post(path, {"absent": [str(second.mentee_id)]}).status_code == 200
    came = {each.person_id: each.attended for each in stored(group.pk).participants.all()}
    assert came == {cast.mentor.pk: True, cast.student.pk: True, second.mentee_id: False}
    items = [
        {"text": "Hers", "owner": str(cast.student.pk)},
        {"text": "Theirs", "owner": str(second.mentee_id)},
        {"text": "Mine"},
    ]
    note(api, cast.mentor, group, action_items=items)
    assert [each["text"] for each in read(api, cast.student, group)["action_items"]] == ["Hers", "Mine"]


def test_of_a_session_of_two_needs_no_word_on_who_came(cast: Cast) -> None:
    session = booked(cast.mentor, cast.student)
    with mentor_acting(cast.mentor):
        complete_session(session_id=session.pk, by=cast.mentor, at=AFTER)
    assert {each.attended for each in stored(session.pk).participants.all()} == {True}


def swept(moment: datetime = AFTER) -> int:
    with as_worker(), at(moment):
        return int(close_ended_sessions())


def item_about(session: MentorSession) -> MentorWorkQueue:
    with as_system():
        return MentorWorkQueue.objects.about(WorkType.SESSION_NOTES, session.pk).get()


def test_is_work_of_whoever_held_the_session_and_not_of_who_stands_in(cast: Cast) -> None:
    hers, later = booked(cast.mentor, cast.student), booked(cast.mentor, cast.student, TOMORROW + 2 * HOUR)
    swept()
    with as_system():
        until = NOW + timedelta(days=9)
        pair = factories.AssignmentFactory(enrolment=cast.enrolment, is_primary=False, stands_in_until=until)
    theirs = booked(pair.mentor, cast.student, TOMORROW + 4 * HOUR)
    assert swept(TOMORROW + 6 * HOUR) == 2
    assert [item_about(each).mentor_id for each in (hers, later, theirs)] == [
        cast.mentor.pk,
        cast.mentor.pk,
        pair.mentor_id,
    ]
    with as_worker():
        end_assignment(assignment_id=pair.pk, state=AssignmentState.COMPLETED, reason="Back.", by=None, at=AFTER)
    assert [item_about(each).status for each in (hers, later, theirs)] == ["pending", "pending", "cancelled"]


@pytest.mark.parametrize("words", [{"notes": "We read."}, {"action_items": [{"text": "Draw it"}]}])
def test_written_during_the_session_is_not_asked_for_again(cast: Cast, api: Api, words: dict[str, Any]) -> None:
    session = booked(cast.mentor, cast.student)
    note(api, cast.mentor, session, TOMORROW + HOUR / 2, **words)
    with as_system():
        assert list_ended_without_notes(AFTER, limit=5) == []
    assert swept() == 0
    with as_worker():
        assert close_ended_session(session_id=session.pk, at=AFTER) is False


def test_while_the_pair_rests_takes_the_item_out_of_the_pool(cast: Cast, api: Api) -> None:
    session = booked(cast.mentor, cast.student)
    swept()
    with as_worker():
        pause_assignment(assignment_id=cast.assignment.pk, by=None, at=AFTER)
    assert item_about(session).mentor_id is None
    assert note(api, cast.mentor, session, notes="Short.").status_code == 201
    item = item_about(session)
    assert (item.status, item.outcome, item.completed_by_id) == ("completed", "noted", cast.mentor.pk)


def test_comes_back_with_the_pair(cast: Cast) -> None:
    session = booked(cast.mentor, cast.student)
    swept()
    with as_worker():
        pause_assignment(assignment_id=cast.assignment.pk, by=None, at=AFTER)
        resume_assignment(assignment_id=cast.assignment.pk, by=None, at=AFTER)
    assert item_about(session).mentor_id == cast.mentor.pk


def test_is_asked_of_nobody_once_the_mentor_has_parted_from_the_student(cast: Cast) -> None:
    before, after = booked(cast.mentor, cast.student), booked(cast.mentor, cast.student, TOMORROW + 2 * HOUR)
    swept()
    with as_worker():
        transfer_assignment(
            assignment_id=cast.assignment.pk,
            mentor_id=cast.other_mentor.pk,
            reason="Moves.",
            by=None,
            at=TOMORROW + 5 * HOUR / 2,
        )
    item = item_about(before)
    assert (item.status, item.closed_reason) == ("cancelled", "The mentor has parted from the student.")
    assert swept(TOMORROW + 6 * HOUR) == 0
    with as_system():
        assert not MentorWorkQueue.objects.about(WorkType.SESSION_NOTES, after.pk).exists()
        assert list_ended_without_notes(TOMORROW + 6 * HOUR, limit=5) == []
