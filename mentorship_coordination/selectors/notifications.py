from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from mentorship_coordination.models.notifications import Notification


def list_notifications(person_id: UUID) -> QuerySet[Notification]:
    """Newest first."""
    return Notification.objects.filter(recipient=person_id).order_by("-created_at", "-id")
