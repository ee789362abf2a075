"""One session of the student: what was noted, what is to be done; and saying that it was not so."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from core import clock
from core.tenancy.identity import Role
from core.web import page
from mentorship_coordination.actions.session_disputes import WITHIN, dispute_session
from mentorship_coordination.actions.session_notes import finish_action_item, make_goal_of
from mentorship_coordination.selectors.session_notes import get_session_record
from mentorship_coordination.selectors.sessions import get_session, list_sessions_of_student
from mentorship_coordination.web.mentor_session import done
from mentorship_coordination.web.people import person_of
from mentorship_coordination.web.session_forms import GoalDayForm, reason_of
from mentorship_coordination.web.session_words import action_lines, attendance_words, session_lines

PAGE = "student-session-page"


@page(Role.STUDENT)
@require_safe
def session_page(request: HttpRequest, session_id: UUID) -> HttpResponse:
    student, at = person_of(request), clock.now()
    session = get_session(list_sessions_of_student(student.pk), session_id)
    record = get_session_record(list_sessions_of_student(student.pk), session_id)
    own = next((each for each in session.participants.all() if each.person_id == student.pk), None)
    # Of a group she disputes her own attendance, of a session of two the session.
    about = own if session.mentee_id is None and own is not None else session
    closed_lately = session.closed_at is not None and at - session.closed_at <= WITHIN
    [line] = session_lines([session], at, of_mentor=False)
    mentor_name = session.mentor_name or "A mentor"  # type: ignore[attr-defined]
    context = {
        "line": line,
        "session": session,
        "about": about,
        "attendance": attendance_words(own),
        "can_dispute": closed_lately and about.disputed_at is None,
        "notes": record.notes,
        "items": action_lines(record.action_items, {session.mentor_id: mentor_name, student.pk: "you"}, student.pk),
    }
    return render(request, "mentorship_coordination/student_session.html", context)


@page(Role.STUDENT)
@require_POST
def dispute(request: HttpRequest, session_id: UUID) -> HttpResponse:
    student, at = person_of(request), clock.now()
    reason = reason_of(request)
    return done(
        request,
        "A director looks at it.",
        lambda: dispute_session(session_id=session_id, reason=reason, by=student, at=at),
        PAGE,
        session_id,
    )


@page(Role.STUDENT)
@require_POST
def item_done(request: HttpRequest, session_id: UUID, item_id: UUID) -> HttpResponse:
    student, at = person_of(request), clock.now()
    return done(request, "Done.", lambda: finish_action_item(item_id=item_id, by=student, at=at), PAGE, session_id)


@page(Role.STUDENT)
@require_POST
def item_as_goal(request: HttpRequest, session_id: UUID, item_id: UUID) -> HttpResponse:
    student, at = person_of(request), clock.now()
    form = GoalDayForm(request.POST)
    if not form.is_valid():
        raise BadRequest("Words that this page did not send.")
    day = form.cleaned_data["due_date"]
    return done(
        request,
        "It is one of your goals now.",
        lambda: make_goal_of(item_id=item_id, by=student, at=at, due_date=day),
        PAGE,
        session_id,
    )
