"""What waits for a director's decision, the most pressing first. Source: product.md §1, §6, §8, §10."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Count, Min

from mentorship_coordination.enums import DRAFT_RUNS, FlagState, HandoverState, MatchRunKind
from mentorship_coordination.models.decisions import DecisionSnooze
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.models.handovers import MentorHandover
from mentorship_coordination.models.matching import MatchRun
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.selectors.handover import list_handovers
from mentorship_coordination.selectors.match_reading import is_hers
from mentorship_coordination.selectors.overview import list_serious_flags, unmatched_enrolments
from mentorship_coordination.selectors.sessions import list_attendance_disputes, list_disputes


class DecisionKind(StrEnum):
    """In the order of how pressing they are."""

    FLAG = "flag"
    POOL = "pool"
    HANDOVER = "handover"
    DRAFT = "draft"
    UNMATCHED = "unmatched"
    DISPUTE = "dispute"


@dataclass(frozen=True, slots=True)
class Decision:
    """`reference` is the flag, hand-over, run or cohort it is about, None of disputes. `since`: the oldest of `count`.

    `due_at` is the first due time of pool items, and whether it has passed. `flag` holds the flag itself.
    """

    kind: DecisionKind
    reference: UUID | None
    subject: str
    count: int
    since: datetime
    due_at: datetime | None = None
    is_late: bool = False
    flag: MentorFlag | None = None

    @property
    def key(self) -> str:
        """A flag that worsens is another decision, and so is a pool of which something becomes late."""
        level = f":{self.flag.severity}" if self.flag else ":late" if self.is_late else ""
        return f"{self.kind}:{self.reference or 'all'}{level}"


@dataclass(frozen=True, slots=True)
class Decisions:
    waiting: list[Decision]
    put_off: list[tuple[Decision, datetime]]


def list_decisions(director_id: UUID, cohort_ids: Sequence[UUID], at: datetime) -> Decisions:
    """Everything a director can decide now, and what she put off, each with until when. Seven queries.

    Of flags, the worst 50.
    """
    found = [
        *_flags(cohort_ids),
        *_pools(cohort_ids, at),
        *_handovers(),
        *_drafts(director_id),
        *_unmatched(cohort_ids),
        *_disputes(cohort_ids),
    ]
    mine = DecisionSnooze.objects.filter(director=director_id, until__gt=at)
    until = dict(mine.values_list("key", "until"))
    return Decisions(
        waiting=[each for each in found if each.key not in until],
        put_off=[(each, until[each.key]) for each in found if each.key in until],
    )


def _flags(cohort_ids: Sequence[UUID]) -> Iterator[Decision]:
    for flag in list_serious_flags(cohort_ids, state=FlagState.OPEN):
        name: Any = getattr(flag, "mentee_name", None)
        yield Decision(DecisionKind.FLAG, flag.pk, name or "A former student", 1, flag.created_at, flag=flag)


def _pools(cohort_ids: Sequence[UUID], at: datetime) -> list[Decision]:
    pools = (
        MentorWorkQueue.objects.open()
        .filter(mentor__isnull=True, cohort__in=cohort_ids)
        .order_by()
        .values_list("cohort_id", "cohort__name")
        .annotate(count=Count("id"), since=Min("clock_started_at"), due=Min("due_at"))
        .order_by("due", "cohort__name")
    )
    return [
        Decision(DecisionKind.POOL, cohort, name, count, since, due, is_late=due is not None and due < at)
        for cohort, name, count, since, due in pools
    ]


def _handovers() -> list[Decision]:
    planned = list_handovers().filter(state=HandoverState.PLANNED).order_by("created_at", "id")
    return [
        Decision(DecisionKind.HANDOVER, each.pk, _mentor_name(each), each.plan.get("mentees", 0), each.created_at)
        for each in planned
    ]


def _mentor_name(handover: MentorHandover) -> str:
    name: Any = getattr(handover, "mentor_name", None)
    return name or "A former mentor"


def _drafts(director_id: UUID) -> list[Decision]:
    """Not those over everybody: an admin publishes them."""
    drafts = MatchRun.objects.filter(state__in=DRAFT_RUNS).exclude(kind=MatchRunKind.WHAT_IF)
    return [
        Decision(DecisionKind.DRAFT, each.pk, each.cohort.name if each.cohort else "", 1, each.created_at)
        for each in drafts.select_related("cohort").order_by("created_at", "id")
        if is_hers(each, director_id)
    ]


def _unmatched(cohort_ids: Sequence[UUID]) -> list[Decision]:
    waiting = (
        unmatched_enrolments(cohort_ids)
        .order_by()
        .values_list("cohort_id", "cohort__name")
        .annotate(count=Count("pk"), since=Min("enrolled_at"))
        .order_by("since", "cohort__name")
    )
    return [Decision(DecisionKind.UNMATCHED, cohort, name, count, since) for cohort, name, count, since in waiting]


def _disputes(cohort_ids: Sequence[UUID]) -> list[Decision]:
    sessions = list_disputes(cohort_ids).filter(dispute_settled_at__isnull=True).order_by()
    groups = list_attendance_disputes(cohort_ids).filter(dispute_settled_at__isnull=True).order_by()
    opened = sessions.values_list("disputed_at", flat=True).union(groups.values_list("disputed_at"), all=True)
    since = [at for at in opened if at is not None]
    return [Decision(DecisionKind.DISPUTE, None, "", len(since), min(since))] if since else []
