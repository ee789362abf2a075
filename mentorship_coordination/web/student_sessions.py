"""The student's sessions: what she asked for, what is to come and was; asking for one, calling one off, rating one."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from core import clock
from core.api.problems import status_of
from core.enums import Audience
from core.errors import Conflict, DomainError, InvalidInput, NotPermitted, NotVisible
from core.tenancy.identity import Role
from core.web import page
from mentorship_coordination.actions.ratings import rate_session
from mentorship_coordination.actions.session_outcomes import cancel_participation
from mentorship_coordination.actions.session_requests import request_session
from mentorship_coordination.enums import SessionStatus
from mentorship_coordination.selectors.mentees import find_asked_assignment
from mentorship_coordination.selectors.sessions import list_sessions_of_student
from mentorship_coordination.web.live import stream_of
from mentorship_coordination.web.people import person_of
from mentorship_coordination.web.practice_forms import RatingForm
from mentorship_coordination.web.session_forms import SlotForm
from mentorship_coordination.web.session_words import session_lines, slot_days
from mentorship_coordination.web.student import show_student
from mentorship_coordination.web.words import refusal_words
from users.models import User

MOST_ROWS = 50


@page(Role.STUDENT)
@require_http_methods(["GET", "HEAD", "POST"])
def sessions_page(request: HttpRequest) -> HttpResponse:
    """A POST asks the mentor for one of the free times."""
    student, at = person_of(request), clock.now()
    form = SlotForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            request_session(title=given["title"], starts_at=given["start"], by=student, at=at)
        except (Conflict, InvalidInput) as refusal:
            form.add_error(None, refusal_words(refusal))
            status = 409
        else:
            messages.success(request, "Your mentor is asked, and has a day to answer.")
            return redirect("student-sessions-page")
    elif form.is_bound:
        status = 400
    return _show(request, student, at, form, status)


def _show(request: HttpRequest, student: User, at: datetime, form: SlotForm, status: int) -> HttpResponse:
    stream = stream_of(Audience.STUDENT)
    pair = find_asked_assignment(student.pk)
    sessions = list_sessions_of_student(student.pk).prefetch_related(None)
    to_come = Q(status=SessionStatus.SCHEDULED, ends_at__gt=at) | Q(status=SessionStatus.REQUESTED)
    notice = timedelta(minutes=settings.SESSION_NOTICE_MINUTES)
    context = {
        **stream,
        "form": form,
        "pair": pair,
        "other": pair.mentor if pair else None,
        "viewer": student,
        "days": slot_days(pair, at=at, viewer=student, notice=notice) if pair else [],
        "verb": "Ask for it",
        "planned": session_lines(sessions.filter(to_come).order_by("starts_at", "id")[:MOST_ROWS], at, of_mentor=False),
        "past": session_lines(sessions.exclude(to_come).order_by("-starts_at", "-id")[:MOST_ROWS], at, of_mentor=False),
    }
    return render(request, "mentorship_coordination/student_sessions.html", context, status=status)


@page(Role.STUDENT)
@require_POST
def call_off(request: HttpRequest, session_id: UUID) -> HttpResponse:
    try:
        session = cancel_participation(session_id=session_id, by=person_of(request), at=clock.now())
    except Conflict as refusal:
        messages.error(request, refusal.message)
    else:
        late = " It counts against your sessions: it was less than 24 hours ahead." if session.is_late_cancel else ""
        messages.success(request, f"Called off: {session.title}.{late}")
    return redirect("student-sessions-page")


@page(Role.STUDENT)
@require_POST
def rate(request: HttpRequest, session_id: UUID) -> HttpResponse:
    form = RatingForm(request.POST)
    if not form.is_valid():
        return show_student(request, rating_form=form, status=400)
    try:
        session = rate_session(session_id=session_id, by=person_of(request), at=clock.now(), **form.cleaned_data)
    except (NotVisible, NotPermitted):
        raise
    except DomainError as refusal:
        return show_student(request, refusal=refusal_words(refusal), status=status_of(refusal))
    messages.success(request, f"Thank you. You gave “{session.title}” {form.cleaned_data['rating']} of 5.")
    return redirect("student-page")
