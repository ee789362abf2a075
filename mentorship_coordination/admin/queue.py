from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from core import clock
from core.admin_base import RecordAdmin, ShowOnlyAdmin, ShowOnlyInline, tell_outcome
from core.enums import Rank
from core.errors import DomainError
from mentorship_coordination.actions.service_levels import CalendarSuperseded, end_policy, set_calendar, set_policy
from mentorship_coordination.enums import WorkType
from mentorship_coordination.models.queue import BusinessCalendar, MentorWorkQueue, SlaPause, SlaPolicy


class PauseInline(ShowOnlyInline[SlaPause]):
    model = SlaPause
    fields = ("reason", "opened_at", "closed_at", "opened_by", "note")


@admin.register(MentorWorkQueue)
class WorkItemAdmin(ShowOnlyAdmin[MentorWorkQueue]):
    list_display = ("title", "type", "mentee", "mentor", "status", "rank", "due_at", "breached_at", "completed_at")
    list_filter = ("status", "type", "rank", "band", "cohort", ("mentor", admin.EmptyFieldListFilter))
    list_select_related = ("mentee", "mentor")
    search_fields = ("title", "mentee__name", "mentee__email", "mentor__name", "mentor__email")
    ordering = ("-created_at",)
    inlines = (PauseInline,)


@admin.register(SlaPause)
class SlaPauseAdmin(ShowOnlyAdmin[SlaPause]):
    list_display = ("item", "reason", "opened_at", "closed_at", "opened_by")
    list_filter = ("reason",)
    list_select_related = ("item", "opened_by")
    search_fields = ("item__title",)
    ordering = ("-opened_at",)


@admin.register(SlaPolicy)
class SlaPolicyAdmin(admin.ModelAdmin[SlaPolicy]):
    """Saving makes a new version; former versions are to look at, since work was opened under them."""

    list_display = ("type", "track", "version", "priority", "budget_seconds", "calendar", "is_current")
    list_filter = ("is_current", "type")
    list_select_related = ("track", "calendar")
    search_fields = ("type", "track__name")
    ordering = ("-is_current", "type", "track", "-version")
    actions = ("end",)

    def get_readonly_fields(self, request: HttpRequest, obj: SlaPolicy | None = None) -> tuple[str, ...]:
        return ("type", "track", "version", "is_current") if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: SlaPolicy | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.is_current)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name == "calendar":
            options["queryset"] = BusinessCalendar.objects.filter(is_current=True).order_by("name")
        return super().formfield_for_foreignkey(db_field, request, **options)

    def save_model(self, request: HttpRequest, obj: SlaPolicy, form: ModelForm[Any], change: bool) -> None:
        made = set_policy(
            type=WorkType(obj.type),
            track_id=obj.track_id,
            priority=Rank(obj.priority),
            budget_seconds=obj.budget_seconds,
            calendar_id=obj.calendar_id,
            by=request.user,
            at=clock.now(),
        )
        obj.pk, obj.version = made.pk, made.version

    @admin.action(description="End: the policy of all tracks holds again", permissions=["change"])
    def end(self, request: HttpRequest, queryset: QuerySet[SlaPolicy]) -> None:
        refusals, done = [], 0
        for policy in queryset:
            try:
                end_policy(policy=policy, by=request.user, at=clock.now())
                done += 1
            except DomainError as refusal:
                refusals.append(refusal)
        tell_outcome(request, "ended", done, refusals)


@admin.register(BusinessCalendar)
class BusinessCalendarAdmin(RecordAdmin[BusinessCalendar]):
    """Other hours for a calendar in use make a new version; open work keeps the hours it was opened under."""

    list_display = ("name", "version", "timezone", "is_current")
    list_filter = ("is_current",)
    search_fields = ("name",)
    ordering = ("name", "-version")

    def has_change_permission(self, request: HttpRequest, obj: BusinessCalendar | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.is_current)

    def save_model(self, request: HttpRequest, obj: BusinessCalendar, form: ModelForm[Any], change: bool) -> None:
        try:
            made = set_calendar(calendar=obj, by=request.user, at=clock.now())
        except CalendarSuperseded as refusal:
            messages.error(request, f"Not saved. {refusal.message}")
        else:
            obj.pk, obj.version = made.pk, made.version
