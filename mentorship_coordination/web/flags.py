"""One flag with its history, for its mentor and for directors: taken up, settled, reopened. Source: product.md §8."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from core import clock
from core.enums import Audience
from core.errors import DomainError, NotVisible
from core.forms import Form
from core.tenancy.identity import Role
from core.web import page
from mentorship_coordination.actions.flags import acknowledge_flag, reopen_flag, resolve_flag
from mentorship_coordination.enums import FLAG_MOVES, FlagEntryKind, FlagState
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.selectors.flags import (
    get_flag,
    list_directed_cohorts,
    list_flags_of_cohorts,
    list_flags_of_mentor,
)
from mentorship_coordination.web.live import stream_of
from mentorship_coordination.web.people import person_of
from mentorship_coordination.web.words import refusal_words
from users.models import User

SAID = {
    FlagState.ACKNOWLEDGED: "Acknowledged: you look after it.",
    FlagState.RESOLVED: "Settled.",
    FlagState.OPEN: "Open again.",
}


class FlagMoveForm(Form):
    to = forms.ChoiceField(choices=FlagState.choices)
    outcome = forms.CharField(required=False, max_length=80)
    note = forms.CharField(required=False, max_length=5000)


@page(Role.MENTOR)
@require_safe
def mentor_flag_page(request: HttpRequest, flag_id: UUID) -> HttpResponse:
    return _show(request, _of_mentor(request, flag_id), Audience.MENTOR, "move-mentor-flag")


@page(Role.DIRECTOR)
@require_safe
def director_flag_page(request: HttpRequest, flag_id: UUID) -> HttpResponse:
    return _show(request, _of_director(request, flag_id), Audience.DIRECTOR, "move-director-flag")


@page(Role.MENTOR)
@require_POST
def move_mentor_flag(request: HttpRequest, flag_id: UUID) -> HttpResponse:
    return _move(request, _of_mentor(request, flag_id), "mentor-flag-page")


@page(Role.DIRECTOR)
@require_POST
def move_director_flag(request: HttpRequest, flag_id: UUID) -> HttpResponse:
    return _move(request, _of_director(request, flag_id), "director-flag-page")


def _of_mentor(request: HttpRequest, flag_id: UUID) -> MentorFlag:
    return get_flag(list_flags_of_mentor(person_of(request).pk), flag_id)


def _of_director(request: HttpRequest, flag_id: UUID) -> MentorFlag:
    return get_flag(list_flags_of_cohorts(list_directed_cohorts(person_of(request).pk)), flag_id)


def _show(request: HttpRequest, flag: MentorFlag, audience: Audience, move: str) -> HttpResponse:
    entries: list[Any] = list(flag.entries.all())
    names = dict(User.objects.filter(pk__in={each.by_id for each in entries}).values_list("pk", "name"))
    context = {
        **stream_of(audience),
        "flag": flag,
        "move": move,
        "is_director": audience == Audience.DIRECTOR,
        "moves": {state.value for state in FLAG_MOVES[FlagState(flag.state)]},
        "entries": [(each, FlagEntryKind(each.kind).label, names.get(each.by_id, "")) for each in entries],
    }
    return render(request, "mentorship_coordination/flag.html", context)


def _move(request: HttpRequest, flag: MentorFlag, back: str) -> HttpResponse:
    form = FlagMoveForm(request.POST)
    if not form.is_valid():
        raise BadRequest("Words that this page did not send.")
    given, pk, by, at = form.cleaned_data, flag.pk, person_of(request), clock.now()
    to, note = FlagState(given["to"]), given["note"]
    steps: dict[FlagState, Callable[[], object]] = {
        FlagState.ACKNOWLEDGED: lambda: acknowledge_flag(flag_id=pk, by=by, at=at),
        FlagState.RESOLVED: lambda: resolve_flag(flag_id=pk, outcome=given["outcome"], note=note, by=by, at=at),
        FlagState.OPEN: lambda: reopen_flag(flag_id=pk, reason=note, by=by, at=at),
    }
    try:
        steps[to]()
    except NotVisible:
        raise
    except DomainError as refusal:
        messages.error(request, refusal_words(refusal))
    else:
        messages.success(request, SAID[to])
    return redirect(back, flag.pk)
