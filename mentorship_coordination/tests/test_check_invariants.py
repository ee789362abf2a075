"""Each rule that must always hold is checked, and one planted fault is found by exactly its rule."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from uuid import UUID

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction

from conftest import Cast
from core.identifiers import new_id
from mentorship_coordination.actions.session_outcomes import cancel_participation
from mentorship_coordination.actions.sessions import book_group_session
from mentorship_coordination.enums import WorkStatus, WorkType
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.sessions import SessionParticipant
from mentorship_coordination.selectors.invariants import INVARIANTS, check_invariants
from mentorship_coordination.tests.planted_faults import (
    AT,
    BEFORE,
    FAULTS,
    has_left,
    item,
    session,
    stands_without_a_pause,
    submission,
)
from mentorship_coordination.tests.queue_world import mentor_acting, student_acting
from mentorship_coordination.tests.session_world import NOW, TOMORROW, booked, mentees_of
from tests.database import as_system, as_worker, login


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


def test_a_group_that_was_left_costs_no_budget(cast: Cast) -> None:
    other = mentees_of(cast.mentor, 1)[0].mentee
    with mentor_acting(cast.mentor):
        group = book_group_session(
            mentee_ids=[cast.student.pk, other.pk], title="Reading", starts_at=TOMORROW, by=cast.mentor, at=NOW
        )
    with student_acting(cast.student):
        cancel_participation(session_id=group.pk, by=cast.student, at=NOW)
    booked(cast.mentor, cast.student, TOMORROW + timedelta(hours=3))
    with as_system():
        type(cast.enrolment).objects.filter(pk=cast.enrolment.pk).update(max_sessions=1)
        assert next(each.offending for each in check_invariants(NOW) if each.invariant.number == 10) == ()


def test_what_was_handed_in_by_whoever_has_left_waits_for_nobody(cast: Cast) -> None:
    with as_system():
        waiting = submission(cast, "submitted")
        MenteeMentorAssignment.objects.filter(pk=cast.assignment.pk).update(state="cancelled", ended_at=AT)
        assert broken() == {3: (str(waiting.pk),)}
        has_left(cast)
        assert broken() == {}
        review = item(cast, mentor=None, type=WorkType.MISSION_REVIEW, reference_id=waiting.pk)
        assert broken() == {3: (str(waiting.pk),), 4: (str(review.pk),)}


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
