"""Of what becomes of a pair …"""

from __future__ import annotations

from typing import Any

from conftest import Cast
from mentorship_coordination.actions.assignments import (
    end_assignment,
    pause_assignment,
    resume_assignment,
    start_assignment,
    transfer_assignment,
)
from mentorship_coordination.enums import AssignmentState, MailState
from mentorship_coordination.models.notifications import Notification
from mentorship_coordination.tests.handover_world import a_mentor
from mentorship_coordination.tests.session_world import NOW, notifications_of
from tests import factories
from tests.database import as_system, as_worker
from users.models import User


def told(person: User) -> list[str]:
    return [each.title for each in notifications_of(person) if each.kind == "assignment"]


def test_both_are_told_and_by_mail_but_not_why(cast: Cast) -> None:
    pair: dict[str, Any] = {"assignment_id": cast.assignment.pk, "by": None, "at": NOW}
    with as_worker():
        pause_assignment(**pair, reason="Exams, and a quarrel.")
        resume_assignment(**pair)
        end_assignment(**pair, state=AssignmentState.COMPLETED, reason="Over.")
    assert told(cast.student) == [
        "Your mentorship with Tomas Berg rests",
        "Your mentorship with Tomas Berg goes on",
        "Your mentorship with Tomas Berg has ended",
    ]
    assert told(cast.mentor) == [title.replace("Tomas Berg", "Mina Okafor") for title in told(cast.student)]
    with as_system():
        news = list(Notification.objects.filter(kind="assignment"))
    assert {each.mail_state for each in news} == {MailState.PENDING}
    assert not any("quarrel" in f"{each.title} {each.body}" for each in news)


def test_both_are_told_that_it_began(cast: Cast) -> None:
    mentor = a_mentor()
    with as_system():
        waiting = factories.EnrolmentFactory(cohort=cast.cohort, student__name="Wanda Waits")
    with as_worker():
        start_assignment(enrolment_id=waiting.pk, mentor_id=mentor.pk, by=None, at=NOW)
    assert told(waiting.student) == [f"Your mentor is {mentor.name}"]
    assert told(mentor) == ["You mentor Wanda Waits"]


def test_a_student_who_changes_hands_hears_of_her_new_mentor_alone(cast: Cast) -> None:
    mentor = a_mentor()
    with as_worker():
        transfer_assignment(
            assignment_id=cast.assignment.pk, mentor_id=mentor.pk, reason="Better fit.", by=None, at=NOW
        )
    assert told(cast.student) == [f"Your mentor is {mentor.name}"]
    assert told(cast.mentor) == ["Your mentorship with Mina Okafor has ended"]
    assert told(mentor) == ["You mentor Mina Okafor"]
