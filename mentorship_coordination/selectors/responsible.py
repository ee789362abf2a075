"""Who answers for a cohort: its directors, and the admins while it has no active one. Source: product.md §8."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import connection


def list_responsible(cohort_id: UUID) -> list[UUID]:
    """In order of id. Whoever has nothing to do with the cohort is refused by the database (SQLSTATE 42501)."""
    return map_responsible([cohort_id])[cohort_id]


def map_responsible(cohort_ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """As `list_responsible`, for many cohorts by one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT cohort, app.responsible_for(cohort) FROM unnest(%s::uuid[]) AS cohort", [list(cohort_ids)]
        )
        return dict(cursor.fetchall())
