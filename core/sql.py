"""Statements that the object-relational mapper has no words for, or is too slow for: many students at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection


def fetch(statement: str, /, **values: Any) -> list[tuple[Any, ...]]:
    """Run `statement` under the identity of the transaction; all its rows, or none where it gives none."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall()) if cursor.description else []


def as_texts(ids: Iterable[UUID]) -> list[str]:
    """Ids as a parameter: `= ANY (%(ids)s::uuid[])` is one constant to plan, whatever their number."""
    return [str(each) for each in ids]
