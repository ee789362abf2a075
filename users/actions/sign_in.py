"""Opening and closing a browser's session."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, authenticate, login, logout
from django.http import HttpRequest

from core.errors import NotPermitted
from core.tenancy.identity import ANON, acting_as
from users.actions import lockout
from users.models import User

#: What SessionStore.save passes on to the row, so that the database itself knows when a session is stale.
AUTH_VERSION_KEY = "auth_version"


class InvalidCredentials(NotPermitted):
    """Unknown address, wrong password, no password yet and a closed account look the same."""

    code = "invalid_credentials"
    message = "E-mail and password do not match."


def sign_in(*, request: HttpRequest, email: str, password: str, at: datetime) -> User:
    """Sign the person in with this browser and return her, with her roles.

    Runs outside of a transaction: a failed try must stay counted. Takes as long for an unknown address as for
    a wrong password. Raises InvalidCredentials; TooManyAttempts after `LOGIN_FAILURES_ALLOWED` failures of
    the account, or `ADDRESS_ALLOWANCE` times as many of the address, within `LOGIN_LOCKOUT`. A success clears
    the account's failures.
    """
    account, address = lockout.account_key(email), lockout.address_key(request)
    with acting_as(ANON):
        allowed = settings.LOGIN_FAILURES_ALLOWED * lockout.ADDRESS_ALLOWANCE
        lockout.refuse_when_locked(address, allowed=allowed, at=at)
        lockout.take_attempt(account, at=at)
        person = authenticate(request, email=email, password=password)
        if not isinstance(person, User):
            lockout.note_failure(address, at=at)
            raise InvalidCredentials
        lockout.forget_failures(account)
    _open_session(request, person)
    return person


def sign_out(*, request: HttpRequest) -> None:
    """End this browser's session: its row is deleted and its cookie opens nothing any more."""
    logout(request)


def has_session_of(request: HttpRequest, person: User) -> bool:
    """Whether this request's cookie, and not a token, is what signs the person in."""
    return request.session.get(SESSION_KEY) == str(person.pk)


def keep_session(request: HttpRequest, person: User) -> None:
    """Let this browser's session go on after the person's `auth_version` rose, under a new key."""
    request.session[AUTH_VERSION_KEY] = person.auth_version
    request.session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    request.session.cycle_key()


def _open_session(request: HttpRequest, person: User) -> None:
    # Whatever key the browser came with may have been planted: it is deleted, not taken over.
    request.session.flush()
    login(request, person)
    request.session[AUTH_VERSION_KEY] = person.auth_version
