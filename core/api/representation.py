"""How answers are shaped: by serializers whose fields are built once, and looked through once, not for each answer.

The serializers say what an answer holds; what is slow in them is generic. A field that reads one attribute and turns it
into text is two calls here. Whatever else a field may do, it does itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from operator import getitem
from threading import local
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import QuerySet
from django.db.models.manager import BaseManager
from django.utils.timezone import get_current_timezone
from rest_framework import ISO_8601, serializers
from rest_framework.fields import SkipField
from rest_framework.serializers import BaseSerializer
from rest_framework.settings import api_settings

Convert = Callable[[Any], Any]
#: Reads from an instance, given how one of its attributes is looked up: a mapping's by its key.
Read = Callable[[Any, Callable[[Any, str], Any]], Any]

AS_TYPE: dict[type, Convert] = {
    serializers.CharField: str,
    serializers.IntegerField: int,
    serializers.FloatField: float,
}
WRITES_TIME = serializers.DateTimeField.to_representation
WRITES_LIST = serializers.ListSerializer.to_representation

#: Copying the declared fields of every nested serializer takes longer than filling them.
_kept = local()


def represent(shape: type[BaseSerializer[Any]], shown: Any, **context: Any) -> dict[str, Any]:
    """What `shape(shown, context=context).data` holds: output alone, by the serializer that this thread keeps."""
    document: dict[str, Any] = _representer(shape, context)(shown)
    return document


def represent_each(shape: type[BaseSerializer[Any]], rows: Iterable[Any], **context: Any) -> list[dict[str, Any]]:
    """What `shape(rows, many=True, context=context).data` holds."""
    return list(map(_representer(shape, context), rows))


def _representer(shape: type[BaseSerializer[Any]], context: dict[str, Any]) -> Convert:
    shapes: dict[type[BaseSerializer[Any]], tuple[Any, Convert]] = _kept.__dict__.setdefault("shapes", {})
    if shape not in shapes:
        made = shape()
        shapes[shape] = made, _of_serializer(made)
    serializer, convert = shapes[shape]
    serializer._context = context
    _kept.in_utc = str(get_current_timezone()) == "UTC"
    return convert


def _of_serializer(serializer: Any) -> Convert:
    """What `serializer.to_representation` does, with all that follows from the fields looked up beforehand."""
    is_plain = getattr(type(serializer), "to_representation", None) is serializers.Serializer.to_representation
    fields = list(serializer._readable_fields) if is_plain else []
    if not is_plain or any(isinstance(field, serializers.RelatedField) for field in fields):
        whole: Convert = serializer.to_representation
        return whole
    steps = [(field.field_name, _reader(field), _converter(field)) for field in fields]

    def convert(instance: Any) -> dict[str, Any]:
        document = {}
        look_up = getitem if isinstance(instance, Mapping) else getattr
        for name, read, write in steps:
            try:
                value = read(instance, look_up)
            except SkipField:
                continue
            document[name] = None if value is None else write(value)
        return document

    return convert


def _reader(field: Any) -> Read:
    as_ever: Convert = field.get_attribute
    is_plain = type(field).get_attribute is serializers.Field.get_attribute
    if is_plain and field.source == "*":
        return lambda instance, look_up: instance
    if not is_plain or len(field.source_attrs) != 1:
        return lambda instance, look_up: as_ever(instance)
    [name] = field.source_attrs

    def read(instance: Any, look_up: Callable[[Any, str], Any]) -> Any:
        try:
            value = look_up(instance, name)
        except (KeyError, AttributeError, ObjectDoesNotExist):  # a default, a null or a fault: the field knows
            return as_ever(instance)
        return as_ever(instance) if callable(value) and not isinstance(value, BaseManager) else value

    return read


def _converter(field: Any) -> Convert:
    kind = type(field)
    if kind in AS_TYPE:
        return AS_TYPE[kind]
    if kind is serializers.UUIDField and field.uuid_format == "hex_verbose":
        return str
    if isinstance(field, serializers.DateTimeField) and kind.to_representation is WRITES_TIME:
        return _time_writer(field)
    if kind is serializers.SerializerMethodField:
        method: Convert = getattr(field.parent, field.method_name)
        return method
    if isinstance(field, serializers.ListSerializer) and kind.to_representation is WRITES_LIST:
        return _list_writer(field)
    if isinstance(field, serializers.Serializer):
        return _of_serializer(field)
    as_ever: Convert = field.to_representation
    return as_ever


def _time_writer(field: Any) -> Convert:
    as_ever: Convert = field.to_representation
    is_special = hasattr(field, "format") or hasattr(field, "timezone") or api_settings.DATETIME_FORMAT != ISO_8601
    if is_special or type(field).enforce_timezone is not serializers.DateTimeField.enforce_timezone:
        return as_ever

    def write(value: Any) -> Any:
        if _kept.in_utc and type(value) is datetime and value.tzinfo is UTC:
            return f"{value.isoformat()[:-6]}Z"
        return as_ever(value)

    return write


def _list_writer(field: Any) -> Convert:
    write = _of_serializer(field.child)
    as_ever: Convert = field.to_representation

    def write_each(rows: Any) -> Any:
        if isinstance(rows, BaseManager):
            rows = rows.all()
        return [write(row) for row in rows] if isinstance(rows, list | tuple | QuerySet) else as_ever(rows)

    return write_each
