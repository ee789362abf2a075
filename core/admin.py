from django.contrib import admin

from core.admin_base import ShowOnlyAdmin
from core.models import Heartbeat, IdempotencyKey, StreamCounter, StreamEvent


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


@admin.register(Heartbeat)
class HeartbeatAdmin(ShowOnlyAdmin[Heartbeat]):
    list_display = ("name", "beaten_at")
    search_fields = ("name",)
    ordering = ("name",)
