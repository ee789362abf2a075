"""What is kept of a person, table by table, and all of it as JSON. Each app says its part in `personal_data.py`.

Source: product.md §3 and the right of access of data protection law (GDPR, article 15).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, Q

#: Why a column is not handed out.
CONFIDENTIAL = "A secret, or the digest of one."
OF_OTHERS = "It is about other people, too."


@dataclass(frozen=True, slots=True)
class Kept:
    """Rows of `model` that belong to a person by any of the look-ups `whose`, of those that fulfil `only`.

    `left_out`: columns that are not handed out, each with the reason, which is. A table may have several entries, that
    with the fullest rows first.
    """

    model: str
    whose: tuple[str, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)
    only: Mapping[str, Any] = field(default_factory=dict)


_kept: list[Kept] = []


def keep(*entries: Kept) -> None:
    """Said once by each app, when it is loaded."""
    _kept.extend(entries)


def list_kept() -> list[Kept]:
    return sorted(_kept, key=lambda each: each.model)


def collect(person_id: UUID, at: datetime) -> dict[str, Any]:
    """Everything that is kept of a person, as plain values: tables by name, each with its rows and what is left out.

    Run as the system or an admin: other roles see their part. A query for each entry.
    """
    tables: dict[str, dict[str, Any]] = {}
    for each in list_kept():
        table = tables.setdefault(each.model, {"rows": {}, "left_out": {}})
        table["left_out"] |= each.left_out
        for key, row in _rows(each, person_id):
            # Hers twice over: the fuller row, whose entry stands first, is the one that she gets.
            table["rows"].setdefault(key, row)
    for table in tables.values():
        table["rows"] = list(table["rows"].values())
    return {"person": person_id, "collected_at": at, "tables": tables}


def as_json(collected: Mapping[str, Any]) -> str:
    return json.dumps(collected, cls=_Encoder, indent=1, ensure_ascii=False)


def _rows(kept: Kept, person_id: UUID) -> list[tuple[Any, dict[str, Any]]]:
    """Each with its key."""
    model: type[Model] = apps.get_model(kept.model)
    wanted = Q()
    for lookup in kept.whose:
        wanted |= Q(**{lookup: person_id})
    columns = [each.attname for each in model._meta.concrete_fields if each.attname not in kept.left_out]
    found = model._default_manager.filter(wanted, **kept.only).order_by("pk").distinct()
    return [(row["pk"], {column: row[column] for column in columns}) for row in found.values("pk", *columns)]


class _Encoder(DjangoJSONEncoder):
    def default(self, value: Any) -> Any:
        try:
            return super().default(value)
        except TypeError:
            return str(value)
