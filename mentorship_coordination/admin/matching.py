from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from core import clock
from core.admin_base import ShowOnlyAdmin, tell_outcome
from core.errors import DomainError
from mentorship_coordination.actions.matching import discard_match_run, publish_match_run
from mentorship_coordination.models.matching import MatchProposal, MatchRun


@admin.register(MatchRun)
class MatchRunAdmin(ShowOnlyAdmin[MatchRun]):
    list_display = ("created_at", "cohort", "method", "state", "summary", "requested_by", "published_at")
    list_filter = ("state", "method", "cohort")
    list_select_related = ("cohort", "requested_by")
    search_fields = ("cohort__name",)
    actions = ("publish", "discard")

    @admin.action(description="Publish the chosen drafts")
    def publish(self, request: HttpRequest, queryset: QuerySet[MatchRun]) -> None:
        done, refusals = 0, []
        for run in queryset.order_by("created_at"):
            try:
                publish_match_run(run_id=run.pk, by=request.user, at=clock.now())  # type: ignore[arg-type]
                done += 1
            except DomainError as refusal:
                refusals.append(refusal)
        tell_outcome(request, "publications", done, refusals)

    @admin.action(description="Discard the chosen drafts")
    def discard(self, request: HttpRequest, queryset: QuerySet[MatchRun]) -> None:
        done, refusals = 0, []
        for run in queryset.order_by("created_at"):
            try:
                discard_match_run(run_id=run.pk, by=request.user, at=clock.now())  # type: ignore[arg-type]
                done += 1
            except DomainError as refusal:
                refusals.append(refusal)
        tell_outcome(request, "discards", done, refusals)


@admin.register(MatchProposal)
class MatchProposalAdmin(ShowOnlyAdmin[MatchProposal]):
    list_display = ("mentee", "mentor", "state", "score", "parts", "blocked", "lost_reason")
    list_filter = ("state", "cohort")
    list_select_related = ("mentee", "mentor")
    search_fields = ("mentee__email", "mentor__email")
    ordering = ("-id",)
