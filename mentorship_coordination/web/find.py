"""Find a person or a page: what Ctrl+K opens, and a page of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from core.tenancy.identity import Role
from core.web import page
from mentorship_coordination.selectors.finding import find_mentees_named, find_mentors_named, find_students_named
from mentorship_coordination.selectors.flags import list_directed_cohorts
from mentorship_coordination.web.people import person_of
from missions.selectors import find_shown_enrolment, list_missions_of
from users.models import User

LONGEST: Final = 100
MENTOR_PAGES: Final = {
    "Today": "mentor-page",
    "Queue": "queue-page",
    "Sessions": "sessions-page",
    "Mentees": "mentees-page",
    "Away and single dates": "mentor-dates-page",
    "Phrases for reviews": "snippets-page",
    "Notifications": "notifications-page",
    "Your profile": "profile",
}
STUDENT_PAGES: Final = {
    "My programme": "student-page",
    "Habits": "habits-page",
    "Goals": "goals-page",
    "Sessions": "student-sessions-page",
    "Single dates": "student-dates-page",
    "Notifications": "notifications-page",
    "Your profile": "profile",
}
DIRECTOR_PAGES: Final = {
    "Cohorts": "director-page",
    "Matching": "director-matching-page",
    "Work of your cohorts": "director-work-page",
    "What will be late": "director-forecast-page",
    "Service levels": "director-report-page",
    "Hand-overs": "director-handovers-page",
    "Disputes": "director-disputes-page",
    "Notifications": "notifications-page",
    "Your profile": "profile",
}


@dataclass(frozen=True, slots=True)
class Found:
    words: str
    kind: str
    url: str


@page(Role.MENTOR)
@require_safe
def find_for_mentor(request: HttpRequest) -> HttpResponse:
    def people(words: str) -> list[Found]:
        found = find_mentees_named(person_of(request).pk, words)
        return [Found(each.name, "mentee", reverse("mentee-page", args=[each.pk])) for each in found]

    return _show(request, MENTOR_PAGES, people)


@page(Role.STUDENT)
@require_safe
def find_for_student(request: HttpRequest) -> HttpResponse:
    def missions(words: str) -> list[Found]:
        every = list_missions_of(find_shown_enrolment(person_of(request).pk))
        found = [each for each in every if words.casefold() in each.title.casefold()]
        return [Found(each.title, "mission", reverse("mission-page", args=[each.pk])) for each in found[:8]]

    return _show(request, STUDENT_PAGES, missions)


@page(Role.DIRECTOR)
@require_safe
def find_for_director(request: HttpRequest) -> HttpResponse:
    def people(words: str) -> list[Found]:
        cohorts = list_directed_cohorts(person_of(request).pk)
        mentors = _to_work("mentor", find_mentors_named(cohorts, words))
        return mentors + _to_work("mentee", find_students_named(cohorts, words))

    return _show(request, DIRECTOR_PAGES, people)


def _to_work(name: str, people: Sequence[User]) -> list[Found]:
    kind = {"mentor": "mentor", "mentee": "student"}[name]
    work = reverse("director-work-page")
    return [Found(each.name, kind, f"{work}?{urlencode({name: str(each.pk)})}") for each in people]


def _show(request: HttpRequest, pages: dict[str, str], find: Callable[[str], list[Found]]) -> HttpResponse:
    words = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST]
    named = [Found(name, "page", reverse(url)) for name, url in pages.items() if words.casefold() in name.casefold()]
    found = find(words) + named if words else named
    return render(request, "mentorship_coordination/find.html", {"words": words, "found": found})
