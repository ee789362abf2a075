"""The admin, under row-level security: it acts as an admin, signs in where everybody does, and renders in time."""

from functools import wraps
from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.template.response import SimpleTemplateResponse


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

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        guarded = super().admin_view(view, cacheable)

        @wraps(view)
        def rendered(*args: Any, **kwargs: Any) -> Any:
            # A template response is rendered after the request's transaction, where no identity is set and every
            # lazy queryset is empty. Render it here, inside.
            response = guarded(*args, **kwargs)
            if isinstance(response, SimpleTemplateResponse) and not response.is_rendered:
                response.render()
            return response

        return rendered
