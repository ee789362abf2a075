from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest

from core.admin_base import ShowOnlyAdmin
from core.models import AuditEntry, Heartbeat, IdempotencyKey, StreamCounter, StreamEvent


@admin.register(StreamCounter)
class StreamCounterAdmin(ShowOnlyAdmin[StreamCounter]):
    list_display = ("recipient", "audience", "last_number", "pruned_to")
    list_filter = ("audience",)
    list_select_related = ("recipient",)
    search_fields = ("recipient__email",)


@admin.register(StreamEvent)
class StreamEventAdmin(ShowOnlyAdmin[StreamEvent]):
    list_display = ("created_at", "recipient", "audience", "number", "event")
    list_filter = ("audience", "event")
    list_select_related = ("recipient",)
    search_fields = ("recipient__email",)
    ordering = ("-id",)


@admin.register(IdempotencyKey)
class IdempotencyKeyAdmin(ShowOnlyAdmin[IdempotencyKey]):
    list_display = ("created_at", "person", "method", "path", "status")
    list_filter = ("method", "status")
    list_select_related = ("person",)
    search_fields = ("key", "person__email")
    exclude = ("body_digest",)
    ordering = ("-id",)


@admin.register(AuditEntry)
class AuditEntryAdmin(ShowOnlyAdmin[AuditEntry]):
    list_display = ("at", "who", "role", "verb", "table_name", "row_id", "what")
    list_filter = ("table_name", "verb", "role")
    search_fields = ("row_id", "by")
    ordering = ("-at", "-id")

    @admin.display(description="By", ordering="by")
    def who(self, entry: AuditEntry) -> str:
        known: str | None = getattr(entry, "by_email", None)
        return "the system" if entry.by is None else known or str(entry.by)

    @admin.display(description="What changed")
    def what(self, entry: AuditEntry) -> str:
        return "; ".join(f"{column}: {before} → {after}" for column, (before, after) in entry.changed.items())

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        people = get_user_model().objects.filter(pk=OuterRef("by"))
        return super().get_queryset(request).annotate(by_email=Subquery(people.values("email")[:1]))


@admin.register(Heartbeat)
class HeartbeatAdmin(ShowOnlyAdmin[Heartbeat]):
    list_display = ("name", "beaten_at")
    search_fields = ("name",)
    ordering = ("name",)
