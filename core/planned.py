"""Statements that PostgreSQL plans once a connection: with policies, planning one takes longer than running it.

The first call in a connection prepares the statement, later ones execute what was prepared. For pages the plan is made
for any values at once; for jobs the server compares it with plans made for the values given, and keeps it where it
costs no more. It plans anew when a table changes or has fresh statistics. A plan under row-level security belongs to a
role: each role has its own.

A pooler that hands out connections by the transaction knows no prepared statements: with `DISABLE_SERVER_SIDE_CURSORS`,
which such a pooler needs anyway, statements go out as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from django.db import DatabaseError, connection

from core.tenancy.identity import current

#: How PostgreSQL is told of a value; of any other type, and of NULL, it infers the type from the statement.
TYPES: Final = {
    bool: "boolean",
    int: "int",
    str: "text",
    UUID: "uuid",
    datetime: "timestamptz",
    date: "date",
    timedelta: "interval",
    bytes: "bytea",
    Decimal: "numeric",
    float: "numeric",
}
INT_BITS: Final = 32
INFERRED: Final = "unknown"
#: Of one connection, whose server keeps them in memory: past it the oldest is forgotten.
MOST_PREPARED: Final = 300
#: There is no such statement, there is one already, its result has changed: what we believe of the connection is wrong.
STALE: Final = {"26000", "42P05", "0A000"}
PLACE: Final = re.compile(r"%\((\w+)\)s|%%")


@dataclass(frozen=True, slots=True)
class Numbered:
    """A statement with numbered places; `names` in the order of their numbers."""

    text: str
    names: tuple[str, ...]


def execute_planned(cursor: Any, statement: str, values: Mapping[str, Any]) -> None:
    """Execute `statement`, with places like `%(name)s`, on a cursor of the default connection.

    It names the columns that it returns: a statement that was prepared with `*` fails once the table has more of them.
    """
    if connection.settings_dict["DISABLE_SERVER_SIDE_CURSORS"]:
        cursor.execute(statement, values)
        return
    known = numbered(statement)
    given = [values[name] for name in known.names]
    places = f"({', '.join(['%s'] * len(given))})" if given else ""
    try:
        name = _prepared(known.text, tuple(map(type_of, given)))
        cursor.execute(f"EXECUTE {name}{places}", given)
    except DatabaseError as error:
        if getattr(error.__cause__, "pgcode", None) in STALE:
            connection.forgets_prepared = True  # type: ignore[attr-defined]
        raise


def type_of(value: Any) -> str:
    """The PostgreSQL type of a parameter that is given `value`."""
    if isinstance(value, list):
        inner = {type_of(each) for each in value}
        if inner == {"int", "bigint"}:
            return "bigint[]"
        return f"{inner.pop()}[]" if len(inner) == 1 and INFERRED not in inner else INFERRED
    if isinstance(value, int) and value.bit_length() >= INT_BITS:
        return "bigint"
    return TYPES.get(type(value)) or next(
        (name for python, name in TYPES.items() if isinstance(value, python)), INFERRED
    )


def _prepared(statement: str, types: tuple[str, ...]) -> str:
    """The name under which this connection has the statement; prepared if it has none yet.

    The name follows from what it names: whatever connection a pooler gives, none has another statement under it.
    """
    prepared: dict[tuple[Any, ...], str] = connection.prepared  # type: ignore[attr-defined]
    if connection.forgets_prepared:  # type: ignore[attr-defined]
        _say("DEALLOCATE ALL")
        prepared.clear()
        connection.forgets_prepared = False  # type: ignore[attr-defined]
    key = current().role, types, statement
    name = prepared.get(key)
    if name is None:
        if len(prepared) >= MOST_PREPARED:
            _say(f"DEALLOCATE {prepared.pop(next(iter(prepared)))}")
        name = f"planned_{sha256(repr(key).encode()).hexdigest()[:32]}"
        signature = f" ({', '.join(types)})" if types else ""
        _say(f"PREPARE {name}{signature} AS {statement}")
        prepared[key] = name
    return name


def _say(command: str) -> None:
    """Not through Django's cursor: whoever counts the queries of a page counts those of its second visit."""
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        cursor.execute(command)


@lru_cache(maxsize=1024)
def numbered(statement: str) -> Numbered:
    """`statement` with `$1`, `$2`, … in the places of its names."""
    names: list[str] = []

    def number(place: re.Match[str]) -> str:
        name = place[1]
        if name is None:
            return "%"
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    return Numbered(PLACE.sub(number, statement), tuple(names))
