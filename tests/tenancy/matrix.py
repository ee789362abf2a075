"""Holds what PostgreSQL does against what people expect; answers where the two differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import psycopg2
from psycopg2 import sql

from core.tenancy.identity import SYSTEM
from tests.tenancy.attempts import DENIED, Sessions, Table, delete, insert, select, update
from tests.tenancy.expectations import BLIND, EXPECTED, MAY_NAME_OTHERS, ROLES, ROWS, table_name
from tests.tenancy.world import World


@dataclass(frozen=True)
class Matrix:
    sessions: Sessions
    world: World

    def differences(self, tables: Iterable[str], roles: Iterable[str] = ROLES) -> list[str]:
        """One line for each attempt of these roles that went otherwise than expected, in the given tables."""
        known = self.sessions.tables()
        wanted = [known[name] for name in tables]
        return [
            line
            for table in wanted
            for role in roles
            for line in (*self._single_rows(role, table), *self._blind(role, table), *self._names_others(role, table))
        ]

    def _key(self, role: str, table: Table, whose: str) -> str | None:
        is_personal = EXPECTED[role, table.name].is_personal
        return self.world.key(role, table.name, whose, is_personal=is_personal)

    def _single_rows(self, role: str, table: Table) -> Iterator[str]:
        for whose in ROWS:
            key = self._key(role, table, whose)
            if key is None:
                continue
            worked = {verb for verb in "rcud" if self._works(role, table, key, verb)}
            expected = set(EXPECTED[role, table.name].verbs[whose])
            for verb in sorted(worked ^ expected):
                yield f"{role} {'may' if verb in worked else 'cannot'} {verb} {whose} {table.name}"

    def _works(self, role: str, table: Table, key: str, verb: str) -> bool:
        identity = self.world.identity(role)
        row = self.sessions.row(table, key)
        column = table.updatable(identity.role.database_role)
        statement, values = {
            "r": lambda: select(table, key),
            "c": lambda: insert(table, row, identity.user_id or self.world.mine.people["student"].pk),
            "u": lambda: update(table, key, column, row[column]),
            "d": lambda: delete(table, key),
        }[verb]()
        return self.sessions.attempt(identity, statement, values) == 1

    def _blind(self, role: str, table: Table) -> Iterator[str]:
        """A write without WHERE needs no right to read: the verb's own policy alone is in its way."""
        for verb in "ud":
            touched = self._touched_blindly(role, table, verb)
            for whose in ROWS:
                key = self._key(role, table, whose)
                if key is None:
                    continue
                expected = verb in EXPECTED[role, table.name].verbs[whose] + BLIND.get((role, table.name), "")
                if (key in touched) != expected:
                    yield f"{role} {'may' if key in touched else 'cannot'} blindly {verb} {whose} {table.name}"

    def _touched_blindly(self, role: str, table: Table, verb: str) -> set[str]:
        identity = self.world.identity(role)
        column = table.updatable(identity.role.database_role)
        key = self._key(role, table, "own") or ""
        value = self.sessions.row(table, key)[column]
        name = sql.Identifier(table.name)
        everything = self._keys(table, sql.SQL("true"))
        with self.sessions.acting(identity, by_worker=True) as cursor:
            try:
                if verb == "u":
                    cursor.execute(sql.SQL("UPDATE {} SET {} = %s").format(name, sql.Identifier(column)), [value])
                else:
                    cursor.execute(sql.SQL("DELETE FROM {}").format(name))
            except psycopg2.errors.InsufficientPrivilege:
                return set()
            cursor.execute(SYSTEM.statement())
            written = sql.SQL("xmin = pg_current_xact_id()::xid" if verb == "u" else "true")
            cursor.execute(sql.SQL("SELECT {}::text FROM {} WHERE {}").format(sql.Identifier(table.key), name, written))
            found = {each for (each,) in cursor.fetchall()}
        return found if verb == "u" else everything - found

    def _keys(self, table: Table, where: sql.Composable) -> set[str]:
        with self.sessions.acting(SYSTEM) as cursor:
            cursor.execute(
                sql.SQL("SELECT {}::text FROM {} WHERE {}").format(
                    sql.Identifier(table.key), sql.Identifier(table.name), where
                )
            )
            return {key for (key,) in cursor.fetchall()}

    def _names_others(self, role: str, table: Table) -> Iterator[str]:
        """Her own row, but with a stranger, his enrolment, his session … in one place."""
        if role in {"admin", "system"}:
            return
        mine, strange = self._key(role, table, "own"), self._key(role, table, "other")
        row, foreign = self.sessions.row(table, mine or ""), self.sessions.row(table, strange or "")
        identity = self.world.identity(role)
        for column in table.references:
            value = foreign[column]
            if value in (None, row[column]) or (role, table.name, column) in ALLOWED:
                continue
            smuggled = insert(table, row | {column: value}, identity.user_id)
            if column not in {"reviewer_id", "author_id", "by_id"} and self._passes(role, *smuggled):
                yield f"{role} may create {table.name} with a stranger's {column}"
            if self._passes(role, *update(table, mine or "", column, value)):
                yield f"{role} may hand {table.name} over by {column}"

    def _passes(self, role: str, statement: sql.Composable, values: list[object]) -> bool:
        return self.sessions.attempt(self.world.identity(role), statement, values) not in {0, DENIED}


ALLOWED = {(role, table_name(table), column) for role, table, column in MAY_NAME_OTHERS}
