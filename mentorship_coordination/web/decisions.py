"""What needs a director's decision: in words, where to look first, what to press; and putting it off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_POST

from core import clock
from core.errors import InvalidInput
from core.tenancy.identity import Role
from core.web import page
from mentorship_coordination.actions.decisions import put_decision_off, take_decision_up
from mentorship_coordination.selectors.decisions import Decision, DecisionKind
from mentorship_coordination.web.people import person_of
from mentorship_coordination.web.queue import tomorrow_morning
from mentorship_coordination.web.words import counted, due_words, refusal_words


@dataclass(frozen=True, slots=True)
class Apply:
    """A form of one button."""

    url: str
    label: str
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionLine:
    key: str
    title: str
    words: str
    look: str
    look_label: str
    apply: Apply | None
    is_grave: bool
    until: datetime | None = None


def line_of(decision: Decision, at: datetime, until: datetime | None = None) -> DecisionLine:
    title, words, look, label, apply = _WORDS[decision.kind](decision, at)
    is_grave = decision.kind == DecisionKind.FLAG or decision.is_late
    return DecisionLine(decision.key, title, words, look, label, apply, is_grave, until)


_Line = tuple[str, str, str, str, Apply | None]


def _of_flag(decision: Decision, at: datetime) -> _Line:
    flag, url = decision.flag, reverse("director-flag-page", args=[decision.reference])
    words = f"{flag.get_severity_display().capitalize()}: {flag.reason}" if flag else ""
    apply = Apply(reverse("move-director-flag", args=[decision.reference]), "Acknowledge", (("to", "acknowledged"),))
    return f"A flag about {decision.subject}", words, url, "Read it", apply


def _of_pool(decision: Decision, at: datetime) -> _Line:
    first = "all paused" if decision.due_at is None else f"the first due {due_words(decision.due_at, at)}"
    url = f"{reverse('director-work-page')}?status=unassigned"
    return (
        f"{counted(decision.count, 'item')} without a mentor",
        f"{decision.subject}: {first}.",
        url,
        "Give away",
        None,
    )


def _of_handover(decision: Decision, at: datetime) -> _Line:
    url = reverse("director-handover-page", args=[decision.reference])
    words = f"{counted(decision.count, 'mentee')} to be handed over. Nothing changes before you start it."
    apply = Apply(reverse("start-handover", args=[decision.reference]), "Start")
    return f"{decision.subject} leaves", words, url, "See the plan", apply


def _of_draft(decision: Decision, at: datetime) -> _Line:
    url = reverse("director-match-page", args=[decision.reference])
    whose = decision.subject or "all your cohorts"
    return "A matching waits for its publication", f"Of {whose}.", url, "See the pairs", None


def _of_unmatched(decision: Decision, at: datetime) -> _Line:
    words = f"{decision.subject}: the longest for {counted((at - decision.since).days, 'day')}."
    url = f"{reverse('director-matching-page')}?cohort={decision.reference}"
    return f"{counted(decision.count, 'student')} without a mentor", words, url, "Match", None


def _of_dispute(decision: Decision, at: datetime) -> _Line:
    words = f"The oldest for {counted((at - decision.since).days, 'day')}."
    return f"{counted(decision.count, 'session')} in dispute", words, reverse("director-disputes-page"), "Settle", None


_WORDS = {
    DecisionKind.FLAG: _of_flag,
    DecisionKind.POOL: _of_pool,
    DecisionKind.HANDOVER: _of_handover,
    DecisionKind.DRAFT: _of_draft,
    DecisionKind.UNMATCHED: _of_unmatched,
    DecisionKind.DISPUTE: _of_dispute,
}


@page(Role.DIRECTOR)
@require_POST
def put_off(request: HttpRequest) -> HttpResponse:
    """Until tomorrow at 08:00, in the director's zone."""
    director, at = person_of(request), clock.now()
    until = tomorrow_morning(director.timezone, at)
    try:
        put_decision_off(key=request.POST.get("key", ""), until=until, by=director, at=at)
    except InvalidInput as refusal:
        messages.error(request, refusal_words(refusal))
    else:
        messages.success(request, f"Put off until {date_format(timezone.localtime(until), 'l, H:i')}.")
    return redirect("director-page")


@page(Role.DIRECTOR)
@require_POST
def take_up(request: HttpRequest) -> HttpResponse:
    try:
        take_decision_up(key=request.POST.get("key", ""), by=person_of(request))
    except InvalidInput as refusal:
        messages.error(request, refusal_words(refusal))
    return redirect("director-page")
