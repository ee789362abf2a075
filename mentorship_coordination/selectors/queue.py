"""What is read of the work queue. Source: product.md §4."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from core.clock import zone_info
from core.enums import Rank
from core.errors import NotVisible
from core.kept import kept
from core.sql import fetch_planned
from mentorship_coordination.enums import OPEN_STATUSES, WorkType
from mentorship_coordination.models.queue import MentorWorkQueue, SlaPause, WorkQueueQuerySet
from mentorship_coordination.sla.clock import Span, business_seconds_between, counted_spans
from mentorship_coordination.sla.policies import calendar_of
from missions.models import MissionSubmission
from users.enums import LIVING_ENROLMENTS
from users.models import User

OVERDUE = "overdue"
#: Out of sight for now: a filter of the mentor's page, and no state.
PUT_OFF = "put_off"
WORDS = {
    "critical_flag": "Urgent: the mentee has an unresolved critical flag.",
    "breached": "Urgent: its time has run out.",
    "ran_90": "One step up: 90 % of its time has run.",
    "ran_75": "One step up: 75 % of its time has run.",
    "aged": "Moved up a step for every five business days of waiting.",
}

#: Of a mentee, in lists of work.
NOT_SHOWN = [field.name for field in User._meta.concrete_fields if field.name not in {"id", "name"}]

COUNTERS = """
SELECT count(*) FILTER (WHERE due_at < %(at)s), count(*) FILTER (WHERE due_at >= %(start)s AND due_at < %(end)s),
  count(*) FILTER (WHERE rank <= %(high)s), count(*)
FROM mentorship_coordination_mentorworkqueue WHERE mentor_id = %(mentor)s AND status IN ('pending', 'in_progress')
"""
PUT_OFF_ITEMS = """
SELECT count(*), min(snoozed_until) FROM mentorship_coordination_mentorworkqueue
WHERE mentor_id = %(mentor)s AND status IN ('pending', 'in_progress')
  AND snoozed_until > %(at)s AND (due_at IS NULL OR due_at >= %(at)s)
"""


@dataclass(frozen=True, slots=True)
class QueueCounters:
    """Open items of one mentor: past due, due on her local day, ranked urgent or high, and all."""

    overdue: int
    today: int
    high_priority: int
    total_pending: int


@dataclass(frozen=True, slots=True)
class DirectorCounters:
    """Open items of a director's cohorts: without a mentor, and past due."""

    pool: int
    overdue: int


@dataclass(frozen=True, slots=True)
class SlaExplanation:
    """How an item's due time comes about. Seconds are counted ones.

    `spans` tile the time from the clock's start to the due time (while paused: to now); those that count sum up to
    `counted_seconds`, which is the whole budget unless the item is paused.
    """

    item: MentorWorkQueue
    calendar_name: str | None
    timezone: str
    spans: Sequence[Span]
    pauses: Sequence[SlaPause]
    counted_seconds: int
    elapsed_seconds: int


def list_items_of_mentor(mentor_id: UUID) -> WorkQueueQuerySet:
    """A mentor's items, finished ones included, each with its mentee (None when row-level security hides her)."""
    return MentorWorkQueue.objects.of_mentor(mentor_id).select_related("mentee")


@kept
def fetch_open_items(mentor_id: UUID, *, most: int) -> WorkQueueQuerySet:
    """The first `most` open items of a mentor, in order, each with its mentee's name."""
    return _with_name(list_items_of_mentor(mentor_id).open().in_order())[:most]


@kept
def fetch_open_items_of(mentor_id: UUID, mentee_id: UUID) -> WorkQueueQuerySet:
    """What is open with the mentor about one mentee, in order, each with the mentee's name."""
    return _with_name(list_items_of_mentor(mentor_id).open().filter(mentee=mentee_id).in_order())


@kept
def fetch_inbox(
    mentor_id: UUID, at: datetime, *, most: int, status: str = "", type: str = "", rank: int | None = None
) -> WorkQueueQuerySet:
    """The first `most` open items that the mentor's page shows, in order; `status` as reported, or `PUT_OFF`."""
    items = _with_name(list_items_of_mentor(mentor_id).open().in_order())
    if type:
        items = items.filter(type=type)
    if rank is not None:
        items = items.filter(rank=rank)
    if status == PUT_OFF:
        return items.out_of_sight(at)[:most]
    return (with_status(items, status, at) if status else items).in_sight(at)[:most]


def count_put_off(mentor_id: UUID, at: datetime) -> tuple[int, datetime | None]:
    """How many of the mentor's open items are out of sight, and when the first comes back."""
    [(count, wakes_at)] = fetch_planned(PUT_OFF_ITEMS, mentor=mentor_id, at=at)
    return count, wakes_at


def _with_name(items: WorkQueueQuerySet) -> WorkQueueQuerySet:
    return items.defer(*(f"mentee__{each}" for each in NOT_SHOWN))


def list_items_of_cohorts(cohort_ids: Sequence[UUID]) -> WorkQueueQuerySet:
    """The items of cohorts, finished ones included, each with its mentee and its mentor (None in the pool)."""
    return MentorWorkQueue.objects.filter(cohort__in=cohort_ids).select_related("mentee", "mentor")


