"""The mentor answers a mentee's goal; where it waited in her queue, she goes on to what is next there."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from coaching.actions.goals import answer_goal
from coaching.selectors import get_goal
from core import clock
from core.api.problems import status_of
from core.errors import DomainError, NotPermitted, NotVisible
from core.tenancy.identity import Role
from core.web import add_refusal, page
from mentorship_coordination.enums import WorkType
from mentorship_coordination.selectors.queue import list_items_of_mentor
from mentorship_coordination.web.mentees import answer_ids, show_mentee
from mentorship_coordination.web.people import person_of
from mentorship_coordination.web.practice_forms import AnswerForm
from mentorship_coordination.web.queue import next_url


@page(Role.MENTOR)
@require_POST
def answer(request: HttpRequest, goal_id: UUID) -> HttpResponse:
    mentor = person_of(request)
    mentee_id = get_goal(goal_id).student_id
    form = AnswerForm(request.POST, auto_id=answer_ids(goal_id))
    if not form.is_valid():
        return show_mentee(request, mentee_id, answered=(goal_id, form), status=400)
    waited = list_items_of_mentor(mentor.pk).open().about(WorkType.GOAL_FEEDBACK, goal_id).exists()
    try:
        feedback = answer_goal(goal_id=goal_id, by=mentor, at=clock.now(), **form.cleaned_data)
    except (NotVisible, NotPermitted):
        raise
    except DomainError as refusal:
        add_refusal(form, refusal)
        return show_mentee(request, mentee_id, answered=(goal_id, form), status=status_of(refusal))
    messages.success(request, f"Sent: what you wrote about “{feedback.goal.title}”.")
    here = f"{reverse('mentee-page', args=[mentee_id])}#goal-{goal_id}"
    return redirect(next_url(mentor.pk, clock.now()) if waited else here)
