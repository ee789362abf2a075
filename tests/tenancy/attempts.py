"""Raw SQL under the application's login, as somebody, always rolled back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import psycopg2
from django.conf import settings
from psycopg2 import sql

from core.tenancy.identity import SYSTEM, Identity

DENIED = -1
#: Who wrote a row is always the writer, so that a refusal is about the rest of the row.
WRITERS = {"reviewer_id", "author_id", "by_id"}

COLUMNS = """
SELECT c.relname, a.attname, a.attidentity <> '', a.attgenerated <> '',
  EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'p' AND k.conkey[1] = a.attnum),
  EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.conkey[1] = a.attnum),
  (SELECT count(*) FROM pg_constraint k
   WHERE k.conrelid = c.oid AND k.contype <> 'n' AND a.attnum = ANY (k.conkey)) +
  (SELECT 100 * count(*) FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique AND a.attnum = ANY (i.indkey)),
  ARRAY(SELECT r.rolname::text FROM pg_roles r WHERE r.rolname LIKE 'app\\_%'
        AND has_column_privilege(r.oid, c.oid, a.attnum, 'UPDATE'))
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' ORDER BY 1, a.attnum
"""


class Column(NamedTuple):
    name: str
    is_identity: bool
    is_generated: bool
    is_key: bool
    is_reference: bool
    #: How much stands in the way of giving many rows one value; unique indexes most.
    constraints: int
    updatable_by: list[str]


@dataclass
class Table:
    name: str
    columns: list[Column] = field(default_factory=list)

    @property
    def key(self) -> str:
        return next(column.name for column in self.columns if column.is_key)

    @property
    def references(self) -> list[str]:
        return [column.name for column in self.columns if column.is_reference and not column.is_key]

    @property
    def written(self) -> list[str]:
        """Columns that an INSERT names."""
        return [c.name for c in self.columns if not c.is_identity and not c.is_generated]

    def updatable(self, database_role: str) -> str:
        """A column that the role may update if there is one, of those the one with the fewest constraints."""
        plain = [c for c in self.columns if not c.is_generated and not c.is_identity]
        plain.sort(key=lambda c: (database_role not in c.updatable_by, c.constraints))
        return plain[0].name


class Sessions:
    """One connection of each runtime login, and what is known of the tables."""

    def __init__(self) -> None:
        self.app = _connect(settings.DATABASE_APP_URL)
        self.worker = _connect(settings.DATABASE_WORKER_URL)
        self._rows: dict[tuple[str, str], dict[str, str | None]] = {}

    def close(self) -> None:
        self.app.close()
        self.worker.close()

    def tables(self) -> dict[str, Table]:
        with self.worker.cursor() as cursor:
            cursor.execute(COLUMNS)
            found: dict[str, Table] = {}
            for name, *facts in cursor.fetchall():
                found.setdefault(name, Table(name)).columns.append(Column._make(facts))
        return found

    @contextmanager
    def acting(self, identity: Identity, *, by_worker: bool = False) -> Iterator[Any]:
        """A cursor in a transaction of `identity`, which is rolled back."""
        connection = self.worker if by_worker or identity == SYSTEM else self.app
        with connection.cursor() as cursor:
            cursor.execute(f"BEGIN; {identity.statement()}")
            try:
                yield cursor
            finally:
                cursor.execute("ROLLBACK")

    def attempt(self, identity: Identity, statement: sql.Composable | str, values: Sequence[Any] = ()) -> int:
        """The rows that the statement reads or writes; `DENIED` where PostgreSQL refuses for want of a right.

        A constraint that refuses comes after the policy has let the row pass: that counts as one row.
        """
        with self.acting(identity) as cursor:
            try:
                cursor.execute(statement, values)
            except psycopg2.errors.InsufficientPrivilege:
                return DENIED
            except psycopg2.IntegrityError:
                return 1
            return int(cursor.rowcount)

    def row(self, table: Table, key: str) -> dict[str, str | None]:
        """The row as it is stored, each value as text. Nothing here changes it: it is read once."""
        if (table.name, key) not in self._rows:
            self._rows[table.name, key] = self._read(table, key)
        return self._rows[table.name, key]

    def _read(self, table: Table, key: str) -> dict[str, str | None]:
        columns = [column.name for column in table.columns]
        with self.acting(SYSTEM) as cursor:
            cursor.execute(
                sql.SQL("SELECT {} FROM {} WHERE {}::text = %s").format(
                    sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in columns),
                    sql.Identifier(table.name),
                    sql.Identifier(table.key),
                ),
                [key],
            )
            (values,) = cursor.fetchall()
        return dict(zip(columns, values, strict=True))


def _connect(url: str) -> Any:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    return connection


def select(table: Table, key: str) -> tuple[sql.Composable, list[Any]]:
    return sql.SQL("SELECT * FROM {} WHERE {} = %s").format(_of(table), sql.Identifier(table.key)), [key]


def delete(table: Table, key: str) -> tuple[sql.Composable, list[Any]]:
    return sql.SQL("DELETE FROM {} WHERE {} = %s").format(_of(table), sql.Identifier(table.key)), [key]


def update(table: Table, key: str, column: str, value: str | None) -> tuple[sql.Composable, list[Any]]:
    statement = sql.SQL("UPDATE {} SET {} = %s WHERE {} = %s").format(
        _of(table), sql.Identifier(column), sql.Identifier(table.key)
    )
    return statement, [value, key]


def insert(table: Table, row: Mapping[str, str | None], by: UUID | None) -> tuple[sql.Composable, list[Any]]:
    """A copy of `row` under a key of its own, written by `by`."""
    values: dict[str, str | None] = {name: row[name] for name in table.written}
    if "id" in values:
        values["id"] = str(uuid4())
    for name in WRITERS & values.keys():
        values[name] = str(by) if by else None
    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        _of(table),
        sql.SQL(", ").join(map(sql.Identifier, values)),
        sql.SQL(", ").join(sql.Placeholder() for _ in values),
    )
    return statement, list(values.values())


def _of(table: Table) -> sql.Composable:
    return sql.Identifier("public", table.name)
