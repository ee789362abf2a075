"""The person's own page: profile, password, access tokens."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import View

from core import clock
from core.errors import DomainError, NotVisible
from core.tenancy.identity import Role
from core.web import add_refusal
from users.actions.access_tokens import create_access_token, revoke_access_token
from users.actions.feed_tokens import make_feed_address, revoke_feed_address
from users.actions.passwords import change_password
from users.actions.profile import change_own_profile
from users.links import calendar_link
from users.models import User
from users.selectors import find_feed_since, list_access_tokens
from users.web.forms import ChangePasswordForm, MailWishesForm, ProfileForm, TokenForm


@method_decorator(never_cache, name="dispatch")
class PersonalView(LoginRequiredMixin, View):
    """Every answer is the whole page, with the form that was sent in its state."""

    acts_as = Role.PERSON

    def person(self, request: HttpRequest) -> User:
        return request.user  # type: ignore[return-value]

    def page(self, request: HttpRequest, *, status: int = 200, **changed: Any) -> HttpResponse:
        person = self.person(request)
        # The page of a view without a transaction of its own reads under the person's identity too.
        with transaction.atomic():
            tokens = list(list_access_tokens(person=person, at=clock.now()))
            feed_since = find_feed_since(person_id=person.pk)
        context = {
            "person": person,
            "profile_form": ProfileForm(person),
            "mail_form": MailWishesForm(person),
            "password_form": ChangePasswordForm(),
            "token_form": TokenForm(),
            "tokens": tokens,
            "feed_since": feed_since,
            **changed,
        }
        return render(request, "users/profile.html", context, status=status)


class ProfileView(PersonalView):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        person = self.person(request)
        form = ProfileForm(person, request.POST)
        if not form.is_valid():
            return self.page(request, status=400, profile_form=form)
        changes = dict(form.cleaned_data)
        try:
            change_own_profile(by=person, revision=changes.pop("revision"), changes=changes, at=clock.now())
        except DomainError as refusal:
            add_refusal(form, refusal)
            return self.page(request, status=400, profile_form=form)
        messages.success(request, "Saved.")
        return redirect("profile")


class MailWishesView(PersonalView):
    def post(self, request: HttpRequest) -> HttpResponse:
        person = self.person(request)
        form = MailWishesForm(person, request.POST)
        if not form.is_valid():
            return self.page(request, status=400, mail_form=form)
        changes = {"preferences": form.preferences(person)}
        try:
            change_own_profile(by=person, revision=form.cleaned_data["revision"], changes=changes, at=clock.now())
        except DomainError as refusal:
            add_refusal(form, refusal)
            return self.page(request, status=400, mail_form=form)
        messages.success(request, "Saved. Mails come as you wish from now on.")
        return redirect("profile")


class ChangePasswordView(PersonalView):
    def post(self, request: HttpRequest) -> HttpResponse:
        form = ChangePasswordForm(request.POST)
        if not form.is_valid():
            return self.refuse(request, form)
        given = form.cleaned_data
        try:
            change_password(
                request=request,
                by=self.person(request),
                current=given["current_password"],
                new=given["new_password"],
                at=clock.now(),
            )
        except DomainError as refusal:
            add_refusal(form, refusal)
            return self.refuse(request, form)
        messages.success(request, "Your password is changed. Other browsers are signed out.")
        return redirect("profile")

    def refuse(self, request: HttpRequest, form: Form) -> HttpResponse:
        return self.page(request, status=400, password_form=form)


class CalendarView(PersonalView):
    def post(self, request: HttpRequest) -> HttpResponse:
        secret = make_feed_address(by=self.person(request), at=clock.now())
        # Shown in this answer alone, as a token is.
        return self.page(request, calendar_url=calendar_link(secret))


class RevokeCalendarView(PersonalView):
    def post(self, request: HttpRequest) -> HttpResponse:
        revoke_feed_address(by=self.person(request), at=clock.now())
        messages.success(request, "The address opens nothing any more.")
        return redirect("profile")


class TokensView(PersonalView):
    def post(self, request: HttpRequest) -> HttpResponse:
        form = TokenForm(request.POST)
        if not form.is_valid():
            return self.page(request, status=400, token_form=form)
        given = form.cleaned_data
        try:
            _, secret = create_access_token(
                by=self.person(request), name=given["name"], expires_at=given["expires_at"], at=clock.now()
            )
        except DomainError as refusal:
            add_refusal(form, refusal)
            return self.page(request, status=400, token_form=form)
        # Shown in this answer alone: a redirect would have to keep the secret somewhere.
        return self.page(request, new_secret=secret, new_name=given["name"])


class RevokeTokenView(PersonalView):
    def post(self, request: HttpRequest, token_id: UUID) -> HttpResponse:
        try:
            revoke_access_token(token_id=token_id, by=self.person(request), at=clock.now())
        except NotVisible:
            messages.error(request, "There is no such token of yours any more.")
        else:
            messages.success(request, "The token is revoked.")
        return redirect("profile")


# A wrong current password must stay counted, so this page owns no transaction; its action does.
change_password_view = transaction.non_atomic_requests(ChangePasswordView.as_view())
