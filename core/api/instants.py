"""Instants as the API takes them: RFC 3339 with an offset. A naive time means nothing here and is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import django_filters
from django import forms
from django.utils.dateparse import parse_datetime
from rest_framework import serializers

NAIVE = "Give the offset too, such as 2026-03-02T15:00:00+03:00 or …Z."


def parse_instant(text: object) -> datetime:
    """The instant in UTC. Raises ValueError for anything but a date and time with an offset."""
    found = parse_datetime(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError("This is no date and time of RFC 3339.")
    if found.utcoffset() is None:
        raise ValueError(NAIVE)
    try:
        return found.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("This instant is out of range.") from error


class InstantField(serializers.DateTimeField):
    """Input: with an offset or 400. Output: UTC, `Z`."""

    def to_internal_value(self, value: Any) -> datetime:
        try:
            return parse_instant(value)
        except ValueError as error:
            raise serializers.ValidationError(str(error), code="invalid_instant") from error


class _InstantFormField(forms.CharField):
    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_instant(text)
        except ValueError as error:
            raise forms.ValidationError(str(error), code="invalid_instant") from error


class InstantFilter(django_filters.IsoDateTimeFilter):  # type: ignore[misc]
    """A query parameter that is an instant with an offset; `+` is written `%2B` in an address."""

    field_class = _InstantFormField
