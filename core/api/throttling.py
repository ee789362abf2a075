"""Limits counted in the process, not in the broker: a dead Redis must not open or close the doors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.cache import caches
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

if TYPE_CHECKING:
    # The framework imports this module while it imports its views.
    from rest_framework.views import APIView


class PersonThrottle(SimpleRateThrottle):
    """Per signed-in person."""

    scope = "person"
    cache = caches["default"]

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        if not request.user.is_authenticated:
            return None
        return self.cache_format % {"scope": self.scope, "ident": request.user.pk}


class AddressThrottle(SimpleRateThrottle):
    """Per address, for whoever is not signed in."""

    scope = "address"
    cache = caches["default"]

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        if request.user.is_authenticated:
            return None
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}
