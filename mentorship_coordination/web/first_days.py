"""A guide through the first days of a mentor and of a director: what to do, what is done, where.

It is on the first page until everything is done, for a month, or until the person puts it away.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from core import clock
from core.tenancy.identity import Role
from core.web import page
from mentorship_coordination.selectors.first_days import get_directors_start, get_mentors_start
from mentorship_coordination.web.people import person_of
from users.actions.profile import ProfileChangedMeanwhile, change_own_profile
from users.models import User

SHOWN_FOR: Final = timedelta(days=30)
#: In the person's preferences.
KEY: Final = "guide_put_away"


@dataclass(frozen=True, slots=True)
class Step:
    words: str
    why: str
    url: str
    is_done: bool


def steps_of_mentor(mentor: User, at: datetime) -> list[Step]:
    """Empty once everything is done. One query, none after the first month."""
    if not _is_shown(mentor, at):
        return []
    start = get_mentors_start(mentor.pk)
    profile, queue = reverse("profile"), reverse("queue-page")
    steps = [
        Step(
            "Say when you have time",
            "Your weekly hours decide which times students are offered.",
            profile,
            bool(mentor.mentor_availability),
        ),
        Step(
            "Say what you know",
            "Specialties and languages decide who is matched with you.",
            profile,
            bool(mentor.mentor_specialties and mentor.languages),
        ),
        Step(
            "Have your sessions in your own calendar",
            "A private address, in your profile.",
            f"{profile}#calendar",
            start.has_calendar,
        ),
        Step("Meet your mentees", "The next matching brings them.", reverse("mentees-page"), start.has_mentees),
        Step("Book a first session", "Choose a mentee and a free time.", reverse("mentees-page"), start.has_sessions),
        Step("Answer what was handed in", "The queue says what runs out first.", queue, start.has_finished),
    ]
    return [] if all(each.is_done for each in steps) else steps


def steps_of_director(director: User, cohort_ids: list[UUID], at: datetime) -> list[Step]:
    """Empty once everything is done. One query, none after the first month."""
    if not _is_shown(director, at):
        return []
    start = get_directors_start(director.pk, cohort_ids)
    matching = reverse("director-matching-page")
    steps = [
        Step(
            "Get a cohort",
            "An admin makes it and names you as its director.",
            reverse("director-page"),
            bool(cohort_ids),
        ),
        Step(
            "Bring the students in",
            "From a spreadsheet: an admin’s import, or manage.py import_roster.",
            reverse("director-page"),
            start.has_students,
        ),
        Step("Ask for a matching", "It proposes; nothing begins before you say so.", matching, start.has_runs),
        Step(
            "Look at the pairs, and publish them",
            "Each says why; who stays without a mentor, too.",
            matching,
            start.has_pairs,
        ),
        Step(
            "See how service levels are kept",
            "As soon as the first work is finished.",
            reverse("director-report-page"),
            start.has_finished,
        ),
    ]
    return [] if all(each.is_done for each in steps) else steps


def _is_shown(person: User, at: datetime) -> bool:
    return at - person.created_at < SHOWN_FOR and not person.preferences.get(KEY)


@page(Role.PERSON)
@require_POST
def put_away(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    changes = {"preferences": {**person.preferences, KEY: True}}
    try:
        change_own_profile(by=person, revision=person.revision, changes=changes, at=clock.now())
    except ProfileChangedMeanwhile:
        messages.error(request, "Your profile has just changed. Try again.")
    return redirect("home")
