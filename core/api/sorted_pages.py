"""Keyset pages over rows that are computed and not stored: a list in memory, sorted by what the caller names.

For lists that are bounded by nature, such as the mentors of an academy. The cursor holds the last row's sort value and
id, so that pages stay put while rows come and go.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any

from django.utils.encoding import force_str
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from core.api.pagination import KeysetPagination

SORT = "sort"
Key = tuple[Any, str]


class SortedPages(KeysetPagination):
    """The view names its sort columns in `sorts`, the first is the default; a minus turns the order round."""

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        self.base_url = request.build_absolute_uri()
        self.page_size = self.get_page_size(request) or self.max_page_size
        self.column, descends = self._sort(request, view)
        is_backwards, there = self._position(request)
        rows = sorted(queryset, key=self._key, reverse=descends)
        try:
            begin, end = _cut([self._key(row) for row in rows], there, descends, is_backwards, self.page_size)
        except TypeError as error:
            raise _unreadable() from error
        self.page = rows[begin:end]
        self.has_previous, self.has_next = begin > 0, end < len(rows)
        return self.page

    def get_next_link(self) -> str | None:
        return self._link(False, self.page[-1]) if self.page and self.has_next else None

    def get_previous_link(self) -> str | None:
        return self._link(True, self.page[0]) if self.page and self.has_previous else None

    def _sort(self, request: Request, view: Any) -> tuple[str, bool]:
        wish = request.query_params.get(SORT) or view.sorts[0]
        if wish.removeprefix("-") not in {name.removeprefix("-") for name in view.sorts}:
            raise ValidationError({SORT: [f"Choose one of {', '.join(view.sorts)}, with or without a minus."]})
        return wish.removeprefix("-"), wish.startswith("-")

    def _key(self, row: Any) -> Key:
        return getattr(row, self.column), str(row.id)

    def _position(self, request: Request) -> tuple[bool, Key | None]:
        text = request.query_params.get(self.cursor_query_param)
        if not text:
            return False, None
        try:
            is_backwards, column, value, row_id = json.loads(urlsafe_b64decode(text.encode()))
        except (ValueError, TypeError) as error:
            raise _unreadable() from error
        if column != self.column or not isinstance(row_id, str):
            raise _unreadable()
        return bool(is_backwards), (value, row_id)

    def _link(self, is_backwards: bool, row: Any) -> str:
        text = json.dumps([is_backwards, self.column, *self._key(row)])
        cursor = urlsafe_b64encode(text.encode()).decode()
        link: str = replace_query_param(force_str(self.base_url), self.cursor_query_param, cursor)
        return link


def _cut(keys: Sequence[Key], there: Key | None, descends: bool, is_backwards: bool, size: int) -> tuple[int, int]:
    """Where the page begins and ends in the sorted rows."""
    if there is None:
        return 0, min(size, len(keys))
    before = sum(key > there if descends else key < there for key in keys)
    if is_backwards:
        return max(before - size, 0), before
    begin = before + (there in keys)
    return begin, min(begin + size, len(keys))


def _unreadable() -> ValidationError:
    return ValidationError({"cursor": ["This cursor is not one that this list gave."]})
