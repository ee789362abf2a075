from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core import clock
from core.admin_base import tell_outcome
from core.errors import DomainError
from mentorship_coordination.actions.handover import (
    cancel_handover,
    plan_handover,
    request_handover,
    start_handover,
)
from mentorship_coordination.handover.plan import words_of_plan
from mentorship_coordination.models.handovers import MentorHandover

FIELDS = ("mentor", "reason", "ends_mentoring", "ends_account")
SHOWN = (*FIELDS, "state", "summary", "moves", "refusal", "requested_by", "created_at", "started_at", "finished_at")


@admin.register(MentorHandover)
class HandoverAdmin(admin.ModelAdmin[MentorHandover]):
    """A new one is planned at once and shown; nothing changes before it is started from the list."""

    list_display = ("mentor", "state", "summary", "requested_by", "created_at", "finished_at")
    list_filter = ("state",)
    list_select_related = ("mentor", "requested_by")
    search_fields = ("mentor__name", "mentor__email")
    autocomplete_fields = ("mentor",)
    actions = ("start", "drop")
    list_per_page = 50
    show_full_result_count = False

    def get_fields(self, request: HttpRequest, obj: MentorHandover | None = None) -> tuple[str, ...]:
        return FIELDS if obj is None else SHOWN

    def get_readonly_fields(self, request: HttpRequest, obj: MentorHandover | None = None) -> tuple[str, ...]:
        return () if obj is None else SHOWN

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: MentorHandover, form: ModelForm[Any], change: bool) -> None:
        if change:
            return
        at = clock.now()
        made = request_handover(
            mentor_id=obj.mentor_id,
            reason=obj.reason,
            by=request.user,  # type: ignore[arg-type]
            at=at,
            ends_mentoring=obj.ends_mentoring,
            ends_account=obj.ends_account,
        )
        plan_handover(handover_id=made.pk, at=at)
        obj.pk = made.pk

    @admin.display(description="plan")
    def summary(self, handover: MentorHandover) -> str:
        return words_of_plan(handover.plan)

    @admin.display(description="mentees")
    def moves(self, handover: MentorHandover) -> SafeString:
        rows = (
            (move["mentee_name"], move["mentor_name"] or "waiting list", move["open_items"])
            for move in handover.plan.get("moves", ())
        )
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{} → {}, {} open items</li>", rows))

    @admin.action(description="Start (mentees, items, sessions and flags move now)")
    def start(self, request: HttpRequest, queryset: QuerySet[MentorHandover]) -> None:
        self._each(request, queryset, "hand-overs started", start_handover)

    @admin.action(description="Drop (the mentor stays)")
    def drop(self, request: HttpRequest, queryset: QuerySet[MentorHandover]) -> None:
        self._each(request, queryset, "hand-overs dropped", cancel_handover)

    def _each(self, request: HttpRequest, queryset: QuerySet[MentorHandover], noun: str, move: Any) -> None:
        done, refusals = 0, []
        for handover in queryset.order_by("created_at", "id"):
            try:
                move(handover_id=handover.pk, by=request.user, at=clock.now())
                done += 1
            except DomainError as refusal:
                refusals.append(refusal)
        tell_outcome(request, noun, done, refusals)
