"""The mentor's mentees: the list, and one of them with the forms that book, flag and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.views.decorators.http import require_POST, require_safe

from core import clock
from core.api.problems import status_of
from core.enums import Audience
from core.errors import DomainError, NotPermitted, NotVisible
from core.tenancy.identity import Role
from core.web import add_refusal, page
from mentorship_coordination.actions.flags import raise_flag
from mentorship_coordination.actions.sessions import book_session
from mentorship_coordination.enums import SessionType
from mentorship_coordination.selectors.cockpit import Cockpit, get_cockpit
from mentorship_coordination.selectors.mentees import fetch_mentees
from mentorship_coordination.web.forms import FlagForm, SessionForm
from mentorship_coordination.web.goals import cards_of
from mentorship_coordination.web.habits import lines_of
from mentorship_coordination.web.live import stream_of
from mentorship_coordination.web.people import person_of
from mentorship_coordination.web.practice_forms import AnswerForm
from mentorship_coordination.web.readiness import parts_of, sparkline_of, trend_words
from mentorship_coordination.web.rows import rows_of
from mentorship_coordination.web.shortcuts import OF_COCKPIT, help_of
from mentorship_coordination.web.words import happened_words, state_words

TIMELINE_ROWS = 15
SESSION_ROWS = 6
GLANCE_ROWS = 4
CLOSED_ROWS = 3
#: A refused form, and the goal that it is about.
Answered = tuple[UUID, AnswerForm]


@page(Role.MENTOR)
@require_safe
def mentees_page(request: HttpRequest) -> HttpResponse:
    mentor = person_of(request)
    pairs = fetch_mentees(mentor.pk, clock.now(), order=("mentee__name", "id"))
    return render(request, "mentorship_coordination/mentees.html", {"pairs": pairs})


@page(Role.MENTOR)
@require_safe
def mentee_page(request: HttpRequest, mentee_id: UUID) -> HttpResponse:
    return show_mentee(request, mentee_id)


@page(Role.MENTOR)
@require_POST
def book(request: HttpRequest, mentee_id: UUID) -> HttpResponse:
    form = SessionForm(request.POST)
    if not form.is_valid():
        return show_mentee(request, mentee_id, session_form=form, status=400)
    given = form.cleaned_data
    try:
        session = book_session(
            mentee_id=mentee_id,
            title=given["title"],
            starts_at=given["start_time"],
            duration_minutes=given["duration_minutes"],
            type=SessionType(given["type"]),
            by=person_of(request),
            at=clock.now(),
        )
    except (NotVisible, NotPermitted):
        raise
    except DomainError as refusal:
        add_refusal(form, refusal)
        _add_alternatives(form, refusal)
        return show_mentee(request, mentee_id, session_form=form, status=status_of(refusal))
    when = date_format(timezone.localtime(session.starts_at), "l j F, H:i")
    messages.success(request, f"Booked: {session.title}, {when}.")
    return redirect("mentee-page", mentee_id)


@page(Role.MENTOR)
@require_POST
def flag(request: HttpRequest, mentee_id: UUID) -> HttpResponse:
    form = FlagForm(request.POST)
    if not form.is_valid():
        return show_mentee(request, mentee_id, flag_form=form, status=400)
    try:
        raise_flag(mentee_id=mentee_id, by=person_of(request), at=clock.now(), **form.cleaned_data)
    except (NotVisible, NotPermitted):
        raise
    except DomainError as refusal:
        add_refusal(form, refusal)
        return show_mentee(request, mentee_id, flag_form=form, status=status_of(refusal))
    messages.success(request, "The flag is raised.")
    return redirect("mentee-page", mentee_id)


def _add_alternatives(form: SessionForm, refusal: DomainError) -> None:
    """Free times nearby, as the refusal names them, in the mentor's zone."""
    offered = refusal.extra.get("alternatives")
    if not isinstance(offered, list) or not offered:
        return
    starts = [each["start_time"] if isinstance(each, dict) else each for each in offered]
    times = [parse_datetime(each) if isinstance(each, str) else each for each in starts]
    words = [date_format(timezone.localtime(time), "D j M, H:i") for time in times if time is not None]
    form.add_error("start_time", f"Free instead: {'; '.join(words)}.")


def show_mentee(
    request: HttpRequest,
    mentee_id: UUID,
    *,
    session_form: SessionForm | None = None,
    flag_form: FlagForm | None = None,
    answered: Answered | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, also with the form that was refused."""
    mentor, at = person_of(request), clock.now()
    stream = stream_of(Audience.MENTOR)
    cockpit = get_cockpit(mentor_id=mentor.pk, mentee_id=mentee_id, at=at)
    context = {
        **stream,
        "help": help_of(OF_COCKPIT),
        "now": at,
        "cockpit": cockpit,
        "mentee": cockpit.assignment.mentee,
        "rows": rows_of(cockpit.open_items, at),
        "submissions": [(each, state_words(each.state)) for each in cockpit.submissions],
        "sessions": cockpit.sessions[:SESSION_ROWS],
        "timeline": [(each, happened_words(each.kind)) for each in cockpit.timeline[:TIMELINE_ROWS]],
        **_signs(cockpit),
        **_goals(cockpit, answered, at),
        "session_form": session_form or SessionForm(),
        "flag_form": flag_form or FlagForm(),
        "books": session_form is not None,
        "flags": flag_form is not None,
    }
    return render(request, "mentorship_coordination/mentee.html", context, status=status)


@page(Role.MENTOR)
@require_safe
def glance(request: HttpRequest, mentee_id: UUID) -> HttpResponse:
    """The mentee beside the queue: a part of a page, with what a mentor looks up while she answers."""
    at = clock.now()
    cockpit = get_cockpit(mentor_id=person_of(request).pk, mentee_id=mentee_id, at=at)
    context = {
        "now": at,
        "cockpit": cockpit,
        "mentee": cockpit.assignment.mentee,
        "goals": [each for each in cards_of(cockpit.goals, at) if each.is_open],
        "sessions": cockpit.sessions[:GLANCE_ROWS],
        "timeline": [(each, happened_words(each.kind)) for each in cockpit.timeline[:GLANCE_ROWS]],
        **_signs(cockpit),
    }
    return render(request, "mentorship_coordination/_glance.html", context)


def _signs(cockpit: Cockpit) -> dict[str, Any]:
    return {
        "trend": trend_words(cockpit.dashboard.trend_7d) if cockpit.dashboard else "",
        "parts": parts_of(cockpit.readiness_parts),
        "course": sparkline_of([(day.date, day.readiness) for day in cockpit.days]),
        "habits": lines_of(cockpit.habits),
    }


def _goals(cockpit: Cockpit, answered: Answered | None, at: datetime) -> dict[str, Any]:
    """Open goals, each with its form; of the closed ones those closed last."""
    cards, refused = cards_of(cockpit.goals, at), dict([answered]) if answered else {}
    closed = sorted((each for each in cards if not each.is_open), key=lambda goal: str(goal.closed_date), reverse=True)
    forms = {each.id: refused.get(each.id) or AnswerForm(auto_id=answer_ids(each.id)) for each in cards}
    return {
        "open_goals": [(each, forms[each.id], each.is_overdue or each.id in refused) for each in cards if each.is_open],
        "closed_goals": closed[:CLOSED_ROWS],
    }


def answer_ids(goal_id: UUID) -> str:
    return f"answer-{goal_id}-%s"
