"""A mentor leaves: asked for, planned, looked at, carried out mentee by mentee. Source: product.md §6.

Each step is a transaction of its own and safe to run again: whoever finds a hand-over half done goes on with it. Locks
as everywhere: enrolment, session, mentors, then whatever follows the pair.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from uuid import UUID

import structlog
from django.db import IntegrityError, transaction
from django.urls import reverse

from core.actions import action
from core.errors import Conflict, DomainError, InvalidInput, NotVisible, RuleBroken
from core.wakeup import wake
from mentorship_coordination.actions.handover_steps import close_unsaid_sessions, hand_over_mentee, release_the_rest
from mentorship_coordination.actions.notifications import notify
from mentorship_coordination.enums import OPEN_HANDOVERS, HandoverState, NotificationKind
from mentorship_coordination.handover.plan import plan_document, words_of_plan
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.handovers import MentorHandover
from mentorship_coordination.selectors.handover import (
    find_left_behind,
    get_handover_plan,
    list_leaving_pairs,
    read_handover_pool,
)
from users.actions.access import mark_leaving, retire_mentor
from users.models import CohortDirector, User

HANDOVERS = "mentorship_coordination.carry_out_handovers"
SWITCHED_OFF = "Switched off by an admin."
OUT_OF_SCOPE = "She has mentees in cohorts of other directors: ask an admin."

logger = structlog.get_logger(__name__)


class HandoverExists(Conflict):
    code = "handover_exists"
    message = "This mentor's hand-over has been asked for already."


class IllegalHandoverMove(Conflict):
    code = "illegal_move"


class NotAMentor(RuleBroken):
    code = "not_a_mentor"
    message = "This person is no active mentor."


@action
def request_handover(
    *,
    mentor_id: UUID,
    reason: str,
    by: User | None,
    at: datetime,
    ends_account: bool = False,
    ends_mentoring: bool = True,
    is_started: bool = False,
) -> MentorHandover:
    """Ask that a mentor's work be handed over; the plan follows from a job that sees everybody.

    A director asks for a mentor of her cohorts; with `is_started` nobody looks at the plan first. Raises NotVisible,
    InvalidInput (no reason), NotAMentor, HandoverExists.
    """
    mentor = User.objects.filter(pk=mentor_id).first()
    if mentor is None:
        raise NotVisible
    if not reason.strip():
        raise InvalidInput(fields={"reason": ["Say why she leaves."]})
    if not (mentor.is_mentor and mentor.is_active):
        raise NotAMentor
    handover = MentorHandover(
        mentor=mentor,
        state=HandoverState.RUNNING if is_started else HandoverState.REQUESTED,
        reason=reason.strip(),
        ends_account=ends_account,
        ends_mentoring=ends_mentoring,
        requested_by=by,
        created_at=at,
        started_at=at if is_started else None,
    )
    try:
        with transaction.atomic():
            handover.save(force_insert=True)
    except IntegrityError as error:
        raise HandoverExists from error
    wake(HANDOVERS)
    return handover


@action
def request_handover_as_director(*, mentor_id: UUID, reason: str, by: User, at: datetime) -> MentorHandover:
    """As `request_handover`, for a mentor who has a live pair in the director's cohorts. Raises the same."""
    if not MenteeMentorAssignment.objects.live().of_mentor(mentor_id).exists():
        raise NotVisible
    return request_handover(mentor_id=mentor_id, reason=reason, by=by, at=at)


@action
def start_handover(*, handover_id: UUID, by: User | None, at: datetime) -> MentorHandover:
    """Carry out what was planned. Raises NotVisible, IllegalHandoverMove (not planned, or under way)."""
    handover = _locked(handover_id)
    _expect(handover, HandoverState.PLANNED)
    handover.state, handover.started_at = HandoverState.RUNNING, at
    _save(handover, "started_at")
    wake(HANDOVERS)
    return handover


@action
def cancel_handover(*, handover_id: UUID, by: User | None, at: datetime) -> MentorHandover:
    """She stays after all. Raises NotVisible, IllegalHandoverMove once it has been started."""
    handover = _locked(handover_id)
    _expect(handover, HandoverState.REQUESTED, HandoverState.PLANNED)
    handover.state, handover.finished_at = HandoverState.CANCELLED, at
    _save(handover, "finished_at")
    return handover


@action
def hand_over_leaver(
    *, mentor_id: UUID, ends_mentoring: bool, ends_account: bool, by_id: UUID | None, at: datetime
) -> MentorHandover | None:
    """What an admin's switching off of a mentor comes to: her hand-over starts now, without being looked at.

    One that waits or runs already ends what this one asks for, too. None when she holds nothing: the flags fall at
    once then.
    """
    if not find_left_behind(mentor_id, at):
        release_the_rest(mentor_id=mentor_id, at=at)
        close_unsaid_sessions(mentor_id=mentor_id, at=at)
        retire_mentor(person_id=mentor_id, ends_mentoring=ends_mentoring, ends_account=ends_account, at=at)
        return None
    known = MentorHandover.objects.select_for_update(of=("self",)).filter(mentor=mentor_id, state__in=OPEN_HANDOVERS)
    handover = known.first()
    if handover is None:
        return request_handover(
            mentor_id=mentor_id,
            reason=SWITCHED_OFF,
            by=User.objects.filter(pk=by_id).first() if by_id else None,
            at=at,
            ends_mentoring=ends_mentoring,
            ends_account=ends_account,
            is_started=True,
        )
    handover.ends_mentoring |= ends_mentoring
    handover.ends_account |= ends_account
    handover.requested_by_id, handover.state = by_id, HandoverState.RUNNING
    handover.started_at = handover.started_at or at
    _save(handover, "ends_mentoring", "ends_account", "requested_by", "started_at")
    wake(HANDOVERS)
    return handover


