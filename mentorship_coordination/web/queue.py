"""The inbox: everything open, what runs out first on top."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from core import clock
from core.clock import zone_info
from core.enums import Audience, Rank
from core.tenancy.identity import Role
from core.web import page
from mentorship_coordination.selectors.queue import count_put_off, count_queue, fetch_inbox
from mentorship_coordination.web.forms import QueueFilterForm
from mentorship_coordination.web.live import stream_of
from mentorship_coordination.web.people import person_of
from mentorship_coordination.web.rows import rows_of, url_of
from mentorship_coordination.web.shortcuts import OF_QUEUE, help_of

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
    filters = wanted["type"], wanted["status"], wanted["priority"]
    size = wanted["rows"] or PAGE_ROWS
    stream = stream_of(Audience.MENTOR)
    most = (PAGE_ROWS if size <= PAGE_ROWS else MOST_ROWS) + 1  # two queries to keep, whatever is asked for
    found = fetch_inbox(mentor.pk, at, most=most, **_shape(*filters))
    put_off, wakes_at = count_put_off(mentor.pk, at)
    context = {
        **stream,
        "filters": _filters(*filters),
        "help": help_of(OF_QUEUE),
        "rows": rows_of(found[:size], at),
        "counters": count_queue(mentor.pk, mentor.timezone, at),
        "is_filtered": any(filters),
        "put_off": put_off,
        "wakes_at": wakes_at,
        "later": timezone.localtime(tomorrow_morning(mentor.timezone, at)),
        "more": _more(request, size) if len(found) > size else "",
    }
    return render(request, "mentorship_coordination/queue.html", context)


def _shape(type: str, status: str, priority: str) -> dict[str, Any]:
    rank = next((rank.value for rank in Rank if rank.label == priority), None)
    return {"type": type, "status": status, "rank": rank}


@lru_cache
def _filters(type: str, status: str, priority: str) -> SafeString:
    """The filters as they are chosen; there are few, and they take longer to render than all rows."""
    form = QueueFilterForm({"type": type, "status": status, "priority": priority})
    return render_to_string("mentorship_coordination/_filters.html", {"form": form})


def _more(request: HttpRequest, size: int) -> str:
    """The same page with more rows, or nothing when there are as many as one page bears."""
    if size >= MOST_ROWS:
        return ""
    query = request.GET.copy()
    query["rows"] = str(min(size + PAGE_ROWS, MOST_ROWS))
    return f"?{query.urlencode()}"


def next_url(mentor_id: UUID, at: datetime) -> str:
    """Where the next open item in sight is done; the empty queue when none is left."""
    found = fetch_inbox(mentor_id, at, most=1)
    return url_of(found[0]) if found else reverse("queue-page")


def tomorrow_morning(zone: str, at: datetime) -> datetime:
    """08:00 of the next local day: until then an item is put off."""
    day = at.astimezone(zone_info(zone)).date() + timedelta(days=1)
    return datetime.combine(day, MORNING, zone_info(zone)).astimezone(UTC)
