from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from core.tenancy.spec import UID
from mentorship_coordination.models.notifications import Notification

#: How many the acting person has not read; `most` are counted at most.
UNREAD = f"""
SELECT count(*) FROM (SELECT FROM mentorship_coordination_notification
  WHERE recipient_id = {UID} AND read_at IS NULL LIMIT %(most)s) n
"""  # noqa: S608 - composed of our own words


def list_notifications(person_id: UUID) -> QuerySet[Notification]:
    """Newest first."""
    return Notification.objects.filter(recipient=person_id).order_by("-created_at", "-id")
