"""The phrases that a mentor keeps for her reviews."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from core import clock
from core.api.problems import status_of
from core.errors import DomainError, NotVisible
from core.tenancy.identity import Role
from core.web import add_refusal, page
from mentorship_coordination.actions.snippets import change_snippet, drop_snippet, keep_snippet
from mentorship_coordination.models.notifications import FeedbackSnippet
from mentorship_coordination.selectors.snippets import list_snippets
from mentorship_coordination.web.people import person_of
from mentorship_coordination.web.review_forms import SnippetForm


@page(Role.MENTOR)
@require_http_methods(["GET", "HEAD", "POST"])
def snippets_page(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _show(request)
    form = SnippetForm(request.POST)
    if not form.is_valid():
        return _show(request, form, status=400)
    try:
        snippet = keep_snippet(by=person_of(request), at=clock.now(), **form.cleaned_data)
    except DomainError as refusal:
        add_refusal(form, refusal)
        return _show(request, form, status=status_of(refusal))
    messages.success(request, f"Kept: {snippet.title}.")
    return redirect("snippets-page")


@page(Role.MENTOR)
@require_POST
def change(request: HttpRequest, snippet_id: UUID) -> HttpResponse:
    form = SnippetForm(request.POST, auto_id=_ids(snippet_id))
    if not form.is_valid():
        return _show(request, refused=(snippet_id, form), status=400)
    try:
        snippet = change_snippet(snippet_id=snippet_id, by=person_of(request), **form.cleaned_data)
    except NotVisible:
        raise
    except DomainError as refusal:
        add_refusal(form, refusal)
        return _show(request, refused=(snippet_id, form), status=status_of(refusal))
    messages.success(request, f"Saved: {snippet.title}.")
    return redirect("snippets-page")


@page(Role.MENTOR)
@require_POST
def drop(request: HttpRequest, snippet_id: UUID) -> HttpResponse:
    snippet = drop_snippet(snippet_id=snippet_id, by=person_of(request))
    messages.success(request, f"Taken away: {snippet.title}.")
    return redirect("snippets-page")


def _show(
    request: HttpRequest,
    new_form: SnippetForm | None = None,
    *,
    refused: tuple[UUID, SnippetForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    forms = dict([refused]) if refused else {}
    kept = list_snippets(person_of(request).pk)
    context = {
        "entries": [(each, forms.get(each.pk) or _form_of(each), each.pk in forms) for each in kept],
        "new_form": new_form or SnippetForm(),
    }
    return render(request, "mentorship_coordination/snippets.html", context, status=status)


def _form_of(snippet: FeedbackSnippet) -> SnippetForm:
    return SnippetForm(initial={"title": snippet.title, "text": snippet.text}, auto_id=_ids(snippet.pk))


def _ids(snippet_id: UUID) -> str:
    return f"phrase-{snippet_id}-%s"
