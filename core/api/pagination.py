"""Keyset pages: `{next, previous, results}`, stable while rows come and go, no count, no offset."""

from __future__ import annotations

from rest_framework.pagination import CursorPagination


class KeysetPagination(CursorPagination):
    """A view names its total order in `ordering`; the last column is unique."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
    ordering: str | list[str] | tuple[str, ...] = "-id"
