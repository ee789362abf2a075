"""Statements that the object-relational mapper has no words for, or is too slow for.

Those that pages ask all the time, and those that ask for rows by their ids, are planned once a connection
(core.planned) and therefore name the columns that they return. Jobs and reports look at many rows today and at none
tomorrow: theirs are planned for the values given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Expression, Model

from core.planned import execute_planned

M = TypeVar("M", bound=Model)


class _Reader(NamedTuple):
    """Which columns of a row are whose: the model's by their names, others become attributes of the instance."""

    names: list[str]
    places: list[int]
    others: list[tuple[int, str]]
    converters: list[tuple[int, Callable[..., Any], Expression]]


def fetch(statement: str, /, **values: Any) -> list[tuple[Any, ...]]:
    """Run `statement` under the identity of the transaction; all its rows, or none where it gives none."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall()) if cursor.description else []


def fetch_planned(statement: str, /, **values: Any) -> list[tuple[Any, ...]]:
    """What `fetch` does, by a plan that this connection keeps."""
    with connection.cursor() as cursor:
        execute_planned(cursor, statement, values)
        return list(cursor.fetchall()) if cursor.description else []


def fetch_instances(model: type[M], statement: str, /, **values: Any) -> list[M]:
    """The rows of `statement` as instances of `model`; columns that are none of its fields become attributes.

    By a plan that this connection keeps.
    """
    with connection.cursor() as cursor:
        execute_planned(cursor, statement, values)
        names, places, others, converters = _reader(model, tuple(column.name for column in cursor.description))
        rows = cursor.fetchall()
    found = []
    for row in map(list, rows):
        for place, convert, column in converters:
            row[place] = convert(row[place], column, connection)
        instance = model.from_db(DEFAULT_DB_ALIAS, names, [row[place] for place in places])
        for place, name in others:
            setattr(instance, name, row[place])
        found.append(instance)
    return found


@lru_cache
def _reader(model: type[Model], columns: tuple[str, ...]) -> _Reader:
    fields = [field for field in model._meta.concrete_fields if field.column in columns]
    places = [columns.index(field.column) for field in fields]
    converters: list[tuple[int, Callable[..., Any], Expression]] = [
        (place, convert, field.cached_col)
        for place, field in zip(places, fields, strict=True)
        for convert in field.get_db_converters(connection)
    ]
    others = [(place, name) for place, name in enumerate(columns) if place not in places]
    return _Reader([field.attname for field in fields], places, others, converters)


def columns_of(model: type[Model], alias: str) -> str:
    """The columns of `model` as `alias` has them, for a SELECT."""
    return ", ".join(f"{alias}.{field.column}" for field in model._meta.concrete_fields)


def as_texts(ids: Iterable[UUID]) -> list[str]:
    """Ids as a parameter: `= ANY (%(ids)s::uuid[])` is one constant to plan, whatever their number."""
    return [str(each) for each in ids]
