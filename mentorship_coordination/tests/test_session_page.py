"""The page of one session, for the mentor and for the student; and what a director says of disputes."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from coaching.models import Goal
from conftest import Cast
from mentorship_coordination.actions.session_notes import WantedItem, note_session
from mentorship_coordination.actions.session_outcomes import close_ended_session, mark_no_show
from mentorship_coordination.actions.sessions import book_group_session
from mentorship_coordination.enums import ParticipantRole, SessionStatus
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.models.sessions import MentorSession, SessionActionItem, SessionNote
from mentorship_coordination.tests.queue_world import at, mentor_acting
from mentorship_coordination.tests.session_world import HOUR, NOW, TOMORROW, booked, mentees_of, stored
from tests import factories
from tests.database import as_system, as_worker
from tests.people import browser_of
from users.models import User

AFTER = TOMORROW + HOUR


def show(person: User, path: str, moment: Any = AFTER) -> str:
    with at(moment):
        answer = browser_of(person).get(path)
    assert answer.status_code == 200, answer.content
    return re.sub(r"\s+", " ", answer.content.decode())


def send(person: User, path: str, moment: Any = AFTER, **form: Any) -> str:
    with at(moment):
        answer = browser_of(person).post(path, form, follow=True)
    return re.sub(r"\s+", " ", answer.content.decode())


def group(cast: Cast) -> tuple[MentorSession, list[User]]:
    mentees = [pair.mentee for pair in mentees_of(cast.mentor, 2)]
    with mentor_acting(cast.mentor):
        session = book_group_session(
            mentee_ids=[each.pk for each in mentees], title="Reading", starts_at=TOMORROW, by=cast.mentor, at=NOW
        )
    return session, mentees


def test_nobody_came_by_a_slip_of_the_form(cast: Cast) -> None:
    session, mentees = group(cast)
    page = send(cast.mentor, f"/mentor/sessions/{session.pk}/held-with", came=[str(cast.student.pk)])
    assert "Who takes part has changed: look again." in page
    assert stored(session.pk).status == SessionStatus.SCHEDULED
    assert "It took place." in send(cast.mentor, f"/mentor/sessions/{session.pk}/held-with", came=[str(mentees[0].pk)])


def test_a_reason_that_no_page_sends_calls_nothing_off(cast: Cast) -> None:
    session = booked(cast.mentor, cast.student)
    with at(NOW):
        answer = browser_of(cast.mentor).post(f"/mentor/sessions/{session.pk}/call-off", {"reason": "x" * 301})
    assert answer.status_code == 400
    assert stored(session.pk).status == SessionStatus.SCHEDULED


def test_a_mentor_says_it_took_place_and_writes_down_what_was_agreed(cast: Cast) -> None:
    session = booked(cast.mentor, cast.student)
    with as_worker():
        close_ended_session(session_id=session.pk, at=AFTER)
    one = f"/mentor/sessions/{session.pk}"
    assert f'href="{one}"' in show(cast.mentor, "/mentor/queue")
    assert "It took place." in send(cast.mentor, f"{one}/held-with")
    page = send(
        cast.mentor,
        one,
        notes="Read the timeline.\nThen the report.",
        private_notes="Was tired.",
        item_1="Send the report",
        owner_1=str(cast.student.pk),
        due_1="2026-03-09",
        item_2="Find a lab",
        owner_2=str(cast.mentor.pk),
    )
    assert "Kept." in page
    assert "Read the timeline.<br>Then the report." in page
    assert "for you alone" in page
    assert "Mina Okafor, until 9 Mar" in page
    with as_system():
        assert MentorWorkQueue.objects.get(reference_id=session.pk).status == "completed"
        mine = SessionActionItem.objects.get(owner=cast.mentor)
    assert "Done." in send(cast.mentor, f"{one}/items/{mine.pk}/done")
    assert "done already" in send(cast.mentor, f"{one}/items/{mine.pk}/done")


def test_notes_need_something_and_a_session_that_has_begun(cast: Cast) -> None:
    session = booked(cast.mentor, cast.student)
    one = f"/mentor/sessions/{session.pk}"
    assert "Write down what was agreed" not in show(cast.mentor, one, NOW)
    assert "Nobody has met in this session." in send(cast.mentor, one, NOW, notes="Early.")
    assert "Write something, or name what is to be done." in send(cast.mentor, one)
    assert "Select a valid choice" in send(cast.mentor, one, item_1="X", owner_1=str(cast.stranger.pk))
    with as_system():
        assert not SessionNote.objects.exists()


def test_a_mentor_says_who_of_a_group_came(cast: Cast) -> None:
    session, mentees = group(cast)
    one = f"/mentor/sessions/{session.pk}"
    assert show(cast.mentor, one).count('name="came"') == 2
    assert "say no-show instead" in send(cast.mentor, f"{one}/held-with")
    page = send(cast.mentor, f"{one}/held-with", came=[str(mentees[0].pk)])
    assert f"{mentees[0].name}: was there" in page
    assert f"{mentees[1].name}: was not there" in page


def test_shows_the_mentee_his_local_time(cast: Cast) -> None:
    with as_system():
        User.objects.filter(pk=cast.student.pk).update(timezone="Africa/Nairobi")
    session = booked(cast.mentor, cast.student)
    assert "Tue 12:00 for Mina Okafor" in show(cast.mentor, f"/mentor/sessions/{session.pk}")


@pytest.fixture
def noted(cast: Cast) -> MentorSession:
    session = booked(cast.mentor, cast.student)
    with mentor_acting(cast.mentor):
        note_session(
            session_id=session.pk,
            by=cast.mentor,
            at=AFTER,
            text="Read the timeline.",
            private_text="Was tired.",
            action_items=[
                WantedItem("Send the report"),
                WantedItem("Install it", None, (AFTER + timedelta(days=6)).date()),
            ],
        )
    return session


def items_of(session: MentorSession) -> dict[str, UUID]:
    with as_system():
        return dict(SessionActionItem.objects.filter(session=session).values_list("text", "pk"))


def test_a_student_reads_shared_notes_and_does_what_is_hers(cast: Cast, noted: MentorSession) -> None:
    one, items = f"/student/sessions/{noted.pk}", items_of(noted)
    assert f'href="{one}"' in show(cast.student, "/student/sessions")
    page = show(cast.student, one)
    assert "Read the timeline." in page
    assert "Was tired." not in page
    assert "Done." in send(cast.student, f"{one}/items/{items['Send the report']}/done")
    assert "one of your goals now" in send(cast.student, f"{one}/items/{items['Install it']}/goal")
    with as_system():
        assert Goal.objects.get(student=cast.student).title == "Install it"
    assert show(cast.student, one).count(">done</span>") == 2


def test_a_goal_needs_a_day(cast: Cast, noted: MentorSession) -> None:
    path = f"/student/sessions/{noted.pk}/items/{items_of(noted)['Send the report']}/goal"
    assert "the action item has none" in send(cast.student, path)
    assert browser_of(cast.student).post(path, {"due_date": "soon"}).status_code == 400
    assert "one of your goals now" in send(cast.student, path, due_date="2026-03-20")


def test_a_dispute_is_told_and_settled_on_pages(cast: Cast) -> None:
    session = booked(cast.mentor, cast.student)
    with mentor_acting(cast.mentor):
        mark_no_show(session_id=session.pk, who=ParticipantRole.MENTEE, by=cast.mentor, at=AFTER)
    one = f"/student/sessions/{session.pk}"
    assert "It was not so" in show(cast.student, one)
    assert "It was not so" not in show(cast.student, one, AFTER + timedelta(hours=73))
    assert "You said:</strong> I waited." in send(cast.student, f"{one}/dispute", reason="I waited.")
    page = show(cast.director, "/director/disputes")
    assert "I waited." in page
    settle = f"/director/disputes/{session.pk}/settle"
    assert browser_of(cast.director).post(settle, {"status": "lucky"}).status_code == 400
    page = send(cast.director, settle, status="no_show_mentor", answer="The mentor agrees.")
    assert "Settled. Mentor and student are told." in page
    assert "Nothing waits for your word." in page
    assert stored(session.pk).status == SessionStatus.NO_SHOW_MENTOR
    assert "Settled:</strong> The mentor agrees." in show(cast.student, one)
    assert "Settled:</strong> The mentor agrees." in show(cast.mentor, f"/mentor/sessions/{session.pk}")
    assert "settled already" in send(cast.director, settle, answer="Again.")


def test_attendance_in_a_group_is_disputed_and_settled(cast: Cast) -> None:
    with as_system():
        pairs = [
            factories.AssignmentFactory(mentor=cast.mentor, enrolment=factories.EnrolmentFactory(cohort=cast.cohort))
            for _ in range(2)
        ]
    mentees = [pair.mentee for pair in pairs]
    with mentor_acting(cast.mentor):
        session = book_group_session(
            mentee_ids=[each.pk for each in mentees], title="Reading", starts_at=TOMORROW, by=cast.mentor, at=NOW
        )
    send(cast.mentor, f"/mentor/sessions/{session.pk}/held-with", came=[str(mentees[0].pk)])
    one = f"/student/sessions/{session.pk}"
    assert "You were not there, it is said." in show(mentees[1], one)
    send(mentees[1], f"{one}/dispute", reason="I was there.")
    assert "I was there." in show(cast.director, "/director/disputes")
    participant = next(each for each in stored(session.pk).participants.all() if each.person_id == mentees[1].pk)
    send(cast.director, f"/director/attendance/{participant.pk}/settle", attended="came", answer="Right.")
    assert "You were there." in show(mentees[1], one)


def test_are_nobody_elses(cast: Cast, noted: MentorSession) -> None:
    item = items_of(noted)["Send the report"]
    mentor, student = f"/mentor/sessions/{noted.pk}", f"/student/sessions/{noted.pk}"
    for path in (mentor, student, "/director/disputes"):
        assert Client().get(path)["Location"].startswith("/sign-in")
    assert browser_of(cast.other_mentor).get(mentor).status_code == 404
    assert browser_of(cast.stranger).get(student).status_code == 404
    assert browser_of(cast.student).get(mentor).status_code == 403
    assert browser_of(cast.mentor).get("/director/disputes").status_code == 403
    for person, path in (
        (cast.other_mentor, mentor),
        (cast.other_mentor, f"{mentor}/held-with"),
        (cast.other_mentor, f"{mentor}/items/{item}/done"),
        (cast.stranger, f"{student}/dispute"),
        (cast.stranger, f"{student}/items/{item}/done"),
        (cast.stranger, f"{student}/items/{item}/goal"),
        (cast.other_director, f"/director/disputes/{noted.pk}/settle"),
    ):
        assert browser_of(person).post(path, {"reason": "x", "answer": "x"}).status_code == 404, path
