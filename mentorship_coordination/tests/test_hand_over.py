"""A mentor leaves …"""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conftest import Cast
from core.errors import Conflict
from core.tenancy.identity import Identity, Role, acting_as
from mentorship_coordination.actions import handover as handovers
from mentorship_coordination.actions.assignments import end_assignment, pause_assignment, start_assignment
from mentorship_coordination.actions.clocks import pause_work_item
from mentorship_coordination.actions.flags import raise_flag
from mentorship_coordination.actions.handover import (
    HandoverExists,
    NotAMentor,
    plan_handover,
    request_handover,
)
from mentorship_coordination.actions.handover_steps import hand_over_mentee
from mentorship_coordination.actions.queue import claim_work_item
from mentorship_coordination.actions.sessions import book_group_session
from mentorship_coordination.enums import AssignmentState, HandoverState, PauseReason, SessionStatus
from mentorship_coordination.models.assignments import MentorAbsence
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.selectors.sessions import session_budget
from mentorship_coordination.tests.handover_world import (
    a_mentor,
    broken_invariants,
    carried_out,
    handed_over,
    item,
    pair_of,
    started,
    stored_handover,
)
from mentorship_coordination.tests.queue_world import mentor_acting, open_item
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
from users.models import Enrolment, User


@pytest.fixture(autouse=True)
def nobody_else_has_room(cast: Cast) -> None:
    """The stranger's mentor is full, so that a test decides who takes the mentees."""
    with as_system():
        User.objects.filter(pk=cast.other_mentor.pk).update(mentor_max_mentees=1)


def test_and_her_mentees_get_the_mentor_that_matches_them(cast: Cast) -> None:
    new = a_mentor()
    done = handed_over(cast.mentor)
    pair = pair_of(cast.student)
    assert pair is not None
    assert (pair.mentor_id, pair.state) == (new.pk, AssignmentState.ACTIVE)
    assert (done.state, done.mentor.is_mentor, done.mentor.is_active) == (HandoverState.DONE, False, True)
    assert done.result[str(cast.assignment.pk)]["as_planned"] is True
    with as_system():
        cast.assignment.refresh_from_db()
    assert cast.assignment.end_reason == "Hand-over: Another post."
    assert broken_invariants() == []


def test_and_a_mentee_whom_nobody_can_take_waits(cast: Cast) -> None:
    item_id = open_item(cast.enrolment, started_at=NOW)
    handed_over(cast.mentor)
    assert pair_of(cast.student) is None
    assert item(item_id).mentor_id is None
    assert notifications_of(cast.student)[-1].title == "You are waiting for a new mentor"
    assert broken_invariants() == []


def test_and_no_clock_moves_by_a_second(cast: Cast) -> None:
    new = a_mentor()
    running, paused, claimed = (open_item(cast.enrolment, started_at=NOW, title=title) for title in "abc")
    with mentor_acting(cast.mentor):
        pause_work_item(item_id=paused, reason=PauseReason.DISPUTE, by=cast.mentor, at=NOW + HOUR)
        claim_work_item(item_id=claimed, by=cast.mentor, at=NOW + HOUR)
    before = {each: item(each) for each in (running, paused, claimed)}
    handed_over(cast.mentor, at=NOW + 2 * HOUR)
    for each, was in before.items():
        now = item(each)
        assert (now.mentor_id, now.status, now.claimed_by_id) == (new.pk, "pending", None)
        assert (now.due_at, now.remaining_seconds) == (was.due_at, was.remaining_seconds)
        assert (now.clock_started_at, now.budget_seconds) == (was.clock_started_at, was.budget_seconds)
    assert item(paused).remaining_seconds == 71 * 3600


def test_and_her_flags_change_owner_but_not_author(cast: Cast) -> None:
    new = a_mentor()
    with mentor_acting(cast.mentor):
        flag = raise_flag(mentee_id=cast.student.pk, reason="Silent.", by=cast.mentor, at=NOW)
    handed_over(cast.mentor)
    with as_system():
        kept = MentorFlag.objects.get(pk=flag.pk)
    assert (kept.mentor_id, kept.author_id) == (new.pk, cast.mentor.pk)


