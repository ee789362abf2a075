"""The student's habits: taken up, logged, renamed, put away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from coaching.actions.habits import archive_habit, create_habit, rename_habit, restore_habit
from coaching.actions.logs import clear_log, log_habit
from coaching.models import Habit
from coaching.selectors import counted_habits
from core import clock
from core.api.problems import status_of
from core.enums import Audience
from core.errors import DomainError, NotPermitted, NotVisible
from core.tenancy.identity import Role
from core.web import add_refusal, page
from mentorship_coordination.web.habits import own_habits
from mentorship_coordination.web.live import stream_of
from mentorship_coordination.web.people import person_of
from mentorship_coordination.web.practice_forms import HABITS_PAGE, TAKEN_BACK, HabitForm, LogForm, RenameForm
from mentorship_coordination.web.student import show_student
from mentorship_coordination.web.words import refusal_words
from users.models import User


@page(Role.STUDENT)
@require_http_methods(["GET", "HEAD", "POST"])
def habits_page(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _show(request)
    form = HabitForm(request.POST)
    if not form.is_valid():
        return _show(request, new_form=form, status=400)
    try:
        habit = create_habit(by=person_of(request), at=clock.now(), **form.cleaned_data)
    except (NotVisible, NotPermitted):
        raise
    except DomainError as refusal:
        add_refusal(form, refusal)
        return _show(request, new_form=form, status=status_of(refusal))
    messages.success(request, f"Taken up: {habit.name}.")
    return redirect("habits-page")


@page(Role.STUDENT)
@require_POST
def log(request: HttpRequest, habit_id: UUID) -> HttpResponse:
    """Say of a day whether the habit is done or skipped, or take back what was said."""
    form = LogForm(request.POST)
    if not form.is_valid():
        raise BadRequest("An unknown day, state or page.")
    given = form.cleaned_data
    try:
        _log(habit_id, given["state"], given["day"], person_of(request), clock.now())
    except (NotVisible, NotPermitted):
        raise
    except DomainError as refusal:
        show = _show if given["page"] == HABITS_PAGE else show_student
        return show(request, refusal=refusal_words(refusal), status=status_of(refusal))
    return redirect(given["page"])


def _log(habit_id: UUID, state: str, day: Any, by: User, at: datetime) -> None:
    if state == TAKEN_BACK:
        clear_log(habit_id=habit_id, day=day, by=by, at=at)
    else:
        log_habit(habit_id=habit_id, state=state, day=day, by=by, at=at)


@page(Role.STUDENT)
@require_POST
def rename(request: HttpRequest, habit_id: UUID) -> HttpResponse:
    form = RenameForm(request.POST, auto_id=f"rename-{habit_id}-%s")
    if not form.is_valid():
        return _show(request, renamed=(habit_id, form), status=400)
    try:
        rename_habit(habit_id=habit_id, by=person_of(request), at=clock.now(), **form.cleaned_data)
    except (NotVisible, NotPermitted):
        raise
    except DomainError as refusal:
        add_refusal(form, refusal)
        return _show(request, renamed=(habit_id, form), status=status_of(refusal))
    return redirect("habits-page")


@page(Role.STUDENT)
@require_POST
def put_away(request: HttpRequest, habit_id: UUID) -> HttpResponse:
    return _move(request, habit_id, archive_habit, "Put away: {}. What it counted stays.")


@page(Role.STUDENT)
@require_POST
def take_up(request: HttpRequest, habit_id: UUID) -> HttpResponse:
    return _move(request, habit_id, restore_habit, "Taken up again: {}.")


def _move(request: HttpRequest, habit_id: UUID, action: Callable[..., Habit], said: str) -> HttpResponse:
    try:
        habit = action(habit_id=habit_id, by=person_of(request), at=clock.now())
    except (NotVisible, NotPermitted):
        raise
    except DomainError as refusal:
        return _show(request, refusal=refusal_words(refusal), status=status_of(refusal))
    messages.success(request, said.format(habit.name))
    return redirect("habits-page")


def _show(
    request: HttpRequest,
    *,
    new_form: HabitForm | None = None,
    renamed: tuple[UUID, RenameForm] | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    stream = stream_of(Audience.STUDENT)
    habits = own_habits(counted_habits(person_of(request).pk, clock.now()).values(), renamed)
    context = {
        **stream,
        "kept_up": [each for each in habits if each.archived_on is None],
        "put_away": [each for each in habits if each.archived_on is not None],
        "new_form": new_form or HabitForm(),
        "refusal": refusal,
    }
    return render(request, "mentorship_coordination/habits.html", context, status=status)
