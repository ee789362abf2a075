"""A mentor keeps phrases for her reviews. Source: product.md §2."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from core.actions import action
from core.errors import Conflict, InvalidInput, NotVisible
from mentorship_coordination.models.notifications import FeedbackSnippet
from mentorship_coordination.selectors.snippets import list_snippets
from missions.judgement import LONGEST_FEEDBACK
from missions.plain_text import can_be_stored
from users.models import User
from users.selectors import lock_person

LONGEST_TITLE = 80
MOST_SNIPPETS = 200


class SnippetExists(Conflict):
    code = "snippet_exists"
    message = "You keep a phrase of this name already."


class TooManySnippets(Conflict):
    code = "too_many_snippets"
    message = f"You keep {MOST_SNIPPETS} phrases already: take one away first."


@action
def keep_snippet(*, title: str, text: str, by: User, at: datetime) -> FeedbackSnippet:
    """Keep a phrase under a name of 1 to 80 characters. Raises InvalidInput, SnippetExists, TooManySnippets."""
    title, text = _checked(title, text)
    lock_person(by)
    if list_snippets(by.pk).count() >= MOST_SNIPPETS:
        raise TooManySnippets
    snippet = FeedbackSnippet(mentor=by, title=title, text=text, created_at=at)
    _save(snippet, None)
    return snippet


@action
def change_snippet(*, snippet_id: UUID, title: str, text: str, by: User) -> FeedbackSnippet:
    """Give a phrase another name and text. Raises InvalidInput, NotVisible, SnippetExists."""
    snippet = _get_locked(snippet_id, by)
    snippet.title, snippet.text = _checked(title, text)
    _save(snippet, ["title", "text"])
    return snippet


@action
def drop_snippet(*, snippet_id: UUID, by: User) -> FeedbackSnippet:
    """Take a phrase away; what it was. Raises NotVisible."""
    snippet = _get_locked(snippet_id, by)
    list_snippets(by.pk).filter(pk=snippet_id).delete()
    return snippet


def _get_locked(snippet_id: UUID, by: User) -> FeedbackSnippet:
    snippet = list_snippets(by.pk).select_for_update(of=("self",)).filter(pk=snippet_id).first()
    if snippet is None:
        raise NotVisible
    return snippet


def _save(snippet: FeedbackSnippet, fields: list[str] | None) -> None:
    try:
        with transaction.atomic():
            snippet.save(update_fields=fields)
    except IntegrityError as error:
        raise SnippetExists(fields={"title": [SnippetExists.message]}) from error


def _checked(title: str, text: str) -> tuple[str, str]:
    title, text = " ".join(title.split()), text.strip()
    errors = {}
    if not 1 <= len(title) <= LONGEST_TITLE or not can_be_stored(title):
        errors["title"] = [f"Give a name of 1 to {LONGEST_TITLE} characters."]
    if not 1 <= len(text) <= LONGEST_FEEDBACK or not can_be_stored(text):
        errors["text"] = [f"Give 1 to {LONGEST_FEEDBACK} characters."]
    if errors:
        raise InvalidInput(fields=errors)
    return title, text
