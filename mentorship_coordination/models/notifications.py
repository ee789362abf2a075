"""What a person is told, in the product and by mail; and a mentor's reusable phrases. Source: product.md §2, §8."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from core.identifiers import new_id
from mentorship_coordination.enums import MailState, NotificationKind
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.models.sessions import MentorSession


class Notification(models.Model):
    """Written with its cause; the mail leaves later and `mail_state` says truly what became of it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications", db_index=False
    )
    kind = models.CharField(max_length=12, choices=NotificationKind)
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    url = models.CharField(max_length=300, blank=True)
    flag = models.ForeignKey(MentorFlag, models.CASCADE, null=True, blank=True, related_name="notifications")
    # A mail about a session takes the session's calendar entry along, unless the session has moved on since.
    session = models.ForeignKey(MentorSession, models.CASCADE, null=True, blank=True, db_index=False, related_name="+")
    sequence = models.PositiveIntegerField(null=True, blank=True)
    dedupe_key = models.CharField(max_length=200, null=True, blank=True)  # noqa: DJ001 - NULL: never a duplicate
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    mail_state = models.CharField(max_length=8, choices=MailState, default=MailState.NONE)
    mail_attempts = models.PositiveSmallIntegerField(default=0)
    mail_available_at = models.DateTimeField(null=True, blank=True)
    mail_sent_at = models.DateTimeField(null=True, blank=True)
    mail_error = models.TextField(blank=True)

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = (models.UniqueConstraint(fields=["recipient", "dedupe_key"], name="told_once"),)
        indexes = (
            models.Index(fields=["recipient", "-created_at"], name="notifications_of_person"),
            models.Index(fields=["recipient"], condition=Q(read_at__isnull=True), name="notifications_unread"),
            models.Index(fields=["mail_available_at"], condition=Q(mail_state="pending"), name="mails_to_send"),
        )

    def __str__(self) -> str:
        return self.title


class FeedbackSnippet(models.Model):
    """A phrase that a mentor keeps for reviews."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    mentor = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    title = models.CharField(max_length=80)
    text = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("title", "id")
        constraints = (models.UniqueConstraint("mentor", Lower("title"), name="snippet_named_once"),)

    def __str__(self) -> str:
        return self.title
