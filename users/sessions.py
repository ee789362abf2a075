"""Sessions in the database, reached only by the digest of the cookie, through definer functions.

One query at the start of a request brings the session, the person and the roles she holds.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.db import connection

from core import clock
from core.sql import columns_of, fetch_instances
from core.tenancy.identity import Role
from users.models import User
from users.secrets import digest_of

COLUMNS = f"{columns_of(User, '(s.person)')}, s.session_data, s.is_student, s.is_director"


def signed_in_person(function: str, **arguments: object) -> User | None:
    """The one row of `app.<function>`, one of our own names, as a person with her roles, or None."""
    places = ", ".join(f"%({name})s" for name in arguments)
    found = fetch_instances(User, f"SELECT {COLUMNS} FROM app.{function}({places}) s", **arguments)  # noqa: S608
    person = next(iter(found), None)
    if person is None:
        return None
    held = {
        Role.MENTOR: person.is_mentor,
        Role.STUDENT: person.is_student,  # type: ignore[attr-defined]
        Role.DIRECTOR: person.is_director,  # type: ignore[attr-defined]
        Role.ADMIN: person.is_staff,
    }
    person.roles = frozenset(role for role, holds in held.items() if holds)
    return person


class SessionStore(SessionBase):
    """`person` is the active user of this session, or None: set by the first access."""

    person: User | None = None

    def load(self) -> dict[str, Any]:
        found = signed_in_person("session_person", digest=digest_of(self.session_key or ""), at=clock.now())
        if found is None:
            self._session_key = None
            return {}
        self.person = found if found.pk is not None else None
        return self.decode(found.session_data)  # type: ignore[attr-defined]

    def exists(self, session_key: str) -> bool:
        with connection.cursor() as cursor:
            arguments: list[Any] = [digest_of(session_key), clock.now()]
            cursor.execute("SELECT EXISTS (SELECT 1 FROM app.session_person(%s, %s))", arguments)
            return bool(cursor.fetchone()[0])

    def create(self) -> None:
        while True:
            self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:
        if self.session_key is None:
            self.create()
            return
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        expires: datetime = self.get_expiry_date()
        arguments: list[Any] = [
            digest_of(self.session_key),
            data.get(SESSION_KEY),
            data.get("auth_version", 0),
            self.encode(data),
            expires,
            must_create,
        ]
        with connection.cursor() as cursor:
            cursor.execute("SELECT app.session_save(%s, %s, %s, %s, %s, %s)", arguments)
            if not cursor.fetchone()[0]:
                raise CreateError if must_create else UpdateError

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is None:
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT app.session_delete(%s)", [digest_of(key)])

    @classmethod
    def clear_expired(cls) -> None:
        """Expired sessions are deleted by the periodic clean-up, as the system."""
