from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from core.tenancy.identity import Role
from core.web import page
from mentorship_coordination.web.people import FIRST_PAGES, person_of


@page(Role.PERSON)
def home(request: HttpRequest) -> HttpResponse:
    """The first page of her first role; of the profile for who is nothing yet."""
    held = (name for role, name in FIRST_PAGES.items() if person_of(request).holds(role))
    return redirect(next(held, "profile"))
