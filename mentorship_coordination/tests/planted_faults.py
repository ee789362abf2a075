"""Faults for the check of invariants to find; each planter gives the id of what offends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from psycopg2.extras import DateTimeTZRange

from conftest import Cast
from core.enums import Audience, Rank
from core.identifiers import new_id
from core.models import StreamCounter, StreamEvent
from mentorship_coordination.enums import (
    MatchRunState,
    ParticipantRole,
    PauseReason,
    ProposalState,
    SessionStatus,
    Severity,
    WorkStatus,
    WorkType,
)
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.models.matching import MatchProposal, MatchRun
from mentorship_coordination.models.queue import MentorWorkQueue, SlaPause
from mentorship_coordination.models.sessions import MentorSession, SessionParticipant
from missions.models import MissionSubmission
from student_dashboard.models import StudentDashboard
from student_dashboard.readiness import FORMULA_VERSION, evaluate
from student_dashboard.sections import readiness_parts
from users.enums import EnrolmentState
from users.models import Enrolment

AT = datetime(2026, 3, 18, 12, 0, tzinfo=UTC)
BEFORE = AT - timedelta(days=2)


def item(cast: Cast, **values: object) -> MentorWorkQueue:
    defaults: dict[str, object] = {
        "type": WorkType.SESSION_NOTES,
        "reference_id": new_id(),
        "title": "Notes",
        "enrolment": cast.enrolment,
        "cohort": cast.cohort,
        "mentee": cast.student,
        "mentor": cast.mentor,
        "base_rank": Rank.NORMAL,
        "rank": Rank.NORMAL,
        "budget_seconds": 86400,
        "clock_started_at": BEFORE,
        "due_at": AT,
        "created_at": BEFORE,
        "updated_at": BEFORE,
    }
    return MentorWorkQueue.objects.create(**defaults | values)


def session(cast: Cast, starts_at: datetime, **values: object) -> MentorSession:
    held = MentorSession.objects.create(
        mentor=cast.mentor,
        mentee=cast.student,
        enrolment=cast.enrolment,
        assignment=cast.assignment,
        cohort=cast.cohort,
        title="Check-in",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=45),
        created_at=BEFORE,
        updated_at=BEFORE,
        **values,
    )
    participant(cast, held)
    return held


def participant(cast: Cast, held: MentorSession) -> SessionParticipant:
    return SessionParticipant.objects.create(
        session=held,
        person=cast.student,
        enrolment=cast.enrolment,
        role=ParticipantRole.MENTEE,
        during=DateTimeTZRange(held.starts_at, held.ends_at),
    )


def submission(cast: Cast, state: str) -> MissionSubmission:
    return MissionSubmission.objects.create(
        mission=cast.mission,
        enrolment=cast.enrolment,
        student=cast.student,
        cohort=cast.cohort,
        state=state,
        version=1,
        submitted_at=BEFORE,
        created_at=BEFORE,
        updated_at=BEFORE,
    )


def undecided_without_item(cast: Cast) -> object:
    return submission(cast, "submitted").pk


def decided_with_item(cast: Cast) -> object:
    found = submission(cast, "approved").pk
    item(cast, type=WorkType.MISSION_REVIEW, reference_id=found)
    return found


def item_of_another_cycle(cast: Cast) -> object:
    found = submission(cast, "submitted").pk
    item(cast, type=WorkType.MISSION_REVIEW, reference_id=found, cycle=2)
    return found


def item_of_an_inactive_mentor(cast: Cast) -> object:
    cast.mentor.is_active = False
    cast.mentor.save(update_fields=["is_active"])
    return item(cast).pk


def item_of_an_ended_pair(cast: Cast) -> object:
    MenteeMentorAssignment.objects.filter(pk=cast.assignment.pk).update(state="completed", ended_at=AT)
    return item(cast).pk


def has_left(cast: Cast) -> None:
    """By other means than the action that ends what hangs on an enrolment."""
    Enrolment.objects.filter(pk=cast.enrolment.pk).update(state=EnrolmentState.WITHDRAWN, ended_at=AT)


def pair_of_an_ended_enrolment(cast: Cast) -> object:
    has_left(cast)
    return cast.assignment.pk


def item_of_an_ended_enrolment(cast: Cast) -> object:
    """In the pool: no mentor is there whose pair could have ended."""
    MenteeMentorAssignment.objects.filter(pk=cast.assignment.pk).update(state="cancelled", ended_at=AT)
    has_left(cast)
    return item(cast, mentor=None).pk


def closed_late_without_breach(cast: Cast) -> object:
    return item(cast, status=WorkStatus.COMPLETED, completed_at=AT + timedelta(seconds=1)).pk


def closed_in_time_with_breach(cast: Cast) -> object:
    return item(cast, status=WorkStatus.COMPLETED, completed_at=AT, breached_at=AT).pk


def breached_at_another_instant(cast: Cast) -> object:
    late = AT + timedelta(hours=1)
    return item(cast, status=WorkStatus.COMPLETED, completed_at=late, breached_at=late).pk


def stands_without_a_pause(cast: Cast) -> object:
    return item(cast, due_at=None, remaining_seconds=60).pk


def runs_while_paused(cast: Cast) -> object:
    found = item(cast)
    SlaPause.objects.create(item=found, reason=PauseReason.DISPUTE, opened_at=BEFORE)
    return found.pk


def too_many_mentees(cast: Cast) -> object:
    cast.mentor.mentor_max_mentees, cast.mentor.updated_at = 0, cast.assignment.created_at
    cast.mentor.save(update_fields=["mentor_max_mentees", "updated_at"])
    return cast.mentor.pk


def budget_exceeded(cast: Cast) -> object:
    cast.enrolment.max_sessions = 2
    cast.enrolment.save(update_fields=["max_sessions"])
    session(cast, AT + timedelta(days=1))
    session(cast, AT - timedelta(days=1), status=SessionStatus.NO_SHOW_MENTEE)
    session(cast, AT - timedelta(days=3), status=SessionStatus.CANCELLED_BY_MENTEE, is_late_cancel=True)
    return cast.enrolment.pk


def flag_nobody_heard_of(cast: Cast) -> object:
    return MentorFlag.objects.create(
        mentee=cast.student,
        enrolment=cast.enrolment,
        cohort=cast.cohort,
        mentor=cast.mentor,
        author=cast.mentor,
        severity=Severity.HIGH,
        reason="No sign of life.",
        created_at=BEFORE,
        updated_at=BEFORE,
    ).pk


def hole_in_a_stream(cast: Cast) -> object:
    StreamCounter.objects.create(recipient=cast.mentor, audience=Audience.MENTOR, last_number=3)
    for number in (1, 3):
        StreamEvent.objects.create(
            recipient=cast.mentor, audience=Audience.MENTOR, number=number, event="session", data="{}", created_at=AT
        )
    return f"{cast.mentor.pk}/1"


def unmatched_without_reason(cast: Cast) -> object:
    run = MatchRun.objects.create(state=MatchRunState.PUBLISHED, method="greedy-1", created_at=AT, published_at=AT)
    return MatchProposal.objects.create(
        run=run,
        enrolment=cast.enrolment,
        cohort=cast.cohort,
        mentee=cast.student,
        state=ProposalState.UNMATCHED,
    ).pk


def readiness_of_nothing(cast: Cast) -> UUID:
    """A figure changed by hand: the parts beside it still say what it was."""
    figures = evaluate(readiness_parts(), {"quality": {"scores": [80], "cohort_mean": None, "shrinkage": 3}})
    dashboard = StudentDashboard.objects.create(
        student=cast.student,
        risk_score=0,
        inputs={"parts": [part.as_json() for part in figures.parts]},
        readiness=Decimal("99.00"),
        readiness_coverage=figures.coverage,
        formula_version=FORMULA_VERSION,
        computed_at=AT,
    )
    return dashboard.student_id


def risk_of_nothing(cast: Cast) -> UUID:
    """Points that the evidence beside them does not give: eight silent days are 16."""
    dashboard = StudentDashboard.objects.create(
        student=cast.student,
        risk_score=20,
        risk_parts=[{"name": "silence", "points": 20, "evidence": {"days": 8, "since": "2026-03-10T12:00:00Z"}}],
        formula_version=FORMULA_VERSION,
        computed_at=AT,
    )
    return dashboard.student_id


def risk_that_is_no_sum(cast: Cast) -> UUID:
    dashboard = StudentDashboard.objects.create(
        student=cast.student,
        risk_score=40,
        risk_parts=[{"name": "silence", "points": 16, "evidence": {"days": 8, "since": "2026-03-10T12:00:00Z"}}],
        formula_version=FORMULA_VERSION,
        computed_at=AT,
    )
    return dashboard.student_id


FAULTS: list[tuple[int, Callable[[Cast], object]]] = [
    (3, undecided_without_item),
    (3, decided_with_item),
    (3, item_of_another_cycle),
    (4, item_of_an_inactive_mentor),
    (4, item_of_an_ended_pair),
    (4, pair_of_an_ended_enrolment),
    (4, item_of_an_ended_enrolment),
    (5, closed_late_without_breach),
    (5, closed_in_time_with_breach),
    (5, breached_at_another_instant),
    (6, stands_without_a_pause),
    (6, runs_while_paused),
    (7, too_many_mentees),
    (10, budget_exceeded),
    (11, flag_nobody_heard_of),
    (12, hole_in_a_stream),
    (13, readiness_of_nothing),
    (13, risk_of_nothing),
    (13, risk_that_is_no_sum),
    (14, unmatched_without_reason),
]
