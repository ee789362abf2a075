"""The student says how a session was."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from core import clock
from core.api.problems import status_of
from core.errors import DomainError, NotPermitted, NotVisible
from core.tenancy.identity import Role
from core.web import page
from mentorship_coordination.actions.ratings import rate_session
from mentorship_coordination.web.people import person_of
from mentorship_coordination.web.practice_forms import RatingForm
from mentorship_coordination.web.student import show_student
from mentorship_coordination.web.words import refusal_words


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
