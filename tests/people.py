"""Signed-in browsers, without the cost of a password hash."""

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test import Client

from users.models import User
from users.sessions import SessionStore


def browser_of(person: User, *, enforce_csrf: bool = False) -> Client:
    """A test client that carries a session of `person`, as signing in would have left it."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session["auth_version"] = person.auth_version
    session.create()
    client = Client(enforce_csrf_checks=enforce_csrf)
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key or ""
    return client
