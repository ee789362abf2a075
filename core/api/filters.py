"""Filters that refuse what they do not know, instead of answering an empty list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters
from django_filters import rest_framework as rest_filters
from rest_framework.exceptions import ValidationError

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView

PAGING = {"cursor", "page_size"}


class StrictFilterSet(django_filters.FilterSet):  # type: ignore[misc]
    """Subclasses declare their filters; choices and UUIDs are checked by their fields."""


class StrictFilterBackend(rest_filters.DjangoFilterBackend):  # type: ignore[misc]
    """A parameter that no filter knows answers 400, as a wrong value does (product.md §4)."""

    raise_exception = True

    def filter_queryset(self, request: Request, queryset: Any, view: APIView) -> Any:
        filterset_class = self.get_filterset_class(view, queryset)
        known = set(filterset_class.base_filters) if filterset_class else set()
        unknown = set(request.query_params) - known - PAGING
        if unknown:
            raise ValidationError({name: ["There is no such filter."] for name in sorted(unknown)})
        return super().filter_queryset(request, queryset, view)
