"""What is done for each mentee of a mentor who leaves, and with what is left at the end. Source: product.md §6."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, OuterRef, Subquery
from django.urls import reverse
from psycopg2.extras import DateTimeTZRange

from core.actions import action
from core.errors import Conflict, NotVisible
from core.integrations.meetings import provider_for
from mentorship_coordination.actions.assignments import (
    end_assignment,
    pause_assignment,
    start_assignment,
)
from mentorship_coordination.actions.notifications import notify
from mentorship_coordination.actions.session_news import notify_mentees, tell_streams
from mentorship_coordination.actions.session_outcomes import cancel_session, close_unsaid_session
from mentorship_coordination.actions.session_time import lock_people
from mentorship_coordination.enums import AssignmentState, NotificationKind, ParticipantRole, WorkStatus
from mentorship_coordination.handover.brief import brief_of
from mentorship_coordination.handover.plan import PlannedSession
from mentorship_coordination.matching.people import Pool
from mentorship_coordination.models.assignments import MenteeMentorAssignment, MentorAbsence
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.models.handovers import MentorHandover
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.models.sessions import MentorSession, SessionParticipant
from mentorship_coordination.selectors.cockpit import get_cockpit
from mentorship_coordination.selectors.handover import find_left_behind, find_next_best, read_mentor_times
from mentorship_coordination.selectors.sessions import week_of, weekly_load
from missions.selectors import lock_enrolment
from users.models import User

#: So many mentors are asked before a mentee goes to the waiting list, where the next matching finds her.
MOST_TRIES = 5
UNSAID = "The mentor left without saying what became of it."


@action
def hand_over_mentee(
    *, handover_id: UUID, assignment_id: UUID, move: Mapping[str, Any], pool: Callable[[], Pool], at: datetime
) -> dict[str, Any] | None:
    """End one pair of the leaver and begin the next in one step; None when it has been done before.

    `move`: what the plan says of the pair, empty for one that it does not know. The planned mentor is asked first; when
    she is full by now, the next best of what `pool` gives. Items and flags follow the pair, clocks unchanged to the
    second.
    """
    enrolment_id = MenteeMentorAssignment.objects.values_list("enrolment_id", flat=True).get(pk=assignment_id)
    lock_enrolment(enrolment_id)
    handover = MentorHandover.objects.select_for_update(of=("self",)).select_related("requested_by").get(pk=handover_id)
    pair = MenteeMentorAssignment.objects.live().filter(pk=assignment_id).first()
    if pair is None:
        return None
    was_active = pair.state == AssignmentState.ACTIVE
    kept = _detach_sessions(pair, at)
    by = handover.requested_by
    end_assignment(
        assignment_id=pair.pk,
        state=AssignmentState.CANCELLED,
        reason=f"Hand-over: {handover.reason}"[:300],
        by=by,
        at=at,
        is_told=False,
    )
    new = _begin_next(pair, move, pool, by=by, at=at) if pair.is_primary else None
    taken = _take_over_what_fits(kept, new, by=by, at=at) if new is not None else []
    leaver = User.objects.get(pk=handover.mentor_id)
    for session in kept:
        if session.pk not in taken:
            cancel_session(session_id=session.pk, by=leaver, at=at, reason="The mentor leaves.")
    if new is not None and not was_active:
        pause_assignment(assignment_id=new.pk, by=by, at=at)
    _tell(pair, new, at=at)
    outcome = _outcome(move, new, taken)
    handover.result = {**handover.result, str(assignment_id): outcome}
    handover.save(update_fields=["result"])
    return outcome


def _detach_sessions(pair: MenteeMentorAssignment, at: datetime) -> list[MentorSession]:
    """The sessions to come, locked, and let go of the pair: its end calls off those that hang on it."""
    sessions = MentorSession.objects.scheduled().filter(assignment=pair, starts_at__gt=at)
    found = list(sessions.select_for_update(of=("self",)).order_by("starts_at", "id"))
    MentorSession.objects.filter(pk__in=[each.pk for each in found]).update(assignment=None)
    for session in found:
        session.assignment = None
    return found


def _begin_next(
    pair: MenteeMentorAssignment, move: Mapping[str, Any], pool: Callable[[], Pool], *, by: User | None, at: datetime
) -> MenteeMentorAssignment | None:
    refused: list[UUID] = []
    mentor_id = UUID(move["mentor"]) if move.get("mentor") else _next_best(pair, pool, refused)
    while mentor_id is not None and len(refused) < MOST_TRIES:
        try:
            with transaction.atomic():
                lock_people(User(pk=mentor_id), [pair.mentee_id])
                return start_assignment(
                    enrolment_id=pair.enrolment_id, mentor_id=mentor_id, by=by, at=at, is_told=False
                )
        except NotVisible:
            # The enrolment rests or has ended: nobody can be given to it now.
            return None
        except Conflict:
            refused.append(mentor_id)
            mentor_id = _next_best(pair, pool, refused)
    return None


def _next_best(pair: MenteeMentorAssignment, pool: Callable[[], Pool], refused: Sequence[UUID]) -> UUID | None:
    pairing = find_next_best(pool(), pair.enrolment_id, without=refused)
    return pairing.mentor_id if pairing else None


def _take_over_what_fits(
    sessions: Sequence[MentorSession], pair: MenteeMentorAssignment, *, by: User | None, at: datetime
) -> list[UUID]:
    """By the new mentor's time as it is now: she need not be whom the plan named, and sessions have come since."""
    planned = [PlannedSession(each.pk, None, each.title, each.starts_at, each.ends_at) for each in sessions]
    mentor = User.objects.get(pk=pair.mentor_id)
    time = read_mentor_times([mentor], planned)[mentor.pk]
    taken = []
    for session, each in zip(sessions, planned, strict=True):
        week = week_of(time.zone, each.starts_at).starts_at
        if time.find_obstacle(each, week) is None and _take_over(session, pair, by=by, at=at):
            time.take(each, week)
            taken.append(session.pk)
    return taken


