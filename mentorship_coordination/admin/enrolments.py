from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from core import clock
from core.admin_base import RecordAdmin, tell_outcome
from core.errors import DomainError
from mentorship_coordination.actions.assignments import LONGEST_REASON
from mentorship_coordination.actions.enrolments import end_enrolment
from mentorship_coordination.selectors.departures import get_departure
from users.enums import ENROLMENT_ENDS, EnrolmentState
from users.models import Enrolment

IN_THE_ADMIN = "Ended in the admin."
FINAL = "This enrolment has ended, and an end is final: enrol the student in another cohort."


class LeaveForm(forms.Form):
    state = forms.ChoiceField(label="How it ends", choices=[(each.value, each.label) for each in ENROLMENT_ENDS])
    reason = forms.CharField(label="Why", max_length=LONGEST_REASON, help_text="Students do not see it.")


class EnrolmentForm(ModelForm[Enrolment]):
    class Meta:
        model = Enrolment
        fields = ("student", "cohort", "state", "max_sessions", "enrolled_at", "ended_at")

    def clean_state(self) -> str:
        state = str(self.cleaned_data["state"])
        before = self.initial.get("state")
        if before in ENROLMENT_ENDS and state != before:
            raise ValidationError(FINAL, code="final")
        return state


@admin.register(Enrolment)
class EnrolmentAdmin(RecordAdmin[Enrolment]):
    """Saving an end does all that leaving is; the action in the list shows it first."""

    form = EnrolmentForm
    list_display = ("student", "cohort", "state", "max_sessions", "enrolled_at", "ended_at")
    list_filter = ("state", "cohort")
    list_select_related = ("student", "cohort")
    search_fields = ("student__name", "student__email")
    autocomplete_fields = ("student", "cohort")
    actions = ("leave",)

    def get_readonly_fields(self, request: HttpRequest, obj: Enrolment | None = None) -> tuple[str, ...]:
        return () if obj is None else ("ended_at",)

    def save_model(self, request: HttpRequest, obj: Enrolment, form: ModelForm[Any], change: bool) -> None:
        before = Enrolment.objects.select_for_update().filter(pk=obj.pk).first() if change else None
        if before is not None and before.state in ENROLMENT_ENDS:
            # Perhaps since the form was checked: what has ended stays so.
            obj.state, obj.ended_at = before.state, before.ended_at
        wanted = EnrolmentState(obj.state)
        if before is None or wanted not in ENROLMENT_ENDS or before.state in ENROLMENT_ENDS:
            super().save_model(request, obj, form, change)
            return
        obj.state = before.state
        super().save_model(request, obj, form, change)
        end_enrolment(
            enrolment_id=obj.pk,
            state=wanted,
            reason=IN_THE_ADMIN,
            by=request.user,  # type: ignore[arg-type]
            at=clock.now(),
        )
        obj.refresh_from_db()

    @admin.action(description="The student leaves (pairs, open work and sessions to come end)")
    def leave(self, request: HttpRequest, queryset: QuerySet[Enrolment]) -> HttpResponse | None:
        form = LeaveForm(request.POST if "apply" in request.POST else None)
        if form.is_valid():
            self._end_each(request, queryset, form.cleaned_data)
            return None
        at = clock.now()
        found = [get_departure(each, at) for each in queryset.order_by("pk").values_list("pk", flat=True)]
        context = {
            **self.admin_site.each_context(request),
            "title": "The student leaves",
            "opts": self.model._meta,
            "departures": found,
            "form": form,
        }
        return TemplateResponse(request, "admin/end_enrolments.html", context)

    def _end_each(self, request: HttpRequest, queryset: QuerySet[Enrolment], given: dict[str, Any]) -> None:
        done, refusals = 0, []
        for enrolment_id in queryset.order_by("pk").values_list("pk", flat=True):
            try:
                end_enrolment(
                    enrolment_id=enrolment_id,
                    state=EnrolmentState(given["state"]),
                    reason=given["reason"],
                    by=request.user,  # type: ignore[arg-type]
                    at=clock.now(),
                )
                done += 1
            except DomainError as refusal:
                refusals.append(refusal)
        tell_outcome(request, "enrolments ended", done, refusals)
