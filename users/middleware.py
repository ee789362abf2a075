"""Who sends this request: a browser with a session, a script with a token, or nobody. One query at most, when
asked.
"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from core import clock
from users.models import User
from users.secrets import digest_of
from users.sessions import SessionStore, signed_in_person

SCHEMES = {"bearer", "token"}


def bearer_token(request: HttpRequest) -> str | None:
    """The token of the Authorization header, or None when the header is absent or of another kind."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() in SCHEMES and token.strip() else None


def session_person(session: SessionStore) -> User | None:
    """The person of this session if its signed contents agree with who she is now."""
    carried = session.get(HASH_SESSION_KEY, "")
    person = session.person
    if person is None or not carried:
        return None
    known = [person.get_session_auth_hash(), *person.get_session_auth_fallback_hash()]
    return person if any(constant_time_compare(carried, each) for each in known) else None


def person_of(request: HttpRequest) -> User | AnonymousUser:
    """The signed-in person of this request, or an anonymous user."""
    token = bearer_token(request)
    if token is not None:
        found = signed_in_person("token_person", digest=digest_of(token), at=clock.now())
    elif request.session.session_key is None:
        found = None
    else:
        found = session_person(request.session)  # type: ignore[arg-type]
    return found or AnonymousUser()


class PersonMiddleware(AuthenticationMiddleware):
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        super().__init__(get_response)

    def process_request(self, request: HttpRequest) -> None:
        request.user = SimpleLazyObject(lambda: person_of(request))  # type: ignore[assignment]