def _take_over(session: MentorSession, pair: MenteeMentorAssignment, *, by: User | None, at: datetime) -> bool:
    """Give a session to the new mentor; False when she cannot be there after all."""
    mentor = User.objects.get(pk=pair.mentor_id)
    capacity = lock_people(mentor, [pair.mentee_id])
    if weekly_load(mentor, session.starts_at) >= capacity:
        return False
    link = provider_for(mentor.standing_meeting_url).create_link()
    try:
        with transaction.atomic():
            session.participants.filter(role=ParticipantRole.MENTOR).update(is_active=False)
            during: Any = DateTimeTZRange(session.starts_at, session.ends_at)
            SessionParticipant.objects.create(
                session=session, person=mentor, role=ParticipantRole.MENTOR, during=during
            )
    except IntegrityError:
        return False
    session.mentor, session.assignment = mentor, pair
    session.meeting_url, session.meeting_provider = link.url, link.provider
    session.sequence, session.revision, session.updated_at = session.sequence + 1, session.revision + 1, at
    session.save(
        update_fields=[
            "mentor", "assignment", "meeting_url", "meeting_provider", "sequence", "revision", "updated_at",
        ]
    )  # fmt: skip
    tell_streams(session, [pair.mentee_id], "taken_over")
    notify_mentees(session, [pair.mentee_id], words=f"{mentor.name} takes over", kind="taken_over", at=at)
    return True


def _tell(old: MenteeMentorAssignment, new: MenteeMentorAssignment | None, *, at: datetime) -> None:
    """The mentee hears who her mentor is; the new mentor gets a brief."""
    if not old.is_primary:
        # A leaver only stood in, or helped: the mentee's own mentor is who she was.
        return
    mentor = User.objects.get(pk=new.mentor_id) if new else None
    notify(
        recipient_id=old.mentee_id,
        kind=NotificationKind.ASSIGNMENT,
        title=f"{mentor.name} is your mentor now" if mentor else "You are waiting for a new mentor",
        body="Whatever you handed in stays in its place, with the same due time.",
        url=reverse("student-page"),
        dedupe_key=f"assignment:{old.pk}:handed_over",
        by_mail=True,
        at=at,
    )
    if new is None or mentor is None:
        return
    cockpit = get_cockpit(mentor_id=mentor.pk, mentee_id=new.mentee_id, at=at)
    notify(
        recipient_id=mentor.pk,
        kind=NotificationKind.ASSIGNMENT,
        title=f"You take over {cockpit.assignment.mentee.name}",
        body=brief_of(cockpit, zone=mentor.timezone, at=at),
        url=reverse("mentee-page", args=[new.mentee_id]),
        dedupe_key=f"assignment:{new.pk}:brief",
        by_mail=True,
        at=at,
    )


def _outcome(move: Mapping[str, Any], new: MenteeMentorAssignment | None, taken: list[UUID]) -> dict[str, Any]:
    mentor = str(new.mentor_id) if new else None
    return {
        "mentor": mentor,
        "as_planned": mentor == move.get("mentor"),
        "sessions_taken_over": [str(each) for each in taken],
    }


def release_the_rest(*, mentor_id: UUID, at: datetime) -> None:
    """Groups are called off, stray items and flags go to whoever mentors the student now or to the pool, and nobody
    has the leaver for a backup any more.
    """
    leaver = User.objects.get(pk=mentor_id)
    left = find_left_behind(leaver.pk, at)
    for session_id in left.sessions:
        cancel_session(session_id=session_id, by=leaver, at=at, reason="The mentor leaves.")
    MentorWorkQueue.objects.filter(pk__in=left.items).update(
        mentor=_mentor_now(AssignmentState.ACTIVE),
        status=WorkStatus.PENDING,
        claimed_by=None,
        lease_until=None,
        revision=F("revision") + 1,
        updated_at=at,
    )
    MentorFlag.objects.filter(pk__in=left.flags).update(
        mentor=_mentor_now(AssignmentState.ACTIVE, AssignmentState.PAUSED), revision=F("revision") + 1, updated_at=at
    )
    MentorAbsence.objects.filter(backup=leaver, ends_at__gt=at).update(backup=None)


def close_unsaid_sessions(*, mentor_id: UUID, at: datetime) -> None:
    """What the leaver never said held or missed would reserve budgets for ever, once she has no role to say it in."""
    leaver = User.objects.get(pk=mentor_id)
    unsaid = MentorSession.objects.scheduled().of_mentor(mentor_id).filter(starts_at__lte=at)
    for session_id in unsaid.order_by("starts_at", "id").values_list("pk", flat=True):
        close_unsaid_session(session_id=session_id, mentor=leaver, at=at, reason=UNSAID)


def _mentor_now(*states: AssignmentState) -> Subquery:
    """The primary mentor of the row's enrolment, or NULL."""
    pairs = MenteeMentorAssignment.objects.primary().filter(enrolment=OuterRef("enrolment"), state__in=states)
    return Subquery(pairs.values("mentor")[:1])
