from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from core.tenancy.identity import Role

if TYPE_CHECKING:
    # The framework imports this module while it imports its views.
    from rest_framework.views import APIView


class ActsAsItsRole(BasePermission):
    """The caller is signed in (else 401) and holds the role that the view acts as (else 403)."""

    message = "You do not hold the role that this endpoint acts as."

    def has_permission(self, request: Request, view: APIView) -> bool:
        role: Any = getattr(view, "acts_as", None)
        if role is None:
            raise TypeError(f"{type(view).__name__} does not say as whom it acts")
        if Role(role) is Role.ANON:
            return True
        return bool(request.user.is_authenticated and request.user.holds(Role(role)))
