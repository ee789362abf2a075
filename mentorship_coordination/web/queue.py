"""The inbox: everything open, what runs out first on top."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from core import clock
from core.enums import Audience, Rank
from core.errors import Conflict, RuleBroken
from core.tenancy.identity import Role
from core.web import page, stream_of
from mentorship_coordination.actions.queue import complete_work_item
from mentorship_coordination.models.queue import MentorWorkQueue, WorkQueueQuerySet
from mentorship_coordination.selectors.queue import count_queue, list_items_of_mentor, with_status
from mentorship_coordination.web.forms import QueueFilterForm
from mentorship_coordination.web.people import person_of
from mentorship_coordination.web.rows import rows_of, url_of

PAGE_ROWS = 50
MOST_ROWS = 500


@page(Role.MENTOR)
@require_safe
def queue_page(request: HttpRequest) -> HttpResponse:
    mentor, at = person_of(request), clock.now()
    form = QueueFilterForm(request.GET)
    if not form.is_valid():
        raise BadRequest("An unknown filter value.")
    wanted = form.cleaned_data
    size = wanted["rows"] or PAGE_ROWS
    stream = stream_of(Audience.MENTOR)
    found = list(_filtered(list_items_of_mentor(mentor.pk).open(), wanted, at).in_order()[: size + 1])
    context = {
        **stream,
        "form": form,
        "rows": rows_of(found[:size], at),
        "counters": count_queue(mentor.pk, mentor.timezone, at),
        "is_filtered": any(wanted[name] for name in ("type", "status", "priority")),
        "more": _more(request, size) if len(found) > size else "",
    }
    return render(request, "mentorship_coordination/queue.html", context)


def _filtered(items: WorkQueueQuerySet, wanted: dict[str, Any], at: Any) -> WorkQueueQuerySet:
    if wanted["type"]:
        items = items.filter(type=wanted["type"])
    if wanted["priority"]:
        items = items.filter(rank=next(rank for rank in Rank if rank.label == wanted["priority"]))
    if wanted["status"]:
        items = with_status(items, wanted["status"], at)
    return items


def _more(request: HttpRequest, size: int) -> str:
    """The same page with more rows, or nothing when there are as many as one page bears."""
    if size >= MOST_ROWS:
        return ""
    query = request.GET.copy()
    query["rows"] = str(min(size + PAGE_ROWS, MOST_ROWS))
    return f"?{query.urlencode()}"


@page(Role.MENTOR)
@require_POST
def finish_item(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """Mark a piece of work as done that has no form of its own, and go on to the next."""
    mentor, at = person_of(request), clock.now()
    try:
        item = complete_work_item(item_id=item_id, outcome="done", by=mentor, at=at)
    except (Conflict, RuleBroken) as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"Done: {item.title}.")
    return redirect(next_url(mentor.pk))


def find_next_item(mentor_id: UUID) -> MentorWorkQueue | None:
    return list_items_of_mentor(mentor_id).open().in_order().first()


def next_url(mentor_id: UUID) -> str:
    """Where the next open item is done; the empty queue when none is left."""
    item = find_next_item(mentor_id)
    return reverse("queue-page") if item is None else url_of(item)
