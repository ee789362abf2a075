"""Many rows at once, without model instances: a thousand rows travel as one JSON text, which the server takes apart.

Multi-row VALUES would be quoted here value by value and parsed there as an expression each; COPY is refused on tables
with row-level security.
"""

from __future__ import annotations

import json
from random import Random
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Model
from psycopg2 import sql

PAGE: Final = 1000
_FIRST_MILLISECOND: Final = 1_735_689_600_000
_INSERT: Final = (
    "INSERT INTO {table} ({columns}) SELECT {columns} FROM json_populate_recordset(NULL::{table}, %s::json)"
)


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
        self._rows: dict[type[Model], list[dict[str, Any]]] = {}
        self._defaults: dict[type[Model], dict[str, Any]] = {}
        self.written: dict[type[Model], int] = {}

    def add(self, model: type[Model], **values: Any) -> None:
        """A row of `model`, by column (`mentor_id`, not `mentor`); what is left out takes its default.

        Values are what JSON holds, or what turns into it by `str`: ids, instants, dates. Raises ValueError for a column
        that the model does not have.
        """
        defaults = self._defaults.get(model)
        if defaults is None:
            defaults = self._defaults[model] = _defaults(model)
        if not values.keys() <= defaults.keys():
            raise ValueError(f"{model.__name__} has no column {sorted(values.keys() - defaults.keys())}")
        self._rows.setdefault(model, []).append(defaults | values)

    def flush(self) -> int:
        """Insert everything, check foreign keys, and return how many rows that were."""
        count = 0
        with connection.cursor() as cursor:
            for model, rows in self._rows.items():
                statement = sql.SQL(_INSERT).format(
                    table=sql.Identifier(model._meta.db_table),
                    columns=sql.SQL(", ").join(map(sql.Identifier, self._defaults[model])),
                )
                for start in range(0, len(rows), PAGE):
                    cursor.execute(statement, [json.dumps(rows[start : start + PAGE], default=str)])
                self.written[model] = self.written.get(model, 0) + len(rows)
                count += len(rows)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        self._rows.clear()
        return count


def _defaults(model: type[Model]) -> dict[str, Any]:
    """The columns that an INSERT names, with their defaults: no generated ones, no numbers that a sequence gives."""
    return {
        field.attname: None if field.primary_key else field.get_default()
        for field in model._meta.concrete_fields
        if not (field.generated or (field.primary_key and field.get_internal_type().endswith("AutoField")))
    }
