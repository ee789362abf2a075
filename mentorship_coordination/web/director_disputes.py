"""Sessions that students say were otherwise, and the director's word on each."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from core import clock
from core.errors import Conflict, InvalidInput
from core.tenancy.identity import Role
from core.web import page
from mentorship_coordination.actions.session_disputes import settle_attendance, settle_dispute
from mentorship_coordination.enums import SessionStatus
from mentorship_coordination.selectors.flags import list_directed_cohorts
from mentorship_coordination.selectors.sessions import list_attendance_disputes, list_disputes
from mentorship_coordination.web.people import person_of
from mentorship_coordination.web.session_forms import ATTENDED, AttendanceSettlementForm, SettlementForm
from mentorship_coordination.web.words import refusal_words

MOST_ROWS = 50


@page(Role.DIRECTOR)
@require_safe
def disputes_page(request: HttpRequest) -> HttpResponse:
    cohorts = list_directed_cohorts(person_of(request).pk)
    sessions, groups = list_disputes(cohorts), list_attendance_disputes(cohorts)
    settled = sessions.filter(dispute_settled_at__isnull=False).order_by("-dispute_settled_at", "-id")
    waiting = sessions.filter(dispute_settled_at__isnull=True).order_by("disputed_at", "id")
    context = {
        "sessions": [(each, SessionStatus(each.status).label) for each in waiting[:MOST_ROWS]],
        "groups": list(groups.filter(dispute_settled_at__isnull=True).order_by("disputed_at", "id")[:MOST_ROWS]),
        "settled": [(each, SessionStatus(each.status).label) for each in settled[:MOST_ROWS]],
        "outcomes": SettlementForm.base_fields["status"].choices,  # type: ignore[attr-defined]
        "attended": [(value, words) for value, words in AttendanceSettlementForm.base_fields["attended"].choices],  # type: ignore[attr-defined]
    }
    return render(request, "mentorship_coordination/director_disputes.html", context)


@page(Role.DIRECTOR)
@require_POST
def settle(request: HttpRequest, session_id: UUID) -> HttpResponse:
    form = SettlementForm(request.POST)
    if not form.is_valid():
        raise BadRequest("Words that this page did not send.")
    status = form.cleaned_data["status"]
    director, at = person_of(request), clock.now()
    return _settled(
        request,
        lambda: settle_dispute(
            session_id=session_id,
            status=SessionStatus(status) if status else None,
            answer=form.cleaned_data["answer"],
            by=director,
            at=at,
        ),
    )


@page(Role.DIRECTOR)
@require_POST
def settle_group(request: HttpRequest, participant_id: UUID) -> HttpResponse:
    form = AttendanceSettlementForm(request.POST)
    if not form.is_valid():
        raise BadRequest("Words that this page did not send.")
    director, at = person_of(request), clock.now()
    return _settled(
        request,
        lambda: settle_attendance(
            participant_id=participant_id,
            attended=ATTENDED[form.cleaned_data["attended"]],
            answer=form.cleaned_data["answer"],
            by=director,
            at=at,
        ),
    )


def _settled(request: HttpRequest, act: Callable[[], object]) -> HttpResponse:
    try:
        act()
    except (Conflict, InvalidInput) as refusal:
        messages.error(request, refusal_words(refusal))
    else:
        messages.success(request, "Settled. Mentor and student are told.")
    return redirect("director-disputes-page")
