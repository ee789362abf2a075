"""What all forms of the pages have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict

#: A span of a day as somebody typed it: when it begins, when it ends. Either may be empty or nonsense.
Typed = tuple[str, str]


class Form(forms.Form):
    """Labels without colons."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)


class HoursInput(forms.Widget):
    """Hours of days: a pair of times for each span, and an empty pair to add another.

    The value is a mapping from a day to its spans. Midnight at the end of a day is typed, and shown, as 00:00.
    """

    template_name = "forms/hours.html"

    def __init__(self, days: Mapping[str, str], attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.days = days

    def value_from_datadict(self, data: Any, files: Any, name: str) -> dict[str, list[Typed]]:
        given = data if isinstance(data, QueryDict) else QueryDict()
        spans = {day: _spans(given, f"{name}-{day}") for day in self.days}
        return {day: typed for day, typed in spans.items() if typed}

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return not any(f"{name}-{day}-from" in data for day in self.days)

    def id_for_label(self, id_: str) -> str:
        return ""

    def use_required_attribute(self, initial: Any) -> bool:
        return False

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, None, attrs)
        spans: Mapping[str, Sequence[Sequence[str]]] = value or {}
        context["widget"]["days"] = [
            (day, words, [*(_shown(*span) for span in spans.get(day, ())), ("", "")])
            for day, words in self.days.items()
        ]
        context["widget"]["is_week"] = len(self.days) > 1
        return context


def _spans(given: QueryDict, name: str) -> list[Typed]:
    pairs = zip(given.getlist(f"{name}-from"), given.getlist(f"{name}-to"), strict=False)
    typed = [(begins.strip(), ends.strip()) for begins, ends in pairs]
    return [(begins, "24:00" if ends == "00:00" else ends) for begins, ends in typed if begins or ends]


def _shown(begins: str, ends: str) -> Typed:
    return begins, "00:00" if ends == "24:00" else ends
