"""Queries that the mapper composes once: composing one with joins takes it longer than PostgreSQL to answer.

Rows, converters and related objects are the mapper's own, so a kept query returns what the query it keeps would. Only
the statement and what follows from its columns are remembered. Source: the idea of SQLAlchemy's statement cache.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from functools import lru_cache, update_wrapper
from typing import Any, Generic, NoReturn, ParamSpec, TypeVar

from django.db import connection, connections
from django.db.models import Expression, Model, QuerySet

from core.sql import fetch_planned

M = TypeVar("M", bound=Model)
P = ParamSpec("P")

#: Of each query; the one that was asked for longest ago is composed anew.
SHAPES = 64


class Parameter(Expression):
    """Stands in a kept query for an argument of the call."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        return "%s", (_Slot(self.name),)


class _Slot(str):
    """A parameter's place among the values of a statement."""


class _Composed(Generic[M]):
    """One shape of a kept query: its statement, and the mapper's objects that turn rows into instances."""

    def __init__(self, rows: QuerySet[M]) -> None:
        self.rows = rows
        self.compiler: Any = rows.query.get_compiler(using=rows.db)
        statement, values = self.compiler.as_sql()
        self.statement = _with_names(statement, values)
        fields = [column[0] for column in self.compiler.select[: self.compiler.col_count]]
        self.converters = self.compiler.get_converters(fields)
        self.compiler.connection = None  # the next thread has another one
        # Columns past the last are there to be sorted by.
        self.last = self.compiler.col_count if self.compiler.has_extra_select else None

    def fetch(self, arguments: dict[str, Any]) -> list[M]:
        compiler, query, rows = copy(self.compiler), copy(self.rows.query), self._unread()
        compiler.connection = connections[rows.db]
        compiler.execute_sql = lambda **_: ([row[: self.last] for row in fetch_planned(self.statement, **arguments)],)
        compiler.get_converters = lambda fields: self.converters
        query.get_compiler = lambda using: compiler  # type: ignore[method-assign, assignment, misc]
        rows._query = query  # type: ignore[attr-defined]
        return list(rows)

    def _unread(self) -> QuerySet[M]:
        """A query set like ours. Not by `copy`, which reads its rows, nor by `all`, which clones all that it holds."""
        rows: QuerySet[M] = object.__new__(type(self.rows))
        rows.__dict__.update(self.rows.__dict__)
        return rows


def _with_names(statement: str, values: Sequence[Any]) -> str:
    """The statement with a place for each argument. Other values are written out: a plan made for any arguments may
    then use an index that holds some rows alone.
    """
    rest = iter(values)

    def place(match: re.Match[str]) -> str:
        if match[0] == "%%":
            return "%%"
        value = next(rest)
        return f"%({value})s" if isinstance(value, _Slot) else _literal(value)

    return re.sub("%s|%%", place, statement)


def _literal(value: Any) -> str:
    with connection.cursor() as cursor:
        text: bytes = cursor.mogrify("%s", [value])
    return text.decode().replace("%", "%%")


class Kept(Generic[P, M]):
    """Called as the function that composes it; returns the rows. Keyword arguments name the shape.

    The function gets a `Parameter` for each positional argument: it may compare columns with it and do nothing else.
    Arguments are of the columns' own types, and never None, which no comparison finds.
    """

    def __init__(self, compose: Callable[P, QuerySet[M]]) -> None:
        update_wrapper(self, compose)
        self.compose = compose
        self.names = [
            name
            for name, parameter in inspect.signature(compose).parameters.items()
            if parameter.kind is parameter.POSITIONAL_OR_KEYWORD
        ]
        self._composed = lru_cache(maxsize=SHAPES)(self._compose)

    def __call__(self, *values: P.args, **shape: P.kwargs) -> list[M]:
        if None in values:
            raise TypeError("No row compares with None: make it a shape.")
        named: dict[str, Any] = shape
        return self._composed(**named).fetch(dict(zip(self.names, values, strict=True)))

    def _compose(self, **shape: Any) -> _Composed[M]:
        compose: Any = self.compose
        return _Composed(compose(*(Parameter(name) for name in self.names), **shape))


class Attached(QuerySet[M]):
    """Rows that were read beforehand. Narrowing them would ask again, for all rows: that is refused."""

    def _chain(self) -> NoReturn:
        raise TypeError("These rows were read beforehand: choose among them in Python.")


def attach(rows: Iterable[Model], name: str, children: Iterable[Model]) -> None:
    """What `prefetch_related(name)` does for `rows.name.all()`, with children that were read already."""
    rows = list(rows)
    if not rows:
        return
    link: Any = type(rows[0])._meta.get_field(name)
    found: dict[Any, list[Model]] = {row.pk: [] for row in rows}
    parents = {row.pk: row for row in rows}
    for child in children:
        parent = getattr(child, link.field.attname)
        link.field.set_cached_value(child, parents[parent])
        found[parent].append(child)
    for row in rows:
        related: Any = Attached(link.related_model)
        related._result_cache, related._prefetch_done = found[row.pk], True
        row.__dict__.setdefault("_prefetched_objects_cache", {})[name] = related


def kept(compose: Callable[P, QuerySet[M]]) -> Kept[P, M]:
    """Decorator of a function that composes a query."""
    return Kept(compose)
