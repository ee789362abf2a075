"""What the middleware found out, told to the REST framework; browsers are held to CSRF."""

from __future__ import annotations

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from users.middleware import bearer_token
from users.models import User


class PersonAuthentication(BaseAuthentication):
    """Session cookie or `Authorization: Bearer <token>`. Raises AuthenticationFailed (401) for a dead token."""

    def authenticate(self, request: Request) -> tuple[User, str] | None:
        person = request._request.user
        by_token = bearer_token(request._request) is not None
        if not person.is_authenticated:
            if by_token:
                raise AuthenticationFailed("This token is unknown, expired or revoked.", code="invalid_token")
            return None
        if not by_token:
            SessionAuthentication().enforce_csrf(request)
        return person, "token" if by_token else "session"

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="mentorship"'


class PersonAuthenticationScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "users.api.authentication.PersonAuthentication"
    name = ["session", "token"]

    def get_security_requirement(self, auto_schema: object) -> list[dict[str, list[str]]]:
        """One of the two is enough: alternatives are a list."""
        return [{name: []} for name in self.name]

    def get_security_definition(self, auto_schema: object) -> list[dict[str, str]]:
        return [
            {"type": "apiKey", "in": "cookie", "name": "sessionid"},
            {"type": "http", "scheme": "bearer"},
        ]
