"""The pages on which people get in and out."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.transaction import non_atomic_requests
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import View

from core import clock
from core.errors import TooManyAttempts
from core.tenancy.identity import Role
from core.web import add_refusal
from users import demo
from users.actions import passwords
from users.actions.sign_in import InvalidCredentials, sign_in, sign_out
from users.enums import TokenPurpose
from users.selectors import find_one_time_person
from users.web.forms import ForgotPasswordForm, SetPasswordForm, SignInForm
from users.web.next_page import next_page

LONGEST_ADDRESS = 254


@method_decorator(never_cache, name="dispatch")
class SignInView(View):
    acts_as = Role.ANON

    def get(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            return HttpResponseRedirect(next_page(request))
        return self._page(request, SignInForm(initial={"email": request.GET.get("email", "")[:LONGEST_ADDRESS]}))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = SignInForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=400)
        given = form.cleaned_data
        try:
            sign_in(request=request, email=given["email"], password=given["password"], at=clock.now())
        except InvalidCredentials as refusal:
            add_refusal(form, refusal)
            return self._page(request, form, status=400)
        except TooManyAttempts as refusal:
            add_refusal(form, refusal)
            response = self._page(request, form, status=429)
            response["Retry-After"] = str(refusal.retry_after)
            return response
        return HttpResponseRedirect(next_page(request))

    def _page(self, request: HttpRequest, form: Form, *, status: int = 200) -> HttpResponse:
        context = {"form": form, "next": request.POST.get("next") or request.GET.get("next") or ""}
        if settings.IS_EMBEDDED:
            context["demo"] = demo.ACCOUNTS
        return render(request, "users/sign_in.html", context, status=status)


class SignOutView(View):
    acts_as = Role.PERSON

    def post(self, request: HttpRequest) -> HttpResponse:
        sign_out(request=request)
        return redirect("sign-in")


class ForgotPasswordView(View):
    acts_as = Role.ANON

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "users/forgot_password.html", {"form": ForgotPasswordForm()})

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ForgotPasswordForm(request.POST)
        if not form.is_valid():
            return render(request, "users/forgot_password.html", {"form": form}, status=400)
        passwords.request_password_reset(email=form.cleaned_data["email"], at=clock.now())
        messages.success(request, "If we know this address, a link is on its way to it.")
        return redirect("sign-in")


@method_decorator(never_cache, name="dispatch")
class SetPasswordView(View):
    """Behind an invitation's or a reset's link."""

    acts_as = Role.ANON

    def get(self, request: HttpRequest, purpose: TokenPurpose, token: str) -> HttpResponse:
        person = find_one_time_person(token=token, purpose=purpose, at=clock.now())
        if person is None:
            return self._dead_link(request, purpose)
        return self._page(request, {"form": SetPasswordForm(), "person": person, "purpose": purpose})

    def post(self, request: HttpRequest, purpose: TokenPurpose, token: str) -> HttpResponse:
        form = SetPasswordForm(request.POST)
        at = clock.now()
        person = find_one_time_person(token=token, purpose=purpose, at=at)
        if person is None:
            return self._dead_link(request, purpose)
        context = {"form": form, "person": person, "purpose": purpose}
        if not form.is_valid():
            return self._page(request, context, status=400)
        try:
            passwords.set_password_with_token(
                token=token, purpose=purpose, password=form.cleaned_data["password"], at=at
            )
        except passwords.UnusableToken:
            return self._dead_link(request, purpose)
        except passwords.WeakPassword as refusal:
            add_refusal(form, refusal)
            return self._page(request, context, status=400)
        messages.success(request, "Your password is set. Sign in with it.")
        return redirect("sign-in")

    def _page(self, request: HttpRequest, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        return render(request, "users/set_password.html", context, status=status)

    def _dead_link(self, request: HttpRequest, purpose: TokenPurpose) -> HttpResponse:
        # A broken link is not a missing page: say what to do next.
        return render(request, "users/dead_link.html", {"purpose": purpose}, status=410)


# A failed try must stay counted, so this page owns no transaction; its action does.
sign_in_view = non_atomic_requests(SignInView.as_view())
