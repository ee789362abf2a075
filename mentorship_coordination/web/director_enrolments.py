"""A student leaves: looked at first, then done. Source: product.md §6 "A student leaves"."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from core import clock
from core.api.problems import status_of
from core.errors import DomainError, NotPermitted, NotVisible
from core.forms import Form
from core.tenancy.identity import Role
from core.web import add_refusal, page
from mentorship_coordination.actions.assignments import LONGEST_REASON
from mentorship_coordination.actions.enrolments import end_enrolment
from mentorship_coordination.selectors.departures import get_departure
from mentorship_coordination.web.people import person_of
from users.enums import EnrolmentState

HOW: Final = (
    (EnrolmentState.WITHDRAWN.value, "Leaves before the end"),
    (EnrolmentState.COMPLETED.value, "Has completed the programme"),
)


class LeaveForm(Form):
    state = forms.ChoiceField(label="How it ends", choices=HOW)
    reason = forms.CharField(
        label="Why", max_length=LONGEST_REASON, help_text="Kept with the pair; the student does not see it."
    )


@page(Role.DIRECTOR)
@require_http_methods(["GET", "HEAD", "POST"])
def leave_page(request: HttpRequest, enrolment_id: UUID) -> HttpResponse:
    if request.method != "POST":
        return _show(request, enrolment_id, LeaveForm())
    form = LeaveForm(request.POST)
    if not form.is_valid():
        return _show(request, enrolment_id, form, status=400)
    try:
        left = end_enrolment(
            enrolment_id=enrolment_id,
            state=EnrolmentState(form.cleaned_data["state"]),
            reason=form.cleaned_data["reason"],
            by=person_of(request),
            at=clock.now(),
        )
    except (NotVisible, NotPermitted):
        raise
    except DomainError as refusal:
        add_refusal(form, refusal)
        return _show(request, enrolment_id, form, status=status_of(refusal))
    messages.success(request, f"{left.student} has left {left.cohort}.")
    return redirect("director-leave-page", enrolment_id)


def _show(request: HttpRequest, enrolment_id: UUID, form: LeaveForm, *, status: int = 200) -> HttpResponse:
    context = {"departure": get_departure(enrolment_id, clock.now()), "form": form}
    return render(request, "mentorship_coordination/director_leave.html", context, status=status)
