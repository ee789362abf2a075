from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from core import clock
from core.admin_base import ShowOnlyAdmin, tell_outcome
from core.errors import DomainError, InvalidInput
from mentorship_coordination.actions.match_runs import (
    DraftExists,
    discard_match_run,
    request_match_run,
    request_publication,
    set_match_weights,
)
from mentorship_coordination.enums import MatchRunKind
from mentorship_coordination.matching.weights import Weights
from mentorship_coordination.models.matching import MatchFilling, MatchProposal, MatchRun, MatchWeights
from mentorship_coordination.selectors.match_runs import find_open_run

ASKED = ("cohort", "kind")
SHOWN = (
    *ASKED, "state", "progress", "failure", "method", "weights", "options", "summary", "certificate", "requested_by",
    "created_at", "solved_at", "published_at",
)  # fmt: skip


class RunForm(ModelForm[MatchRun]):
    """Says before it is tried whether another run of the scope is open. `asker_id` is set by the page."""

    asker_id: UUID | None = None

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        cohort = given.get("cohort")
        if find_open_run(cohort.pk if cohort else None, self.asker_id):
            raise ValidationError(DraftExists.message, code=DraftExists.code)
        return given


class WeightsForm(ModelForm[MatchWeights]):
    def clean_values(self) -> Any:
        values = self.cleaned_data["values"]
        try:
            Weights.of(values if isinstance(values, dict) else {"": values})
        except InvalidInput as refusal:
            wrong = "; ".join(f"{name}: {' '.join(words)}" for name, words in refusal.fields.items())
            raise ValidationError(wrong or refusal.message, code=refusal.code) from refusal
        return values


@admin.register(MatchRun)
class MatchRunAdmin(admin.ModelAdmin[MatchRun]):
    """A new one is solved by a job; without a cohort it is over all that there are."""

    list_display = ("created_at", "cohort", "kind", "state", "matched", "is_proved", "requested_by", "published_at")
    list_filter = ("state", "kind", "cohort")
    list_select_related = ("cohort", "requested_by")
    search_fields = ("cohort__name",)
    autocomplete_fields = ("cohort",)
    actions = ("publish", "discard")
    form = RunForm
    list_per_page = 50
    show_full_result_count = False

    def get_fields(self, request: HttpRequest, obj: MatchRun | None = None) -> tuple[str, ...]:
        return ASKED if obj is None else SHOWN

    def get_readonly_fields(self, request: HttpRequest, obj: MatchRun | None = None) -> tuple[str, ...]:
        return () if obj is None else SHOWN

    def get_form(
        self, request: HttpRequest, obj: MatchRun | None = None, change: bool = False, **options: Any
    ) -> type[ModelForm[MatchRun]]:
        form = super().get_form(request, obj, change, **options)
        form.asker_id = request.user.pk  # type: ignore[attr-defined]
        return form

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name == "kind":
            options["choices"] = [each for each in MatchRunKind.choices if each[0] != MatchRunKind.WHAT_IF]
        return super().formfield_for_choice_field(db_field, request, **options)

    def has_change_permission(self, request: HttpRequest, obj: MatchRun | None = None) -> bool:
        return super().has_change_permission(request, obj) and obj is None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: MatchRun, form: ModelForm[Any], change: bool) -> None:
        made = request_match_run(
            cohort_id=obj.cohort_id,
            kind=MatchRunKind(obj.kind),
            by=request.user,  # type: ignore[arg-type]
            at=clock.now(),
            is_over_everybody=True,
        )
        obj.pk = made.pk

    @admin.display(description="matched")
    def matched(self, run: MatchRun) -> str:
        return f"{run.summary['matched']} of {run.summary['waiting']}" if run.summary else ""

    @admin.display(description="proved best", boolean=True)
    def is_proved(self, run: MatchRun) -> bool | None:
        return bool(run.certificate["is_proved"]) if run.certificate else None

    @admin.action(description="Publish the chosen drafts")
    def publish(self, request: HttpRequest, queryset: QuerySet[MatchRun]) -> None:
        self._each(request, queryset, "publications asked for", request_publication)

    @admin.action(description="Discard the chosen runs")
    def discard(self, request: HttpRequest, queryset: QuerySet[MatchRun]) -> None:
        self._each(request, queryset, "discards", discard_match_run)

    def _each(self, request: HttpRequest, queryset: QuerySet[MatchRun], noun: str, act: Callable[..., object]) -> None:
        done, refusals = 0, []
        for run in queryset.order_by("created_at", "id"):
            try:
                act(run_id=run.pk, by=request.user, at=clock.now())
                done += 1
            except DomainError as refusal:
                refusals.append(refusal)
        tell_outcome(request, noun, done, refusals)


@admin.register(MatchProposal)
class MatchProposalAdmin(ShowOnlyAdmin[MatchProposal]):
    list_display = ("mentee", "mentor", "state", "score", "parts", "blocked", "lost_reason")
    list_filter = ("state", "cohort")
    list_select_related = ("mentee", "mentor")
    search_fields = ("mentee__email", "mentor__email")
    ordering = ("-id",)


@admin.register(MatchFilling)
class MatchFillingAdmin(ShowOnlyAdmin[MatchFilling]):
    list_display = ("run", "mentor", "load", "places", "taken", "elsewhere", "blocked")
    list_select_related = ("run", "mentor")
    search_fields = ("mentor__name", "mentor__email")
    ordering = ("-id",)


@admin.register(MatchWeights)
class MatchWeightsAdmin(admin.ModelAdmin[MatchWeights]):
    """Saving makes a new version; former versions are to look at, since runs were made with them."""

    list_display = ("version", "note", "values", "created_at", "created_by")
    list_select_related = ("created_by",)
    fields = ("values", "note")
    form = WeightsForm

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        newest = MatchWeights.objects.first()
        return {"values": newest.values if newest else Weights().as_values()}

    def has_change_permission(self, request: HttpRequest, obj: MatchWeights | None = None) -> bool:
        return super().has_change_permission(request, obj) and obj is None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: MatchWeights, form: ModelForm[Any], change: bool) -> None:
        made = set_match_weights(values=obj.values, note=obj.note, by=request.user, at=clock.now())  # type: ignore[arg-type]
        obj.pk, obj.version = made.pk, made.version
