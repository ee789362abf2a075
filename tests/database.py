"""The tests' database: built as the owner, emptied between tests, and reached as the application is."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import environ
import psycopg2
import psycopg2.errors
from django.conf import settings
from django.core.management import call_command
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg2 import sql
from psycopg2.extensions import TRANSACTION_STATUS_IDLE

from core.provisioning import DEFAULT_ROLE
from core.tenancy.backend.base import DatabaseWrapper
from core.tenancy.identity import SYSTEM, acting_as

#: Filled by migrations, the same in every test.
KEPT = {"django_migrations", "django_content_type", "auth_permission"}
ATTEMPTS = 5
POLICIES = "mentorship_coordination_slapolicy"
#: No setting of the session (but the zone, which Django says when it connects), role or lock is left.
AS_OPENED = f"""
SELECT current_setting('role') = '{DEFAULT_ROLE}'
   AND current_setting('TimeZone') = 'UTC'
   AND NOT EXISTS (SELECT FROM pg_settings WHERE source = 'session' AND name <> 'TimeZone')
   AND coalesce(current_setting('app.user_id', true), '') = ''
   AND NOT EXISTS (SELECT FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory')
"""
#: With more rows than this in a table, new files are cheaper than deleting.
MANY_ROWS = 500
#: Deleted rows leave space behind.
NEW_FILES_EVERY = 50
#: Triggers on these look at others, which are then gone already.
AUDIT = "core_auditentry"
FOLLOWED = {"coaching_habitlog", "mentorship_coordination_menteementorassignment"}


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


#: Connections of the main thread that nobody uses now: opening one costs more than what most tests do with it.
_idle: list[DatabaseWrapper] = []


@contextmanager
def as_worker() -> Iterator[None]:
    """As a task or a command: the worker's login and the system's identity; the steps open their transactions.

    In the main thread the connection is kept for the next one, unless something was left open or set on it.
    """
    is_main = threading.current_thread() is threading.main_thread()
    before, mine = connections["default"], _taken() if is_main else connection_as(settings.DATABASE_WORKER_URL)
    connections["default"] = mine
    try:
        with acting_as(SYSTEM):
            yield
    finally:
        connections["default"] = before
        if is_main and is_at_rest(mine):
            _idle.append(mine)
        else:
            mine.close()


def _taken() -> DatabaseWrapper:
    while _idle:
        mine = _idle.pop()
        if mine.is_usable():  # no test has stopped the server since
            mine.queries_log.clear()
            return mine
        mine.close()
    return connection_as(settings.DATABASE_WORKER_URL)


def is_at_rest(connection: BaseDatabaseWrapper) -> bool:
    """Whether a connection is open, outside any transaction and as it was opened: no use reaches the next."""
    raw = connection.connection
    if raw is None or raw.closed or connection.in_atomic_block or not connection.get_autocommit():
        return False
    if raw.info.transaction_status != TRANSACTION_STATUS_IDLE:
        return False
    try:
        with raw.cursor() as cursor:
            cursor.execute(AS_OPENED)
            return bool(cursor.fetchone()[0])
    except psycopg2.Error:  # the server has gone
        return False


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
        self.policies = self._rows(POLICIES)
        self._emptied = 0
        self._prepare()

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
            cursor.execute(sql.SQL("SELECT * FROM {} ORDER BY 1").format(sql.Identifier(table)))
            return list(cursor.fetchall())

    def empty(self) -> None:
        """Delete what the test wrote; put the default service levels back.

        Small tables are emptied row by row, which takes a tenth of what new files for each of them and their indexes
        take; now and then, and after a large test, they do get new files.
        """
        self._emptied += 1
        with self.owner.cursor() as cursor:
            written = self._written(cursor)
            is_small = all(count <= MANY_ROWS for count in written.values())
            tables = sorted(written, key=lambda name: (name in FOLLOWED, name))
            if self._rows(POLICIES) == self.policies:
                tables.remove(POLICIES)
            # Last of all: deleting what it watches writes to it.
            tables = [name for name in tables if name != AUDIT] + [AUDIT]
            if is_small and self._emptied % NEW_FILES_EVERY:
                self._retried(cursor, self._deletes(tables))
            elif tables:
                names = sql.SQL(", ").join(map(sql.Identifier, tables))
                self._retried(cursor, sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(names))
            self._put_back(cursor)

    def _prepare(self) -> None:
        """What is asked after every test, planned once."""
        counts = [
            sql.SQL("SELECT {}, (SELECT count(*) FROM (SELECT FROM {} LIMIT {}) AS few)").format(
                sql.Literal(name), sql.Identifier(name), sql.Literal(MANY_ROWS + 1)
            )
            for name in self.tables
        ]
        with self.owner.cursor() as cursor:
            cursor.execute(sql.SQL("PREPARE written AS {}").format(sql.SQL(" UNION ALL ").join(counts)))

    def _written(self, cursor: Any) -> dict[str, int]:
        """Table → its rows, counted up to one more than what is few."""
        cursor.execute("EXECUTE written")
        return {name: count for name, count in cursor.fetchall() if count}

    def _deletes(self, tables: list[str]) -> sql.Composed:
        """All or none: foreign keys are looked at when everything is gone."""
        deletes = [sql.SQL("DELETE FROM {}").format(sql.Identifier(name)) for name in tables]
        return sql.SQL("; ").join([sql.SQL("BEGIN; SET CONSTRAINTS ALL DEFERRED"), *deletes, sql.SQL("COMMIT")])

    def _retried(self, cursor: Any, command: sql.Composable) -> None:
        """A server process may still be busy with its last request: whoever loses the deadlock tries again."""
        for _ in range(ATTEMPTS - 1):
            try:
                cursor.execute(command)
            except psycopg2.errors.DeadlockDetected:
                cursor.execute("ROLLBACK")
                continue
            return
        cursor.execute(command)

    def _put_back(self, cursor: Any) -> None:
        for row in [] if self._rows(POLICIES) else self.policies:
            cursor.execute(
                sql.SQL("INSERT INTO {} VALUES ({})").format(
                    sql.Identifier(POLICIES), sql.SQL(", ").join(map(sql.Literal, row))
                )
            )
