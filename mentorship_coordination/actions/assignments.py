"""Pairs begin, rest, resume and end. Source: product.md §6.

Triggers in the database move what follows the pair (submissions, open items, flags, dashboards); the actions here
decide, and tell everybody whom it concerns.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import DatabaseError, transaction
from django.db.models import Q

from core.actions import action
from core.enums import Audience, Rank, StreamEventName
from core.errors import Conflict, InvalidInput, NotVisible, RuleBroken
from core.stream.publish import emit
from mentorship_coordination.actions.pair_news import tell_pair
from mentorship_coordination.actions.queue import cancel_notes_of_pair
from mentorship_coordination.actions.session_news import notify_mentees, tell_streams
from mentorship_coordination.enums import ASSIGNMENT_MOVES, AssignmentState
from mentorship_coordination.matching.words import WORDS
from mentorship_coordination.models.assignments import AssignmentEntry, MenteeMentorAssignment
from mentorship_coordination.models.sessions import MentorSession
from mentorship_coordination.selectors.matching import find_rule_between
from mentorship_coordination.sql_matching import MENTOR_IS_FULL, MENTOR_NOT_AVAILABLE
from missions.selectors import lock_enrolment
from student_dashboard.aggregation import DashboardAggregationService
from users.enums import EnrolmentState
from users.models import Enrolment, User

LONGEST_REASON = 300
UNIQUE_VIOLATION = "23505"


class MentorFull(Conflict):
    code = "mentor_full"
    message = "This mentor has no place left."


class MentorNotAvailable(Conflict):
    code = "mentor_not_available"
    message = "This person takes no mentees."


class AlreadyAssigned(Conflict):
    code = "already_assigned"
    message = "This student has a mentor already."


class IllegalMove(Conflict):
    code = "illegal_move"


class MatchingRuleBroken(RuleBroken):
    code = "matching_rule_broken"


REFUSALS: dict[str, type[Conflict]] = {
    MENTOR_IS_FULL: MentorFull,
    MENTOR_NOT_AVAILABLE: MentorNotAvailable,
    UNIQUE_VIOLATION: AlreadyAssigned,
}


PARTED = "The mentor has parted from the student."
#: What a moment may change, and what the database says as well, is a conflict.
BY_RULE: dict[str | None, type[Conflict]] = {
    "full": MentorFull,
    "mentor_away": MentorNotAvailable,
    "mentor_not_available": MentorNotAvailable,
}


@action
def start_assignment(
    *,
    enrolment_id: UUID,
    mentor_id: UUID,
    by: User | None,
    at: datetime,
    match_run_id: UUID | None = None,
    is_told: bool = True,
) -> MenteeMentorAssignment:
    """Make `mentor_id` the primary mentor of an active enrolment, at once.

    With `is_told` False the caller tells the two people herself, and so for the ends of pairs.
    Raises NotVisible, InvalidInput (nobody mentors herself), AlreadyAssigned, MentorFull, MentorNotAvailable.
    """
    active = Enrolment.objects.filter(pk=enrolment_id, state=EnrolmentState.ACTIVE)
    if not active.exists():
        raise NotVisible
    lock_enrolment(enrolment_id)
    # Read again: whoever held the lock before may have ended it.
    enrolment = active.first()
    if enrolment is None:
        raise NotVisible
    if enrolment.student_id == mentor_id:
        raise InvalidInput("Nobody mentors themselves.", fields={"mentor_id": ["Choose somebody else."]})
    # Whoever stood in and becomes the mentor now would be counted twice.
    for pair in MenteeMentorAssignment.objects.live().standing_in().filter(enrolment=enrolment, mentor=mentor_id):
        _move(
            pair.pk, AssignmentState.COMPLETED, by=by, at=at, reason="Is the mentor now.", is_told=False, goes_on=True
        )
    assignment = MenteeMentorAssignment(
        enrolment=enrolment,
        cohort_id=enrolment.cohort_id,
        mentee_id=enrolment.student_id,
        mentor_id=mentor_id,
        state=AssignmentState.ACTIVE,
        started_at=at,
        match_run_id=match_run_id,
        created_at=at,
    )
    save_assignment(assignment, by=by, at=at, is_told=is_told)
    return assignment


def save_assignment(
    assignment: MenteeMentorAssignment, *, by: User | None, at: datetime, reason: str = "", is_told: bool = True
) -> None:
    """Begin a new pair, note it and tell of it. Raises AlreadyAssigned, MentorFull, MentorNotAvailable."""
    try:
        with transaction.atomic():
            assignment.save(force_insert=True)
    except DatabaseError as error:
        refusal = REFUSALS.get(getattr(error.__cause__, "pgcode", "") or "")
        if refusal is None:
            raise
        raise refusal from error
    _note(assignment, reason, by=by, at=at)
    _tell(assignment, "assignment_started")
    if is_told:
        tell_pair(assignment, AssignmentState.ACTIVE, at=at)


@action
def pause_assignment(*, assignment_id: UUID, by: User | None, at: datetime, reason: str = "") -> MenteeMentorAssignment:
    """Let a pair rest: its open items wait in the cohort's pool, their clocks running.

    Raises NotVisible, IllegalMove.
    """
    return _move(assignment_id, AssignmentState.PAUSED, by=by, at=at, reason=reason)


@action
def resume_assignment(
    *, assignment_id: UUID, by: User | None, at: datetime, reason: str = ""
) -> MenteeMentorAssignment:
    """Take a resting pair up again; its items come back from the pool. Raises NotVisible, IllegalMove."""
    return _move(assignment_id, AssignmentState.ACTIVE, by=by, at=at, reason=reason)


@action
def end_assignment(
    *,
    assignment_id: UUID,
    state: AssignmentState,
    reason: str,
    by: User | None,
    at: datetime,
    is_harmful: bool = False,
    is_told: bool = True,
) -> MenteeMentorAssignment:
    """End a pair for good, as completed or cancelled. A harmful end keeps the two apart for ever.

    Raises NotVisible, IllegalMove.
    """
    return _move(assignment_id, state, by=by, at=at, reason=reason, is_harmful=is_harmful, is_told=is_told)


@action
def transfer_assignment(
    *, assignment_id: UUID, mentor_id: UUID, reason: str, by: User | None, at: datetime
) -> MenteeMentorAssignment:
    """End a pair and start the next one in the same step: the student's clocks run on to the second.

    Raises NotVisible, IllegalMove, MatchingRuleBroken, and what `start_assignment` raises; nothing is changed then.
    """
    pair = MenteeMentorAssignment.objects.filter(pk=assignment_id).first()
    if pair is None:
        raise NotVisible
    if pair.mentor_id == mentor_id:
        raise IllegalMove("This is her mentor already.")
    require_allowed(enrolment_id=pair.enrolment_id, mentor_id=mentor_id, at=at)
    part_for_another(assignment_id=assignment_id, reason=reason, by=by, at=at)
    return start_assignment(enrolment_id=pair.enrolment_id, mentor_id=mentor_id, by=by, at=at)


@action
def part_for_another(*, assignment_id: UUID, reason: str, by: User | None, at: datetime) -> None:
    """End a pair whose student gets another mentor in the same transaction: she hears of that one alone.

    Raises NotVisible, IllegalMove.
    """
    old = _move(assignment_id, AssignmentState.CANCELLED, by=by, at=at, reason=reason, is_told=False)
    tell_pair(old, old.state, at=at, tells_mentee=False)


def require_allowed(*, enrolment_id: UUID, mentor_id: UUID, at: datetime) -> None:
    """Raise MatchingRuleBroken, MentorFull or MentorNotAvailable where a hard rule keeps the two apart."""
    rule = find_rule_between(enrolment_id=enrolment_id, mentor_id=mentor_id, at=at)
    if rule in BY_RULE:
        raise BY_RULE[rule]
    if rule is not None:
        raise MatchingRuleBroken(f"The matching's rules keep these two apart: {WORDS.get(rule, rule)}.")


def _move(
    assignment_id: UUID,
    state: AssignmentState,
    *,
    by: User | None,
    at: datetime,
    reason: str,
    is_harmful: bool = False,
    is_told: bool = True,
    goes_on: bool = False,
) -> MenteeMentorAssignment:
    """`goes_on`: the two begin another pair in the same step."""
    enrolment_id = (
        MenteeMentorAssignment.objects.filter(pk=assignment_id).values_list("enrolment_id", flat=True).first()
    )
    if enrolment_id is None:
        raise NotVisible
    lock_enrolment(enrolment_id)
    assignment = MenteeMentorAssignment.objects.select_for_update().get(pk=assignment_id)
    if state not in ASSIGNMENT_MOVES[AssignmentState(assignment.state)]:
        raise IllegalMove(f"An assignment that is {assignment.state} cannot become {state}.")
    ends = not ASSIGNMENT_MOVES[state]
    fallen = _sessions_that_fall(assignment, at) if ends else []
    if ends and not goes_on:
        cancel_notes_of_pair(pair=assignment, reason=PARTED, by=by, at=at)
    assignment.state = state
    assignment.revision += 1
    fields = ["state", "revision"]
    if ends:
        assignment.ended_at, assignment.end_reason, assignment.ended_by = at, reason, by
        assignment.ended_harmfully = is_harmful
        fields += ["ended_at", "end_reason", "ended_by", "ended_harmfully"]
    assignment.save(update_fields=fields)
    _note(assignment, reason, by=by, at=at)
    _tell(assignment, f"assignment_{state}")
    if is_told:
        tell_pair(assignment, "resumed" if state == AssignmentState.ACTIVE else state, at=at)
    for session in MentorSession.objects.filter(pk__in=fallen).order_by("starts_at", "id"):
        kind, words = (
            ("left", "You left the group") if session.mentee_id is None else ("cancelled", "Session cancelled")
        )
        tell_streams(session, [assignment.mentee_id], kind)
        notify_mentees(session, [assignment.mentee_id], words=words, kind=kind, at=at)
    return assignment


def _sessions_that_fall(assignment: MenteeMentorAssignment, at: datetime) -> list[UUID]:
    """What the pair had planned, the mentor's groups included; a trigger takes the mentee out as the pair ends."""
    planned = MentorSession.objects.scheduled().of_mentor(assignment.mentor_id).of_enrolment(assignment.enrolment_id)
    ours = planned.filter(Q(assignment=assignment) | Q(mentee__isnull=True), starts_at__gt=at)
    return list(ours.values_list("pk", flat=True))


def _note(assignment: MenteeMentorAssignment, reason: str, *, by: User | None, at: datetime) -> None:
    AssignmentEntry.objects.create(
        assignment=assignment, state=assignment.state, reason=reason[:LONGEST_REASON], by=by, created_at=at
    )


def _tell(assignment: MenteeMentorAssignment, kind: str) -> None:
    news = {"kind": kind, "mentee": str(assignment.mentee_id)}
    emit(
        recipient_id=assignment.mentor_id,
        audience=Audience.MENTOR,
        event=StreamEventName.WORK_QUEUE,
        data=news,
    )
    DashboardAggregationService.queue_update(assignment.mentee_id, kind, Rank.HIGH)
