"""What is shown when no view answers: a problem document under /api/, a page elsewhere."""

from __future__ import annotations

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.views.decorators.csrf import requires_csrf_token

from core.api.problems import document, problem_response

WORDS = {
    400: ("malformed", "The request is malformed."),
    403: ("not_permitted", "You may not do this."),
    404: ("not_found", "There is nothing here that you may see."),
    503: ("unavailable", "The database is away for a moment. Try again."),
    500: ("server_error", "Something broke on our side. It has been written down; try again in a moment."),
}
HINTS = {
    400: (
        "Go back and try the form again: nothing has changed.",
        "A mistyped address looks like this, too.",
    ),
    403: (
        "The page belongs to another role than yours, such as a mentor’s or a director’s.",
        "Are you signed in as somebody else here? Sign out, and in as the one you mean.",
        "After a long pause a form may be too old: go back, reload the page, and send it again.",
    ),
    404: (
        "What the link led to may be gone, or with somebody else: a student who has another mentor now, say.",
        "It may be of a cohort or a person that is not yours; then it does not exist for you.",
        "The address may have a typing error.",
    ),
    503: (
        "What you sent may not have been kept: look before you send it again.",
        "Usually it is back in a few seconds: reload this page.",
    ),
    500: ("What you sent has not been kept.", "If it happens again, tell who runs the academy’s server."),
}


def _answer(request: HttpRequest, status: int) -> HttpResponse:
    code, sentence = WORDS[status]
    if request.path.startswith("/api/"):
        return problem_response(request, document(status, code, sentence))
    context = {
        "status": status,
        "sentence": sentence,
        "hints": HINTS[status],
        "request_id": request.META.get("HTTP_X_REQUEST_ID", "") if status == 500 else "",
    }
    page = loader.render_to_string("error.html", context, request=None)
    return HttpResponse(page, status=status)


@requires_csrf_token
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 400)


@requires_csrf_token
def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 403)


@requires_csrf_token
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 404)


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """Sign-in and the opening of the transaction ask the database before any view does."""
    if isinstance(sys.exception(), OperationalError | InterfaceError):
        response = _answer(request, 503)
        response["Retry-After"] = "2"
        return response
    return _answer(request, 500)