@action
def plan_handover(*, handover_id: UUID, at: datetime) -> MentorHandover:
    """Compute what would happen, or refuse what its asker may not ask for. Run as the system; planning again is fine.

    Raises NotVisible.
    """
    handover = _locked(handover_id)
    if handover.state not in (HandoverState.REQUESTED, HandoverState.PLANNED):
        return handover
    if _is_out_of_scope(handover):
        handover.state, handover.refusal, handover.finished_at = HandoverState.REFUSED, OUT_OF_SCOPE, at
        _save(handover, "refusal", "finished_at")
        return handover
    plan, names = get_handover_plan(handover.mentor_id, at)
    handover.state, handover.plan = HandoverState.PLANNED, plan_document(plan, names)
    _save(handover, "plan")
    _tell_asker(handover, "is planned", at)
    return handover


def carry_out(*, handover_id: UUID, at: datetime) -> bool:
    """Hand every mentee over, one transaction each, then let the flags fall; is it done?

    Run as the system, outside of a transaction. A mentee whose step fails is logged and tried again the next time.
    """
    if not _begin(handover_id=handover_id, at=at):
        return False
    with transaction.atomic():
        handover = MentorHandover.objects.get(pk=handover_id)
        pairs = list_leaving_pairs(handover.mentor_id)
    # Read only when a planned mentor is not to be had: it holds everybody.
    pool = cache(lambda: read_handover_pool(handover.mentor_id, pairs, at))
    planned = {UUID(move["assignment"]): move for move in handover.plan.get("moves", ())}
    for pair in pairs:
        try:
            hand_over_mentee(
                handover_id=handover_id, assignment_id=pair.pk, move=planned.get(pair.pk, {}), pool=pool, at=at
            )
        except DomainError:
            logger.exception("a mentee could not be handed over", handover=str(handover_id), pair=str(pair.pk))
    return _finish(handover_id=handover_id, at=at)


@action
def _begin(*, handover_id: UUID, at: datetime) -> bool:
    """From here on she gets no mentees; a hand-over that nobody planned is planned now."""
    handover = _locked(handover_id)
    if handover.state != HandoverState.RUNNING:
        return False
    if _is_out_of_scope(handover):
        handover.state, handover.refusal, handover.finished_at = HandoverState.REFUSED, OUT_OF_SCOPE, at
        _save(handover, "refusal", "finished_at")
        return False
    mark_leaving(person_id=handover.mentor_id, at=at)
    if not handover.plan:
        plan, names = get_handover_plan(handover.mentor_id, at)
        handover.plan = plan_document(plan, names)
        _save(handover, "plan")
    return True


@action
def _finish(*, handover_id: UUID, at: datetime) -> bool:
    handover = _locked(handover_id)
    release_the_rest(mentor_id=handover.mentor_id, at=at)
    if find_left_behind(handover.mentor_id, at):
        return False
    close_unsaid_sessions(mentor_id=handover.mentor_id, at=at)
    retire_mentor(
        person_id=handover.mentor_id,
        ends_mentoring=handover.ends_mentoring,
        ends_account=handover.ends_account,
        at=at,
    )
    handover.state, handover.finished_at = HandoverState.DONE, at
    _save(handover, "finished_at")
    _tell_asker(handover, "is done", at)
    return True


def _is_out_of_scope(handover: MentorHandover) -> bool:
    """A director may not move mentees of other directors' cohorts; admins and the system may."""
    asker = handover.requested_by
    if asker is None or asker.is_staff:
        return False
    mine = CohortDirector.objects.filter(user=asker).values("cohort")
    return MenteeMentorAssignment.objects.live().of_mentor(handover.mentor_id).exclude(cohort__in=mine).exists()


def _locked(handover_id: UUID) -> MentorHandover:
    found = MentorHandover.objects.select_for_update(of=("self",)).filter(pk=handover_id).first()
    if found is None:
        raise NotVisible
    return found


def _expect(handover: MentorHandover, *states: HandoverState) -> None:
    if handover.state not in states:
        raise IllegalHandoverMove(f"This hand-over is {handover.state}.")


def _save(handover: MentorHandover, *fields: str) -> None:
    handover.revision += 1
    handover.save(update_fields=["state", "revision", *fields])


def _tell_asker(handover: MentorHandover, words: str, at: datetime) -> None:
    asker = handover.requested_by
    if asker is None:
        return
    admin = asker.is_staff
    page = "admin:mentorship_coordination_mentorhandover_change" if admin else "director-handover-page"
    name = User.objects.values_list("name", flat=True).get(pk=handover.mentor_id)
    notify(
        recipient_id=asker.pk,
        kind=NotificationKind.ASSIGNMENT,
        title=f"The hand-over of {name} {words}",
        body=words_of_plan(handover.plan),
        url=reverse(page, args=[handover.pk]),
        dedupe_key=f"handover:{handover.pk}:{handover.state}",
        at=at,
    )
