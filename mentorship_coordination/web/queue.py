"""The inbox: everything open, what runs out first on top."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from core import clock
from core.clock import zone_info
from core.enums import Audience, Rank
from core.tenancy.identity import Role
from core.web import page
from mentorship_coordination.models.queue import MentorWorkQueue, WorkQueueQuerySet
from mentorship_coordination.selectors.queue import count_queue, list_items_of_mentor, with_status
from mentorship_coordination.web.forms import PUT_OFF, QueueFilterForm
from mentorship_coordination.web.live import stream_of
from mentorship_coordination.web.people import person_of
from mentorship_coordination.web.rows import rows_of, url_of
from mentorship_coordination.web.shortcuts import OF_QUEUE

PAGE_ROWS = 50
MOST_ROWS = 500
MORNING: Final = time(8)


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
    every = list_items_of_mentor(mentor.pk).open()
    found = list(_filtered(every, wanted, at).in_order()[: size + 1])
    put_off = [each for each in every.out_of_sight(at).values_list("snoozed_until", flat=True) if each]
    context = {
        **stream,
        "form": form,
        "shortcuts": OF_QUEUE,
        "rows": rows_of(found[:size], at),
        "counters": count_queue(mentor.pk, mentor.timezone, at),
        "is_filtered": any(wanted[name] for name in ("type", "status", "priority")),
        "put_off": put_off,
        "wakes_at": min(put_off, default=None),
        "later": timezone.localtime(tomorrow_morning(mentor.timezone, at)),
        "more": _more(request, size) if len(found) > size else "",
    }
    return render(request, "mentorship_coordination/queue.html", context)


def _filtered(items: WorkQueueQuerySet, wanted: dict[str, Any], at: datetime) -> WorkQueueQuerySet:
    if wanted["type"]:
        items = items.filter(type=wanted["type"])
    if wanted["priority"]:
        items = items.filter(rank=next(rank for rank in Rank if rank.label == wanted["priority"]))
    if wanted["status"] == PUT_OFF:
        return items.out_of_sight(at)
    if wanted["status"]:
        items = with_status(items, wanted["status"], at)
    return items.in_sight(at)


def _more(request: HttpRequest, size: int) -> str:
    """The same page with more rows, or nothing when there are as many as one page bears."""
    if size >= MOST_ROWS:
        return ""
    query = request.GET.copy()
    query["rows"] = str(min(size + PAGE_ROWS, MOST_ROWS))
    return f"?{query.urlencode()}"


def find_next_item(mentor_id: UUID, at: datetime) -> MentorWorkQueue | None:
    return list_items_of_mentor(mentor_id).open().in_sight(at).in_order().first()


def next_url(mentor_id: UUID, at: datetime) -> str:
    """Where the next open item in sight is done; the empty queue when none is left."""
    item = find_next_item(mentor_id, at)
    return reverse("queue-page") if item is None else url_of(item)


def tomorrow_morning(zone: str, at: datetime) -> datetime:
    """08:00 of the next local day: until then an item is put off."""
    day = at.astimezone(zone_info(zone)).date() + timedelta(days=1)
    return datetime.combine(day, MORNING, zone_info(zone)).astimezone(UTC)