def with_status(items: WorkQueueQuerySet, status: str, at: datetime) -> WorkQueueQuerySet:
    """Those of `items` that `reported_status` calls `status`."""
    if status == OVERDUE:
        return items.overdue(at)
    if status in OPEN_STATUSES:
        return items.filter(Q(due_at__isnull=True) | Q(due_at__gte=at), status=status)
    return items.filter(status=status)


def reported_status(item: MentorWorkQueue, at: datetime) -> str:
    """The state, or `overdue` for an open item past its due time: a fact, and no state (product.md §4)."""
    is_overdue = item.status in OPEN_STATUSES and item.due_at is not None and item.due_at < at
    return OVERDUE if is_overdue else item.status


def get_item_of_mentor(item_id: UUID, mentor_id: UUID) -> MentorWorkQueue:
    """Raises NotVisible."""
    item = list_items_of_mentor(mentor_id).filter(pk=item_id).first()
    if item is None:
        raise NotVisible
    return item


def count_queue(mentor_id: UUID, zone: str, at: datetime) -> QueueCounters:
    """The counters of the mentor's page in one query; `zone` is the viewer's, in which "today" is meant."""
    start, end = day_of(zone, at)
    [counts] = fetch_planned(COUNTERS, mentor=mentor_id, at=at, start=start, end=end, high=Rank.HIGH.value)
    return QueueCounters(*counts)


def count_for_director(director_id: UUID, at: datetime) -> DirectorCounters:
    """The counters of the director's page in one query."""
    counts = (
        MentorWorkQueue.objects.open()
        .filter(cohort__director_links__user=director_id)
        .aggregate(pool=Count("id", filter=Q(mentor__isnull=True)), overdue=Count("id", filter=Q(due_at__lt=at)))
    )
    return DirectorCounters(**counts)


def day_of(zone: str, at: datetime) -> tuple[datetime, datetime]:
    """The local day that holds `at` as instants in UTC, half-open: 23 to 25 hours (product.md §3)."""
    midnight = at.astimezone(zone_info(zone)).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    start, end = (
        day.replace(tzinfo=zone_info(zone)).astimezone(UTC) for day in (midnight, midnight + timedelta(days=1))
    )
    return start, end


def remaining_seconds(item: MentorWorkQueue, at: datetime) -> int:
    """Seconds until the item is due, negative when late. While paused: counted ones; of a finished item: at its end."""
    if item.due_at is None:
        return item.remaining_seconds or 0
    return int((item.due_at - (item.completed_at or at)).total_seconds())


def reasons_in_words(item: MentorWorkQueue) -> list[str]:
    """Why an item stands where it stands, strongest reason first."""
    base = f"Priority {Rank(item.base_rank).label} by its type."
    why = [WORDS[code] for code in item.rank_reasons if code in WORDS]
    if item.due_at is None:
        why.insert(0, "Last: its clock is paused.")
    return [*why, base]


def explain_sla(item: MentorWorkQueue, at: datetime) -> SlaExplanation:
    """Budget, spans and sum behind the item's due time; `elapsed_seconds` is what counted up to now or its end."""
    calendar = calendar_of(item.calendar)
    rows = list(SlaPause.objects.filter(item=item).order_by("opened_at", "id"))
    pauses = [(pause.opened_at, pause.closed_at) for pause in rows]
    until = item.due_at or at
    elapsed = business_seconds_between(item.clock_started_at, item.completed_at or at, calendar, pauses)
    return SlaExplanation(
        item=item,
        calendar_name=item.calendar.name if item.calendar else None,
        timezone=calendar.zone,
        spans=counted_spans(item.clock_started_at, until, calendar, pauses),
        pauses=rows,
        counted_seconds=business_seconds_between(item.clock_started_at, until, calendar, pauses),
        elapsed_seconds=elapsed,
    )


def list_submissions_without_item(limit: int) -> list[tuple[UUID, UUID]]:
    """(id, enrolment id) of submissions that await review without an open item of their version, oldest first.

    A cycle whose item was closed is left alone: nothing reopens (product.md §4).
    """
    return list(_without_item().order_by("submitted_at", "id").values_list("id", "enrolment_id")[:limit])


def find_submission_without_item(submission_id: UUID) -> MissionSubmission | None:
    """One of `list_submissions_without_item`, with mission and student."""
    return _without_item().filter(pk=submission_id).select_related("mission", "student").first()


def _without_item() -> QuerySet[MissionSubmission]:
    reviews = MentorWorkQueue.objects.filter(type=WorkType.MISSION_REVIEW, reference_id=OuterRef("pk"))
    is_current = reviews.open().filter(reference_version__gte=OuterRef("version"))
    was_closed = reviews.exclude(status__in=OPEN_STATUSES).filter(cycle=OuterRef("cycle"))
    return MissionSubmission.objects.awaiting_review().filter(
        ~Exists(is_current), ~Exists(was_closed), enrolment__state__in=LIVING_ENROLMENTS
    )
