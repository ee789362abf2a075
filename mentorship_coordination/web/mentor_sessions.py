"""The mentor's sessions: what mentees ask for, what is to come, what still wants a word; and free times to book."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import clock
from core.enums import Audience
from core.errors import Conflict, InvalidInput
from core.tenancy.identity import Role
from core.web import page
from mentorship_coordination.actions.session_outcomes import cancel_session, complete_session, mark_no_show
from mentorship_coordination.actions.session_requests import decline_session
from mentorship_coordination.actions.sessions import book_session, confirm_session
from mentorship_coordination.enums import ParticipantRole, SessionStatus
from mentorship_coordination.selectors.sessions import list_sessions_of_mentor
from mentorship_coordination.selectors.slots import get_pair_of_mentor
from mentorship_coordination.web.live import stream_of
from mentorship_coordination.web.people import person_of
from mentorship_coordination.web.session_forms import SlotForm, reason_of
from mentorship_coordination.web.session_week import week_of_mentor
from mentorship_coordination.web.session_words import session_lines, slot_days
from mentorship_coordination.web.words import refusal_words

MOST_ROWS = 50


@page(Role.MENTOR)
@require_safe
def sessions_page(request: HttpRequest) -> HttpResponse:
    mentor, at = person_of(request), clock.now()
    stream = stream_of(Audience.MENTOR)
    sessions = list_sessions_of_mentor(mentor.pk).prefetch_related(None)
    planned = sessions.filter(status=SessionStatus.SCHEDULED)
    context = {
        **stream,
        "week": week_of_mentor(mentor, at, request.GET.get("week", "")),
        "requests": session_lines(
            sessions.filter(status=SessionStatus.REQUESTED).order_by("starts_at", "id")[:MOST_ROWS], at, of_mentor=True
        ),
        "open": session_lines(
            planned.filter(starts_at__lte=at).order_by("starts_at", "id")[:MOST_ROWS], at, of_mentor=True
        ),
        "planned": session_lines(
            planned.filter(starts_at__gt=at).order_by("starts_at", "id")[:MOST_ROWS], at, of_mentor=True
        ),
    }
    return render(request, "mentorship_coordination/mentor_sessions.html", context)


@page(Role.MENTOR)
@require_POST
def confirm(request: HttpRequest, session_id: UUID) -> HttpResponse:
    mentor, at = person_of(request), clock.now()
    return _done(request, "Booked.", lambda: confirm_session(session_id=session_id, by=mentor, at=at))


@page(Role.MENTOR)
@require_POST
def decline(request: HttpRequest, session_id: UUID) -> HttpResponse:
    mentor, at, reason = person_of(request), clock.now(), reason_of(request)
    return _done(request, "Declined.", lambda: decline_session(session_id=session_id, by=mentor, at=at, reason=reason))


@page(Role.MENTOR)
@require_POST
def call_off(request: HttpRequest, session_id: UUID) -> HttpResponse:
    mentor, at, reason = person_of(request), clock.now(), reason_of(request)
    return _done(request, "Called off.", lambda: cancel_session(session_id=session_id, by=mentor, at=at, reason=reason))


@page(Role.MENTOR)
@require_POST
def held(request: HttpRequest, session_id: UUID) -> HttpResponse:
    mentor, at = person_of(request), clock.now()
    return _done(request, "It took place.", lambda: complete_session(session_id=session_id, by=mentor, at=at))


@page(Role.MENTOR)
@require_POST
def missed(request: HttpRequest, session_id: UUID) -> HttpResponse:
    mentor, at = person_of(request), clock.now()
    return _done(
        request,
        "Noted: the mentee did not come.",
        lambda: mark_no_show(session_id=session_id, who=ParticipantRole.MENTEE, by=mentor, at=at),
    )


@page(Role.MENTOR)
@require_http_methods(["GET", "HEAD", "POST"])
def slots_page(request: HttpRequest, mentee_id: UUID) -> HttpResponse:
    """Free times with one mentee; a POST books one of them."""
    mentor, at = person_of(request), clock.now()
    pair = get_pair_of_mentor(mentor.pk, mentee_id)
    form = SlotForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            session = book_session(
                mentee_id=mentee_id, title=given["title"], starts_at=given["start"], by=mentor, at=at
            )
        except (Conflict, InvalidInput) as refusal:
            form.add_error(None, refusal_words(refusal))
            status = 409
        else:
            messages.success(request, f"Booked: {session.title}.")
            return redirect("sessions-page")
    elif form.is_bound:
        status = 400
    context = {
        "form": form,
        "other": pair.mentee,
        "viewer": mentor,
        "days": slot_days(pair, at=at, viewer=mentor, notice=timedelta()),
        "verb": "Book it",
    }
    return render(request, "mentorship_coordination/slots.html", context, status=status)


def _done(request: HttpRequest, words: str, act: Callable[[], object]) -> HttpResponse:
    try:
        act()
    except Conflict as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, words)
    return redirect("sessions-page")