def test_and_a_resting_pair_rests_on(cast: Cast) -> None:
    new = a_mentor()
    with acting_as(Identity(Role.DIRECTOR, cast.director.pk)):
        pause_assignment(assignment_id=cast.assignment.pk, by=cast.director, at=NOW)
    item_id = open_item(cast.enrolment, started_at=NOW)
    handed_over(cast.mentor)
    pair = pair_of(cast.student)
    assert pair is not None
    assert (pair.mentor_id, pair.state) == (new.pk, AssignmentState.PAUSED)
    assert item(item_id).mentor_id is None


def test_and_a_student_who_rests_goes_to_the_waiting_list(cast: Cast) -> None:
    a_mentor()
    with as_system():
        Enrolment.objects.filter(pk=cast.enrolment.pk).update(state="paused")
    done = handed_over(cast.mentor)
    assert (pair_of(cast.student), done.state) == (None, HandoverState.DONE)


def test_and_the_new_mentor_takes_the_sessions_that_she_can_hold(cast: Cast) -> None:
    new = a_mentor(standing_meeting_url="https://rooms.example/new")
    held = booked(cast.mentor, cast.student, TOMORROW)
    too_early = booked(cast.mentor, cast.student, TOMORROW - 3 * HOUR)
    handed_over(cast.mentor)
    session = stored(held.pk)
    pair = pair_of(cast.student)
    assert pair is not None
    assert (session.status, session.mentor_id, session.assignment_id) == (SessionStatus.SCHEDULED, new.pk, pair.pk)
    assert (session.sequence, session.meeting_url) == (1, "https://rooms.example/new")
    assert {(p.person_id, p.is_active) for p in session.participants.all()} == {
        (cast.mentor.pk, False),
        (new.pk, True),
        (cast.student.pk, True),
    }
    assert stored(too_early.pk).status == SessionStatus.CANCELLED_BY_MENTOR
    assert {f"{new.name} takes over: Catch up", "Session cancelled: Catch up"} <= {
        each.title for each in notifications_of(cast.student)
    }
    assert broken_invariants() == []


def test_and_a_session_is_called_off_when_its_hour_was_taken_meanwhile(cast: Cast) -> None:
    """Planned while the new mentor was free; somebody books her before the hand-over is carried out."""
    new = a_mentor()
    session = booked(cast.mentor, cast.student, TOMORROW)
    with as_system():
        asked = request_handover(mentor_id=cast.mentor.pk, reason="Leaves.", by=None, at=NOW)
        planned = plan_handover(handover_id=asked.pk, at=NOW)
        assert planned.plan["sessions_taken_over"] == 1
        handovers.start_handover(handover_id=asked.pk, by=None, at=NOW)
        other = factories.AssignmentFactory(mentor=new, enrolment=factories.EnrolmentFactory())
    booked(new, other.mentee, TOMORROW + timedelta(minutes=30))
    assert carried_out(asked.pk)
    assert stored(session.pk).status == SessionStatus.CANCELLED_BY_MENTOR
    assert broken_invariants() == []


def test_and_a_new_mentor_who_is_full_by_then_is_replaced_by_the_next_best(cast: Cast) -> None:
    best = a_mentor(mentor_specialties=["forensics", "triage"], mentor_max_mentees=1)
    second = a_mentor(mentor_specialties=[], mentor_max_mentees=1)
    with as_system():
        asked = request_handover(mentor_id=cast.mentor.pk, reason="Leaves.", by=None, at=NOW)
        assert plan_handover(handover_id=asked.pk, at=NOW).plan["moves"][0]["mentor"] == str(best.pk)
        handovers.start_handover(handover_id=asked.pk, by=None, at=NOW)
        start_assignment(enrolment_id=factories.EnrolmentFactory().pk, mentor_id=best.pk, by=None, at=NOW)
    carried_out(asked.pk)
    pair = pair_of(cast.student)
    assert pair is not None
    assert pair.mentor_id == second.pk
    assert stored_handover(asked.pk).result[str(cast.assignment.pk)]["as_planned"] is False


