"""What a director sees of her cohorts: who waits and why, who carries how much, what is late. Source: product.md §1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Window

from mentorship_coordination.enums import FlagState, MatchRunState, ProposalState, Severity
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.models.matching import MatchProposal
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.selectors.flags import list_flags_of_cohorts
from mentorship_coordination.selectors.mentor_loads import MentorLoad, list_mentor_loads
from users.enums import EnrolmentState
from users.models import Enrolment

MOST_ROWS = 50


@dataclass(frozen=True, slots=True)
class Unmatched:
    """`blocked` counts mentors per blocking rule, as the newest published run stored them; empty before any run."""

    name: str
    cohort: str
    since: datetime
    blocked: dict[str, int]


@dataclass(frozen=True, slots=True)
class LateItem:
    title: str
    mentee: str
    mentor: str | None
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Overview:
    cohorts: int
    unmatched_count: int
    unmatched: list[Unmatched]
    loads: list[MentorLoad]
    items: list[LateItem]
    flags: list[MentorFlag]


def get_overview(cohort_ids: list[UUID], at: datetime) -> Overview:
    """The lists hold at most 50 rows each, the worst first; `unmatched_count` counts them all."""
    count, unmatched = list_unmatched(cohort_ids)
    return Overview(
        cohorts=len(cohort_ids),
        unmatched_count=count,
        unmatched=unmatched,
        loads=_worst_loads(at),
        items=list_late_or_pooled(cohort_ids, at),
        flags=list_serious_flags(cohort_ids),
    )


def _worst_loads(at: datetime) -> list[MentorLoad]:
    """The most late items first, then the fullest. One query."""
    return sorted(list_mentor_loads(at), key=lambda load: (-load.late_items, -load.percent, load.name))[:MOST_ROWS]


def unmatched_enrolments(cohort_ids: Sequence[UUID]) -> QuerySet[Enrolment]:
    """Active ones of active students without a primary mentor, an announced or paused one included."""
    taken = MenteeMentorAssignment.objects.primary().live().filter(enrolment=OuterRef("pk"))
    return Enrolment.objects.filter(
        ~Exists(taken), cohort__in=cohort_ids, state=EnrolmentState.ACTIVE, student__is_active=True
    )


def list_unmatched(cohort_ids: list[UUID]) -> tuple[int, list[Unmatched]]:
    """How many active enrolments have no primary mentor, and the longest waiting of them. Two queries."""
    waiting = unmatched_enrolments(cohort_ids).annotate(in_all=Window(Count("pk")))
    rows = list(waiting.select_related("student", "cohort").order_by("enrolled_at", "id")[:MOST_ROWS])
    reasons = _last_reasons(cohort_ids, [each.pk for each in rows])
    return (rows[0].in_all if rows else 0), [
        Unmatched(each.student.name, each.cohort.name, each.enrolled_at, reasons.get(each.pk, {})) for each in rows
    ]


def _last_reasons(cohort_ids: list[UUID], enrolment_ids: list[UUID]) -> dict[UUID, dict[str, int]]:
    """The newest answer that was published for each, in a run of the cohort or of all; a lost pair has the one rule."""
    newest = (
        MatchProposal.objects.filter(
            cohort__in=cohort_ids, enrolment__in=enrolment_ids, run__state=MatchRunState.PUBLISHED
        )
        .order_by("enrolment_id", "-run__published_at", "-run_id")
        .distinct("enrolment_id")
        .values_list("enrolment_id", "state", "blocked", "lost_reason")
    )
    return {
        enrolment_id: {lost_reason: 1} if state == ProposalState.LOST else blocked
        for enrolment_id, state, blocked, lost_reason in newest
        if state in (ProposalState.UNMATCHED, ProposalState.LOST)
    }


def list_late_or_pooled(cohort_ids: list[UUID], at: datetime) -> list[LateItem]:
    """Open items that are late or that nobody has, in the order of work. One query."""
    items = (
        MentorWorkQueue.objects.open()
        .filter(Q(mentor__isnull=True) | Q(due_at__lt=at), cohort__in=cohort_ids)
        .select_related("mentee", "mentor")
        .in_order()
    )
    return [
        LateItem(
            each.title,
            each.mentee.name if each.mentee else "A former student",
            each.mentor.name if each.mentor else None,
            each.due_at,
        )
        for each in items[:MOST_ROWS]
    ]


def list_serious_flags(cohort_ids: Sequence[UUID], *, state: FlagState | None = None) -> list[MentorFlag]:
    """Unresolved flags of severity high and critical with `mentee_name` and `mentor_name`, worst first."""
    unresolved = list_flags_of_cohorts(cohort_ids).filter(severity__gte=Severity.HIGH, resolved_at__isnull=True)
    if state is not None:
        unresolved = unresolved.filter(state=state)
    return list(unresolved.prefetch_related(None)[:MOST_ROWS])
