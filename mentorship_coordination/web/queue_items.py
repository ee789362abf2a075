"""What is done with one item from the pages: finished, put off, taken, given back. Source: product.md §4."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_POST

from core import clock
from core.api.problems import status_of
from core.errors import Conflict, DomainError, RuleBroken
from core.tenancy.identity import Role
from core.web import page
from mentorship_coordination.actions.queue import (
    claim_work_item,
    complete_work_item,
    release_work_item,
    snooze_work_item,
)
from mentorship_coordination.selectors.queue import get_item_of_mentor
from mentorship_coordination.web.people import person_of
from mentorship_coordination.web.queue import next_url, tomorrow_morning
from mentorship_coordination.web.rows import lease_of, url_of

DONE = "done"


@page(Role.MENTOR)
@require_POST
def finish_item(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """Mark a piece of work as done that has no form of its own, and go on to the next."""
    mentor, at = person_of(request), clock.now()
    try:
        item = complete_work_item(item_id=item_id, outcome=DONE, by=mentor, at=at)
    except (Conflict, RuleBroken) as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"Done: {item.title}.")
    return redirect(next_url(mentor.pk, at))


@page(Role.MENTOR)
@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """From the list: `done`, `later` (until tomorrow at 08:00) or `wake`, each with the item's id.

    A script hears 204, or the refusal's status and words; a form comes back to the list.
    """
    try:
        said = _act(request)
    except DomainError as refusal:
        if request.headers.get("HX-Request"):
            return HttpResponse(refusal.message, status=status_of(refusal), content_type="text/plain")
        messages.error(request, refusal.message)
    else:
        if request.headers.get("HX-Request"):
            return HttpResponse(status=204)
        messages.success(request, said)
    return redirect("queue-page")


def _act(request: HttpRequest) -> str:
    mentor, at = person_of(request), clock.now()
    if DONE in request.POST:
        item = complete_work_item(item_id=_id(request, DONE), outcome=DONE, by=mentor, at=at)
        return f"Done: {item.title}."
    if "later" in request.POST:
        until = tomorrow_morning(mentor.timezone, at)
        item = snooze_work_item(item_id=_id(request, "later"), until=until, by=mentor, at=at)
        return f"Put off until {date_format(timezone.localtime(until), 'l, H:i')}: {item.title}."
    item = snooze_work_item(item_id=_id(request, "wake"), until=None, by=mentor, at=at)
    return f"Back in the queue: {item.title}."


def _id(request: HttpRequest, name: str) -> UUID:
    try:
        return UUID(request.POST.get(name, ""))
    except ValueError:
        raise BadRequest("There is no such item.") from None


@page(Role.MENTOR)
@require_POST
def claim(request: HttpRequest, item_id: UUID) -> HttpResponse:
    return _show_lease(request, item_id, claim_work_item)


@page(Role.MENTOR)
@require_POST
def release(request: HttpRequest, item_id: UUID) -> HttpResponse:
    return _show_lease(request, item_id, release_work_item)


def _show_lease(request: HttpRequest, item_id: UUID, change: Callable[..., object]) -> HttpResponse:
    """The line that says who works on the item, as it is now; without scripts, the item's page."""
    mentor, at = person_of(request), clock.now()
    refused = ""
    try:
        change(item_id=item_id, by=mentor, at=at)
    except (Conflict, RuleBroken) as refusal:
        refused = refusal.message
    item = get_item_of_mentor(item_id, mentor.pk)
    if not request.headers.get("HX-Request"):
        if refused:
            messages.error(request, refused)
        return redirect(url_of(item))
    context = {"lease": lease_of(item, mentor.pk, at), "refused": refused}
    return render(request, "mentorship_coordination/_lease.html", context)