@pytest.mark.parametrize("is_away", [False, True])
def test_and_sessions_go_by_the_time_of_whoever_takes_the_student(cast: Cast, is_away: bool) -> None:
    """Not of whom the plan named; and what was booked since goes along, too."""
    best = a_mentor(mentor_specialties=["forensics", "triage"], mentor_max_mentees=1)
    second = a_mentor(mentor_specialties=[], mentor_max_mentees=1)
    planned = booked(cast.mentor, cast.student, TOMORROW)
    with as_system():
        asked = request_handover(mentor_id=cast.mentor.pk, reason="Leaves.", by=None, at=NOW)
        plan_handover(handover_id=asked.pk, at=NOW)
    since = booked(cast.mentor, cast.student, TOMORROW + HOUR)
    with as_system():
        if is_away:
            MentorAbsence.objects.create(mentor=second, starts_at=TOMORROW, ends_at=TOMORROW + HOUR)
        handovers.start_handover(handover_id=asked.pk, by=None, at=NOW)
        start_assignment(enrolment_id=factories.EnrolmentFactory().pk, mentor_id=best.pk, by=None, at=NOW)
    assert carried_out(asked.pk)
    held = SessionStatus.SCHEDULED, second.pk
    called_off = SessionStatus.CANCELLED_BY_MENTOR, cast.mentor.pk
    found = [(stored(each.pk).status, stored(each.pk).mentor_id) for each in (planned, since)]
    assert found == [called_off if is_away else held, held]
    assert broken_invariants() == []


def test_and_groups_are_called_off_without_charge(cast: Cast) -> None:
    a_mentor()
    others = [pair.mentee_id for pair in mentees_of(cast.mentor, 1)]
    with mentor_acting(cast.mentor):
        group = book_group_session(
            mentee_ids=[cast.student.pk, *others], title="Kick-off", starts_at=TOMORROW, by=cast.mentor, at=NOW
        )
    handed_over(cast.mentor)
    assert stored(group.pk).status == SessionStatus.CANCELLED_BY_MENTOR
    assert broken_invariants() == []


def test_and_nobody_has_her_for_a_backup(cast: Cast) -> None:
    with as_system():
        absence = MentorAbsence.objects.create(
            mentor=cast.other_mentor, backup=cast.mentor, starts_at=NOW, ends_at=NOW + 24 * HOUR
        )
    handed_over(cast.mentor)
    with as_system():
        absence.refresh_from_db()
    assert absence.backup_id is None


def test_and_the_new_mentor_reads_what_she_takes_over(cast: Cast) -> None:
    new = a_mentor(timezone="Africa/Nairobi")
    open_item(cast.enrolment, started_at=NOW - 100 * HOUR, title="Talk about the goal")
    booked(cast.mentor, cast.student, TOMORROW)
    with mentor_acting(cast.mentor):
        raise_flag(mentee_id=cast.student.pk, reason="Has not written for a week.", by=cast.mentor, at=NOW)
    handed_over(cast.mentor)
    [brief] = [each for each in notifications_of(new) if each.title == "You take over Mina Okafor"]
    assert brief.body.splitlines() == [
        f"{cast.cohort.track.name}, {cast.cohort.name}.",
        "Readiness: not enough data.",
        "Missions: 0 of 1 approved.",
        "Open work:",
        "– Talk about the goal, overdue since Sunday, 01 March 2026 at 08:00",
        "Unresolved flags:",
        "– medium, other: Has not written for a week.",
        "Sessions to come:",
        "– Catch up, Tuesday, 03 March 2026 at 12:00",
    ]
    assert brief.url == f"/mentor/mentees/{cast.student.pk}"


