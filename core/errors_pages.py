"""What is shown when no view answers: a problem document under /api/, a page elsewhere."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.views.decorators.csrf import requires_csrf_token

from core.api.problems import document, problem_response

WORDS = {
    400: ("malformed", "The request is malformed."),
    403: ("not_permitted", "You may not do this."),
    404: ("not_found", "There is nothing here that you may see."),
    500: ("server_error", "Something broke on our side. It has been written down; try again in a moment."),
}


def _answer(request: HttpRequest, status: int) -> HttpResponse:
    code, sentence = WORDS[status]
    if request.path.startswith("/api/"):
        return problem_response(request, document(status, code, sentence))
    page = loader.render_to_string("error.html", {"status": status, "sentence": sentence}, request=None)
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
    return _answer(request, 500)
