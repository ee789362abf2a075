"""Every refusal as a problem document (RFC 9457), with a stable `code` and messages per field."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation, TooManyFilesSent
from django.db import DataError, Error, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from core.errors import (
    Conflict,
    DomainError,
    InvalidInput,
    NotPermitted,
    NotVisible,
    RuleBroken,
    TooLarge,
    TooManyAttempts,
)

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
STATUS_OF: dict[type[DomainError], int] = {
    InvalidInput: 400,
    NotPermitted: 403,
    NotVisible: 404,
    Conflict: 409,
    TooLarge: 413,
    RuleBroken: 422,
    TooManyAttempts: 429,
}
#: What PostgreSQL refuses under row-level security, and what its constraints refuse (SQLSTATE).
INSUFFICIENT_PRIVILEGE = "42501"
CONSTRAINTS = {"23505", "23P01", "23514"}
FOREIGN_KEY = "23503"


def status_of(error: DomainError) -> int:
    return next((STATUS_OF[kind] for kind in type(error).__mro__ if kind in STATUS_OF), 400)


def document(status: int, code: str, detail: str, **members: Any) -> dict[str, Any]:
    """The members of RFC 9457 §3.1, and ours: `code`, `errors`."""
    body = {
        "type": f"/problems/{code.replace('_', '-')}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    return body | {name: value for name, value in members.items() if value not in (None, {}, [])}


def field_errors(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """Flatten the framework's nested messages into {field, code, message}."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            at = path if name == "non_field_errors" else f"{path}.{name}" if path else str(name)
            yield from field_errors(inner, at)
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            yield from field_errors(inner, f"{path}[{index}]" if isinstance(inner, dict | list) else path)
    else:
        yield {"field": path, "code": str(getattr(detail, "code", "invalid")), "message": str(detail)}


def of_domain(error: DomainError) -> dict[str, Any]:
    errors = [
        {"field": field, "code": error.code, "message": message}
        for field, messages in error.fields.items()
        for message in messages
    ]
    return document(status_of(error), error.code, error.message, errors=errors, **error.extra)


def of_api_exception(error: exceptions.APIException) -> dict[str, Any]:
    codes = error.get_codes()
    if isinstance(codes, str):
        return document(error.status_code, codes, str(error.detail))
    errors = list(field_errors(error.detail))
    return document(error.status_code, "invalid", "The request has invalid fields.", errors=errors)


def of_database(error: Error) -> dict[str, Any] | None:
    """Rows that constraints or policies refused: never a 500, and never a word about the hidden row."""
    state = getattr(error.__cause__, "pgcode", None)
    if state == INSUFFICIENT_PRIVILEGE:
        return document(403, "not_permitted", NotPermitted.message)
    if isinstance(error, DataError):
        return document(400, "invalid", "A value is out of range or has characters that cannot be stored.")
    if isinstance(error, IntegrityError) and state in CONSTRAINTS:
        return document(409, "conflict", Conflict.message)
    if isinstance(error, OperationalError | InterfaceError):
        return document(503, "unavailable", "The database is away for a moment. Try again.")
    if isinstance(error, IntegrityError) and state == FOREIGN_KEY:
        return document(404, "not_found", NotVisible.message)
    return None


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """The framework's hook: whatever a view raises becomes a problem document, or stays an error of ours (500)."""
    headers: dict[str, str] = {}
    body = _body(error)
    if body is None:
        return None
    if isinstance(error, TooManyAttempts):
        headers["Retry-After"] = str(error.retry_after)
    if body["status"] == 503:
        headers["Retry-After"] = "2"
    if isinstance(error, exceptions.APIException):
        if header := getattr(error, "auth_header", None):
            headers["WWW-Authenticate"] = header
        if wait := getattr(error, "wait", None):
            headers["Retry-After"] = str(int(wait) + 1)
    if isinstance(error, Error):
        logger.warning("refused by the database: %s", error)
    set_rollback()
    body["instance"] = context["request"].path
    return Response(body, status=body["status"], headers=headers, content_type=MEDIA_TYPE)


def _body(error: Exception) -> dict[str, Any] | None:
    if isinstance(error, DomainError):
        return of_domain(error)
    if isinstance(error, exceptions.APIException):
        return of_api_exception(error)
    if isinstance(error, Http404):
        return document(404, "not_found", NotVisible.message)
    if isinstance(error, PermissionDenied):
        return document(403, "not_permitted", NotPermitted.message)
    if isinstance(error, RequestDataTooBig | TooManyFilesSent):
        return document(413, "too_large", "The request is larger than what is accepted here.")
    if isinstance(error, SuspiciousOperation):
        return document(400, "malformed", "The request is malformed.")
    if isinstance(error, Error):
        return of_database(error)
    return None


def problem_response(request: HttpRequest, body: dict[str, Any]) -> JsonResponse:
    """A problem document outside of the framework's views: URLs that do not exist, errors of ours."""
    body["instance"] = request.path
    return JsonResponse(body, status=body["status"], content_type=MEDIA_TYPE)