def test_and_a_crash_in_the_middle_is_gone_on_from(cast: Cast) -> None:
    a_mentor(mentor_max_mentees=20)
    pairs = mentees_of(cast.mentor, 2)
    handover_id = started(cast.mentor)
    real, calls = hand_over_mentee, []

    def dies_at_the_second(**step: object) -> object:
        calls.append(step)
        if len(calls) == 2:
            raise ConnectionResetError
        return real(**step)  # type: ignore[arg-type]

    with patch.object(handovers, "hand_over_mentee", dies_at_the_second), pytest.raises(ConnectionResetError):
        carried_out(handover_id)
    half_done = stored_handover(handover_id)
    assert (half_done.state, len(half_done.result), half_done.mentor.is_mentor) == (HandoverState.RUNNING, 1, True)
    assert carried_out(handover_id, at=NOW + HOUR)
    done = stored_handover(handover_id)
    assert len(done.result) == 3
    assert all(pair_of(pair.mentee) for pair in pairs)
    assert broken_invariants() == []


def test_and_a_second_run_changes_nothing(cast: Cast) -> None:
    a_mentor()
    done = handed_over(cast.mentor)
    told = len(notifications_of(cast.student))
    assert not carried_out(done.pk, at=NOW + HOUR)
    again = stored_handover(done.pk)
    assert (again.revision, again.finished_at, len(notifications_of(cast.student))) == (done.revision, NOW, told)


def test_and_gets_no_mentees_from_the_start(cast: Cast) -> None:
    handover_id = started(cast.mentor)
    with patch.object(handovers, "hand_over_mentee", side_effect=Conflict("Not now.")):
        assert not carried_out(handover_id)
    with as_worker(), pytest.raises(Conflict):
        start_assignment(enrolment_id=_waiting().pk, mentor_id=cast.mentor.pk, by=None, at=NOW)
    assert stored_handover(handover_id).state == HandoverState.RUNNING


def _waiting() -> Enrolment:
    with as_system():
        return factories.EnrolmentFactory()


def test_once_at_a_time(cast: Cast) -> None:
    started(cast.mentor)
    with pytest.raises(HandoverExists):
        started(cast.mentor)
    with pytest.raises(NotAMentor):
        started(cast.student)


def test_with_as_many_queries_for_many_mentees_as_for_one(cast: Cast) -> None:
    """To plan, whatever their number; and each mentee's own step costs what the others' cost."""
    a_mentor(mentor_max_mentees=50)
    with as_system():
        asked = request_handover(mentor_id=cast.mentor.pk, reason="Leaves.", by=None, at=NOW)
        with CaptureQueriesContext(connection) as for_one:
            plan_handover(handover_id=asked.pk, at=NOW)
    mentees_of(cast.mentor, 10)
    with as_system(), CaptureQueriesContext(connection) as for_many:
        plan = plan_handover(handover_id=asked.pk, at=NOW).plan
    assert plan["to_new_mentors"] == 11
    assert len(for_many) == len(for_one) <= 20


@pytest.mark.parametrize("has_pairs", [True, False])
def test_nothing_that_has_begun_reserves_a_budget_for_ever(cast: Cast, has_pairs: bool) -> None:
    a_mentor()
    session = booked(cast.mentor, cast.student)
    after = TOMORROW + HOUR
    if not has_pairs:
        with as_worker():
            end_assignment(
                assignment_id=cast.assignment.pk, state=AssignmentState.COMPLETED, reason="Over.", by=None, at=after
            )
    assert handed_over(cast.mentor, at=after, ends_account=True).state == HandoverState.DONE
    closed = stored(session.pk)
    assert (closed.status, closed.closed_at, closed.closed_by) == (SessionStatus.CANCELLED_BY_MENTOR, after, None)
    with as_system():
        budget = session_budget([cast.enrolment.pk])[cast.enrolment.pk]
        assert (budget.used, budget.reserved) == (0, 0)
        assert not User.objects.get(pk=cast.mentor.pk).is_active
    assert notifications_of(cast.student)[-1].title == "Session closed without charge: Catch up"
    assert broken_invariants() == []
