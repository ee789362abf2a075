"""Service levels and their hours change by new versions: open work keeps what it was opened under (product.md §4)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max, QuerySet

from core.actions import action
from core.enums import Rank
from core.errors import Conflict, RuleBroken
from mentorship_coordination.enums import WorkType
from mentorship_coordination.models.queue import BusinessCalendar, SlaPolicy

HOURS = ("timezone", "windows", "holidays")


class CalendarSuperseded(Conflict):
    code = "calendar_superseded"
    message = "There is a newer version of this calendar."


class GeneralPolicyNeeded(RuleBroken):
    code = "general_policy_needed"
    message = "The policy of all tracks can be changed, not ended: work without a service level cannot be opened."


@action
def set_policy(
    *,
    type: WorkType,
    track_id: UUID | None,
    priority: Rank,
    budget_seconds: int,
    calendar_id: UUID | None,
    by: Any,
    at: datetime,
) -> SlaPolicy:
    """Make this the service level of the type in the track (None: in all tracks) from now on; the version that holds.

    The former version stays with the work opened under it. Nothing happens when it says the same. Raises
    django.core.exceptions.ValidationError.
    """
    versions = _locked_versions(type).filter(track=track_id)
    current = versions.filter(is_current=True).first()
    wanted = {"priority": priority, "budget_seconds": budget_seconds, "calendar_id": calendar_id}
    if current is not None and all(getattr(current, field) == value for field, value in wanted.items()):
        return current
    newest = SlaPolicy.objects.filter(type=type, track=track_id).aggregate(newest=Max("version"))["newest"] or 0
    versions.update(is_current=False)
    policy = SlaPolicy(type=type, track_id=track_id, version=newest + 1, **wanted)
    policy.full_clean()
    policy.save()
    return policy


@action
def end_policy(*, policy: SlaPolicy, by: Any, at: datetime) -> None:
    """Let the policy of all tracks hold again for new work of the policy's track. Raises GeneralPolicyNeeded."""
    if policy.track_id is None:
        raise GeneralPolicyNeeded
    _locked_versions(WorkType(policy.type)).filter(pk=policy.pk).update(is_current=False)


@action
def set_calendar(*, calendar: BusinessCalendar, by: Any, at: datetime) -> BusinessCalendar:
    """Save a calendar, new or changed; the row that holds from now on.

    Other hours for a calendar that some policy has had make a new version, which its current policies follow with a
    version of their own. Raises CalendarSuperseded, django.core.exceptions.ValidationError.
    """
    calendar.full_clean()
    stored = BusinessCalendar.objects.select_for_update().filter(pk=calendar.pk).first()
    if stored is not None and not stored.is_current:
        raise CalendarSuperseded
    has_same_hours = stored is not None and all(getattr(stored, each) == getattr(calendar, each) for each in HOURS)
    if stored is None or has_same_hours or not SlaPolicy.objects.filter(calendar=stored).exists():
        calendar.save()
        return calendar
    hours = {each: getattr(calendar, each) for each in HOURS}
    stored.is_current = False
    stored.save(update_fields=["is_current"])
    newer = BusinessCalendar.objects.create(name=calendar.name, version=stored.version + 1, **hours)
    for policy in SlaPolicy.objects.filter(calendar=stored, is_current=True).order_by("type", "id"):
        set_policy(
            type=WorkType(policy.type),
            track_id=policy.track_id,
            priority=Rank(policy.priority),
            budget_seconds=policy.budget_seconds,
            calendar_id=newer.pk,
            by=by,
            at=at,
        )
    return newer


def _locked_versions(type: WorkType) -> QuerySet[SlaPolicy]:
    """The versions of the type, once its current ones are locked: two changes of a type follow each other."""
    list(SlaPolicy.objects.select_for_update().filter(type=type, is_current=True).order_by("id"))
    return SlaPolicy.objects.filter(type=type)
