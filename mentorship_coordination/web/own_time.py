"""When a person's hours differ: single dates, and of a mentor when she is away. Source: product.md §6, §7."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.views.decorators.http import require_http_methods, require_POST

from core import clock
from core.api.problems import status_of
from core.clock import local_date
from core.errors import DomainError, NotVisible
from core.tenancy.identity import Role
from core.web import add_refusal, page
from mentorship_coordination.actions.own_time import (
    add_absence,
    change_absence,
    remove_absence,
    remove_override,
    set_override,
)
from mentorship_coordination.selectors.absences import list_own_absences, list_own_dates
from mentorship_coordination.web.own_time_forms import AbsenceForm, DateForm
from mentorship_coordination.web.people import person_of
from users.availability_text import availability_text
from users.models import User

OF_MENTOR, OF_STUDENT = "mentor-dates-page", "student-dates-page"


@page(Role.MENTOR)
@require_http_methods(["GET", "HEAD", "POST"])
def mentor_dates_page(request: HttpRequest) -> HttpResponse:
    return _set_date(request, OF_MENTOR) if request.method == "POST" else _show(request, OF_MENTOR)


@page(Role.STUDENT)
@require_http_methods(["GET", "HEAD", "POST"])
def student_dates_page(request: HttpRequest) -> HttpResponse:
    return _set_date(request, OF_STUDENT) if request.method == "POST" else _show(request, OF_STUDENT)


@page(Role.MENTOR)
@require_POST
def drop_mentor_date(request: HttpRequest, day: date) -> HttpResponse:
    return _drop_date(request, day, OF_MENTOR)


@page(Role.STUDENT)
@require_POST
def drop_student_date(request: HttpRequest, day: date) -> HttpResponse:
    return _drop_date(request, day, OF_STUDENT)


@page(Role.MENTOR)
@require_POST
def add_own_absence(request: HttpRequest) -> HttpResponse:
    form = AbsenceForm(request.POST)
    if not form.is_valid():
        return _show(request, OF_MENTOR, absence_form=form, status=400)
    try:
        add_absence(by=person_of(request), at=clock.now(), **form.cleaned_data)
    except DomainError as refusal:
        add_refusal(form, refusal)
        return _show(request, OF_MENTOR, absence_form=form, status=status_of(refusal))
    messages.success(request, "Noted. Nobody is matched with you meanwhile, and no time of yours is offered.")
    return redirect(OF_MENTOR)


@page(Role.MENTOR)
@require_POST
def change_own_absence(request: HttpRequest, absence_id: UUID) -> HttpResponse:
    form = AbsenceForm(request.POST, auto_id=_ids(absence_id))
    if not form.is_valid():
        return _show(request, OF_MENTOR, refused=(absence_id, form), status=400)
    changes = form.cleaned_data
    if not changes["backup"] and "backup_gone" not in request.POST:
        # The address of who stands in is not shown again: left empty, she stays.
        changes.pop("backup")
    try:
        change_absence(absence_id=absence_id, by=person_of(request), at=clock.now(), **changes)
    except NotVisible:
        raise
    except DomainError as refusal:
        add_refusal(form, refusal)
        return _show(request, OF_MENTOR, refused=(absence_id, form), status=status_of(refusal))
    messages.success(request, "Changed.")
    return redirect(OF_MENTOR)


@page(Role.MENTOR)
@require_POST
def drop_own_absence(request: HttpRequest, absence_id: UUID) -> HttpResponse:
    remove_absence(absence_id=absence_id, by=person_of(request), at=clock.now())
    messages.success(request, "You are not away.")
    return redirect(OF_MENTOR)


def _set_date(request: HttpRequest, name: str) -> HttpResponse:
    form = DateForm(request.POST)
    if not form.is_valid():
        return _show(request, name, date_form=form, status=400)
    given = form.cleaned_data
    try:
        set_override(day=given["date"], windows=given["windows"], by=person_of(request), at=clock.now())
    except DomainError as refusal:
        add_refusal(form, refusal)
        return _show(request, name, date_form=form, status=status_of(refusal))
    messages.success(request, f"Noted for {date_format(given['date'], 'l j F')}.")
    return redirect(name)


def _drop_date(request: HttpRequest, day: date, name: str) -> HttpResponse:
    remove_override(day=day, by=person_of(request), at=clock.now())
    messages.success(request, f"Your weekly hours hold on {date_format(day, 'l j F')} again.")
    return redirect(name)


def _show(
    request: HttpRequest,
    name: str,
    *,
    date_form: DateForm | None = None,
    absence_form: AbsenceForm | None = None,
    refused: tuple[UUID, AbsenceForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    person, is_mentor = person_of(request), name == OF_MENTOR
    dates = list_own_dates(person.pk, local_date(clock.now(), person.timezone))
    context = {
        "is_mentor": is_mentor,
        "week": availability_text(person.mentor_availability if is_mentor else person.student_availability),
        "dates": [(each.local_date, _windows_text(each.windows)) for each in dates],
        "date_form": date_form or DateForm(),
        "drop": "drop-mentor-date" if is_mentor else "drop-student-date",
        **(_absences(person, absence_form, refused) if is_mentor else {}),
    }
    return render(request, "mentorship_coordination/own_time.html", context, status=status)


def _absences(
    person: User, absence_form: AbsenceForm | None, refused: tuple[UUID, AbsenceForm] | None
) -> dict[str, Any]:
    at, forms = clock.now(), dict([refused]) if refused else {}
    found = list(list_own_absences(person.pk, at).order_by("starts_at", "id"))
    entries = [
        (each, forms.get(each.pk) or AbsenceForm(initial=_values(each), auto_id=_ids(each.pk)), each.pk in forms)
        for each in found
    ]
    return {"absences": entries, "absence_form": absence_form or AbsenceForm(), "now": at}


def _values(absence: Any) -> dict[str, Any]:
    return {"starts_at": absence.starts_at, "ends_at": absence.ends_at, "reason": absence.reason}


def _windows_text(windows: list[list[str]]) -> str:
    return ", ".join(f"{begins}–{ends}" for begins, ends in windows) or "no hours"


def _ids(absence_id: UUID) -> str:
    return f"absence-{absence_id}-%s"
