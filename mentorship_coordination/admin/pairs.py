from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from core import clock
from core.admin_base import RecordAdmin, ShowOnlyAdmin, ShowOnlyInline, tell_outcome
from core.errors import DomainError
from mentorship_coordination.actions.assignments import (
    LONGEST_REASON,
    end_assignment,
    pause_assignment,
    resume_assignment,
    transfer_assignment,
)
from mentorship_coordination.enums import AssignmentState
from mentorship_coordination.models.assignments import (
    AssignmentEntry,
    AvailabilityOverride,
    MatchExclusion,
    MenteeMentorAssignment,
    MentorAbsence,
)
from mentorship_coordination.models.capacity import CapacityEpisode
from users.models import User


class EntryInline(ShowOnlyInline[AssignmentEntry]):
    model = AssignmentEntry
    fields = ("state", "reason", "by", "created_at")


class TransferForm(forms.Form):
    mentor = forms.ModelChoiceField(
        User.objects.filter(is_mentor=True, is_active=True, leaving_at=None).order_by("name")
    )
    reason = forms.CharField(max_length=LONGEST_REASON)


@admin.register(MenteeMentorAssignment)
class AssignmentAdmin(ShowOnlyAdmin[MenteeMentorAssignment]):
    list_display = ("mentor", "mentee", "cohort", "state", "is_primary", "started_at", "ended_at", "end_reason")
    list_filter = ("state", "is_primary", "cohort")
    list_select_related = ("mentor", "mentee", "cohort")
    search_fields = ("mentor__name", "mentor__email", "mentee__name", "mentee__email")
    actions = ("pause", "resume", "end", "transfer")
    inlines = (EntryInline,)

    @admin.action(description="Pause (open items wait in the pool)")
    def pause(self, request: HttpRequest, queryset: QuerySet[MenteeMentorAssignment]) -> None:
        self._each(request, queryset, "pauses", self._pause)

    @admin.action(description="Resume")
    def resume(self, request: HttpRequest, queryset: QuerySet[MenteeMentorAssignment]) -> None:
        self._each(request, queryset, "resumptions", self._resume)

    @admin.action(description="End (the mentee goes back to the waiting list)")
    def end(self, request: HttpRequest, queryset: QuerySet[MenteeMentorAssignment]) -> None:
        self._each(request, queryset, "ends", self._end)

    @admin.action(description="Transfer to another mentor")
    def transfer(self, request: HttpRequest, queryset: QuerySet[MenteeMentorAssignment]) -> HttpResponse | None:
        form = TransferForm(request.POST if "apply" in request.POST else None)
        if form.is_valid():
            given = {"mentor_id": form.cleaned_data["mentor"].pk, "reason": form.cleaned_data["reason"]}

            def move(request: HttpRequest, pair: MenteeMentorAssignment) -> None:
                transfer_assignment(assignment_id=pair.pk, by=request.user, at=clock.now(), **given)  # type: ignore[arg-type]

            self._each(request, queryset, "transfers", move)
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": "Transfer to another mentor",
            "opts": self.model._meta,
            "pairs": list(queryset.select_related("mentor", "mentee")),
            "form": form,
        }
        return TemplateResponse(request, "admin/transfer_pairs.html", context)

    def _pause(self, request: HttpRequest, pair: MenteeMentorAssignment) -> None:
        pause_assignment(assignment_id=pair.pk, by=request.user, at=clock.now())  # type: ignore[arg-type]

    def _resume(self, request: HttpRequest, pair: MenteeMentorAssignment) -> None:
        resume_assignment(assignment_id=pair.pk, by=request.user, at=clock.now())  # type: ignore[arg-type]

    def _end(self, request: HttpRequest, pair: MenteeMentorAssignment) -> None:
        end_assignment(
            assignment_id=pair.pk,
            state=AssignmentState.CANCELLED,
            reason="Ended in the admin",
            by=request.user,  # type: ignore[arg-type]
            at=clock.now(),
        )

    def _each(
        self,
        request: HttpRequest,
        queryset: QuerySet[MenteeMentorAssignment],
        noun: str,
        move: Callable[[HttpRequest, MenteeMentorAssignment], None],
    ) -> None:
        done, refusals = 0, []
        for pair in queryset.order_by("enrolment_id", "id"):
            try:
                move(request, pair)
                done += 1
            except DomainError as refusal:
                refusals.append(refusal)
        tell_outcome(request, noun, done, refusals)


@admin.register(MatchExclusion)
class MatchExclusionAdmin(RecordAdmin[MatchExclusion]):
    list_display = ("mentor", "mentee", "reason", "created_at")
    list_select_related = ("mentor", "mentee")
    search_fields = ("mentor__email", "mentee__email", "reason")
    autocomplete_fields = ("mentor", "mentee", "created_by")


@admin.register(MentorAbsence)
class MentorAbsenceAdmin(RecordAdmin[MentorAbsence]):
    list_display = ("mentor", "starts_at", "ends_at", "backup", "reason")
    list_select_related = ("mentor", "backup")
    search_fields = ("mentor__name", "mentor__email")
    autocomplete_fields = ("mentor", "backup")


@admin.register(AvailabilityOverride)
class AvailabilityOverrideAdmin(RecordAdmin[AvailabilityOverride]):
    list_display = ("person", "local_date", "windows")
    list_select_related = ("person",)
    search_fields = ("person__name", "person__email")
    autocomplete_fields = ("person",)
    ordering = ("-local_date",)


@admin.register(AssignmentEntry)
class AssignmentEntryAdmin(ShowOnlyAdmin[AssignmentEntry]):
    list_display = ("assignment", "state", "reason", "by", "created_at")
    list_filter = ("state",)
    list_select_related = ("assignment", "by")
    ordering = ("-created_at",)


@admin.register(CapacityEpisode)
class CapacityEpisodeAdmin(ShowOnlyAdmin[CapacityEpisode]):
    list_display = ("mentor", "kind", "figure", "limit", "began_at", "ended_at")
    list_filter = ("kind", ("ended_at", admin.EmptyFieldListFilter))
    list_select_related = ("mentor",)
    search_fields = ("mentor__name", "mentor__email")
    ordering = ("-began_at",)
