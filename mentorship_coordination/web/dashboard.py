"""The mentor's first page: what is next, today, who needs her, the week, what happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core import clock
from core.enums import Audience
from core.tenancy.identity import Role
from core.web import page
from mentorship_coordination.selectors.activity import Activity
from mentorship_coordination.selectors.dashboard import get_mentor_dashboard
from mentorship_coordination.selectors.queue import fetch_inbox
from mentorship_coordination.web.first_days import steps_of_mentor
from mentorship_coordination.web.live import stream_of
from mentorship_coordination.web.people import person_of
from mentorship_coordination.web.rows import rows_of
from mentorship_coordination.web.words import action_words

NEXT_ROWS = 6


@dataclass(frozen=True, slots=True)
class ActivityLine:
    time: datetime
    mentee: str
    words: str
    title: str


@page(Role.MENTOR)
@require_safe
def mentor_page(request: HttpRequest) -> HttpResponse:
    mentor, at = person_of(request), clock.now()
    stream = stream_of(Audience.MENTOR)
    items = fetch_inbox(mentor.pk, at, most=NEXT_ROWS)
    dashboard = get_mentor_dashboard(mentor, at)
    context = {
        **stream,
        "now": at,
        "mentor": mentor,
        "steps": steps_of_mentor(mentor, at),
        "rows": rows_of(items, at),
        "dashboard": dashboard,
        "activity": [_line(each) for each in dashboard.recent_activity],
    }
    return render(request, "mentorship_coordination/mentor.html", context)


def _line(activity: Activity) -> ActivityLine:
    who = activity.mentee or ("A group" if activity.mentee_id is None else "A former mentee")
    return ActivityLine(activity.time, who, action_words(activity.action), activity.title)
