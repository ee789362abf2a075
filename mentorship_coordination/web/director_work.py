"""A director's work: the queue across her cohorts, and giving some of it to another mentor, looked at first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from core import clock
from core.errors import Conflict, InvalidInput, RuleBroken
from core.tenancy.identity import Role
from core.web import page
from mentorship_coordination.actions.assignments import transfer_assignment
from mentorship_coordination.actions.work_moves import WorkMoveRequest, move_work, preview_work_moves
from mentorship_coordination.models.queue import WorkQueueQuerySet
from mentorship_coordination.selectors.departures import find_enrolment_of
from mentorship_coordination.selectors.flags import list_directed_cohorts
from mentorship_coordination.selectors.mentor_loads import list_mentor_loads
from mentorship_coordination.selectors.queue import list_items_of_cohorts, with_status
from mentorship_coordination.selectors.work_moves import WorkMovePlan, list_lent_work
from mentorship_coordination.web.director_forms import TransferForm, WorkFilterForm, WorkMoveForm
from mentorship_coordination.web.people import person_of
from mentorship_coordination.web.rows import QueueRow, rows_of
from mentorship_coordination.web.words import counted, refusal_words

MOST_ROWS = 100
OVER_LIMIT = "The former mentor had too many mentees."


@dataclass(frozen=True, slots=True)
class WorkLine:
    row: QueueRow
    mentor: str


@page(Role.DIRECTOR)
@require_safe
def work_page(request: HttpRequest) -> HttpResponse:
    director, at = person_of(request), clock.now()
    loads = sorted(list_mentor_loads(at), key=lambda load: (load.name, str(load.id)))
    form = WorkFilterForm(request.GET, mentors=loads)
    if not form.is_valid():
        raise BadRequest("An unknown filter value.")
    cohorts = list_directed_cohorts(director.pk)
    items = _filtered(list_items_of_cohorts(cohorts).open(), form.cleaned_data, at)
    found = list(items.in_order()[: MOST_ROWS + 1])
    lines = [
        WorkLine(row, item.mentor.name if item.mentor else "in the pool: no mentor")
        for item, row in zip(found[:MOST_ROWS], rows_of(found[:MOST_ROWS], at), strict=True)
    ]
    mentee = form.cleaned_data["mentee"]
    context = {
        "form": form,
        "enrolment": find_enrolment_of(mentee, cohorts) if mentee else None,
        "lines": lines,
        "has_more": len(found) > MOST_ROWS,
        "most": MOST_ROWS,
        "lent": list_lent_work(cohorts),
        # Full ones too: the student's own mentor may have her work again.
        "mentors": sorted(loads, key=lambda load: load.mentees >= load.max_mentees),
    }
    return render(request, "mentorship_coordination/director_work.html", context)


def _filtered(items: WorkQueueQuerySet, wanted: dict[str, Any], at: datetime) -> WorkQueueQuerySet:
    if wanted["status"] == "unassigned":
        items = items.filter(mentor__isnull=True)
    elif wanted["status"]:
        items = with_status(items, wanted["status"], at)
    if wanted["type"]:
        items = items.filter(type=wanted["type"])
    if wanted["mentee"]:
        items = items.filter(mentee=wanted["mentee"])
    return items.of_mentor(UUID(wanted["mentor"])) if wanted["mentor"] else items


@page(Role.DIRECTOR)
@require_POST
def look_at_moves(request: HttpRequest) -> HttpResponse:
    """What the move would do; the page has the button that makes it."""
    form = WorkMoveForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose work, and a mentor who is to do it.")
        return redirect("director-work-page")
    wish = _wish(form)
    try:
        plan = preview_work_moves(request=wish, at=clock.now())
    except InvalidInput as refusal:
        messages.error(request, refusal_words(refusal))
        return redirect("director-work-page")
    context = {"plan": plan, "item_ids": _ids(plan), "reason": wish.reason}
    return render(request, "mentorship_coordination/director_move.html", context)


@page(Role.DIRECTOR)
@require_POST
def make_moves(request: HttpRequest) -> HttpResponse:
    form = WorkMoveForm(request.POST)
    if not form.is_valid():
        raise BadRequest("Words that this page did not send.")
    plan = move_work(request=_wish(form), by=person_of(request), at=clock.now())
    if plan.moving:
        items = sum(len(each.item_ids) for each in plan.moving)
        messages.success(request, f"{counted(items, 'item')} moved to {plan.to_name}.")
    for student in plan.students:
        if student.refusal:
            messages.error(request, f"{student.mentee}: {student.words}")
    return redirect("director-work-page")


@page(Role.DIRECTOR)
@require_POST
def transfer(request: HttpRequest, assignment_id: UUID) -> HttpResponse:
    """Give a student to the mentor that the forecast proposes; the clocks of her work run on."""
    form = TransferForm(request.POST)
    if not form.is_valid():
        raise BadRequest("Words that this page did not send.")
    wanted = form.cleaned_data["mentor"]
    try:
        pair = transfer_assignment(
            assignment_id=assignment_id, mentor_id=wanted, reason=OVER_LIMIT, by=person_of(request), at=clock.now()
        )
    except (Conflict, RuleBroken) as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"{pair.mentee.name} has a new mentor.")
    return redirect("director-forecast-page")


def _wish(form: WorkMoveForm) -> WorkMoveRequest:
    given = form.cleaned_data
    return WorkMoveRequest(given["items"], given["mentor"], None, given["reason"])


def _ids(plan: WorkMovePlan) -> list[UUID]:
    """An item of each student that moves: the rest of her work goes along."""
    return [each.item_ids[0] for each in plan.moving]
