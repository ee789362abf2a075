from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from mentorship_coordination.models.notifications import FeedbackSnippet


def list_snippets(mentor_id: UUID) -> QuerySet[FeedbackSnippet]:
    """A mentor's phrases by title."""
    return FeedbackSnippet.objects.filter(mentor=mentor_id).order_by("title", "id")
