"""Which service level a piece of work has, and the instants that follow from it. Source: product.md §4 "Clock"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet, Subquery

from core.errors import RuleBroken
from core.kept import kept
from mentorship_coordination.enums import WorkType
from mentorship_coordination.models.queue import BusinessCalendar, SlaPolicy
from mentorship_coordination.sla.clock import ALWAYS_OPEN, Calendar, Pause, add_business
from mentorship_coordination.sla.stored import calendar_from
from users.models import Enrolment


class NoServiceLevel(RuleBroken):
    code = "no_service_level"
    message = "No service level is defined for this type of work."


@dataclass(frozen=True)
class Deadlines:
    """Instants (aware, UTC) at which 75 %, 90 % and all of a budget have been counted."""

    warn_75_at: datetime
    warn_90_at: datetime
    due_at: datetime


def get_policy(*, type: WorkType, enrolment_id: UUID) -> SlaPolicy:
    """The current policy of the enrolment's track, or else the general one, with its calendar. One query.

    Raises NoServiceLevel.
    """
    found = _fetch_policy(type, enrolment_id)
    if not found:
        raise NoServiceLevel
    return found[0]


@kept
def _fetch_policy(type: str, enrolment_id: UUID) -> QuerySet[SlaPolicy]:
    track = Enrolment.objects.filter(pk=enrolment_id).values("cohort__track_id")[:1]
    of_track = Q(track__isnull=True) | Q(track_id=Subquery(track))
    policies = SlaPolicy.objects.filter(of_track, type=type, is_current=True).select_related("calendar")
    return policies.order_by(F("track_id").asc(nulls_last=True))[:1]


def calendar_of(row: BusinessCalendar | None) -> Calendar:
    """The clock's calendar of a stored one; without a row, or without windows, every hour counts."""
    if row is None:
        return ALWAYS_OPEN
    return calendar_from(row.timezone, row.windows, row.holidays)


def deadlines_of(
    *, started_at: datetime, budget_seconds: int, calendar: Calendar, pauses: Sequence[Pause] = ()
) -> Deadlines:
    """Deadlines of a clock that started at `started_at`. Raises CalendarError while a pause is open."""
    warn_75_at, warn_90_at, due_at = (
        add_business(started_at, budget_seconds * percent // 100, calendar, pauses) for percent in (75, 90, 100)
    )
    return Deadlines(warn_75_at, warn_90_at, due_at)
