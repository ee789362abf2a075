"""Many rows at once: multi-row INSERTs of a thousand rows, without model instances.

COPY is not an option: PostgreSQL refuses it on tables with row-level security.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Field, ForeignKey, Model
from psycopg2 import sql
from psycopg2.extras import execute_values

PAGE: Final = 1000
_FIRST_MILLISECOND: Final = 1_735_689_600_000


@dataclass(frozen=True, slots=True)
class Column:
    """`place` in the row, `convert` for every value but None."""

    place: int
    name: str
    convert: Callable[[Any], Any]
    default: Any


class Ids:
    """UUIDs of version 7 that are the same for the same seed; they rise, so that indexes grow at one end."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._millisecond = _FIRST_MILLISECOND

    def new(self) -> UUID:
        self._millisecond += 1
        bits = self._random.getrandbits(74)
        return UUID(int=self._millisecond << 80 | 7 << 76 | (bits >> 62) << 64 | 2 << 62 | bits & ((1 << 62) - 1))


class Writer:
    """Keeps rows until `flush`, which inserts them table by table, in the order in which tables came up."""

    def __init__(self) -> None:
        self._rows: dict[type[Model], list[tuple[Any, ...]]] = {}
        self._columns: dict[type[Model], dict[str, Column]] = {}
        self.written: dict[type[Model], int] = {}

    def add(self, model: type[Model], **values: Any) -> None:
        """A row of `model`, by column (`mentor_id`, not `mentor`); what is left out takes its default.

        Raises ValueError for a column that the model does not have.
        """
        columns = self._columns.get(model)
        if columns is None:
            columns = self._columns[model] = _columns(model)
        if not values.keys() <= columns.keys():
            raise ValueError(f"{model.__name__} has no column {sorted(values.keys() - columns.keys())}")
        row = [column.default for column in columns.values()]
        for name, value in values.items():
            column = columns[name]
            row[column.place] = None if value is None else column.convert(value)
        self._rows.setdefault(model, []).append(tuple(row))

    def flush(self) -> int:
        """Insert everything, check foreign keys, and return how many rows that were."""
        count = 0
        with connection.cursor() as cursor:
            for model, rows in self._rows.items():
                names = [sql.Identifier(column.name) for column in self._columns[model].values()]
                statement = sql.SQL("INSERT INTO {} ({}) VALUES %s").format(
                    sql.Identifier(model._meta.db_table), sql.SQL(", ").join(names)
                )
                execute_values(cursor.cursor, statement, rows, page_size=PAGE)
                self.written[model] = self.written.get(model, 0) + len(rows)
                count += len(rows)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        self._rows.clear()
        return count


def _columns(model: type[Model]) -> dict[str, Column]:
    """Columns that an INSERT names: no generated ones, no numbers that a sequence gives."""
    named = [
        field
        for field in model._meta.concrete_fields
        if not (field.generated or (field.primary_key and field.get_internal_type().endswith("AutoField")))
    ]
    return {field.attname: _column(place, field) for place, field in enumerate(named)}


def _column(place: int, field: Field[Any, Any]) -> Column:
    """Texts are quicker to quote than objects: ids and JSON become text here, once."""
    target = field.target_field if isinstance(field, ForeignKey) else field
    convert = _CONVERTERS.get(target.get_internal_type(), _as_it_is)
    default = None if field.primary_key else field.get_default()
    return Column(place, str(field.column), convert, None if default is None else convert(default))


def _as_it_is(value: Any) -> Any:
    return value


_CONVERTERS: Final[dict[str, Callable[[Any], Any]]] = {
    "UUIDField": str,
    "CharField": str,
    "TextField": str,
    "JSONField": json.dumps,
    "SmallIntegerField": int,
}
