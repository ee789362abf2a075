"""A mentor leaves: who, the plan, the start, what came of it. Step by step. Source: product.md §6."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import clock
from core.api.problems import status_of
from core.enums import Audience
from core.errors import DomainError, NotPermitted, NotVisible
from core.forms import Form
from core.tenancy.identity import Role
from core.web import add_refusal, page
from mentorship_coordination.actions.handover import cancel_handover, request_handover_as_director, start_handover
from mentorship_coordination.enums import HandoverState
from mentorship_coordination.handover.plan import words_of_plan
from mentorship_coordination.matching.words import mentors_blocked_in_words
from mentorship_coordination.models.handovers import MentorHandover
from mentorship_coordination.selectors.handover import get_handover, list_handovers
from mentorship_coordination.selectors.mentor_loads import MentorLoad, list_mentor_loads
from mentorship_coordination.web.live import stream_of
from mentorship_coordination.web.people import person_of

MOST_ROWS: Final = 50
STATE_WORDS: Final = {
    HandoverState.REQUESTED: "the plan is being made",
    HandoverState.PLANNED: "waits for your start",
    HandoverState.RUNNING: "under way",
    HandoverState.DONE: "done",
    HandoverState.REFUSED: "refused",
    HandoverState.CANCELLED: "dropped",
}
STEPS: Final = ((HandoverState.REQUESTED, "Asked for"), (HandoverState.PLANNED, "Planned"),
                (HandoverState.RUNNING, "Under way"), (HandoverState.DONE, "Done"))  # fmt: skip


class HandoverForm(Form):
    mentor = forms.ChoiceField(label="Who leaves")
    reason = forms.CharField(label="Why", max_length=300, help_text="Kept with the hand-over; students do not see it.")

    def __init__(self, *args: Any, mentors: list[MentorLoad], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(each.id), f"{each.name}: {each.mentees} mentees, {each.open_items} open") for each in mentors]
        self.fields["mentor"].choices = choices  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Move:
    """What the plan has for one mentee; `became` what came of it, empty before."""

    mentee: str
    open_items: int
    to: str
    why: str
    sessions: list[tuple[str, Any, bool, str]]
    became: str


@page(Role.DIRECTOR)
@require_http_methods(["GET", "HEAD", "POST"])
def handovers_page(request: HttpRequest) -> HttpResponse:
    at = clock.now()
    mentors = sorted((each for each in list_mentor_loads(at) if each.mentees), key=lambda each: each.name)
    if request.method != "POST":
        return _list(request, HandoverForm(mentors=mentors, initial={"mentor": request.GET.get("mentor")}))
    form = HandoverForm(request.POST, mentors=mentors)
    if not form.is_valid():
        return _list(request, form, status=400)
    given = form.cleaned_data
    try:
        handover = request_handover_as_director(
            mentor_id=UUID(given["mentor"]), reason=given["reason"], by=person_of(request), at=at
        )
    except (NotVisible, NotPermitted):
        raise
    except DomainError as refusal:
        add_refusal(form, refusal)
        return _list(request, form, status=status_of(refusal))
    return redirect("director-handover-page", handover.pk)


def _list(request: HttpRequest, form: HandoverForm, *, status: int = 200) -> HttpResponse:
    found = list_handovers().order_by("-created_at", "-id")[:MOST_ROWS]
    context = {"form": form, "handovers": [(each, STATE_WORDS[HandoverState(each.state)]) for each in found]}
    return render(request, "mentorship_coordination/director_handovers.html", context, status=status)


@page(Role.DIRECTOR)
@require_safe
def handover_page(request: HttpRequest, handover_id: UUID) -> HttpResponse:
    stream = stream_of(Audience.DIRECTOR)
    handover = get_handover(handover_id)
    state = HandoverState(handover.state)
    context = {
        **stream,
        "handover": handover,
        "state": STATE_WORDS[state],
        "steps": _steps(state),
        "summary": words_of_plan(handover.plan),
        "moves": _moves(handover),
        "groups": [_session(each) for each in (handover.plan or {}).get("groups", [])],
        "may_start": state == HandoverState.PLANNED,
        "may_cancel": state in (HandoverState.REQUESTED, HandoverState.PLANNED),
    }
    return render(request, "mentorship_coordination/director_handover.html", context)


@page(Role.DIRECTOR)
@require_POST
def start(request: HttpRequest, handover_id: UUID) -> HttpResponse:
    return _change(request, handover_id, start_handover, "It has begun: mentee by mentee.")


@page(Role.DIRECTOR)
@require_POST
def cancel(request: HttpRequest, handover_id: UUID) -> HttpResponse:
    return _change(request, handover_id, cancel_handover, "Dropped. Nothing has changed.")


def _change(request: HttpRequest, handover_id: UUID, change: Callable[..., object], said: str) -> HttpResponse:
    try:
        change(handover_id=handover_id, by=person_of(request), at=clock.now())
    except NotVisible:
        raise
    except DomainError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, said)
    return redirect("director-handover-page", handover_id)


def _steps(state: HandoverState) -> list[tuple[str, bool, bool]]:
    """(words, is it past, is it now) of each step; a dropped or refused one stopped before its start."""
    names = [each for each, _ in STEPS]
    here = names.index(state) if state in names else 1
    return [(words, nth < here, nth == here and state in names) for nth, (_, words) in enumerate(STEPS)]


def _moves(handover: MentorHandover) -> list[Move]:
    plan = handover.plan or {}
    return [_move(each, handover.result.get(each["assignment"])) for each in plan.get("moves", [])]


def _move(planned: dict[str, Any], result: dict[str, Any] | None) -> Move:
    return Move(
        mentee=planned["mentee_name"],
        open_items=planned["open_items"],
        to=planned["mentor_name"] or "the waiting list",
        why=_why(planned),
        sessions=[_session(each) for each in planned["sessions"]],
        became=became_in_words(planned, result),
    )


def _why(planned: dict[str, Any]) -> str:
    if planned["mentor"] is None:
        return mentors_blocked_in_words(planned["blocked"])
    parts = ", ".join(f"{name.replace('_', ' ')} {points}" for name, points in planned["parts"].items() if points)
    return f"{planned['score']} points: {parts}" if parts else f"{planned['score']} points"


def became_in_words(planned: dict[str, Any], result: dict[str, Any] | None) -> str:
    if result is None:
        return ""
    if result["mentor"] is None:
        return "waits for a mentor"
    if result["as_planned"]:
        return "as planned"
    if planned["mentor"] is None:
        return "to a mentor who had room by then"
    return "to another mentor: the planned one could not take them by then"


def _session(planned: dict[str, Any]) -> tuple[str, Any, bool, str]:
    obstacle = (planned["obstacle"] or "").replace("_", " ")
    return planned["title"], parse_datetime(planned["start_time"]), planned["taken_over"], obstacle
