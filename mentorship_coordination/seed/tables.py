"""What only the owner of the tables may do: empty them, and tell the planner what is in them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, Final

import psycopg2
from django.apps import apps
from django.conf import settings
from psycopg2 import sql

from mentorship_coordination.models.queue import BusinessCalendar, SlaPolicy

_APPS: Final = ("admin", "core", "users", "student_dashboard", "missions", "coaching", "mentorship_coordination")
_POLICIES: Final = sql.Identifier(SlaPolicy._meta.db_table)


def delete_everything() -> None:
    """Empty the tables of every app, all of them or none. Service levels and calendars for all tracks stay."""
    written = [
        model
        for model in apps.get_models()
        if model._meta.app_label in _APPS and model._meta.managed and model is not BusinessCalendar
    ]
    tables = sql.SQL(", ").join(sql.Identifier(model._meta.db_table) for model in written)
    general = sql.SQL("CREATE TEMPORARY TABLE general ON COMMIT DROP AS SELECT * FROM {} WHERE track_id IS NULL")
    with _as_owner() as cursor:
        # A policy of one track goes with its track, and TRUNCATE takes them all: the general ones come back.
        cursor.execute(general.format(_POLICIES))
        cursor.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY").format(tables))
        cursor.execute(sql.SQL("INSERT INTO {} SELECT * FROM general").format(_POLICIES))


def count_rows_for_planner() -> None:
    """Without it, the first minutes after a large load run on plans for empty tables."""
    with _as_owner() as cursor:
        cursor.execute("ANALYZE (SKIP_LOCKED)")


@contextmanager
def _as_owner() -> Iterator[Any]:
    with closing(psycopg2.connect(settings.DATABASE_URL, connect_timeout=10)) as owner, owner, owner.cursor() as cursor:
        yield cursor
