"""The admin, under row-level security: it acts as an admin, signs in where everybody does, and renders in time."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.template.response import SimpleTemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.datastructures import MultiValueDictKeyError

_pages: dict[str, tuple[str, Callable[..., HttpResponse]]] = {}


def add_page(route: str, view: Callable[..., HttpResponse], *, name: str) -> None:
    """Serve `view` at `route` below the admin, as `admin:<name>`: guarded and acting as all of the admin is.

    For the `admin` module of an app, which is loaded before the addresses are. Raises ValueError for a name in use.
    """
    if name in _pages:
        raise ValueError(f"there is an admin page {name!r} already")
    _pages[name] = (route, view)


class CoordinationAdminSite(admin.AdminSite):
    site_header = "Mentorship coordination"
    site_title = "Mentorship coordination"
    index_title = "Administration"
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and getattr(request.user, "is_staff", False))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next", request.path), resolve_url("sign-in"))

    def get_urls(self) -> list[URLResolver | URLPattern]:
        # First: a model's own patterns take whatever follows its list for the id of a row.
        added = [path(route, self.admin_view(view), name=name) for name, (route, view) in _pages.items()]
        return [*added, *super().get_urls()]

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        guarded = super().admin_view(view, cacheable)

        @wraps(view)
        def rendered(*args: Any, **kwargs: Any) -> Any:
            try:
                response = guarded(*args, **kwargs)
                # A template response is rendered after the request's transaction, where no identity is set and every
                # lazy queryset is empty. Render it here, inside.
                if isinstance(response, SimpleTemplateResponse) and not response.is_rendered:
                    response.render()
            except (ValidationError, ValueError, OverflowError, MultiValueDictKeyError) as error:
                # The admin hands what stands in the address to fields and lookups as it is.
                raise BadRequest("The address asks for something that cannot be.") from error
            return response

        return rendered
