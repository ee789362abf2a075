"""Keyset pages: `{next, previous, results}`, stable while rows come and go, no count, no offset."""

from __future__ import annotations

from rest_framework.exceptions import ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request


class KeysetPagination(CursorPagination):
    """A view names its total order in `ordering`; the last column is unique."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
    ordering: str | list[str] | tuple[str, ...] = "-id"

    def get_page_size(self, request: Request) -> int:
        """More than 200 are 200. Raises ValidationError for what is no number over 0: nothing is guessed."""
        asked = request.query_params.get(self.page_size_query_param)
        if asked is None:
            return self.page_size
        if not (asked.isascii() and asked.isdigit() and int(asked[:9]) > 0):
            raise ValidationError({self.page_size_query_param: ["Give a number from 1 to 200."]})
        return min(int(asked[:9]), self.max_page_size)
