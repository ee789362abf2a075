"""A mentor who is signed in, and what is said to her."""

from __future__ import annotations

import secrets
from uuid import UUID

from django.contrib.auth import SESSION_KEY, get_user_model

from core.actions import action
from core.clock import now
from core.enums import Audience, StreamEventName
from core.stream.publish import emit
from tests.database import as_system, as_worker
from users.models import AccessToken
from users.secrets import digest_of, new_secret
from users.sessions import SessionStore


def new_mentor() -> UUID:
    at = now()
    with as_system():
        person = get_user_model().objects.create(
            email=f"{secrets.token_hex(8)}@demo.example",
            name="Wanjiru Kamau",
            is_mentor=True,
            created_at=at,
            updated_at=at,
        )
    return person.pk


def sign_in(user_id: UUID) -> str:
    """The cookie of a new session."""
    session = SessionStore()
    session[SESSION_KEY] = str(user_id)
    session["auth_version"] = 1
    session.create()
    return session.session_key or ""


def access_token(user_id: UUID) -> str:
    secret = new_secret()
    with as_system():
        AccessToken.objects.create(user_id=user_id, name="script", digest=digest_of(secret), created_at=now())
    return secret


def sign_out(cookie: str) -> None:
    SessionStore(cookie).delete()


@action
def say(*recipients: UUID, count: int = 1, word: str = "n") -> None:
    for number in range(count):
        for recipient in recipients:
            emit(
                recipient_id=recipient,
                audience=Audience.MENTOR,
                event=StreamEventName.WORK_QUEUE,
                data={word: number},
            )


def tell(*recipients: UUID, count: int = 1, word: str = "n") -> None:
    """`say` as the system, in a transaction of its own that commits."""
    with as_worker():
        say(*recipients, count=count, word=word)
