"""Decides, before the view's transaction opens, as whom the request acts.

Each view names its role by `acts_as`; a signed-in person who does not hold it acts as herself alone and the view's
permission answers 403. Nobody else changes identity in the web process.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from django.http import HttpRequest, HttpResponse

from core.tenancy.identity import ANON, Identity, Role, acting_as

ADMIN_NAMESPACE = "admin"


def view_acts_as(request: HttpRequest, view: Callable[..., Any]) -> Role:
    """The role that a view names: on itself, on its class, or by lying in the admin."""
    if request.resolver_match is not None and ADMIN_NAMESPACE in request.resolver_match.app_names:
        return Role.ADMIN
    for holder in (view, getattr(view, "cls", None), getattr(view, "view_class", None)):
        role = getattr(holder, "acts_as", None)
        if role is not None:
            return Role(role)
    return Role.PERSON


class IdentityMiddleware:
    """After the authentication middleware: `request.user` answers `holds(role)` and has an `id`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with ExitStack() as stack:
            request.identity_stack = stack  # type: ignore[attr-defined]
            return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        stack: ExitStack = request.identity_stack  # type: ignore[attr-defined]
        stack.enter_context(acting_as(self._identity(request, view_acts_as(request, view))))

    def _identity(self, request: HttpRequest, role: Role) -> Identity:
        if role is Role.ANON or not request.user.is_authenticated:
            return ANON
        if role is not Role.PERSON and not request.user.holds(role):
            role = Role.PERSON
        return Identity(role, request.user.pk)
