from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from core.errors import NotVisible
from mentorship_coordination.models.notifications import Notification


def list_notifications(person_id: UUID) -> QuerySet[Notification]:
    """Newest first."""
    return Notification.objects.filter(recipient=person_id).order_by("-created_at", "-id")


def get_notification(notification_id: UUID, person_id: UUID) -> Notification:
    """One of her own. Raises NotVisible."""
    found = list_notifications(person_id).filter(pk=notification_id).first()
    if found is None:
        raise NotVisible
    return found
