"""A work item as a line on a page: plain values, nothing lazy (house style: templates get values)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from core.enums import Rank
from mentorship_coordination.enums import FINISHED_BY_OWN_ACTION, WorkType
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.selectors.queue import reasons_in_words
from mentorship_coordination.web.words import due_level, due_words, moment_words

TYPE_WORDS = {
    WorkType.MISSION_REVIEW: "review",
    WorkType.SESSION_NOTES: "session notes",
    WorkType.GOAL_FEEDBACK: "goal feedback",
    WorkType.RISK_FLAG: "risk",
}


@dataclass(frozen=True, slots=True)
class QueueRow:
    """Texts of the viewer's zone; `due_iso` (ISO 8601) and `due_on` in words are empty while paused."""

    id: UUID
    url: str
    mentee: str
    title: str
    kind: str
    is_urgent: bool
    is_taken: bool
    is_finished_here: bool
    is_put_off: bool
    beside_url: str
    due_iso: str
    due_on: str
    due: str
    level: str
    why: str


@dataclass(frozen=True, slots=True)
class Lease:
    """Who works on an item: `until` is None while nobody does."""

    item_id: UUID
    is_mine: bool
    until: datetime | None


def lease_of(item: MentorWorkQueue, viewer_id: UUID, at: datetime) -> Lease:
    is_held = item.claimed_by_id is not None and item.lease_until is not None and item.lease_until > at
    return Lease(item.pk, is_held and item.claimed_by_id == viewer_id, item.lease_until if is_held else None)


def url_of(item: MentorWorkQueue) -> str:
    """The page on which the mentor does this work."""
    if item.type == WorkType.MISSION_REVIEW:
        return reverse("review-page", args=[item.reference_id])
    if item.type == WorkType.SESSION_NOTES:
        return reverse("mentor-session-page", args=[item.reference_id])
    mentee = reverse("mentee-page", args=[item.mentee_id])
    return f"{mentee}#goal-{item.reference_id}" if item.type == WorkType.GOAL_FEEDBACK else mentee


def rows_of(items: Iterable[MentorWorkQueue], at: datetime) -> list[QueueRow]:
    """`items` come with their mentees. Read inside the request's transaction."""
    return [_row(item, at) for item in items]


def _row(item: MentorWorkQueue, at: datetime) -> QueueRow:
    kind = WorkType(item.type)
    due_at = timezone.localtime(item.due_at) if item.due_at else None
    return QueueRow(
        id=item.pk,
        url=url_of(item),
        mentee=item.mentee.name if item.mentee else "A former mentee",
        title=item.title.removeprefix("Review: "),
        kind=TYPE_WORDS[kind],
        is_urgent=item.rank == Rank.URGENT,
        is_taken=item.claimed_by_id is not None and item.lease_until is not None and item.lease_until > at,
        is_finished_here=kind not in FINISHED_BY_OWN_ACTION,
        is_put_off=item.is_out_of_sight(at),
        beside_url=reverse("mentee-glance", args=[item.mentee_id]) if item.mentee else "",
        due_iso=due_at.isoformat() if due_at else "",
        due_on=moment_words(due_at) if due_at else "",
        due=due_words(item.due_at, at),
        level=due_level(item.due_at, at),
        why=" ".join(reasons_in_words(item)),
    )
