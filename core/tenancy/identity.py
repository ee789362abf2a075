"""Who the current unit of work acts as. The one place where identity is said; the database backend repeats it to
PostgreSQL at the start of every transaction (`SET LOCAL ROLE`, `SET LOCAL app.user_id`).

Source: architecture.md §5.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.db import connections


class Role(StrEnum):
    ANON = "anon"
    PERSON = "person"
    STUDENT = "student"
    MENTOR = "mentor"
    DIRECTOR = "director"
    ADMIN = "admin"
    SYSTEM = "system"

    @property
    def database_role(self) -> str:
        return f"app_{self.value}"


@dataclass(frozen=True, slots=True)
class Identity:
    role: Role
    user_id: UUID | None = None

    def statement(self) -> str:
        """The SQL that tells PostgreSQL. Both values come from closed sets (an enum, a UUID): nothing to inject."""
        user = "" if self.user_id is None else str(UUID(str(self.user_id)))
        return f"SET LOCAL ROLE {self.role.database_role}; SET LOCAL app.user_id = '{user}'"


ANON = Identity(Role.ANON)
SYSTEM = Identity(Role.SYSTEM)

_current: ContextVar[Identity] = ContextVar("identity", default=ANON)


def current() -> Identity:
    return _current.get()


@contextmanager
def acting_as(identity: Identity) -> Iterator[None]:
    """Act as `identity` for the block. A transaction that is already open is told at once, and told back after."""
    token = _current.set(identity)
    _tell_open_transaction(identity)
    try:
        yield
    finally:
        _current.reset(token)
        _tell_open_transaction(_current.get())


def _tell_open_transaction(identity: Identity) -> None:
    connection = connections["default"]
    if connection.in_atomic_block and connection.connection is not None and not connection.needs_rollback:
        connection.apply_identity(identity)  # type: ignore[attr-defined]
