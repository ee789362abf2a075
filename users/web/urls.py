from django.urls import path, register_converter

from users.web.converters import TokenPurposeConverter
from users.web.profile import (
    CalendarView,
    MailWishesView,
    ProfileView,
    RevokeCalendarView,
    RevokeTokenView,
    TokensView,
    change_password_view,
)
from users.web.sign_in import ForgotPasswordView, SetPasswordView, SignOutView, sign_in_view

register_converter(TokenPurposeConverter, "purpose")

urlpatterns = [
    path("sign-in", sign_in_view, name="sign-in"),
    path("sign-out", SignOutView.as_view(), name="sign-out"),
    path("forgot-password", ForgotPasswordView.as_view(), name="forgot-password"),
    path("set-password/<purpose:purpose>/<str:token>", SetPasswordView.as_view(), name="set-password"),
    path("profile", ProfileView.as_view(), name="profile"),
    path("profile/mail", MailWishesView.as_view(), name="profile-mail"),
    path("profile/calendar", CalendarView.as_view(), name="profile-calendar"),
    path("profile/calendar/revoke", RevokeCalendarView.as_view(), name="revoke-calendar"),
    path("profile/password", change_password_view, name="change-password"),
    path("profile/tokens", TokensView.as_view(), name="profile-tokens"),
    path("profile/tokens/<uuid:token_id>/revoke", RevokeTokenView.as_view(), name="revoke-token"),
]
