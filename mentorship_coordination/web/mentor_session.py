"""One session of the mentor: who came, what was said, who does what until when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from core import clock
from core.errors import Conflict, InvalidInput
from core.tenancy.identity import Role
from core.web import add_refusal, page
from mentorship_coordination.actions.session_notes import finish_action_item, note_session
from mentorship_coordination.actions.session_outcomes import complete_session
from mentorship_coordination.enums import ParticipantRole, SessionStatus
from mentorship_coordination.models.sessions import MentorSession, SessionParticipant
from mentorship_coordination.selectors.session_notes import get_session_record
from mentorship_coordination.selectors.sessions import get_session_of_mentor, list_sessions_of_mentor
from mentorship_coordination.web.people import person_of
from mentorship_coordination.web.session_forms import AttendanceForm, NotesForm
from mentorship_coordination.web.session_words import action_lines, session_lines
from mentorship_coordination.web.words import refusal_words
from users.models import User

NOTED = (SessionStatus.SCHEDULED, SessionStatus.COMPLETED)


@page(Role.MENTOR)
@require_http_methods(["GET", "HEAD", "POST"])
def session_page(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """A POST keeps notes and action items."""
    mentor, at = person_of(request), clock.now()
    session = get_session_of_mentor(mentor.pk, session_id)
    comers = _mentees(session)
    owners = [(each.person_id, _name(each)) for each in comers if each.is_active]
    form = NotesForm(request.POST if request.method == "POST" else None, owners=[*owners, (mentor.pk, "I myself")])
    if form.is_bound and form.is_valid() and _keep(request, form, session_id, at):
        return redirect("mentor-session-page", session_id)
    return _show(request, session, mentor, at, form, 400 if form.errors else 200)


def _keep(request: HttpRequest, form: NotesForm, session_id: UUID, at: datetime) -> bool:
    try:
        note_session(
            session_id=session_id,
            by=person_of(request),
            at=at,
            text=form.cleaned_data["notes"],
            private_text=form.cleaned_data["private_notes"],
            action_items=form.items(),
        )
    except (Conflict, InvalidInput) as refusal:
        add_refusal(form, refusal)
        return False
    messages.success(request, "Kept.")
    return True


def _show(
    request: HttpRequest, session: MentorSession, mentor: User, at: datetime, form: NotesForm, status: int
) -> HttpResponse:
    [line] = session_lines([session], at, of_mentor=True)
    record = get_session_record(list_sessions_of_mentor(mentor.pk), session.pk)
    names = {each.person_id: _name(each) for each in session.participants.all()}
    comers = _mentees(session)
    context = {
        "line": line,
        "session": session,
        "zones": _zones(session, mentor),
        "comers": [(_name(each), each) for each in comers],
        "is_group": session.mentee_id is None,
        "can_note": session.status in NOTED and session.starts_at <= at,
        "notes": [(each, each.is_private) for each in record.notes],
        "items": action_lines(record.action_items, names, mentor.pk),
        "form": form,
    }
    return render(request, "mentorship_coordination/mentor_session.html", context, status=status)


def _zones(session: MentorSession, mentor: User) -> list[tuple[str, str]]:
    """The start in the mentees' zones that differ from the mentor's."""
    people = [each.person_id for each in _mentees(session)]
    zones = User.objects.filter(pk__in=people).exclude(timezone=mentor.timezone).values_list("name", "timezone")
    return [(name, f"{session.starts_at.astimezone(ZoneInfo(zone)):%a %H:%M}") for name, zone in zones]


def _mentees(session: MentorSession) -> list[SessionParticipant]:
    return [each for each in session.participants.all() if each.role == ParticipantRole.MENTEE]


def _name(participant: SessionParticipant) -> str:
    return participant.person_name or "A former mentee"  # type: ignore[attr-defined]


@page(Role.MENTOR)
@require_POST
def held_with(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """It took place; whoever is not ticked of a group did not come."""
    mentor, at = person_of(request), clock.now()
    session = get_session_of_mentor(mentor.pk, session_id)
    mentees = [each.person_id for each in _mentees(session) if each.is_active]
    form = AttendanceForm(request.POST, mentees=mentees)
    if not form.is_valid():
        messages.error(request, "Who takes part has changed: look again.")
        return redirect("mentor-session-page", session_id)
    absent = form.absent() if session.mentee_id is None else []
    return done(
        request,
        "It took place.",
        lambda: complete_session(session_id=session_id, by=mentor, at=at, absent=absent),
        "mentor-session-page",
        session_id,
    )


@page(Role.MENTOR)
@require_POST
def item_done(request: HttpRequest, session_id: UUID, item_id: UUID) -> HttpResponse:
    mentor, at = person_of(request), clock.now()
    return done(
        request,
        "Done.",
        lambda: finish_action_item(item_id=item_id, by=mentor, at=at),
        "mentor-session-page",
        session_id,
    )


def done(request: HttpRequest, words: str, act: Callable[[], object], page_name: str, session_id: UUID) -> HttpResponse:
    """Act, say so or why not, and go back to the session."""
    try:
        act()
    except (Conflict, InvalidInput) as refusal:
        messages.error(request, refusal_words(refusal))
    else:
        messages.success(request, words)
    return redirect(page_name, session_id)
