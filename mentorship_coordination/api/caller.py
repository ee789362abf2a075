from __future__ import annotations

from rest_framework.request import Request

from users.models import User


def caller_of(request: Request) -> User:
    """Who is signed in; the view's permission has made sure that somebody is."""
    person = request.user
    assert isinstance(person, User)
    return person
