"""Work is opened, taken, given back, put off and finished. Source: product.md §4.

Whatever changes an item raises its revision and says so once on the stream of the mentor, or of the cohort's directors
while the item waits in the pool.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, Q

from core.actions import action
from core.enums import Rank
from core.errors import Conflict, DomainError, InvalidInput, NotVisible, RuleBroken
from core.identifiers import new_id
from core.kept import kept
from mentorship_coordination.actions.clocks import ItemClosed, get_locked, pauses_of, start_clock_again
from mentorship_coordination.actions.queue_news import (
    directors_of_enrolment,
    tell,
    tell_responsible,
)
from mentorship_coordination.enums import FINISHED_BY_OWN_ACTION, OPEN_STATUSES, WorkStatus, WorkType
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.queue import MentorWorkQueue, SlaPause, WorkQueueQuerySet
from mentorship_coordination.models.sessions import MentorSession
from mentorship_coordination.selectors.flags import list_directors
from mentorship_coordination.sla.ageing import ageing_instants
from mentorship_coordination.sla.policies import calendar_of, deadlines_of, get_policy
from users.models import User

LEASE = timedelta(minutes=30)
LONGEST_SNOOZE = timedelta(days=14)
LONGEST_TITLE = 200
LONGEST_OUTCOME = 40

OPEN_ITEM = (
    "SELECT item_id, mentor_id, created, changed FROM app.open_work_item("
    "%s, %s, %s, %s, %s, %s, %s, %s, %s::smallint, %s, %s, %s, %s, %s, %s, %s, %s::timestamptz[], %s)"
)
CLOSING = (
    "status",
    "outcome",
    "closed_reason",
    "completed_at",
    "completed_by",
    "claimed_by",
    "lease_until",
    "snoozed_until",
    "due_at",
    "remaining_seconds",
    "next_cross_at",
    "breached_at",
    "updated_at",
    "revision",
)


class ItemClaimed(Conflict):
    code = "item_claimed"
    message = "Somebody else works on this item."


class NotClaimed(Conflict):
    code = "item_not_claimed"
    message = "You have not taken this item."


class HasItsOwnAction(RuleBroken):
    code = "finished_by_own_action"


@dataclass(frozen=True, slots=True)
class OpenedItem:
    """`item_id` is None when this cycle of the work was opened and closed before: nothing was opened now."""

    item_id: UUID | None
    mentor_id: UUID | None
    is_new: bool


@action
def open_work_item(
    *,
    type: WorkType,
    reference_id: UUID,
    cycle: int,
    version: int,
    enrolment_id: UUID,
    title: str,
    description: str,
    started_at: datetime,
    at: datetime,
) -> OpenedItem:
    """Open the one item of (type, reference, cycle) for the enrolment's mentor, or for the pool without one.

    The clock starts at `started_at` with the budget and calendar of the current policy. While an item is open, only
    a higher `version` changes it, and never its clock. Safe to call again. Raises NoServiceLevel; the database refuses
    (SQLSTATE 42501) a caller without relation to the student, or a reference that is not as told.
    """
    policy = get_policy(type=type, enrolment_id=enrolment_id)
    calendar = calendar_of(policy.calendar)
    deadlines = deadlines_of(started_at=started_at, budget_seconds=policy.budget_seconds, calendar=calendar)
    ages_at = ageing_instants(started_at, calendar) if policy.priority == Rank.LOW else None
    with connection.cursor() as cursor:
        identity: list[Any] = [new_id(), type.value, reference_id, cycle, version, enrolment_id]
        words = [title[:LONGEST_TITLE], description]
        level: list[Any] = [policy.priority, policy.pk, policy.calendar_id, policy.budget_seconds, started_at]
        instants = [deadlines.warn_75_at, deadlines.warn_90_at, deadlines.due_at, ages_at, at]
        cursor.execute(OPEN_ITEM, [*identity, *words, *level, *instants])
        item_id, mentor_id, is_new, has_changed = cursor.fetchone()
    if has_changed:
        directors = () if mentor_id else directors_of_enrolment(enrolment_id)
        tell_responsible("opened" if is_new else "updated", item_id, mentor_id, directors)
    return OpenedItem(item_id, mentor_id, is_new)


@action
def claim_work_item(*, item_id: UUID, by: User, at: datetime) -> MentorWorkQueue:
    """Take an open item for 30 minutes from `at`; the holder extends her lease by taking it again.

    Raises NotVisible, ItemClosed, ItemClaimed (somebody else's lease still runs).
    """
    mine = MentorWorkQueue.objects.of_mentor(by.pk).filter(pk=item_id)
    is_free = Q(status=WorkStatus.PENDING) | Q(claimed_by=by.pk) | Q(lease_until__lte=at)
    taken = (
        mine.open()
        .filter(is_free)
        .update(
            status=WorkStatus.IN_PROGRESS,
            claimed_by=by,
            lease_until=at + LEASE,
            updated_at=at,
            revision=F("revision") + 1,
        )
    )
    item = _get(mine)
    if not taken:
        raise _closed_or(item, ItemClaimed(extra={"lease_until": item.lease_until}))
    tell(item, "claimed")
    return item


@action
def release_work_item(*, item_id: UUID, by: User, at: datetime) -> MentorWorkQueue:
    """Give a taken item back; it keeps its place. Raises NotVisible, ItemClosed, NotClaimed."""
    mine = MentorWorkQueue.objects.of_mentor(by.pk).filter(pk=item_id)
    released = mine.filter(status=WorkStatus.IN_PROGRESS, claimed_by=by.pk).update(
        status=WorkStatus.PENDING,
        claimed_by=None,
        lease_until=None,
        updated_at=at,
        revision=F("revision") + 1,
    )
    item = _get(mine)
    if not released:
        raise _closed_or(item, NotClaimed())
    tell(item, "released")
    return item


@action
def complete_work_item(*, item_id: UUID, outcome: str, by: User, at: datetime) -> MentorWorkQueue:
    """Finish an item, late or not; `outcome` is a word or two (at most 40 characters).

    Raises InvalidInput, NotVisible, ItemClosed, ItemClaimed, HasItsOwnAction (a mission is completed by its review).
    """
    if not outcome.strip() or len(outcome) > LONGEST_OUTCOME:
        raise InvalidInput(fields={"outcome": [f"Give 1 to {LONGEST_OUTCOME} characters."]})
    item = _get_own_locked(item_id, by)
    hint = FINISHED_BY_OWN_ACTION.get(WorkType(item.type))
    if hint is not None:
        raise HasItsOwnAction(hint)
    if item.claimed_by_id not in (None, by.pk) and item.lease_until and item.lease_until > at:
        raise ItemClaimed(extra={"lease_until": item.lease_until})
    item.outcome = outcome.strip()
    _close(item, WorkStatus.COMPLETED, by_id=by.pk, at=at)
    return item


@action
def snooze_work_item(*, item_id: UUID, until: datetime | None, by: User, at: datetime) -> MentorWorkQueue:
    """Put an item out of sight until `until` (None: back in sight). The clock runs on.

    Raises InvalidInput (a time that has passed, or more than 14 days away), NotVisible, ItemClosed.
    """
    if until is not None and not at < until <= at + LONGEST_SNOOZE:
        raise InvalidInput(fields={"until": [f"Give a time in the next {LONGEST_SNOOZE.days} days."]})
    item = _get_own_locked(item_id, by)
    item.snoozed_until, item.updated_at, item.revision = until, at, item.revision + 1
    item.save(update_fields=["snoozed_until", "updated_at", "revision"])
    tell(item, "snoozed" if until else "woken")
    return item


@action
def complete_items_about(
    *, type: WorkType, reference_id: UUID, outcome: str, by: User | UUID | None, at: datetime
) -> list[UUID]:
    """Finish every open item about the reference that the caller may see, late ones too; the ids of those closed."""
    return _close_all(type, reference_id, WorkStatus.COMPLETED, by=by, at=at, outcome=outcome)


@action
def cancel_items_about(
    *, type: WorkType, reference_id: UUID, reason: str, by: User | UUID | None, at: datetime
) -> list[UUID]:
    """Call off every open item about the reference that the caller may see; the ids of those closed."""
    return _close_all(type, reference_id, WorkStatus.CANCELLED, by=by, at=at, reason=reason)


@action
def cancel_notes_of_pair(*, pair: MenteeMentorAssignment, reason: str, by: User | None, at: datetime) -> list[UUID]:
    """Call off the open notes of sessions that the pair's mentor held: nobody else can write them; the ids closed."""
    held = MentorSession.objects.of_mentor(pair.mentor_id).of_enrolment(pair.enrolment_id).order_by().values("pk")
    items = MentorWorkQueue.objects.open().filter(
        type=WorkType.SESSION_NOTES, enrolment=pair.enrolment_id, reference_id__in=held
    )
    locked = items.order_by("id").select_for_update(of=("self",))
    return _close_items(locked, WorkStatus.CANCELLED, by=by, at=at, reason=reason)


@action
def cancel_items_of_enrolment(*, enrolment_id: UUID, reason: str, by: User | UUID | None, at: datetime) -> list[UUID]:
    """Call off every open item of an enrolment, the pool's included; the ids of those closed."""
    items = MentorWorkQueue.objects.filter(enrolment=enrolment_id).open().order_by("id")
    locked = items.select_for_update(of=("self",))
    return _close_items(locked, WorkStatus.CANCELLED, by=by, at=at, reason=reason)


@action
def apply_critical_flag(*, mentee_id: UUID, at: datetime) -> list[UUID]:
    """Bring the ranks of the mentee's open items in line with her flags: urgent while a critical one is unresolved.

    Works on every open item, the pool's included; the ids of those that moved. Safe to call again.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT item_id, mentor_id, cohort_id FROM app.rank_items_of_mentee(%s, %s)", [mentee_id, at])
        moved = cursor.fetchall()
    for item_id, mentor_id, cohort_id in moved:
        tell_responsible("ranked", item_id, mentor_id, () if mentor_id else list_directors(cohort_id))
    return [item_id for item_id, _, _ in moved]


def _close_all(
    type: WorkType,
    reference_id: UUID,
    status: WorkStatus,
    *,
    by: User | UUID | None,
    at: datetime,
    outcome: str = "",
    reason: str = "",
) -> list[UUID]:
    locked = _fetch_locked_about(type, reference_id)
    return _close_items(locked, status, by=by, at=at, outcome=outcome, reason=reason)


@kept
def _fetch_locked_about(type: WorkType, reference_id: UUID) -> WorkQueueQuerySet:
    items = MentorWorkQueue.objects.about(type, reference_id).open().order_by("id")
    return items.select_for_update(of=("self",))


def _close_items(
    locked: Iterable[MentorWorkQueue],
    status: WorkStatus,
    *,
    by: User | UUID | None,
    at: datetime,
    outcome: str = "",
    reason: str = "",
) -> list[UUID]:
    by_id = by.pk if isinstance(by, User) else by
    closed = []
    for item in locked:
        item.outcome, item.closed_reason = outcome, reason
        _close(item, status, by_id=by_id, at=at)
        closed.append(item.pk)
    return closed


def _close(item: MentorWorkQueue, status: WorkStatus, *, by_id: UUID | None, at: datetime) -> None:
    """Close a locked item: open pauses end first, then it is breached iff it closes after `due_at`."""
    if item.due_at is None:
        SlaPause.objects.filter(item=item, closed_at__isnull=True).update(closed_at=at)
        start_clock_again(item, pauses_of(item), at)
    if item.due_at is not None and at > item.due_at:
        item.breached_at = item.due_at
    item.status, item.completed_at, item.completed_by_id = status, at, by_id
    item.claimed_by_id, item.lease_until, item.snoozed_until, item.next_cross_at = None, None, None, None
    item.updated_at, item.revision = at, item.revision + 1
    item.save(update_fields=CLOSING)
    tell(item, status.value)


def _get_own_locked(item_id: UUID, by: User) -> MentorWorkQueue:
    item = get_locked(item_id)
    if item.mentor_id != by.pk:
        raise NotVisible
    return item


def _get(items: WorkQueueQuerySet) -> MentorWorkQueue:
    item = items.select_related("mentee").first()
    if item is None:
        raise NotVisible
    return item


def _closed_or(item: MentorWorkQueue, refusal: DomainError) -> DomainError:
    return refusal if item.status in OPEN_STATUSES else ItemClosed()
