from django.contrib import admin

from core.admin_base import RecordAdmin, ShowOnlyAdmin, ShowOnlyInline
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
class SlaPolicyAdmin(RecordAdmin[SlaPolicy]):
    list_display = ("type", "track", "version", "priority", "budget_seconds", "calendar", "is_current")
    list_filter = ("type", "is_current")
    list_select_related = ("track", "calendar")
    search_fields = ("type", "track__name")


@admin.register(BusinessCalendar)
class BusinessCalendarAdmin(RecordAdmin[BusinessCalendar]):
    list_display = ("name", "timezone")
    search_fields = ("name",)
