"""The student's goals: set, changed, reached or given up, and what the mentor wrote about them."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from coaching.actions.goals import abandon_goal, change_goal, complete_goal, create_goal
from coaching.models import Goal
from coaching.selectors import list_goals
from core import clock
from core.api.problems import status_of
from core.clock import local_date
from core.enums import Audience
from core.errors import DomainError, NotPermitted, NotVisible
from core.tenancy.identity import Role
from core.web import add_refusal, page
from mentorship_coordination.web.goals import GoalCard, cards_of
from mentorship_coordination.web.live import stream_of
from mentorship_coordination.web.people import person_of
from mentorship_coordination.web.practice_forms import GoalForm, NewGoalForm
from mentorship_coordination.web.words import refusal_words

CLOSED_ROWS = 20
Changed = tuple[UUID, GoalForm]


@page(Role.STUDENT)
@require_http_methods(["GET", "HEAD", "POST"])
def goals_page(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _show(request)
    student, at = person_of(request), clock.now()
    form = NewGoalForm(request.POST, today=local_date(at, student.timezone))
    if not form.is_valid():
        return _show(request, new_form=form, status=400)
    try:
        goal = create_goal(by=student, at=at, **form.cleaned_data)
    except (NotVisible, NotPermitted):
        raise
    except DomainError as refusal:
        add_refusal(form, refusal)
        return _show(request, new_form=form, status=status_of(refusal))
    messages.success(request, f"Your goal is set: {goal.title}.")
    return redirect("goals-page")


@page(Role.STUDENT)
@require_POST
def change(request: HttpRequest, goal_id: UUID) -> HttpResponse:
    form = GoalForm(request.POST, auto_id=_ids(goal_id))
    if not form.is_valid():
        return _show(request, changed=(goal_id, form), status=400)
    try:
        goal = change_goal(goal_id=goal_id, by=person_of(request), at=clock.now(), **form.cleaned_data)
    except (NotVisible, NotPermitted):
        raise
    except DomainError as refusal:
        add_refusal(form, refusal)
        return _show(request, changed=(goal_id, form), refusal=refusal_words(refusal), status=status_of(refusal))
    messages.success(request, f"Changed: {goal.title}.")
    return redirect("goals-page")


@page(Role.STUDENT)
@require_POST
def reach(request: HttpRequest, goal_id: UUID) -> HttpResponse:
    return _close(request, goal_id, complete_goal, "Reached: {}. Well done.")


@page(Role.STUDENT)
@require_POST
def give_up(request: HttpRequest, goal_id: UUID) -> HttpResponse:
    return _close(request, goal_id, abandon_goal, "Given up: {}.")


def _close(request: HttpRequest, goal_id: UUID, action: Callable[..., Goal], said: str) -> HttpResponse:
    try:
        goal = action(goal_id=goal_id, by=person_of(request), at=clock.now())
    except (NotVisible, NotPermitted):
        raise
    except DomainError as refusal:
        return _show(request, refusal=refusal_words(refusal), status=status_of(refusal))
    messages.success(request, said.format(goal.title))
    return redirect("goals-page")


def _show(
    request: HttpRequest,
    *,
    new_form: NewGoalForm | None = None,
    changed: Changed | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    student, at = person_of(request), clock.now()
    stream = stream_of(Audience.STUDENT)
    cards = cards_of(list_goals(student.pk).order_by("due_date", "id"), at)
    refused = dict([changed]) if changed else {}
    closed = sorted((each for each in cards if not each.is_open), key=_closed_on, reverse=True)
    context = {
        **stream,
        "open": [(each, refused.get(each.id) or _form_of(each)) for each in cards if each.is_open],
        "closed": closed[:CLOSED_ROWS],
        "new_form": new_form or NewGoalForm(today=local_date(at, student.timezone)),
        "refusal": refusal,
    }
    return render(request, "mentorship_coordination/goals.html", context, status=status)


def _ids(goal_id: UUID) -> str:
    return f"change-{goal_id}-%s"


def _form_of(goal: GoalCard) -> GoalForm:
    given = {"title": goal.title, "due_date": goal.due_date, "description": goal.description}
    return GoalForm(initial=given, auto_id=_ids(goal.id))


def _closed_on(goal: GoalCard) -> tuple[str, str]:
    return str(goal.closed_date), str(goal.id)
