"""How answers are shaped: by serializers whose fields are built once, not for each answer."""

from __future__ import annotations

from collections.abc import Iterable
from threading import local
from typing import Any

from rest_framework.serializers import BaseSerializer

#: Copying the declared fields of every nested serializer takes longer than filling them.
_kept = local()


def represent(shape: type[BaseSerializer[Any]], shown: Any, **context: Any) -> dict[str, Any]:
    """What `shape(shown, context=context).data` holds: output alone, by the serializer that this thread keeps."""
    serializer = _serializer(shape, context)
    representation: dict[str, Any] = serializer.to_representation(shown)
    return representation


def represent_each(shape: type[BaseSerializer[Any]], rows: Iterable[Any], **context: Any) -> list[dict[str, Any]]:
    """What `shape(rows, many=True, context=context).data` holds."""
    serializer = _serializer(shape, context)
    return [serializer.to_representation(row) for row in rows]


def _serializer(shape: type[BaseSerializer[Any]], context: dict[str, Any]) -> Any:
    shapes: dict[type[BaseSerializer[Any]], Any] = _kept.__dict__.setdefault("shapes", {})
    if shape not in shapes:
        shapes[shape] = shape()
    serializer = shapes[shape]
    serializer._context = context
    return serializer
