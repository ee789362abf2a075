from django.urls import path

from users.api.calendar import CalendarView
from users.api.me import MeView
from users.api.sign_in import (
    InvitationAcceptView,
    LogoutView,
    PasswordResetConfirmView,
    PasswordResetView,
    login_view,
    password_view,
)
from users.api.tokens import TokensView, TokenView

urlpatterns = [
    path("auth/login", login_view, name="auth-login"),
    path("auth/logout", LogoutView.as_view(), name="auth-logout"),
    path("auth/password", password_view, name="auth-password"),
    path("auth/password-reset", PasswordResetView.as_view(), name="auth-password-reset"),
    path("auth/password-reset/confirm", PasswordResetConfirmView.as_view(), name="auth-password-reset-confirm"),
    path("auth/invitation/accept", InvitationAcceptView.as_view(), name="auth-invitation-accept"),
    path("auth/tokens", TokensView.as_view(), name="auth-tokens"),
    path("auth/tokens/<uuid:token_id>", TokenView.as_view(), name="auth-token"),
    path("users/me/calendar", CalendarView.as_view(), name="users-me-calendar"),
    path("users/me", MeView.as_view(), name="users-me"),
]
