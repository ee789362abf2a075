"""The tests' database: built as the owner, emptied between tests, and reached as the application is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import environ
import psycopg2
import psycopg2.errors
from django.conf import settings
from django.core.management import call_command
from django.db import connections, transaction
from psycopg2 import sql

from core.tenancy.backend.base import DatabaseWrapper
from core.tenancy.identity import SYSTEM, acting_as

#: Filled by migrations, the same in every test.
KEPT = {"django_migrations", "django_content_type", "auth_permission"}
TRUNCATE_ATTEMPTS = 5


def connection_as(url: str, *, says_identity: bool = True) -> DatabaseWrapper:
    """A connection of this thread with another login, in place of the default one."""
    address = environ.Env().db_url_config(url)
    config = {**connections["default"].settings_dict, "HOST": "", "PORT": "", **address}
    config["ENGINE"] = "core.tenancy.backend"
    config["OPTIONS"] = {**address.get("OPTIONS", {}), "identity": says_identity}
    return DatabaseWrapper(config, alias="default")


@contextmanager
def login(url: str, *, says_identity: bool = True) -> Iterator[DatabaseWrapper]:
    """Let everything in the block that uses the default connection use this login instead."""
    before, mine = connections["default"], connection_as(url, says_identity=says_identity)
    connections["default"] = mine
    try:
        yield mine
    finally:
        connections["default"] = before
        mine.close()


@contextmanager
def as_worker() -> Iterator[None]:
    """As a task or a command: the worker's login and the system's identity; the steps open their transactions."""
    with login(settings.DATABASE_WORKER_URL), acting_as(SYSTEM):
        yield


@contextmanager
def as_system() -> Iterator[None]:
    """As the worker, in one transaction that commits at the end of the block: to set a world up, or to look at it."""
    with as_worker(), transaction.atomic():
        yield


class Rebuilt:
    """A database with the newest schema, that can be emptied quickly."""

    def __init__(self) -> None:
        self.owner: Any = psycopg2.connect(settings.DATABASE_URL)
        self.owner.autocommit = True
        self._build()
        self.tables = self._tables()
        self.policies = self._rows("mentorship_coordination_slapolicy")

    def _build(self) -> None:
        with self.owner.cursor() as cursor:
            cursor.execute("DROP SCHEMA IF EXISTS app CASCADE")
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user")
            for (table,) in cursor.fetchall():
                cursor.execute(sql.SQL("DROP TABLE IF EXISTS public.{} CASCADE").format(sql.Identifier(table)))
        with login(settings.DATABASE_URL, says_identity=False):
            call_command("migrate", verbosity=0, interactive=False)

    def _tables(self) -> list[str]:
        with self.owner.cursor() as cursor:
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
            return [name for (name,) in cursor.fetchall() if name not in KEPT]

    def _rows(self, table: str) -> list[tuple[Any, ...]]:
        with self.owner.cursor() as cursor:
            cursor.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table)))
            return list(cursor.fetchall())

    def empty(self) -> None:
        """Delete what the test wrote; put the default service levels back."""
        checks = [
            sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(sql.Literal(name), sql.Identifier(name))
            for name in self.tables
        ]
        with self.owner.cursor() as cursor:
            cursor.execute(sql.SQL(" UNION ALL ").join(checks))
            written = [sql.Identifier(name) for (name,) in cursor.fetchall()]
            self._truncate(cursor, written)
            for row in self.policies:
                cursor.execute(
                    sql.SQL("INSERT INTO mentorship_coordination_slapolicy VALUES ({})").format(
                        sql.SQL(", ").join(map(sql.Literal, row))
                    )
                )

    def _truncate(self, cursor: Any, tables: list[sql.Identifier]) -> None:
        """A server process may still be busy with its last request: whoever loses the deadlock tries again."""
        command = sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(sql.SQL(", ").join(tables))
        for _ in range(TRUNCATE_ATTEMPTS - 1):
            try:
                cursor.execute(command)
            except psycopg2.errors.DeadlockDetected:
                continue
            return
        cursor.execute(command)
