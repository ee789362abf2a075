"""Getting in and out: sign-in, sign-out, passwords, invitations."""

from __future__ import annotations

from typing import Any

from django.db.transaction import non_atomic_requests
from django.http import HttpRequest
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from core import clock
from core.api.schema import ProblemSerializer
from core.errors import RuleBroken
from core.tenancy.identity import Role
from users.actions import passwords
from users.actions.sign_in import InvalidCredentials, sign_in, sign_out
from users.api.examples import PROFILE
from users.api.serializers import (
    LoginInput,
    OneTimePasswordInput,
    PasswordChangeInput,
    PasswordResetInput,
    ProfileOutput,
)
from users.enums import TokenPurpose

TAGS = ["Signing in"]


class NotASession(RuleBroken):
    code = "not_a_session"
    message = "This request is signed in by a token. Revoke the token instead."


def _read(serializer: type[Serializer[Any]], request: Request) -> dict[str, Any]:
    given = serializer(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def _browser(request: Request) -> HttpRequest:
    """The request with the session and the cookies, which the actions work on."""
    return request._request


class SignedOutView(APIView):
    """Acts as nobody, whoever asks: a stale cookie or token is no hindrance."""

    acts_as = Role.ANON
    authentication_classes = ()

    def get_authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="mentorship"'


class LoginView(SignedOutView):
    @extend_schema(
        operation_id="auth_login",
        tags=TAGS,
        summary="Sign in with a browser",
        description="Sets the session and CSRF cookies. After too many failures: 429 for a while.",
        request=LoginInput,
        responses={
            200: ProfileOutput,
            (401, "application/problem+json"): OpenApiResponse(
                ProblemSerializer, description="E-mail and password do not match."
            ),
        },
        examples=[
            OpenApiExample(
                "Sign in",
                value={"email": "mentor@demo.example", "password": "correct horse battery"},
                request_only=True,
            ),
            OpenApiExample("Signed in", value=PROFILE, response_only=True, status_codes=["200"]),
        ],
    )
    def post(self, request: Request) -> Response:
        given = _read(LoginInput, request)
        try:
            person = sign_in(
                request=_browser(request), email=given["email"], password=given["password"], at=clock.now()
            )
        except InvalidCredentials as error:
            raise AuthenticationFailed(error.message, code=error.code) from None
        return Response(ProfileOutput(person).data)


class LogoutView(APIView):
    acts_as = Role.PERSON

    @extend_schema(
        operation_id="auth_logout", tags=TAGS, summary="End this session", request=None, responses={204: None}
    )
    def post(self, request: Request) -> Response:
        if request.auth == "token":
            raise NotASession
        sign_out(request=_browser(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class PasswordView(APIView):
    acts_as = Role.PERSON

    @extend_schema(
        operation_id="auth_password_change",
        tags=TAGS,
        summary="Change the own password",
        description="Ends every other session of the person; this one goes on.",
        request=PasswordChangeInput,
        responses={204: None},
        examples=[
            OpenApiExample(
                "Change",
                value={"current_password": "correct horse battery", "new_password": "seven quiet llamas"},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        given = _read(PasswordChangeInput, request)
        browser = _browser(request)
        passwords.change_password(
            request=browser,
            by=browser.user,  # type: ignore[arg-type]
            current=given["current_password"],
            new=given["new_password"],
            at=clock.now(),
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class PasswordResetView(SignedOutView):
    @extend_schema(
        operation_id="auth_password_reset",
        tags=TAGS,
        summary="Ask for a link to choose a new password",
        description="Answers the same whether or not the address is known.",
        request=PasswordResetInput,
        responses={202: None},
        examples=[OpenApiExample("Ask", value={"email": "mentor@demo.example"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        given = _read(PasswordResetInput, request)
        passwords.request_password_reset(email=given["email"], at=clock.now())
        return Response(status=status.HTTP_202_ACCEPTED)


class OneTimePasswordView(SignedOutView):
    purpose: TokenPurpose

    def post(self, request: Request) -> Response:
        given = _read(OneTimePasswordInput, request)
        passwords.set_password_with_token(
            token=given["token"], purpose=self.purpose, password=given["password"], at=clock.now()
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


ONE_TIME_EXAMPLE = OpenApiExample(
    "Choose",
    value={"token": "9ZtvqTn0m1G9Zk3yR5hYxw", "password": "seven quiet llamas"},
    request_only=True,
)


class PasswordResetConfirmView(OneTimePasswordView):
    purpose = TokenPurpose.PASSWORD_RESET

    @extend_schema(
        operation_id="auth_password_reset_confirm",
        tags=TAGS,
        summary="Choose a new password with the mailed link",
        description="The link works once. All sessions of the person end.",
        request=OneTimePasswordInput,
        responses={204: None},
        examples=[ONE_TIME_EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        return super().post(request)


class InvitationAcceptView(OneTimePasswordView):
    purpose = TokenPurpose.INVITATION

    @extend_schema(
        operation_id="auth_invitation_accept",
        tags=TAGS,
        summary="Accept an invitation by choosing a password",
        description="The link works once. Sign in afterwards.",
        request=OneTimePasswordInput,
        responses={204: None},
        examples=[ONE_TIME_EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        return super().post(request)


# A failed try must stay counted, so these two own no transaction; their actions do.
login_view = non_atomic_requests(LoginView.as_view())
password_view = non_atomic_requests(PasswordView.as_view())
