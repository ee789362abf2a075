"""The director's overview: who waits and why, who carries how much, what is late, which worries are open."""

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
from mentorship_coordination.matching.words import blocked_in_words
from mentorship_coordination.selectors.decisions import list_decisions
from mentorship_coordination.selectors.flags import list_directed_cohorts
from mentorship_coordination.selectors.match_reading import find_newest_open_run
from mentorship_coordination.selectors.overview import LateItem, Unmatched, get_overview
from mentorship_coordination.selectors.queue import count_for_director
from mentorship_coordination.web.decisions import line_of
from mentorship_coordination.web.first_days import steps_of_director
from mentorship_coordination.web.live import stream_of
from mentorship_coordination.web.people import person_of
from mentorship_coordination.web.words import due_level, due_words


@dataclass(frozen=True, slots=True)
class DueLine:
    item: LateItem
    due: str
    level: str


@page(Role.DIRECTOR)
@require_safe
def director_page(request: HttpRequest) -> HttpResponse:
    director, at = person_of(request), clock.now()
    stream = stream_of(Audience.DIRECTOR)
    cohorts = list_directed_cohorts(director.pk)
    overview = get_overview(cohorts, at)
    decisions = list_decisions(director.pk, cohorts, at)
    context = {
        **stream,
        "overview": overview,
        "steps": steps_of_director(director, cohorts, at),
        "loads": overview.loads,
        "decisions": [line_of(each, at) for each in decisions.waiting],
        "put_off": [line_of(each, at, until) for each, until in decisions.put_off],
        "open_run": find_newest_open_run(),
        "counters": count_for_director(director.pk, at),
        "waiting": [(each, reasons_in_words(each)) for each in overview.unmatched],
        "items": [_due(each, at) for each in overview.items],
    }
    return render(request, "mentorship_coordination/director.html", context)


def _due(item: LateItem, at: datetime) -> DueLine:
    return DueLine(item, due_words(item.due_at, at), due_level(item.due_at, at))


def reasons_in_words(waiting: Unmatched) -> str:
    """`230 no language in common, 32 full`, the commonest first (product.md §10)."""
    return blocked_in_words(waiting.blocked) or "Not matched yet."
