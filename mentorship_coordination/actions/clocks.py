"""The clock of a work item stands while a pause is open. Source: product.md §4 "Clock"."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from core.actions import action
from core.errors import Conflict, InvalidInput, NotVisible
from mentorship_coordination.actions.queue_news import tell
from mentorship_coordination.enums import OPEN_STATUSES, PauseReason
from mentorship_coordination.models.queue import MentorWorkQueue, SlaPause
from mentorship_coordination.sla.clock import Pause, business_seconds_between
from mentorship_coordination.sla.policies import calendar_of, deadlines_of
from users.models import User

LONGEST_NOTE = 500
CLOCK = (
    "due_at",
    "remaining_seconds",
    "warn_75_at",
    "warn_90_at",
    "next_cross_at",
    "updated_at",
    "revision",
)


class ItemClosed(Conflict):
    code = "item_closed"
    message = "This item is finished already."


class AlreadyPaused(Conflict):
    code = "already_paused"
    message = "The clock is paused for this reason already."


class NotPaused(Conflict):
    code = "not_paused"
    message = "The clock is not paused for this reason."


class TooLateToPause(Conflict):
    code = "already_breached"
    message = "The item is overdue: its clock can no longer be paused."


@action
def pause_work_item(
    *, item_id: UUID, reason: PauseReason, by: User | None, at: datetime, note: str = ""
) -> MentorWorkQueue:
    """Stop an open item's clock; what is left of the budget is kept in `remaining_seconds`. Pauses may overlap.

    `by` is the item's mentor, or None for the system; `note` has at most 500 characters. Raises InvalidInput,
    NotVisible, ItemClosed, TooLateToPause (after the breach), AlreadyPaused (for the same reason).
    """
    if len(note) > LONGEST_NOTE:
        raise InvalidInput(fields={"note": [f"Give at most {LONGEST_NOTE} characters."]})
    item = _get_held_locked(item_id, by)
    if item.due_at is not None and at > item.due_at:
        raise TooLateToPause
    pauses = pauses_of(item)
    if any(pause.reason == reason and pause.closed_at is None for pause in pauses):
        raise AlreadyPaused
    if item.due_at is not None:
        item.remaining_seconds = remaining_seconds(item, pauses, at)
        item.due_at, item.next_cross_at = None, None
    SlaPause.objects.create(item=item, reason=reason, opened_at=at, opened_by=by, note=note.strip())
    _save_clock(item, at)
    tell(item, "paused")
    return item


@action
def resume_work_item(*, item_id: UUID, reason: PauseReason, by: User | None, at: datetime) -> MentorWorkQueue:
    """End the pause of that reason; when it was the last one open, the clock runs on with what was left.

    `by` is the item's mentor, or None for the system. Raises NotVisible, ItemClosed, NotPaused.
    """
    item = _get_held_locked(item_id, by)
    ended = SlaPause.objects.filter(item=item, reason=reason, closed_at__isnull=True).update(closed_at=at)
    if not ended:
        raise NotPaused
    pauses = pauses_of(item)
    if all(pause.closed_at is not None for pause in pauses):
        start_clock_again(item, pauses, at)
    _save_clock(item, at)
    tell(item, "resumed")
    return item


def get_locked(item_id: UUID) -> MentorWorkQueue:
    """An open item that the caller may see, locked for this transaction. Raises NotVisible, ItemClosed."""
    item = MentorWorkQueue.objects.locked(item_id).select_related("mentee").first()
    if item is None:
        raise NotVisible
    if item.status not in OPEN_STATUSES:
        raise ItemClosed
    return item


def _get_held_locked(item_id: UUID, by: User | None) -> MentorWorkQueue:
    """As `get_locked`, and a person must be the item's mentor: whoever sees it through another role may not."""
    item = get_locked(item_id)
    if by is not None and item.mentor_id != by.pk:
        raise NotVisible
    return item


def pauses_of(item: MentorWorkQueue) -> list[SlaPause]:
    return list(SlaPause.objects.filter(item=item).order_by("opened_at", "id"))


def as_spans(pauses: Iterable[SlaPause]) -> list[Pause]:
    return [(pause.opened_at, pause.closed_at) for pause in pauses]


def remaining_seconds(item: MentorWorkQueue, pauses: Iterable[SlaPause], at: datetime) -> int:
    """What is left of the item's budget at `at`, in counted seconds, never below 0."""
    counted = business_seconds_between(item.clock_started_at, at, calendar_of(item.calendar), as_spans(pauses))
    return max(0, item.budget_seconds - counted)


def start_clock_again(item: MentorWorkQueue, pauses: Iterable[SlaPause], at: datetime) -> None:
    """Set the deadlines of an item none of whose pauses is open any more, counted from its very start.

    Counting from the start, and not from what was left, loses no fraction of a second. A pause opened at the due
    instant itself leaves nothing to count: the item is then due now. The prioritiser looks at it next.
    """
    deadlines = deadlines_of(
        started_at=item.clock_started_at,
        budget_seconds=item.budget_seconds,
        calendar=calendar_of(item.calendar),
        pauses=as_spans(pauses),
    )
    item.warn_75_at, item.warn_90_at = deadlines.warn_75_at, deadlines.warn_90_at
    item.due_at, item.remaining_seconds = max(deadlines.due_at, at), None
    item.next_cross_at = at


def _save_clock(item: MentorWorkQueue, at: datetime) -> None:
    item.updated_at, item.revision = at, item.revision + 1
    item.save(update_fields=CLOCK)
