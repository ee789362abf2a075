"""A backup stands in while a mentor is away …"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from conftest import Cast
from core import clock
from core.errors import DomainError
from mentorship_coordination.actions.absences import follow_absences
from mentorship_coordination.actions.assignments import transfer_assignment
from mentorship_coordination.actions.clocks import pause_work_item
from mentorship_coordination.enums import AssignmentState, PauseReason
from mentorship_coordination.models.assignments import MenteeMentorAssignment, MentorAbsence
from mentorship_coordination.tests.handover_world import a_mentor, as_job, broken_invariants, item
from mentorship_coordination.tests.queue_world import mentor_acting, open_item
from mentorship_coordination.tests.session_world import HOUR, NOW, notifications_of
from missions.models import MissionSubmission
from missions.tests.world import review, submit
from tests.database import as_system
from users.models import User

DAY = 24 * HOUR


@pytest.fixture
def backup(cast: Cast) -> User:
    person = a_mentor()
    with as_system():
        MentorAbsence.objects.create(mentor=cast.mentor, backup=person, starts_at=NOW, ends_at=NOW + 5 * DAY)
    return person


def job_runs(at: datetime) -> int:
    with as_job(), clock.pinned(at):
        return follow_absences(at=at)


def stand_ins(**changes: Any) -> list[MenteeMentorAssignment]:
    with as_system():
        return list(MenteeMentorAssignment.objects.standing_in().filter(**changes).order_by("created_at"))


def test_and_gets_the_open_work_with_its_clocks(cast: Cast, backup: User) -> None:
    running, paused = (open_item(cast.enrolment, started_at=NOW, title=title) for title in "ab")
    with mentor_acting(cast.mentor):
        pause_work_item(item_id=paused, reason=PauseReason.DISPUTE, by=cast.mentor, at=NOW)
    before = {each: item(each) for each in (running, paused)}
    assert job_runs(NOW + HOUR) == 1
    for each, was in before.items():
        now = item(each)
        assert (now.mentor_id, now.due_at, now.remaining_seconds) == (backup.pk, was.due_at, was.remaining_seconds)
    [pair] = stand_ins()
    assert (pair.mentor_id, pair.state, pair.is_primary, pair.stands_in_until) == (
        backup.pk,
        AssignmentState.ACTIVE,
        False,
        NOW + 5 * DAY,
    )
    [news] = notifications_of(backup)
    assert news.title == "You stand in for Tomas Berg: 1 student"
    assert broken_invariants(NOW + HOUR) == []


def test_and_reviews_what_is_handed_in_meanwhile(cast: Cast, backup: User) -> None:
    job_runs(NOW)
    submission = submit(cast.student, cast.mission, at=NOW + HOUR)
    review(backup, submission, at=NOW + 2 * HOUR, decision="approved", score=80)
    with as_system():
        assert MissionSubmission.objects.get(pk=submission.pk).state == "approved"


def test_and_gives_back_what_is_left(cast: Cast, backup: User) -> None:
    kept = open_item(cast.enrolment, started_at=NOW)
    job_runs(NOW)
    meanwhile = open_item(cast.enrolment, started_at=NOW + DAY, title="New")
    assert item(meanwhile).mentor_id == backup.pk
    due = {each: item(each).due_at for each in (kept, meanwhile)}
    assert job_runs(NOW + 5 * DAY) == 1
    assert {each: item(each).due_at for each in due} == due
    assert {item(each).mentor_id for each in due} == {cast.mentor.pk}
    [pair] = stand_ins()
    assert (pair.state, pair.end_reason) == (AssignmentState.COMPLETED, "The mentor has the work again.")
    assert broken_invariants(NOW + 5 * DAY) == []


def test_and_stops_when_the_absence_is_taken_back(cast: Cast, backup: User) -> None:
    job_runs(NOW)
    with as_system():
        MentorAbsence.objects.all().delete()
    assert job_runs(NOW + HOUR) == 1
    assert stand_ins(state=AssignmentState.ACTIVE) == []


def test_and_stops_when_the_student_gets_another_mentor(cast: Cast, backup: User) -> None:
    new = a_mentor()
    waiting = open_item(cast.enrolment, started_at=NOW)
    job_runs(NOW)
    with as_job():
        transfer_assignment(assignment_id=cast.assignment.pk, mentor_id=new.pk, reason="Hours.", by=None, at=NOW + HOUR)
    assert job_runs(NOW + 2 * HOUR) == 1
    assert item(waiting).mentor_id == new.pk


@pytest.mark.parametrize(
    "changes",
    [{"mentor_max_mentees": 0}, {"is_mentor": False}, {"is_active": False}, {"leaving_at": NOW}],
)
def test_unless_she_takes_nobody(cast: Cast, backup: User, changes: dict[str, Any]) -> None:
    with as_system():
        User.objects.filter(pk=backup.pk).update(**changes)
    waiting = open_item(cast.enrolment, started_at=NOW)
    assert job_runs(NOW + HOUR) == 0
    assert item(waiting).mentor_id == cast.mentor.pk


def test_unless_she_is_away_herself(cast: Cast, backup: User) -> None:
    with as_system():
        MentorAbsence.objects.create(mentor=backup, starts_at=NOW, ends_at=NOW + DAY)
    assert job_runs(NOW + HOUR) == 0
    assert job_runs(NOW + DAY) == 1


def test_once(cast: Cast, backup: User) -> None:
    assert (job_runs(NOW), job_runs(NOW + HOUR), len(notifications_of(backup))) == (1, 0, 1)


def test_and_before_and_after_nobody_does(cast: Cast, backup: User) -> None:
    assert job_runs(NOW - HOUR) == 0
    assert job_runs(NOW + 5 * DAY) == 0


def test_and_a_mentor_who_may_not_review_is_refused(cast: Cast, backup: User) -> None:
    submission = submit(cast.student, cast.mission, at=NOW)
    with pytest.raises(DomainError):
        review(backup, submission, at=NOW + HOUR, decision="approved", score=80)
