"""The cockpit over HTTP …"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg2.extras import DateTimeTZRange
from rest_framework.test import APIClient

from coaching.models import Goal, GoalFeedback, Habit, MissedDeadline, StreakBreak
from conftest import Cast
from core import clock
from mentorship_coordination.actions.assignments import transfer_assignment
from mentorship_coordination.enums import NEVER_PLANNED, FlagCategory, ParticipantRole, SessionStatus, Severity
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.models.sessions import MentorSession, SessionParticipant
from mentorship_coordination.tests.queue_world import at, open_item
from mentorship_coordination.web.words import ACTIONS, HAPPENED
from missions.enums import SubmissionState
from missions.models import MissionReview, MissionSubmission, SubmissionVersion
from student_dashboard.models import ReadinessSnapshot
from tests import factories
from tests.database import as_system, as_worker
from users.models import User

Api = Callable[[User | None], APIClient]
NOW = datetime(2026, 3, 25, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def cockpit_url(person: User) -> str:
    return f"/api/v1/mentor/mentees/{person.pk}/cockpit"


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


def test_counts_what_the_rows_say(cast: Cast, api: Api) -> None:
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
        "habit_streak": None,
        "missions_completed": 1,
        "missions_total": 2,
        "mean_score": 91.0,
        "sessions_used": 2,
        "sessions_reserved": 0,
        "sessions_limit": 12,
        "attendance": None,
        "late_cancellations": 1,
        "open_items": 0,
    }
    assert [flag["severity"] for flag in document["flags"]] == ["high"]
    assert [action["type"] for action in document["quick_actions"]] == ["book_session", "raise_flag"]
    assert {entry["kind"] for entry in document["timeline"]} >= {"flag", "session_completed"}


@pytest.mark.parametrize("status", NEVER_PLANNED)
def test_tells_of_no_session_that_was_only_asked_for(cast: Cast, api: Api, status: SessionStatus) -> None:
    with as_system():
        a_past_session(cast, status)
    assert api(cast.mentor).get(cockpit_url(cast.student)).json()["timeline"] == []


def test_has_words_for_all_that_happens_to_a_session() -> None:
    assert {f"session_{each}" for each in SessionStatus} - {f"session_{each}" for each in NEVER_PLANNED} <= set(
        HAPPENED
    )
    assert {f"session_{each}" for each in SessionStatus} <= set(ACTIONS)


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
    assert api(cast.mentor).get(cockpit_url(cast.stranger)).status_code == 404


def test_is_closed_to_students_and_to_the_signed_out(cast: Cast, api: Api) -> None:
    assert {api(person).get(cockpit_url(cast.student)).status_code for person in (cast.student, cast.director)} == {403}
    answer = api(None).get(cockpit_url(cast.student))
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"


def test_changes_hands_with_the_sessions_of_an_earlier_mentor(cast: Cast, api: Api) -> None:
    with as_system():
        a_past_session(cast, SessionStatus.COMPLETED)
        successor = factories.MentorFactory(name="Nia New")
    with as_worker():
        transfer_assignment(
            assignment_id=cast.assignment.pk, mentor_id=successor.pk, reason="Moved", by=None, at=clock.now()
        )
    document = api(successor).get(cockpit_url(cast.student)).json()
    assert document["metrics"]["sessions_used"] == 1
    assert api(cast.mentor).get(cockpit_url(cast.student)).status_code == 404


def some_of_everything(cast: Cast, count: int) -> None:
    """`count` rows in each table that the cockpit reads, as they are left behind by what people do."""
    whose = {"enrolment": cast.enrolment, "cohort": cast.cohort}
    times = {"created_at": NOW - DAY, "updated_at": NOW - DAY}
    for number in range(count):
        day = NOW.date() - timedelta(days=number)
        goal = Goal.objects.create(student=cast.student, title=f"Goal {number}", due_date=day, **whose, **times)
        about = {"goal": goal, "student": cast.student}
        GoalFeedback.objects.create(**about, author=cast.mentor, text="So?", created_at=NOW - DAY)
        MissedDeadline.objects.create(**about, due_date=day, number=1, noticed_at=NOW - DAY)
        habit = Habit.objects.create(student=cast.student, name=f"{number}", cadence="daily", started_on=day, **times)
        StreakBreak.objects.create(
            habit=habit, student=cast.student, last_date=day, length=4, broken_on=day, noticed_at=NOW - DAY
        )
        submission = MissionSubmission.objects.create(
            mission=factories.MissionFactory(track=cast.cohort.track), student=cast.student, version=1, **whose, **times
        )
        version = SubmissionVersion.objects.create(submission=submission, number=1, cycle=1, created_at=NOW - DAY)
        MissionReview.objects.create(
            submission=submission, version=version, reviewer=cast.mentor, decision="approved", score=80,
            created_at=NOW - DAY,
        )  # fmt: skip
        MentorSession.objects.create(
            mentor=cast.mentor, mentee=cast.student, assignment=cast.assignment, status=SessionStatus.COMPLETED,
            starts_at=NOW - DAY, ends_at=NOW, **whose, **times,
        )  # fmt: skip
        MentorFlag.objects.create(
            mentee=cast.student, mentor=cast.mentor, author=cast.mentor, severity=Severity.LOW, state="resolved",
            resolved_at=NOW, **whose, **times,
        )  # fmt: skip
        ReadinessSnapshot.objects.create(student=cast.student, local_date=day, formula_version=1)


@pytest.mark.parametrize("count", [1, 20])
def test_takes_a_constant_number_of_queries(cast: Cast, api: Api, django_assert_num_queries: Any, count: int) -> None:
    with as_system():
        some_of_everything(cast, count)
    for _ in range(count):
        open_item(cast.enrolment, started_at=NOW)
    client = api(cast.mentor)
    # The pair; missions, budget and days in figures; submissions; sessions; flags; goals with answers; items; what
    # happened; the token, BEGIN and COMMIT.
    with at(NOW), django_assert_num_queries(12):
        shown = client.get(cockpit_url(cast.student)).json()
    named = {name: len(shown[name]) for name in ("missions", "sessions", "flags", "goals")}
    assert named == dict.fromkeys(named, count)
    assert (len(shown["readiness"]["days"]), shown["metrics"]["open_items"]) == (count, count)
    assert len(shown["timeline"]) == min(100, 8 * count)
