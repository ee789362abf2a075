"""What makes a view a page: the signed-out are led to the sign-in, others need the role, times are the viewer's."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect

from core.clock import zone_info
from core.errors import DomainError, NotPermitted, NotVisible
from core.tenancy.identity import Role

Page = Callable[..., HttpResponse]


def page(role: Role) -> Callable[[Page], Page]:
    """Make a function a page of the people who hold `role`, and let it act as that role.

    Signed out: the sign-in with `next`. Another role: 403. `NotVisible` is 404. Every time is rendered in the
    viewer's zone (product.md §3).
    """

    def decorate(view: Page) -> Page:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            person = cast("Any", request.user)
            if not person.is_authenticated:
                return _to_sign_in(request)
            if not person.holds(role):
                raise PermissionDenied
            try:
                with timezone.override(zone_info(person.timezone)):
                    return view(request, *args, **kwargs)
            except NotVisible as error:
                raise Http404 from error
            except NotPermitted as error:
                raise PermissionDenied from error

        guarded.acts_as = role  # type: ignore[attr-defined]
        return guarded

    return decorate


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request"):
        # A fragment would swallow the sign-in page: the whole browser goes there, and comes back to the page.
        here = request.headers.get("HX-Current-URL", request.get_full_path())
        target = redirect_to_login(here, resolve_url("sign-in"))["Location"]
        return cast("HttpResponse", HttpResponseClientRedirect(target))
    return redirect_to_login(request.get_full_path(), resolve_url("sign-in"))


def add_refusal(form: Form, refusal: DomainError) -> None:
    """Show an action's refusal beside the fields that it names, or above the form."""
    placed = {name: reasons for name, reasons in refusal.fields.items() if name in form.fields}
    for name, reasons in placed.items():
        form.add_error(name, list(reasons))
    if not placed:
        form.add_error(None, refusal.message)
