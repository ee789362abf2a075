"""What a person was told, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import groupby
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from core import clock
from core.clock import local_date
from core.enums import Audience
from core.tenancy.identity import Role
from core.web import page
from mentorship_coordination.actions.notifications import mark_all_notifications_read, mark_notification_read
from mentorship_coordination.models.notifications import Notification
from mentorship_coordination.selectors.notifications import list_notifications
from mentorship_coordination.web.live import stream_of
from mentorship_coordination.web.people import person_of
from mentorship_coordination.web.words import counted
from users.models import User

PAGE_ROWS, MOST_ROWS = 50, 500
STREAMS = {Role.MENTOR: Audience.MENTOR, Role.STUDENT: Audience.STUDENT, Role.DIRECTOR: Audience.DIRECTOR}


@dataclass(frozen=True, slots=True)
class Day:
    date: date
    words: str
    told: list[Notification]


@page(Role.PERSON)
@require_safe
def notifications_page(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    asked = request.GET.get("rows", "")
    size = min(int(asked), MOST_ROWS) if asked.isascii() and asked.isdigit() and len(asked) < 4 else PAGE_ROWS
    found = list(list_notifications(person.pk)[: size + 1])
    has_more = len(found) > size and size < MOST_ROWS
    context = {
        **_stream(person),
        "days": _by_day(found[:size], local_date(clock.now(), person.timezone)),
        "more": f"?rows={min(size + PAGE_ROWS, MOST_ROWS)}" if has_more else "",
    }
    return render(request, "mentorship_coordination/notifications.html", context)


@page(Role.PERSON)
@require_POST
def open_notification(request: HttpRequest, notification_id: UUID) -> HttpResponse:
    """Read it, and go to what it is about."""
    told = mark_notification_read(notification_id=notification_id, by=person_of(request), at=clock.now())
    is_here = url_has_allowed_host_and_scheme(told.url, allowed_hosts=None) and told.url.startswith("/")
    return redirect(told.url if is_here else "notifications-page")


@page(Role.PERSON)
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    count = mark_all_notifications_read(by=person_of(request), at=clock.now())
    messages.success(request, f"{counted(count, 'notification')} read.")
    return redirect("notifications-page")


def _stream(person: User) -> dict[str, object]:
    """Of the first role that has one: each of them hears of a notification."""
    held = (audience for role, audience in STREAMS.items() if person.holds(role))
    audience = next(held, None)
    return stream_of(audience) if audience else {}


def _by_day(found: list[Notification], today: date) -> list[Day]:
    days = groupby(found, key=lambda each: timezone.localtime(each.created_at).date())
    return [Day(day, {0: "Today", 1: "Yesterday"}.get((today - day).days, ""), list(told)) for day, told in days]
