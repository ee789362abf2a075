"""Worries are raised, taken up and settled. The student never hears of the text. Source: product.md §8."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse

from core.actions import action
from core.enums import Audience, Rank, StreamEventName
from core.errors import Conflict, InvalidInput, NotVisible
from core.kept import kept
from core.stream.publish import emit
from mentorship_coordination.actions.notifications import flag_dedupe_key, notify
from mentorship_coordination.actions.queue import apply_critical_flag
from mentorship_coordination.enums import (
    FLAG_MOVES,
    FlagCategory,
    FlagEntryKind,
    FlagState,
    NotificationKind,
    Severity,
)
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.flags import MentorFlag, MentorFlagEntry
from mentorship_coordination.selectors.flags import list_directors
from mentorship_coordination.selectors.responsible import list_responsible
from missions.selectors import lock_enrolment
from student_dashboard.aggregation import DashboardAggregationService
from users.enums import LIVING_ENROLMENTS
from users.models import Enrolment, User

REOPEN_WITHIN = timedelta(days=30)
#: From here on directors are told by mail; of a cohort without any, the admins.
GRAVE = (Severity.HIGH, Severity.CRITICAL)
DIRECTORS_PAGE, ADMINS_PAGE = "director-flag-page", "admin:mentorship_coordination_mentorflag_change"
TO_DIRECTOR = "Read what happened and acknowledge it in the list of flags."
TO_ADMIN = "No active director looks after the cohort: read what happened and give it one."


class FlagHeldElsewhere(Conflict):
    code = "flag_held_elsewhere"
    message = "Somebody else handles an open flag of this category already."


class IllegalFlagMove(Conflict):
    code = "illegal_move"


class StudentHasLeft(Conflict):
    code = "enrolment_ended"
    message = "The student has left: a flag of an ended enrolment stays settled."


class ReopenTooLate(Conflict):
    code = "reopen_too_late"
    message = "A flag can be reopened within 30 days; raise a new one."


@action
def raise_flag(
    *,
    mentee_id: UUID,
    reason: str,
    by: User,
    at: datetime,
    severity: Severity = Severity.MEDIUM,
    category: FlagCategory = FlagCategory.OTHER,
) -> MentorFlag:
    """A mentor worries about her mentee. A flag of this category that is still unresolved takes the reason as
    a comment and the higher severity; `flag.entries` has more than one line then.

    Raises NotVisible (no mentee of hers), InvalidInput (no reason), FlagHeldElsewhere.
    """
    pairs = _fetch_pair(by.pk, mentee_id)
    if not pairs:
        raise NotVisible
    return _raise(pairs[0].enrolment, by.pk, reason, severity=severity, category=category, by=by, at=at)


@kept
def _fetch_pair(mentor_id: UUID, mentee_id: UUID) -> QuerySet[MenteeMentorAssignment]:
    pairs = MenteeMentorAssignment.objects.current().of_mentor(mentor_id).of_mentee(mentee_id)
    return pairs.select_related("enrolment").order_by("-is_primary", "-created_at")[:1]


@action
def raise_flag_as_director(
    *,
    mentee_id: UUID,
    reason: str,
    by: User,
    at: datetime,
    severity: Severity = Severity.MEDIUM,
    category: FlagCategory = FlagCategory.OTHER,
) -> MentorFlag:
    """As `raise_flag`, by a director of the mentee's cohort; the flag is the mentor's of the day, if any."""
    enrolment = (
        Enrolment.objects.filter(
            student=mentee_id,
            state__in=LIVING_ENROLMENTS,
            cohort__director_links__user=by,
        )
        .order_by("-enrolled_at")
        .first()
    )
    if enrolment is None:
        raise NotVisible
    mentor_id = (
        MenteeMentorAssignment.objects.current()
        .primary()
        .filter(enrolment=enrolment)
        .values_list("mentor_id", flat=True)
        .first()
    )
    return _raise(enrolment, mentor_id, reason, severity=severity, category=category, by=by, at=at)


@action
def acknowledge_flag(*, flag_id: UUID, by: User, at: datetime) -> MentorFlag:
    """Somebody looks after it. Raises NotVisible, IllegalFlagMove."""
    flag = _lock_for(flag_id, FlagState.ACKNOWLEDGED)
    flag.acknowledged_at = at
    _save(flag, FlagState.ACKNOWLEDGED, at, ["acknowledged_at"])
    _note(flag, FlagEntryKind.ACKNOWLEDGED, "", by=by, at=at)
    _tell(flag, "acknowledged")
    return flag


@action
def resolve_flag(*, flag_id: UUID, outcome: str, by: User | None, at: datetime, note: str = "") -> MentorFlag:
    """Settled; the mentee's work falls back to its own rank unless another critical flag holds it up.

    Raises NotVisible, IllegalFlagMove, InvalidInput (no outcome).
    """
    if not outcome.strip():
        raise InvalidInput(fields={"outcome": ["Say what came of it."]})
    flag = _lock_for(flag_id, FlagState.RESOLVED)
    flag.resolved_at, flag.outcome, flag.note = at, outcome, note
    _save(flag, FlagState.RESOLVED, at, ["resolved_at", "outcome", "note"])
    _note(flag, FlagEntryKind.RESOLVED, note or outcome, by=by, at=at)
    _tell(flag, "resolved")
    _apply(flag, "flag_resolved", Rank.NORMAL, at)
    return flag


@action
def reopen_flag(*, flag_id: UUID, by: User, at: datetime, reason: str = "") -> MentorFlag:
    """It was not settled after all.

    Raises NotVisible, IllegalFlagMove, ReopenTooLate, FlagHeldElsewhere, StudentHasLeft.
    """
    flag = _lock_for(flag_id, FlagState.OPEN)
    if not _lives(flag.enrolment_id):
        raise StudentHasLeft
    if flag.resolved_at is None or at - flag.resolved_at > REOPEN_WITHIN:
        raise ReopenTooLate
    flag.resolved_at = flag.acknowledged_at = flag.director_notified_at = None
    flag.outcome = flag.note = ""
    fields = ["resolved_at", "acknowledged_at", "director_notified_at", "outcome", "note"]
    try:
        with transaction.atomic():
            _save(flag, FlagState.OPEN, at, fields)
    except IntegrityError as error:
        raise FlagHeldElsewhere("A newer flag of this category is open.") from error
    _note(flag, FlagEntryKind.REOPENED, reason, by=by, at=at)
    _announce(flag, "reopened", at)
    return flag


def _raise(
    enrolment: Enrolment,
    mentor_id: UUID | None,
    reason: str,
    *,
    severity: Severity,
    category: FlagCategory,
    by: User,
    at: datetime,
) -> MentorFlag:
    if not reason.strip():
        raise InvalidInput(fields={"reason": ["Say what worries you."]})
    # Two flags raised at once: the second finds the first.
    lock_enrolment(enrolment.pk)
    # Whoever held the lock before may have ended it.
    if not _lives(enrolment.pk):
        raise NotVisible
    known = _fetch_known(enrolment.student_id, category)
    if known:
        return _add(known[0], reason, severity, by=by, at=at)
    flag = MentorFlag(
        mentee_id=enrolment.student_id,
        enrolment=enrolment,
        cohort_id=enrolment.cohort_id,
        mentor_id=mentor_id,
        author=by,
        category=category,
        severity=severity,
        reason=reason,
        created_at=at,
        updated_at=at,
    )
    try:
        with transaction.atomic():
            flag.save(force_insert=True)
    except IntegrityError as error:
        raise FlagHeldElsewhere from error
    _note(flag, FlagEntryKind.RAISED, reason, by=by, at=at)
    _announce(flag, "raised", at)
    return flag


def _add(flag: MentorFlag, reason: str, severity: Severity, *, by: User, at: datetime) -> MentorFlag:
    is_worse = severity > flag.severity
    if is_worse:
        # Told anew: what a director was mailed, and what somebody acknowledged, was less.
        flag.severity, flag.director_notified_at, flag.acknowledged_at = severity, None, None
    state = FlagState.OPEN if is_worse else FlagState(flag.state)
    _save(flag, state, at, ["severity", "director_notified_at", "acknowledged_at"])
    _note(flag, FlagEntryKind.WORSENED if is_worse else FlagEntryKind.COMMENTED, reason, by=by, at=at)
    if is_worse:
        _announce(flag, "worsened", at)
    else:
        _tell(flag, "commented")
    return flag


def _announce(flag: MentorFlag, kind: str, at: datetime) -> None:
    _tell(flag, kind)
    _apply(flag, f"flag_{kind}", Rank.URGENT, at)
    if flag.severity not in GRAVE:
        return
    mentee = User.objects.filter(pk=flag.mentee_id).values_list("name", flat=True).first() or "A student"
    directors = set(list_directors(flag.cohort_id))
    for person in list_responsible(flag.cohort_id):
        notify(
            recipient_id=person,
            kind=NotificationKind.FLAG,
            title=f"{Severity(flag.severity).label.capitalize()} flag: {mentee}",
            # The worry itself stays behind the sign-in: mail is read by others.
            body=f"Category: {flag.category}. {TO_DIRECTOR if person in directors else TO_ADMIN}",
            url=reverse(DIRECTORS_PAGE if person in directors else ADMINS_PAGE, args=[flag.pk]),
            flag_id=flag.pk,
            dedupe_key=flag_dedupe_key(flag),
            by_mail=True,
            at=at,
        )


def _tell(flag: MentorFlag, kind: str) -> None:
    news = {
        "kind": kind,
        "id": str(flag.pk),
        "mentee": str(flag.mentee_id),
        "severity": Severity(flag.severity).label,
        "state": str(flag.state),
    }
    if flag.mentor_id is not None:
        emit(
            recipient_id=flag.mentor_id,
            audience=Audience.MENTOR,
            event=StreamEventName.RISK_ALERT,
            data=news,
        )
    for director in list_directors(flag.cohort_id):
        emit(recipient_id=director, audience=Audience.DIRECTOR, event=StreamEventName.RISK_ALERT, data=news)


def _apply(flag: MentorFlag, reason: str, rank: Rank, at: datetime) -> None:
    DashboardAggregationService.queue_update(flag.mentee_id, reason, rank)
    if flag.severity == Severity.CRITICAL:
        apply_critical_flag(mentee_id=flag.mentee_id, at=at)


def _lock_for(flag_id: UUID, state: FlagState) -> MentorFlag:
    flag = MentorFlag.objects.locked(flag_id).first()
    if flag is None:
        raise NotVisible
    if state not in FLAG_MOVES[FlagState(flag.state)]:
        raise IllegalFlagMove(f"A flag that is {flag.state} cannot become {state}.")
    return flag


def _save(flag: MentorFlag, state: FlagState, at: datetime, fields: list[str]) -> None:
    flag.state, flag.updated_at, flag.revision = state, at, flag.revision + 1
    flag.save(update_fields=["state", "updated_at", "revision", *fields])


@kept
def _fetch_known(mentee_id: UUID, category: str) -> QuerySet[MentorFlag]:
    flags = MentorFlag.objects.select_for_update(of=("self",)).about(mentee_id).unresolved()
    return flags.filter(category=category)[:1]


def _lives(enrolment_id: UUID) -> bool:
    return bool(_fetch_living(enrolment_id))


@kept
def _fetch_living(enrolment_id: UUID) -> QuerySet[Enrolment]:
    return Enrolment.objects.filter(pk=enrolment_id, state__in=LIVING_ENROLMENTS).only("pk")


def _note(flag: MentorFlag, kind: FlagEntryKind, text: str, *, by: User | None, at: datetime) -> None:
    MentorFlagEntry.objects.create(flag=flag, kind=kind, by=by, severity=flag.severity, text=text, created_at=at)
