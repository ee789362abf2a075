"""Who tells what a page shows: each audience's app registers one function (architecture.md §10)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from core.enums import Audience
from core.stream.records import Snapshot, StreamKey
from core.tenancy.identity import Identity, Role

SnapshotProvider = Callable[[UUID], dict[str, Any]]

ROLES = {Audience.MENTOR: Role.MENTOR, Audience.STUDENT: Role.STUDENT, Audience.DIRECTOR: Role.DIRECTOR}

_providers: dict[Audience, SnapshotProvider] = {}


class NoSnapshotProvider(LookupError):
    """No app told what this audience's page shows."""


def register_snapshot(audience: Audience, provider: SnapshotProvider) -> None:
    """`provider(user_id)` gives the page's data as plain values, under that person's identity, in an open
    transaction.

    Raises `ValueError` when the audience has one already: two answers to one question are a wiring mistake.
    """
    if _providers.setdefault(audience, provider) is not provider:
        raise ValueError(f"{audience.label} has a snapshot provider already")


def identity_of(key: StreamKey) -> Identity:
    audience, user_id = key
    return Identity(ROLES[audience], user_id)


def read_snapshot(key: StreamKey) -> Snapshot:
    """Number and data of one stream. Call it inside a transaction, acting as `identity_of(key)`.

    The number is read first: under READ COMMITTED the data may then be newer than the number, never older, so
    nothing is lost between. Raises `NoSnapshotProvider`.
    """
    audience, user_id = key
    provider = _providers.get(audience)
    if provider is None:
        raise NoSnapshotProvider(audience.label)
    with connection.cursor() as cursor:
        cursor.execute("SELECT app.stream_position(%s::smallint)", [audience.value])
        (number,) = cursor.fetchone()
    return Snapshot(number, as_json(provider(user_id)))


def as_json(data: Any) -> str:
    """Compact JSON on one line; equal data gives equal text. Raises `TypeError` and `ValueError` (NaN)."""
    return json.dumps(
        data,
        cls=DjangoJSONEncoder,
        separators=(",", ":"),
        sort_keys=True,
        ensure_ascii=False,
        allow_nan=False,
    )
