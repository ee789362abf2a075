"""A director's cohorts in figures. Source: product.md §1, §4, §6, §8."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q

from mentorship_coordination.enums import Severity
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.selectors.mentor_loads import MentorLoad, list_mentor_loads
from mentorship_coordination.selectors.overview import Unmatched, list_unmatched


@dataclass(frozen=True, slots=True)
class WorkFigures:
    """Open items. `about_to_breach`: past 75 % of their clock and not late yet; `unassigned`: nobody's."""

    open: int
    unassigned: int
    overdue: int
    about_to_breach: int
    paused: int


@dataclass(frozen=True, slots=True)
class DirectorFigures:
    """`unmatched` are the longest waiting students, at most 50; `flags` unresolved ones by severity."""

    cohorts: int
    unmatched_count: int
    unmatched: list[Unmatched]
    work: WorkFigures
    overloaded: list[MentorLoad]
    flags: dict[str, int]


def get_director_figures(cohort_ids: list[UUID], at: datetime) -> DirectorFigures:
    """Six queries, whatever the number of cohorts. Run as the director."""
    count, unmatched = list_unmatched(cohort_ids)
    loads = [load for load in list_mentor_loads(at) if load.is_overloaded]
    return DirectorFigures(
        cohorts=len(cohort_ids),
        unmatched_count=count,
        unmatched=unmatched,
        work=count_work(cohort_ids, at),
        overloaded=sorted(loads, key=lambda load: (load.name, str(load.id))),
        flags=count_flags(cohort_ids),
    )


def count_work(cohort_ids: list[UUID], at: datetime) -> WorkFigures:
    """One query."""
    counts = (
        MentorWorkQueue.objects.open()
        .filter(cohort__in=cohort_ids)
        .aggregate(
            open=Count("id"),
            unassigned=Count("id", filter=Q(mentor__isnull=True)),
            overdue=Count("id", filter=Q(due_at__lt=at)),
            about_to_breach=Count("id", filter=Q(warn_75_at__lte=at, due_at__gte=at)),
            paused=Count("id", filter=Q(due_at__isnull=True)),
        )
    )
    return WorkFigures(**counts)


def count_flags(cohort_ids: list[UUID]) -> dict[str, int]:
    """Unresolved flags by severity, the worst first, zeros included. One query."""
    found = dict(
        MentorFlag.objects.filter(cohort__in=cohort_ids, resolved_at__isnull=True)
        .order_by()
        .values_list("severity")
        .annotate(n=Count("id"))
    )
    return {str(severity.label): found.get(severity.value, 0) for severity in reversed(Severity)}
