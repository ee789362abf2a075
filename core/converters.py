"""What addresses hold besides the framework's own kinds."""

from __future__ import annotations

from datetime import date

from django.urls import register_converter


class DayConverter:
    """A date, `2026-03-06`."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        return value.isoformat()


def register_converters() -> None:
    """Called where the addresses are put together, before any of them is read."""
    register_converter(DayConverter, "day")
