"""Many rows at once, without model instances: a thousand rows travel as one JSON text, which the server takes apart.

Multi-row VALUES would be quoted here value by value and parsed there as an expression each; COPY is refused on tables
with row-level security. While the server inserts what one cohort gave, the next one is made up here.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from random import Random
from typing import Any, Final, Self

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Model

PAGE: Final = 1000
_FIRST_MILLISECOND: Final = 1_735_689_600_000
#: What a row leaves out, it takes from the record of defaults.
_INSERT: Final = (
    "INSERT INTO {table} ({columns}) SELECT {columns} "
    "FROM json_populate_recordset(json_populate_record(NULL::{table}, %s::json), %s::json)"
)
_CHECK: Final = "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED"


class Ids:
    """UUIDs of version 7, as text, that are the same for the same seed; they rise, so that indexes grow at one end."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._millisecond = _FIRST_MILLISECOND

    def new(self) -> str:
        self._millisecond += 1
        bits = self._random.getrandbits(74)
        high = self._millisecond << 16 | 7 << 12 | bits >> 62
        text = f"{high << 64 | 2 << 62 | bits & ((1 << 62) - 1):032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


class Writer:
    """Keeps rows until `flush`, which inserts them table by table, in the order in which tables came up.

    Used in a `with` inside the transaction: its end waits for the server, and raises what went wrong there.
    """

    def __init__(self) -> None:
        self._rows: defaultdict[type[Model], list[dict[str, Any]]] = defaultdict(list)
        self._later: list[tuple[str, Sequence[Any]]] = []
        self._known: dict[type[Model], _Table] = {}
        self._server = ThreadPoolExecutor(max_workers=1)
        self._running: Future[None] | None = None
        self.written: defaultdict[type[Model], int] = defaultdict(int)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, error: object, *_: object) -> None:
        self._server.shutdown()
        if error is None:
            self.wait()

    def add(self, model: type[Model], **values: Any) -> None:
        """A row of `model`, by column (`mentor_id`, not `mentor`); what is left out takes its default.

        Values are what JSON holds, or what turns into it by `str`: ids, instants, dates. Raises ValueError for a column
        that the model does not have.
        """
        table = self._known.get(model)
        if table is None:
            table = self._known[model] = _Table(model)
        if not values.keys() <= table.columns:
            raise ValueError(f"{model.__name__} has no column {sorted(values.keys() - table.columns)}")
        self._rows[model].append(values)

    def add_by(self, statement: str, values: Sequence[Any], *, model: type[Model], count: int) -> None:
        """`count` rows of `model` that `statement` makes, once the rows kept so far are there."""
        self._later.append((statement, values))
        self.written[model] += count

    def flush(self) -> None:
        """Let the server insert everything and check foreign keys, one flush at a time."""
        statements, values = [], list[Any]()
        for model, rows in self._rows.items():
            for start in range(0, len(rows), PAGE):
                statements.append(self._known[model].insert)
                values += [self._known[model].defaults, json.dumps(rows[start : start + PAGE], default=str)]
            self.written[model] += len(rows)
        for statement, given in self._later:
            statements.append(statement)
            values += given
        self._rows.clear()
        self._later.clear()
        self.wait()
        self._running = self._server.submit(_execute, connection.cursor(), "; ".join([*statements, _CHECK]), values)

    def wait(self) -> None:
        """Return once everything that was flushed is in the tables. Raises what the database raised."""
        if self._running is not None:
            self._running.result()


class _Table:
    """How rows of a model are inserted: no generated columns, no numbers that a sequence gives."""

    def __init__(self, model: type[Model]) -> None:
        defaults = {
            field.attname: None if field.primary_key else field.get_default()
            for field in model._meta.concrete_fields
            if not (field.generated or (field.primary_key and field.get_internal_type().endswith("AutoField")))
        }
        self.columns = defaults.keys()
        self.defaults = json.dumps(defaults, default=str)
        quoted = connection.ops.quote_name
        self.insert = _INSERT.format(table=quoted(model._meta.db_table), columns=", ".join(map(quoted, defaults)))


def _execute(cursor: CursorWrapper, statement: str, values: Sequence[Any]) -> None:
    with cursor:
        cursor.execute(statement, values)
