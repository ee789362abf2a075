"""The demonstration academy is the same every time, consistent, and what the product itself would have written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import ProgrammingError, transaction
from django.db.models import Count, F

from coaching.models import Goal, Habit, HabitLog, StreakBreak
from core import clock
from core.enums import Rank
from mentorship_coordination.actions.priorities import prioritize_work_queue
from mentorship_coordination.enums import AssignmentState, SessionStatus, Severity, WorkStatus
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.models.sessions import MentorSession, SessionParticipant
from mentorship_coordination.seed.build import build
from mentorship_coordination.seed.tables import delete_everything
from mentorship_coordination.seed.world import Options, UnseedableError, Volume
from mentorship_coordination.selectors.invariants import check_invariants
from mentorship_coordination.selectors.sessions import list_ended_without_notes
from mentorship_coordination.sla.policies import calendar_of, deadlines_of
from missions.enums import SubmissionState
from missions.models import MissionSubmission
from student_dashboard.models import DashboardUpdateQueue, ReadinessSnapshot
from tests.database import as_system, as_worker
from users.availability import validate_availability
from users.demo import MENTOR_EMAIL, STUDENT_EMAIL
from users.models import Enrolment, User

AT = datetime(2026, 3, 18, 14, 20, tzinfo=UTC)


def seed(mentors: int = 6, mentees: int = 10, number: int = 42, at: datetime = AT) -> None:
    options = Options(mentors=mentors, mentees_per_mentor=mentees, volume=Volume.DEFAULT, seed=number, at=at)
    with as_worker(), clock.pinned(at):
        build(options, password="seven quiet llamas", progress=lambda *_: None)


def facts() -> dict[str, Any]:
    with as_system():
        return {
            "people": list(User.objects.order_by("pk").values_list("pk", "email", "timezone", "mentor_availability")),
            "items": list(
                MentorWorkQueue.objects.order_by("pk").values_list("pk", "title", "status", "due_at", "rank", "mentor")
            ),
            "sessions": list(MentorSession.objects.order_by("pk").values_list("pk", "title", "status", "starts_at")),
            "habits": list(Habit.objects.order_by("pk").values_list("pk", "name", "streak_length", "keep_by")),
            "logs": list(HabitLog.objects.order_by("pk").values_list("habit", "local_date", "state", "created_at")),
            "breaks": list(StreakBreak.objects.order_by("pk").values()),
            "goals": list(Goal.objects.order_by("pk").values_list("pk", "title", "state", "due_date", "overdue_since")),
            "history": list(ReadinessSnapshot.objects.order_by("pk").values_list("student", "local_date", "readiness")),
        }


@pytest.mark.usefixtures("db")
def test_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    seed()
    first = facts()
    delete_everything()
    seed()
    assert facts() == first
    delete_everything()
    seed(number=7)
    assert facts() != first


@pytest.mark.usefixtures("db")
def test_keeps_every_invariant_and_leaves_the_background_jobs_nothing_to_do() -> None:
    seed()

    with as_system():
        assert [each.invariant.number for each in check_invariants(AT) if each.offending] == []
        assert list_ended_without_notes(AT, limit=100) == []
    with as_worker():
        assert prioritize_work_queue(at=AT) == 0


@pytest.mark.usefixtures("db")
def test_has_students_in_every_situation() -> None:
    seed(mentors=20, mentees=12)

    with as_system():
        states = set(MissionSubmission.objects.values_list("state", flat=True))
        spells = set(MenteeMentorAssignment.objects.values_list("state", flat=True))
        sessions = set(MentorSession.objects.values_list("status", flat=True))
        severities = set(MentorFlag.objects.values_list("severity", flat=True))
        waiting = Enrolment.objects.exclude(assignments__state__in=["active", "paused"]).count()
        students = Enrolment.objects.count()
        refreshes = DashboardUpdateQueue.objects.filter(rank=Rank.LOW).count()
    assert states == set(SubmissionState.values)
    assert spells >= {AssignmentState.ACTIVE, AssignmentState.PAUSED, AssignmentState.CANCELLED}
    assert sessions >= {SessionStatus.SCHEDULED, SessionStatus.COMPLETED, SessionStatus.NO_SHOW_MENTEE}
    assert severities >= {Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL}
    assert students == refreshes == 240
    assert 3 <= waiting <= 24


@pytest.mark.usefixtures("db")
def test_computes_due_times_with_the_current_service_levels() -> None:
    seed()

    with as_system():
        items = list(MentorWorkQueue.objects.filter(due_at__isnull=False).select_related("calendar"))
        late = MentorWorkQueue.objects.filter(status=WorkStatus.COMPLETED, completed_at__gt=F("due_at"))
        assert late.exists()
        assert not late.exclude(breached_at=F("due_at")).exists()
    for item in items:
        deadlines = deadlines_of(
            started_at=item.clock_started_at,
            budget_seconds=item.budget_seconds,
            calendar=calendar_of(item.calendar),
        )
        assert (item.warn_75_at, item.warn_90_at, item.due_at) == (
            deadlines.warn_75_at,
            deadlines.warn_90_at,
            deadlines.due_at,
        )


@pytest.mark.usefixtures("db")
def test_holds_sessions_within_both_peoples_hours() -> None:
    seed()

    with as_system():
        sessions = list(MentorSession.objects.filter(mentee__isnull=False).select_related("mentor", "mentee"))
    assert len(sessions) > 20
    for session in sessions:
        assert session.mentee is not None
        assert is_open(session.mentor.mentor_availability, session.mentor.timezone, session)
        assert is_open(session.mentee.student_availability, session.mentee.timezone, session)


@pytest.mark.usefixtures("db")
def test_holds_sessions_in_every_state_and_a_dispute() -> None:
    seed(mentors=12)
    with as_system():
        states = set(MentorSession.objects.values_list("status", flat=True))
        disputed = MentorSession.objects.filter(disputed_at__isnull=False)
        assert states >= set(SessionStatus) - {SessionStatus.NO_SHOW_MENTOR}
        assert {each.status for each in disputed} == {SessionStatus.NO_SHOW_MENTEE}
        asked = MentorSession.objects.filter(status__in=("requested", "declined", "expired"))
        assert not SessionParticipant.objects.filter(session__in=asked).exists()


def is_open(availability: Any, zone: str, session: MentorSession) -> bool:
    starts, ends = (each.astimezone(ZoneInfo(zone)) for each in (session.starts_at, session.ends_at))
    windows = validate_availability(availability).get(f"{starts:%a}".lower(), [])
    return any(f"{starts:%H:%M}" >= opens and f"{ends:%H:%M}" <= closes for opens, closes in windows)


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("hour", [0, 9, 21, 23])
def test_gives_the_demo_mentor_a_bit_of_everything(hour: int) -> None:
    at = AT.replace(hour=hour, minute=50)
    seed(at=at)

    with as_system():
        mentor = User.objects.get(email=MENTOR_EMAIL)
        items = list(MentorWorkQueue.objects.open().of_mentor(mentor.pk))
        today = at.astimezone(ZoneInfo(mentor.timezone)).date()
        starts = MentorSession.objects.of_mentor(mentor.pk).values_list("starts_at", flat=True)
        worries = MentorFlag.objects.filter(mentor=mentor, severity=Severity.CRITICAL).unresolved()
        assert worries.count() == 1
        flagged = {each.mentee_id for each in worries}
        assert today in {each.astimezone(ZoneInfo(mentor.timezone)).date() for each in starts}
    due = [item.due_at for item in items if item.due_at]
    assert any(each < at for each in due)
    assert any(each > at and each.astimezone(ZoneInfo(mentor.timezone)).date() == today for each in due)
    assert any(item.due_at is None for item in items)
    assert any(item.mentee_id in flagged and item.rank == Rank.URGENT for item in items)


@pytest.mark.usefixtures("db")
def test_puts_the_demo_student_in_the_middle_of_her_course() -> None:
    seed()

    with as_system():
        student = User.objects.get(email=STUDENT_EMAIL)
        submissions = MissionSubmission.objects.filter(student=student)
        assert sorted(submissions.values_list("state", flat=True)) == ["approved", "changes_requested"]
        assert MenteeMentorAssignment.objects.get(mentee=student).mentor.email == MENTOR_EMAIL
        assert student.enrolments.get().cohort.directors.get().email == "director@demo.example"


@pytest.mark.usefixtures("db")
def test_gives_items_of_a_resting_pair_to_the_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mentorship_coordination.seed.pairs._RESTING", 0.5)
    seed()

    with as_system():
        resting = MenteeMentorAssignment.objects.filter(state=AssignmentState.PAUSED).values("enrolment")
        items = MentorWorkQueue.objects.open().filter(enrolment__in=resting)
        assert items.count() > 3
        assert not items.filter(mentor__isnull=False).exists()


@pytest.mark.usefixtures("db")
def test_stays_within_places_and_weekly_sessions() -> None:
    seed(mentors=20, mentees=12)

    with as_system():
        loads = MenteeMentorAssignment.objects.live().values("mentor", most=F("mentor__mentor_max_mentees"))
        assert all(each["n"] <= each["most"] for each in loads.annotate(n=Count("pk")))
        assert len({each["n"] for each in loads.annotate(n=Count("pk"))}) > 2


@pytest.mark.usefixtures("db")
def test_leaves_nothing_behind_when_a_stage_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: object) -> None:
        raise RuntimeError("the plug was pulled")

    monkeypatch.setattr("mentorship_coordination.seed.build._queue_refreshes", break_down)
    with pytest.raises(RuntimeError, match="plug"):
        seed()
    with as_system():
        assert not User.objects.exists()


@pytest.mark.usefixtures("db")
def test_leaves_nothing_behind_when_the_server_refuses_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mentorship_coordination.seed.practice._LOGS", "SELECT no_such_function(%s, %s)")
    with pytest.raises(ProgrammingError, match="no_such_function"):
        seed()
    with as_system():
        assert not User.objects.exists()


@pytest.mark.parametrize(("mentors", "mentees"), [(0, 5), (5, 0), (10_000, 20)])
def test_refuses_sizes_that_no_world_has(mentors: int, mentees: int) -> None:
    with pytest.raises(UnseedableError):
        Options(mentors=mentors, mentees_per_mentor=mentees, volume=Volume.DEFAULT, seed=1, at=AT)


@pytest.mark.usefixtures("db")
def test_deletes_everything_but_the_general_service_levels() -> None:
    seed(mentors=1, mentees=1)
    delete_everything()

    with as_worker(), transaction.atomic():
        assert not User.objects.exists()
    seed(mentors=1, mentees=1, at=AT + timedelta(days=1))
    with as_system():
        assert User.objects.filter(email=MENTOR_EMAIL).exists()
