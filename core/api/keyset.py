"""Pages of an order that has many columns: the cursor holds the whole row position, compared as one row value.

`KeysetPagination` positions by the first column alone and skips the rest by offset, which suits an order by time. Where
the first column holds one value for most rows, such as a rank, it would skip thousands of rows and miss some.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError as ModelValidationError
from django.db.models import BooleanField, F, Field, Func, Model, QuerySet, Value
from django.db.models.lookups import GreaterThan, LessThan
from django.utils.encoding import force_str
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from core.api.pagination import KeysetPagination
from core.api.representation import represent_each


class Row(Func):
    function = "ROW"
    output_field = BooleanField()


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page starts: after `values`, or, backwards, before them."""

    is_backwards: bool
    values: list[Any]


class RowKeysetPagination(KeysetPagination):
    """`ordering` names columns, all ascending or, each with a minus, all descending; the last is unique."""

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        self.request = request
        self.base_url = request.build_absolute_uri()
        self.page_size = self.get_page_size(request) or self.max_page_size
        self.ordering = tuple(self.get_ordering(request, queryset, view))  # type: ignore[arg-type]
        self.position = self._position(request, queryset.model)
        return self._page(list(self._rows(queryset)[: self.page_size + 1]))

    def first_page(self, rows: list[Any], request: Request, view: APIView) -> list[Any]:
        """The page of a request without parameters, whose rows were read already: one more than a page has."""
        self.request = request
        self.base_url = request.build_absolute_uri()
        self.ordering = tuple(self.get_ordering(request, None, view))  # type: ignore[arg-type]
        self.position = None
        return self._page(rows)

    def _page(self, found: list[Any]) -> list[Any]:
        is_backwards = self.position is not None and self.position.is_backwards
        has_more = len(found) > self.page_size
        self.page = found[: self.page_size]
        if is_backwards:
            self.page.reverse()
        self.has_next = is_backwards or has_more
        self.has_previous = has_more if is_backwards else self.position is not None
        return self.page

    def get_next_link(self) -> str | None:
        return self._link(False, self.page[-1]) if self.page and self.has_next else None

    def get_previous_link(self) -> str | None:
        return self._link(True, self.page[0]) if self.page and self.has_previous else None

    @property
    def _columns(self) -> list[str]:
        return [name.removeprefix("-") for name in self.ordering]

    def _rows(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        descends = self.ordering[0].startswith("-")
        if self.position is None:
            return queryset.order_by(*self.ordering)
        fields = _fields(queryset.model, self._columns)
        here = Row(*(F(name) for name in self._columns))
        there = Row(*(Value(v, output_field=field) for v, field in zip(self.position.values, fields, strict=True)))
        if descends != self.position.is_backwards:
            return queryset.filter(LessThan(here, there)).order_by(*(f"-{name}" for name in self._columns))
        return queryset.filter(GreaterThan(here, there)).order_by(*self._columns)

    def _position(self, request: Request, model: type[Model]) -> Position | None:
        text = request.query_params.get(self.cursor_query_param)
        if not text:
            return None
        try:
            is_backwards, *values = json.loads(urlsafe_b64decode(text.encode()))
            fields = _fields(model, self._columns)
            parsed = [field.to_python(value) for field, value in zip(fields, values, strict=True)]
        except (ValueError, TypeError, AttributeError, OverflowError, ModelValidationError) as error:
            raise _unreadable() from error
        if None in parsed:
            raise _unreadable()
        return Position(bool(is_backwards), parsed)

    def _link(self, is_backwards: bool, row: Model) -> str:
        values = [getattr(row, name) for name in self._columns]
        text = json.dumps([is_backwards, *(v if isinstance(v, int) else str(v) for v in values)])
        cursor = urlsafe_b64encode(text.encode()).decode()
        link: str = replace_query_param(force_str(self.base_url), self.cursor_query_param, cursor)
        return link


class KeptFirstPage:
    """View mixin: a list whose first page, asked for without parameters, is a kept query (core.kept)."""

    def list(self: Any, request: Request) -> Response:
        if request.query_params:
            page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        else:
            page = self.paginator.first_page(self.fetch_first(self.paginator.page_size + 1), request, self)
        return self.get_paginated_response(represent_each(self.serializer_class, page, **self.shown_with()))  # type: ignore[no-any-return]

    def fetch_first(self: Any, most: int) -> Sequence[Any]:
        """The first `most` rows of what is listed without parameters, in the order of its pages."""
        rows = self.filter_queryset(self.get_queryset())
        found: Sequence[Any] = rows.order_by(*self.paginator.get_ordering(self.request, rows, self))[:most]
        return found

    def shown_with(self) -> dict[str, Any]:
        """The serializer's context."""
        return {}


def _fields(model: type[Model], names: Sequence[str]) -> list[Field[Any, Any]]:
    """The columns' fields; of a generated column, the field of what it holds."""
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    return [getattr(field, "output_field", field) for field in fields]


def _unreadable() -> ValidationError:
    return ValidationError({"cursor": ["This cursor is not one that this list gave."]})
