"""A pair begins, rests, resumes, ends, changes hands; what follows it follows."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import UUID

import pytest

from conftest import Cast
from core import clock
from core.enums import Audience, Rank
from core.errors import DomainError, InvalidInput, NotVisible
from core.identifiers import new_id
from core.models import StreamEvent
from core.tenancy.identity import Identity, Role, acting_as
from mentorship_coordination.actions.assignments import (
    AlreadyAssigned,
    IllegalMove,
    MentorFull,
    MentorNotAvailable,
    end_assignment,
    pause_assignment,
    resume_assignment,
    start_assignment,
    transfer_assignment,
)
from mentorship_coordination.actions.sessions import book_group_session, book_session
from mentorship_coordination.enums import AssignmentState, SessionType, WorkStatus, WorkType
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.notifications import Notification
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.models.sessions import MentorSession
from missions.enums import SubmissionState
from missions.models import MissionSubmission
from student_dashboard.models import DashboardUpdateQueue, StudentDashboard
from tests import factories
from tests.database import as_system, as_worker
from users.models import Enrolment, User


def a_submission(cast: Cast) -> MissionSubmission:
    at = clock.now()
    return MissionSubmission.objects.create(
        mission=cast.mission,
        enrolment=cast.enrolment,
        student=cast.student,
        cohort=cast.cohort,
        state=SubmissionState.SUBMITTED,
        version=1,
        submitted_at=at,
        created_at=at,
        updated_at=at,
    )


def an_open_item(cast: Cast, **changes: object) -> MentorWorkQueue:
    at = clock.now() - timedelta(hours=5)
    values = {
        "type": WorkType.MISSION_REVIEW,
        "reference_id": new_id(),
        "title": "Review",
        "enrolment": cast.enrolment,
        "cohort": cast.cohort,
        "mentee": cast.student,
        "mentor": cast.mentor,
        "base_rank": Rank.HIGH,
        "rank": Rank.HIGH,
        "budget_seconds": 48 * 3600,
        "clock_started_at": at,
        "due_at": at + timedelta(hours=48),
        "created_at": at,
        "updated_at": at,
    }
    return MentorWorkQueue.objects.create(**values | changes)


def a_mentor(**changes: object) -> User:
    with as_system():
        return factories.MentorFactory(**changes)


def a_waiting_enrolment(cast: Cast) -> Enrolment:
    with as_system():
        return factories.EnrolmentFactory(cohort=cast.cohort)


def test_begins_at_once_and_asks_for_a_refresh(cast: Cast) -> None:
    enrolment = a_waiting_enrolment(cast)
    at = clock.now()
    with as_worker():
        assignment = start_assignment(enrolment_id=enrolment.pk, mentor_id=cast.mentor.pk, by=None, at=at)
    with as_system():
        assignment.refresh_from_db()
        assert (assignment.state, assignment.started_at) == (AssignmentState.ACTIVE, at)
        waiting = DashboardUpdateQueue.objects.get(student=enrolment.student)
        assert (waiting.rank, waiting.reasons) == (Rank.HIGH, ["assignment_started"])


@pytest.mark.parametrize(
    ("mentor", "refusal"),
    [
        ({"mentor_max_mentees": 0}, MentorFull),
        ({"is_mentor": False}, MentorNotAvailable),
        ({"is_active": False}, MentorNotAvailable),
        ({"leaving_at": clock.now()}, MentorNotAvailable),
    ],
)
def test_refuses_mentors_who_take_nobody(cast: Cast, mentor: dict[str, object], refusal: type[DomainError]) -> None:
    enrolment, person = a_waiting_enrolment(cast), a_mentor(**mentor)
    with as_worker(), pytest.raises(refusal):
        start_assignment(enrolment_id=enrolment.pk, mentor_id=person.pk, by=None, at=clock.now())
    with as_system():
        assert not MenteeMentorAssignment.objects.filter(enrolment=enrolment).exists()


def test_refuses_a_second_primary_mentor(cast: Cast) -> None:
    with as_worker(), pytest.raises(AlreadyAssigned):
        start_assignment(enrolment_id=cast.enrolment.pk, mentor_id=cast.other_mentor.pk, by=None, at=clock.now())


def test_refuses_to_let_somebody_mentor_herself(cast: Cast) -> None:
    with as_system():
        enrolment = factories.EnrolmentFactory(cohort=cast.cohort, student=a_mentor())
    with as_worker(), pytest.raises(InvalidInput):
        start_assignment(enrolment_id=enrolment.pk, mentor_id=enrolment.student_id, by=None, at=clock.now())


def test_takes_waiting_items_out_of_the_pool(cast: Cast) -> None:
    enrolment = a_waiting_enrolment(cast)
    with as_system():
        item = an_open_item(cast, enrolment=enrolment, mentee=enrolment.student, mentor=None)
    with as_worker():
        start_assignment(enrolment_id=enrolment.pk, mentor_id=cast.mentor.pk, by=None, at=clock.now())
    with as_system():
        item.refresh_from_db()
        assert item.mentor_id == cast.mentor.pk


def test_pausing_sends_open_items_to_the_pool_with_their_clock_running(cast: Cast) -> None:
    with as_system():
        item = an_open_item(
            cast,
            status=WorkStatus.IN_PROGRESS,
            claimed_by=cast.mentor,
            lease_until=clock.now() + timedelta(minutes=30),
        )
        due = item.due_at
    with as_worker():
        pause_assignment(assignment_id=cast.assignment.pk, by=None, at=clock.now())
    with as_system():
        item.refresh_from_db()
        assert (item.mentor_id, item.status, item.claimed_by_id, item.due_at) == (None, "pending", None, due)
    with as_worker():
        resume_assignment(assignment_id=cast.assignment.pk, by=None, at=clock.now())
    with as_system():
        item.refresh_from_db()
        assert (item.mentor_id, item.due_at) == (cast.mentor.pk, due)


def test_ends_are_final(cast: Cast) -> None:
    with as_worker():
        end_assignment(
            assignment_id=cast.assignment.pk,
            state=AssignmentState.COMPLETED,
            reason="Graduated",
            by=None,
            at=clock.now(),
        )
        with pytest.raises(IllegalMove):
            resume_assignment(assignment_id=cast.assignment.pk, by=None, at=clock.now())


def test_transfer_moves_everything_and_keeps_the_clock_to_the_second(cast: Cast) -> None:
    successor = a_mentor(name="Nia New")
    with as_system():
        submission, item = a_submission(cast), an_open_item(cast)
        finished = an_open_item(cast, status=WorkStatus.COMPLETED, completed_at=clock.now())
        StudentDashboard.objects.create(student=cast.student)
        due = item.due_at
    with as_worker():
        transfer_assignment(
            assignment_id=cast.assignment.pk, mentor_id=successor.pk, reason="Moved", by=None, at=clock.now()
        )
    with as_system():
        for row in (submission, item, finished):
            row.refresh_from_db()
        assert (submission.mentor_id, item.mentor_id, item.due_at) == (successor.pk, successor.pk, due)
        assert finished.mentor_id == cast.mentor.pk
        assert StudentDashboard.objects.get(student=cast.student).mentor_id == successor.pk


def test_transfer_to_a_full_mentor_changes_nothing(cast: Cast) -> None:
    full = a_mentor(mentor_max_mentees=0)
    with as_worker(), pytest.raises(MentorFull):
        transfer_assignment(
            assignment_id=cast.assignment.pk, mentor_id=full.pk, reason="Moved", by=None, at=clock.now()
        )
    with as_system():
        cast.assignment.refresh_from_db()
        assert (cast.assignment.state, cast.assignment.ended_at) == (AssignmentState.ACTIVE, None)


def test_another_director_cannot_touch_it(cast: Cast) -> None:
    with acting_as(Identity(Role.DIRECTOR, cast.other_director.pk)), pytest.raises(NotVisible):
        pause_assignment(assignment_id=cast.assignment.pk, by=cast.other_director, at=clock.now())


def test_the_cohorts_director_can(cast: Cast) -> None:
    with acting_as(Identity(Role.DIRECTOR, cast.director.pk)):
        pause_assignment(assignment_id=cast.assignment.pk, by=cast.director, at=clock.now())
    with as_system():
        cast.assignment.refresh_from_db()
        assert cast.assignment.state == AssignmentState.PAUSED


def test_ending_calls_future_sessions_off_without_charge(cast: Cast) -> None:
    at = clock.now()
    start = (at + timedelta(days=3)).replace(minute=0, second=0, microsecond=0)
    with acting_as(Identity(Role.MENTOR, cast.mentor.pk)):
        session = book_session(
            mentee_id=cast.student.pk,
            title="Weekly talk",
            starts_at=start,
            duration_minutes=45,
            type=SessionType.ONE_ON_ONE,
            by=cast.mentor,
            at=at,
        )
    with as_worker():
        end_assignment(
            assignment_id=cast.assignment.pk, state=AssignmentState.CANCELLED, reason="Moved", by=None, at=at
        )
    with as_system():
        session.refresh_from_db()
        assert (session.status, session.sequence, session.closed_at) == ("cancelled_by_mentor", 1, at)
        assert not session.participants.filter(is_active=True).exists()
        [told] = Notification.objects.filter(recipient=cast.student, dedupe_key=f"session:{session.pk}:1:cancelled")
        assert told.title == "Session cancelled: Weekly talk"
        said = StreamEvent.objects.filter(recipient=cast.student, audience=Audience.STUDENT, event="session")
        assert [json.loads(each.data)["kind"] for each in said.order_by("number")] == ["scheduled", "cancelled"]


def test_ending_takes_the_mentee_out_of_the_mentors_future_groups(cast: Cast) -> None:
    at = clock.now()
    start = (at + timedelta(days=3)).replace(minute=0, second=0, microsecond=0)
    with as_system():
        other = factories.AssignmentFactory(
            mentor=cast.mentor, enrolment=factories.EnrolmentFactory(cohort=cast.cohort)
        )
    mentees = [cast.student.pk, other.mentee_id]
    with acting_as(Identity(Role.MENTOR, cast.mentor.pk)):
        held, coming = (
            book_group_session(mentee_ids=mentees, title="Together", starts_at=when, by=cast.mentor, at=at)
            for when in (start, start + timedelta(days=2))
        )
    between = start + timedelta(days=1)
    with as_worker():
        end_assignment(
            assignment_id=cast.assignment.pk, state=AssignmentState.COMPLETED, reason="Done", by=None, at=between
        )
    with as_system():
        assert attending(held) == {cast.mentor.pk, *mentees}
        assert attending(coming) == {cast.mentor.pk, other.mentee_id}
        revision = coming.revision
        coming.refresh_from_db()
        assert (coming.status, coming.revision, coming.updated_at) == ("scheduled", revision + 1, between)
        told = Notification.objects.filter(recipient=cast.student, dedupe_key__endswith=":left")
        assert [(each.title, each.created_at) for each in told] == [("You left the group: Together", between)]
        said = StreamEvent.objects.filter(audience=Audience.STUDENT, event="session", data__contains='"left"')
        assert [(each.recipient_id, json.loads(each.data)["id"]) for each in said] == [
            (cast.student.pk, str(coming.pk))
        ]


def attending(session: MentorSession) -> set[UUID]:
    return set(session.participants.filter(is_active=True).values_list("person_id", flat=True))
