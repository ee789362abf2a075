"""JSON as RFC 8259 means it to travel: text that can be stored, nested no deeper than anybody needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

DEEPEST = 32


class StrictJSONParser(JSONParser):
    """Raises ParseError (400) for nesting beyond DEEPEST and for lone surrogates, which no UTF-8 text can hold."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            data = super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise ParseError("JSON parse error - nested too deeply.") from None
        _check(data)
        return data


def _check(data: Any) -> None:
    waiting = [(data, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > DEEPEST:
            raise ParseError("JSON parse error - nested too deeply.")
        if isinstance(value, str):
            _check_text(value)
        elif isinstance(value, dict):
            for name, inner in value.items():
                _check_text(name)
                waiting.append((inner, depth + 1))
        elif isinstance(value, list):
            waiting.extend((inner, depth + 1) for inner in value)


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ParseError("JSON parse error - a lone surrogate is no text.") from None
