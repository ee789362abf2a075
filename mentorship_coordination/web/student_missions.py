"""One mission: what to do, what she handed in, and the form that hands in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from core import clock
from core.api.problems import status_of
from core.enums import Audience
from core.errors import DomainError, NotPermitted, NotVisible
from core.tenancy.identity import Role
from core.web import add_refusal, page
from mentorship_coordination.web.forms import HandInForm
from mentorship_coordination.web.live import stream_of
from mentorship_coordination.web.people import person_of
from mentorship_coordination.web.submissions import Submission, submission_of
from missions.actions import submit_mission
from missions.enums import OPEN_TO_SUBMIT
from missions.models import Mission
from missions.selectors import find_shown_enrolment, get_mission_of, get_submission
from users.enums import EnrolmentState


@page(Role.STUDENT)
@require_http_methods(["GET", "HEAD", "POST"])
def mission_page(request: HttpRequest, mission_id: UUID) -> HttpResponse:
    if request.method != "POST":
        return _show(request, mission_id, HandInForm())
    form = HandInForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show(request, mission_id, form, status=400)
    try:
        submission = submit_mission(mission_id=mission_id, by=person_of(request), at=clock.now(), **form.cleaned_data)
    except (NotVisible, NotPermitted):
        raise
    except DomainError as refusal:
        add_refusal(form, refusal)
        return _show(request, mission_id, form, status=status_of(refusal))
    messages.success(request, f"Version {submission.version} is handed in. Your mentor has been told.")
    return redirect("mission-page", mission_id)


def _show(request: HttpRequest, mission_id: UUID, form: HandInForm, *, status: int = 200) -> HttpResponse:
    stream = stream_of(Audience.STUDENT)
    enrolment = find_shown_enrolment(person_of(request).pk)
    mission = get_mission_of(enrolment, mission_id)
    submission = _own_submission(mission)
    is_active = enrolment is not None and enrolment.state == EnrolmentState.ACTIVE
    context = {
        **stream,
        "mission": mission,
        "submission": submission,
        "form": form,
        "is_active": is_active,
        "may_hand_in": is_active and (submission is None or submission.state in OPEN_TO_SUBMIT),
    }
    return render(request, "mentorship_coordination/mission.html", context, status=status)


def _own_submission(mission: Mission) -> Submission | None:
    own: list[Any] = mission.own_submissions  # type: ignore[attr-defined]
    return submission_of(get_submission(own[0].pk), file_url="submission-file") if own else None
