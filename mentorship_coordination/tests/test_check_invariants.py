"""Each rule that must always hold is checked, and one planted fault is found by exactly its rule."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from uuid import UUID

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
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
from mentorship_coordination.selectors.invariants import INVARIANTS, check_invariants
from missions.models import MissionSubmission
from student_dashboard.models import StudentDashboard
from student_dashboard.readiness import FORMULA_VERSION, evaluate
from student_dashboard.sections import readiness_parts
from tests.database import as_system, as_worker, login

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


FAULTS: list[tuple[int, Callable[[Cast], object]]] = [
    (3, undecided_without_item),
    (3, decided_with_item),
    (3, item_of_another_cycle),
    (4, item_of_an_inactive_mentor),
    (4, item_of_an_ended_pair),
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
    (14, unmatched_without_reason),
]


def broken() -> dict[int, tuple[str, ...]]:
    return {each.invariant.number: each.offending for each in check_invariants(AT) if each.offending}


@pytest.mark.parametrize(("number", "plant"), FAULTS, ids=lambda value: getattr(value, "__name__", str(value)))
def test_finds_a_planted_fault(cast: Cast, number: int, plant: Callable[[Cast], object]) -> None:
    with as_system():
        assert broken() == {}
        offending = plant(cast)
    with as_system():
        assert broken() == {number: (str(offending),)}


def overlap(cast: Cast) -> set[UUID]:
    first, second = (session(cast, AT + timedelta(days=1, minutes=minutes)) for minutes in (0, 30))
    return {SessionParticipant.objects.get(session=each).pk for each in (first, second)}


def two_open_items(cast: Cast) -> set[UUID]:
    reference = new_id()
    return {item(cast, reference_id=reference, cycle=cycle).pk for cycle in (1, 2)}


def two_primaries(cast: Cast) -> set[UUID]:
    MenteeMentorAssignment.objects.create(
        enrolment=cast.enrolment,
        cohort=cast.cohort,
        mentee=cast.student,
        mentor=cast.other_mentor,
        state="pending",
        created_at=BEFORE,
    )
    return {cast.enrolment.pk}


def own_mentor(cast: Cast) -> set[UUID]:
    MenteeMentorAssignment.objects.filter(pk=cast.assignment.pk).update(mentee=cast.mentor)
    return {cast.assignment.pk}


@pytest.mark.parametrize(
    ("number", "plant", "drop"),
    [
        (1, overlap, "ALTER TABLE mentorship_coordination_sessionparticipant DROP CONSTRAINT no_double_booking"),
        (2, two_open_items, "DROP INDEX one_open_item"),
        (8, two_primaries, "DROP INDEX one_primary_mentor"),
        (
            9,
            own_mentor,
            "ALTER TABLE mentorship_coordination_menteementorassignment DROP CONSTRAINT nobody_mentors_themselves",
        ),
    ],
)
def test_looks_at_the_rows_when_a_constraint_is_gone(
    cast: Cast, number: int, plant: Callable[[Cast], set[UUID]], drop: str
) -> None:
    with login(settings.DATABASE_URL, says_identity=False), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(drop)
        offending = plant(cast)
        found = broken()
        transaction.set_rollback(True)
    assert found.keys() == {number}
    assert set(found[number]) <= {str(each) for each in offending}


def test_leaves_fulfilled_rules_in_peace(cast: Cast) -> None:
    with as_system():
        waiting = submission(cast, "submitted")
        item(cast, type=WorkType.MISSION_REVIEW, reference_id=waiting.pk)
        item(cast, mentor=cast.other_mentor)
        item(cast, status=WorkStatus.COMPLETED, completed_at=AT)
        item(cast, status=WorkStatus.CANCELLED, completed_at=AT + timedelta(hours=1), breached_at=AT)
        cast.mentor.mentor_max_mentees, cast.mentor.updated_at = 0, AT + timedelta(days=400)
        cast.mentor.save(update_fields=["mentor_max_mentees", "updated_at"])
        session(cast, AT + timedelta(days=1))
    with as_system():
        assert broken() == {}


def check(*arguments: str) -> tuple[str, int]:
    output = StringIO()
    with as_worker():
        try:
            call_command("check_invariants", *arguments, stdout=output)
        except SystemExit as ending:
            return output.getvalue(), int(ending.code or 0)
    return output.getvalue(), 0


def test_says_what_holds_and_by_which_constraint(cast: Cast) -> None:
    output, status = check()

    assert status == 0
    assert [int(line[:2]) for line in output.splitlines()] == [*range(1, 15)]
    assert " 2 holds  One open item for each piece of work (kept by constraint one_open_item)" in output
    assert output.count("kept by constraint") == 4


def test_ends_with_one_and_the_offending_ids(cast: Cast) -> None:
    with as_system():
        offending = str(stands_without_a_pause(cast))

    output, status = check()
    assert status == 1
    assert (
        f" 6 broken An item has no due time exactly while one of its pauses is open\n           {offending}" in output
    )

    answer, status = check("--json")
    assert status == 1
    findings = {each["number"]: each for each in json.loads(answer)}
    assert findings[6]["offending"] == [offending]
    assert len(findings) == len(INVARIANTS)
    assert findings[2]["holds"]
