"""Rows against what was answered, and the state of all tables as one figure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import environ
from django.apps import apps
from django.conf import settings
from django.db import connection, connections, transaction
from psycopg2 import sql

from core.embedded.servers import admin_url
from core.tenancy.backend.base import DatabaseWrapper
from mentorship_coordination.drill.client import Entry

#: Kind of a write → where its mark is kept.
KEPT: Final = {
    "submit": ("missions_submissionversion", "text"),
    "review": ("missions_missionreview", "feedback"),
    "book": ("mentorship_coordination_mentorsession", "title"),
    "flag": ("mentorship_coordination_mentorflagentry", "text"),
    "log a habit": ("coaching_habitlog", "note"),
    "set a goal": ("coaching_goal", "title"),
    "answer a goal": ("coaching_goalfeedback", "text"),
}
#: Signs of life change all the time.
RESTLESS: Final = frozenset({"core_heartbeat"})
OURS: Final = ("core", "users", "student_dashboard", "missions", "coaching", "mentorship_coordination")


@dataclass(frozen=True)
class Books:
    """Writes: promised by an answer, refused, without any answer; and what is wrong with them, as marks."""

    promised: int
    refused: int
    unanswered: int
    lost: tuple[str, ...]
    duplicated: tuple[str, ...]
    refused_but_written: tuple[str, ...]

    @property
    def is_true(self) -> bool:
        return not (self.lost or self.duplicated or self.refused_but_written)


@contextmanager
def as_superuser() -> Iterator[DatabaseWrapper]:
    """The default connection of this thread is the embedded server's superuser, whom no policy binds."""
    before = connections["default"]
    address = {**environ.Env().db_url_config(admin_url(settings.DATA_DIR)), "NAME": before.settings_dict["NAME"]}
    options = {**address.get("OPTIONS", {}), "identity": False}
    mine = DatabaseWrapper({**before.settings_dict, "PORT": "", **address, "OPTIONS": options}, alias="default")
    connections["default"] = mine
    try:
        yield mine
    finally:
        connections["default"] = before
        mine.close()


def audit_the_books(entries: Sequence[Entry], run: str) -> Books:
    """Hold the ledger of one run against the rows. Sees what the current role sees."""
    written = Counter[tuple[str, str]]()
    with connection.cursor() as cursor:
        for kind, (table, column) in KEPT.items():
            query = sql.SQL("SELECT {column}, count(*) FROM {table} WHERE {column} LIKE %s GROUP BY 1")
            cursor.execute(query.format(column=sql.Identifier(column), table=sql.Identifier(table)), [f"drill {run} %"])
            written.update({(kind, mark): count for mark, count in cursor.fetchall()})
    promised = [entry for entry in entries if 200 <= entry.status < 300]
    refused = [entry for entry in entries if 400 <= entry.status < 500]
    count = {entry: written[entry.kind, entry.mark] for entry in entries}
    return Books(
        promised=len(promised),
        refused=len(refused),
        unanswered=len(entries) - len(promised) - len(refused),
        lost=tuple(entry.mark for entry in promised if count[entry] == 0),
        duplicated=tuple(entry.mark for entry in entries if count[entry] > 1),
        refused_but_written=tuple(entry.mark for entry in refused if count[entry]),
    )


def fingerprints() -> dict[str, tuple[int, int]]:
    """Table → rows and the sum of their hashes: equal when nothing has changed. Sees what the current role sees."""
    found = {}
    with connection.cursor() as cursor:
        for table in _tables():
            query = sql.SQL("SELECT count(*), coalesce(sum(hashtextextended(r::text, 0)::numeric), 0) FROM {} AS r")
            cursor.execute(query.format(sql.Identifier(table)))
            count, total = cursor.fetchone()
            found[table] = (count, int(total))
    return found


def changed(before: dict[str, tuple[int, int]], after: dict[str, tuple[int, int]]) -> list[str]:
    return [table for table in after if after[table] != before[table]]


def _tables() -> Iterable[str]:
    tables = {model._meta.db_table for model in apps.get_models() if model._meta.app_label in OURS}
    return sorted(tables - RESTLESS)


@contextmanager
def undone() -> Iterator[None]:
    """A transaction of which nothing stays, and in which no trigger or foreign key speaks up."""
    with as_superuser(), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        transaction.set_rollback(True)
