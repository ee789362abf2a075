"""A student leaves …"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse
from rest_framework.test import APIClient

from coaching.actions.goals import create_goal
from coaching.actions.habits import create_habit
from coaching.actions.midnight import notice_overdue_goals
from coaching.models import Goal
from conftest import Cast
from core import clock
from core.enums import Audience
from core.errors import InvalidInput, NotVisible
from core.tenancy.identity import Identity, Role, acting_as
from mentorship_coordination.actions.absences import follow_absences
from mentorship_coordination.actions.clocks import pause_work_item
from mentorship_coordination.actions.enrolments import EnrolmentEnded, end_enrolment
from mentorship_coordination.actions.flags import StudentHasLeft, raise_flag, raise_flag_as_director, reopen_flag
from mentorship_coordination.actions.goal_feedback import keep_goal_items
from mentorship_coordination.actions.match_publishing import publish_match_run
from mentorship_coordination.actions.queue import open_work_item
from mentorship_coordination.actions.repairs import repair_mission_reviews
from mentorship_coordination.actions.session_requests import request_session
from mentorship_coordination.actions.sessions import book_group_session
from mentorship_coordination.admin.enrolments import EnrolmentAdmin
from mentorship_coordination.enums import FlagCategory, PauseReason, ProposalState, Severity, WorkType
from mentorship_coordination.models.assignments import AssignmentEntry, MenteeMentorAssignment, MentorAbsence
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.models.matching import MatchProposal
from mentorship_coordination.models.queue import MentorWorkQueue, SlaPause
from mentorship_coordination.models.sessions import MentorSession, SessionParticipant
from mentorship_coordination.selectors.departures import Departure
from mentorship_coordination.tasks.sessions import close_ended_sessions
from mentorship_coordination.tests.handover_world import as_job, broken_invariants
from mentorship_coordination.tests.match_world import director_acting, drafted, waits
from mentorship_coordination.tests.queue_world import heard, mentor_acting, student_acting
from mentorship_coordination.tests.session_world import HOUR, NOW, TOMORROW, booked, notifications_of
from missions.actions import NoActiveEnrolment, submit_mission
from missions.models import MissionSubmission
from student_dashboard.aggregation import DashboardAggregationService
from student_dashboard.models import RiskEpisode
from tests import factories
from tests.database import as_system, as_worker
from tests.people import browser_of
from users.actions.access import change_person
from users.enums import EnrolmentState
from users.models import Enrolment, User

LATER = NOW + timedelta(minutes=5)


@pytest.fixture(autouse=True)
def now(db: None) -> Iterator[None]:
    with clock.pinned(NOW):
        yield


def left(cast: Cast, by: User | None = None, state: EnrolmentState = EnrolmentState.WITHDRAWN) -> Departure:
    director = by or cast.director
    with director_acting(director):
        return end_enrolment(
            enrolment_id=cast.enrolment.pk, state=state, reason="Took a job abroad.", by=director, at=LATER
        )


def hand_in(cast: Cast) -> MissionSubmission:
    with student_acting(cast.student):
        return submit_mission(mission_id=cast.mission.pk, by=cast.student, text="Done.", at=NOW)


def worry(cast: Cast, severity: Severity = Severity.CRITICAL) -> MentorFlag:
    with mentor_acting(cast.mentor):
        return raise_flag(mentee_id=cast.student.pk, reason="Silent.", by=cast.mentor, at=NOW, severity=severity)


def open_items() -> list[MentorWorkQueue]:
    with as_system():
        return list(MentorWorkQueue.objects.open())


def test_ends_pairs_items_sessions_requests_groups_and_flags_at_once(cast: Cast) -> None:
    with as_system():
        other = factories.AssignmentFactory(mentor=cast.mentor, enrolment__cohort=cast.cohort)
    submission, flag = hand_in(cast), worry(cast)
    session = booked(cast.mentor, cast.student)
    with mentor_acting(cast.mentor):
        group = book_group_session(
            mentee_ids=[cast.student.pk, other.mentee_id],
            title="Group",
            starts_at=TOMORROW + 2 * HOUR,
            by=cast.mentor,
            at=NOW,
        )
        with as_system():
            item_id = MentorWorkQueue.objects.get().pk
        pause_work_item(
            item_id=item_id,
            reason=PauseReason.WAITING_ON_STUDENT,
            note="",
            by=cast.mentor,
            at=NOW + timedelta(minutes=1),
        )
    with student_acting(cast.student):
        wish = request_session(title="A word", starts_at=TOMORROW + 4 * HOUR, by=cast.student, at=NOW)

    told = left(cast)

    assert (told.student, told.state, len(told.pairs), len(told.items), told.requests) == (
        "Mina Okafor", "withdrawn", 1, 1, 1,
    )  # fmt: skip
    assert [(each.title, each.is_group) for each in told.sessions] == [("Catch up", False), ("Group", True)]
    assert told.undecided == (cast.mission.title,)
    with as_system():
        enrolment = Enrolment.objects.get(pk=cast.enrolment.pk)
        assert (enrolment.state, enrolment.ended_at) == ("withdrawn", LATER)
        pair = MenteeMentorAssignment.objects.get(pk=cast.assignment.pk)
        assert (pair.state, pair.ended_at, pair.end_reason) == ("cancelled", LATER, "Took a job abroad.")
        assert AssignmentEntry.objects.get(assignment=pair).by_id == cast.director.pk
        item = MentorWorkQueue.objects.get(pk=item_id)
        assert (item.status, item.closed_reason, item.mentor_id) == (
            "cancelled", "The student has left.", cast.mentor.pk,
        )  # fmt: skip
        assert SlaPause.objects.get(item=item).closed_at == LATER
        settled = MentorFlag.objects.get(pk=flag.pk)
        assert (settled.state, settled.outcome, settled.note) == (
            "resolved", "The student has left.", "Took a job abroad.",
        )  # fmt: skip
        assert settled.entries.last().by_id == cast.director.pk  # type: ignore[union-attr]
        states = dict(MentorSession.objects.values_list("pk", "status"))
        assert (states[session.pk], states[group.pk], states[wish]) == (
            "cancelled_by_mentor", "scheduled", "declined",
        )  # fmt: skip
        active = SessionParticipant.objects.filter(is_active=True).values_list("person_id", flat=True)
        assert set(active) == {cast.mentor.pk, other.mentee_id}
        assert MissionSubmission.objects.get(pk=submission.pk).state == "submitted"
    assert broken_invariants() == []


def test_tells_mentor_and_student_without_the_reason(cast: Cast) -> None:
    hand_in(cast)
    left(cast)
    news = {"event": "work_queue", "kind": "cancelled", "id": str(open_or_closed().pk)}
    assert news in heard(cast.mentor)
    assert {"event": "work_queue", "kind": "enrolment_ended", "mentee": str(cast.student.pk)} in heard(
        cast.director, Audience.DIRECTOR
    )
    titles = {person.pk: [each.title for each in notifications_of(person)] for person in (cast.mentor, cast.student)}
    assert "Your mentorship with Mina Okafor has ended" in titles[cast.mentor.pk]
    assert titles[cast.student.pk] == [f"Your place in {cast.cohort.name} has ended"]
    assert "job abroad" not in str([each.body for each in notifications_of(cast.student)])


def open_or_closed() -> MentorWorkQueue:
    with as_system():
        return MentorWorkQueue.objects.get()


def test_ends_a_stand_in_too_and_completes_pairs_of_whoever_has_completed(cast: Cast) -> None:
    with as_system():
        backup = factories.MentorFactory()
        MentorAbsence.objects.create(mentor=cast.mentor, backup=backup, starts_at=NOW, ends_at=NOW + timedelta(days=9))
    with as_job():
        follow_absences(at=NOW)
    told = left(cast, state=EnrolmentState.COMPLETED)
    assert [each.stands_in for each in told.pairs] == [False, True]
    with as_job():
        follow_absences(at=LATER)
    with as_system():
        ended = MenteeMentorAssignment.objects.filter(enrolment=cast.enrolment)
        assert set(ended.values_list("state", flat=True)) == {"completed"}
    assert notifications_of(cast.student)[-1].title == f"You have completed {cast.cohort.name}"


def test_is_refused_to_strangers_twice_and_without_a_reason(cast: Cast) -> None:
    with pytest.raises(NotVisible):
        left(cast, by=cast.other_director)
    with director_acting(cast.director), pytest.raises(InvalidInput):
        end_enrolment(
            enrolment_id=cast.enrolment.pk, state=EnrolmentState.WITHDRAWN, reason=" ", by=cast.director, at=NOW
        )
    with director_acting(cast.director), pytest.raises(InvalidInput):
        end_enrolment(
            enrolment_id=cast.enrolment.pk, state=EnrolmentState.PAUSED, reason="Rests.", by=cast.director, at=NOW
        )
    left(cast)
    with pytest.raises(EnrolmentEnded):
        left(cast)


def test_whoever_was_ended_by_other_means_is_ended_whole(cast: Cast) -> None:
    hand_in(cast)
    with as_system():
        Enrolment.objects.filter(pk=cast.enrolment.pk).update(state="completed", ended_at=NOW)
    assert broken_invariants() == [3, 4]
    assert left(cast).state == "completed"
    assert broken_invariants() == []


def test_nothing_opens_afterwards(cast: Cast) -> None:
    hand_in(cast)
    session = booked(cast.mentor, cast.student, NOW + timedelta(minutes=1), duration_minutes=15)
    with student_acting(cast.student):
        goal = create_goal(title="Read", due_date=NOW.date(), by=cast.student, at=NOW)
    left(cast)
    later = NOW + timedelta(days=3)
    with as_job(), clock.pinned(later):
        assert close_ended_sessions() == 0
        assert notice_overdue_goals(at=later) == 0
        assert keep_goal_items(at=later) == 0
        assert repair_mission_reviews(at=later) == 0
    with as_system():
        assert MentorSession.objects.get(pk=session.pk).status == "scheduled"
        Goal.objects.filter(pk=goal.pk).update(overdue_since=NOW)
        opened = open_work_item(
            type=WorkType.GOAL_FEEDBACK, reference_id=goal.pk, cycle=1, version=1, enrolment_id=cast.enrolment.pk,
            title="Goal", description="", started_at=later, at=later,
        )  # fmt: skip
        assert (opened.item_id, opened.is_new) == (None, False)
    assert open_items() == []
    with student_acting(cast.student), pytest.raises(NoActiveEnrolment):
        submit_mission(mission_id=cast.mission.pk, by=cast.student, text="Again.", at=later)


def test_an_episode_of_risk_ends_with_the_next_refresh(cast: Cast) -> None:
    with as_job():
        DashboardAggregationService.renew(at=NOW)
        DashboardAggregationService.refresh(at=NOW)
    with as_system():
        RiskEpisode.objects.create(student=cast.student, enrolment=cast.enrolment, opened_at=NOW, score=50)
    left(cast)
    with as_job(), clock.pinned(LATER):
        assert DashboardAggregationService.refresh(at=LATER) > 0
    with as_system():
        assert RiskEpisode.objects.get().closed_at == LATER


def test_no_flag_is_raised_or_reopened_afterwards(cast: Cast) -> None:
    flag = worry(cast, Severity.MEDIUM)
    left(cast)
    with director_acting(cast.director):
        with pytest.raises(StudentHasLeft):
            reopen_flag(flag_id=flag.pk, by=cast.director, at=LATER)
        with pytest.raises(NotVisible):
            raise_flag_as_director(
                mentee_id=cast.student.pk, reason="Still.", by=cast.director, at=LATER, category=FlagCategory.OTHER
            )


def test_a_draft_that_proposes_her_reports_her_as_lost(cast: Cast) -> None:
    waiting = waits(cast)
    with as_system():
        User.objects.filter(pk=cast.mentor.pk).update(mentor_max_mentees=5)
    run = drafted(cast)
    with director_acting(cast.director):
        end_enrolment(enrolment_id=waiting.pk, state=EnrolmentState.WITHDRAWN, reason="Gone.", by=cast.director, at=NOW)
    with as_worker():
        publish_match_run(run_id=run.pk, by=cast.director, at=LATER)
    with as_system():
        proposal = MatchProposal.objects.get(run=run, enrolment=waiting)
        assert (proposal.state, proposal.lost_reason) == (ProposalState.LOST, "student_not_active")


def test_closing_a_students_account_withdraws_her(cast: Cast) -> None:
    hand_in(cast)
    with acting_as(Identity(Role.ADMIN, cast.admin.pk)), transaction.atomic():
        student = User.objects.get(pk=cast.student.pk)
        student.is_active = False
        change_person(person=student, by=cast.admin, at=LATER)
    with as_system():
        pair = MenteeMentorAssignment.objects.get(pk=cast.assignment.pk)
        assert (pair.state, pair.end_reason) == ("cancelled", "The account was closed.")
        assert Enrolment.objects.get(pk=cast.enrolment.pk).state == "withdrawn"
    assert open_items() == []
    assert notifications_of(cast.student) == []
    assert broken_invariants() == []


def test_what_she_did_stays_hers_to_read(cast: Cast) -> None:
    submission = hand_in(cast)
    with student_acting(cast.student):
        create_habit(name="Read", cadence="daily", by=cast.student, at=NOW)
        create_goal(title="Pass", due_date=date(2026, 3, 9), by=cast.student, at=NOW)
    booked(cast.mentor, cast.student)
    left(cast)
    browser = browser_of(cast.student)
    page = browser.get(reverse("student-page"))
    assert "what you did stays here" in page.content.decode()
    mission = browser.get(reverse("mission-page", args=[cast.mission.pk])).content.decode()
    assert "Your enrolment rests or has ended." in mission
    for name in ("habits-page", "goals-page", "student-sessions-page", "notifications-page"):
        assert browser.get(reverse(name)).status_code == 200
    refused = browser.post(reverse("mission-page", args=[cast.mission.pk]), {"text": "Again."})
    assert refused.status_code == 409
    assert "rests or has ended" in refused.content.decode()
    answer = browser.get(f"/api/v1/missions/submissions/{submission.pk}")
    assert answer.json()["state"] == "submitted"


def test_over_rest_answers_what_ended(cast: Cast, api: Any) -> None:
    hand_in(cast)
    worry(cast)
    client: APIClient = api(cast.director)
    address = f"/api/v1/director/enrolments/{cast.enrolment.pk}"
    assert client.get(address).json()["state"] == "active"
    bad = client.post(f"{address}/end", {"state": "paused", "reason": "x"}, format="json")
    assert (bad.status_code, bad.json()["code"]) == (400, "invalid")
    body = {"state": "completed", "reason": "Passed."}
    answer = client.post(f"{address}/end", body, format="json")
    assert answer.status_code == 200
    assert answer.json()["items"] == [f"Review: {cast.mission.title}"]
    assert [each["severity"] for each in answer.json()["flags"]] == ["critical"]
    again = client.post(f"{address}/end", body, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "enrolment_ended")
    assert api(cast.other_director).post(f"{address}/end", body, format="json").status_code == 404


def test_on_the_directors_page_is_looked_at_first(cast: Cast) -> None:
    hand_in(cast)
    director, address = browser_of(cast.director), reverse("director-leave-page", args=[cast.enrolment.pk])
    assert address in director.get(reverse("director-work-page"), {"mentee": str(cast.student.pk)}).content.decode()
    looked = director.get(address).content.decode()
    assert "nothing has changed yet" in looked
    assert "Tomas Berg" in looked
    assert len(open_items()) == 1
    assert director.post(address, {"state": "withdrawn", "reason": ""}).status_code == 400
    done = director.post(address, {"state": "withdrawn", "reason": "Moves away."}, follow=True)
    assert "Mina Okafor has left" in done.content.decode()
    assert open_items() == []
    assert director.post(address, {"state": "withdrawn", "reason": "Again."}).status_code == 409
    assert browser_of(cast.other_director).get(address).status_code == 404


def test_in_the_admin_goes_through_the_action(cast: Cast) -> None:
    hand_in(cast)
    admin, change = browser_of(cast.admin), reverse("admin:users_enrolment_change", args=[cast.enrolment.pk])
    form = {
        "student": str(cast.student.pk), "cohort": str(cast.cohort.pk), "max_sessions": "9",
        "enrolled_at_0": "2026-01-05", "enrolled_at_1": "08:00:00",
    }  # fmt: skip
    assert admin.post(change, form | {"state": "withdrawn"}).status_code == 302
    with as_system():
        enrolment = Enrolment.objects.get(pk=cast.enrolment.pk)
        assert (enrolment.state, enrolment.max_sessions, enrolment.ended_at) == ("withdrawn", 9, NOW)
    assert open_items() == []
    back = admin.post(change, form | {"state": "active"})
    assert "an end is final" in back.content.decode()


def test_in_the_admin_is_not_undone_by_a_form_that_was_open_meanwhile(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A director's end commits between the form's check and its save."""
    admin, change = browser_of(cast.admin), reverse("admin:users_enrolment_change", args=[cast.enrolment.pk])
    checked = EnrolmentAdmin.save_form

    def left_meanwhile(self: Any, request: Any, form: Any, change: Any) -> Any:
        with ThreadPoolExecutor(1) as other:
            other.submit(left, cast).result()
        return checked(self, request, form, change)

    monkeypatch.setattr(EnrolmentAdmin, "save_form", left_meanwhile)
    form = {
        "student": str(cast.student.pk), "cohort": str(cast.cohort.pk), "max_sessions": "9", "state": "active",
        "enrolled_at_0": "2026-01-05", "enrolled_at_1": "08:00:00",
    }  # fmt: skip
    admin.post(change, form)
    with as_system():
        enrolment = Enrolment.objects.get(pk=cast.enrolment.pk)
        assert (enrolment.state, enrolment.ended_at, enrolment.max_sessions) == ("withdrawn", LATER, 9)
    assert broken_invariants(LATER) == []


def test_from_the_admins_list_is_looked_at_first(cast: Cast) -> None:
    admin, listed = browser_of(cast.admin), reverse("admin:users_enrolment_changelist")
    chosen = {"action": "leave", "_selected_action": [str(cast.enrolment.pk)]}
    looked = admin.post(listed, chosen).content.decode()
    assert "Mina Okafor" in looked
    with as_system():
        assert Enrolment.objects.get(pk=cast.enrolment.pk).state == "active"
    admin.post(listed, chosen | {"apply": "1", "state": "completed", "reason": "Passed."})
    with as_system():
        assert Enrolment.objects.get(pk=cast.enrolment.pk).state == "completed"
        assert MenteeMentorAssignment.objects.get(pk=cast.assignment.pk).end_reason == "Passed."
