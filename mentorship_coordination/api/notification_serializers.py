from __future__ import annotations

from typing import Any

from rest_framework import serializers

from mentorship_coordination.enums import MailState, NotificationKind
from mentorship_coordination.models.notifications import Notification


class NotificationSerializer(serializers.ModelSerializer[Notification]):
    kind = serializers.ChoiceField(choices=NotificationKind.choices)
    url = serializers.CharField(help_text="Where to look, a path of this server, or empty.")
    mail_state = serializers.ChoiceField(choices=MailState.choices, help_text="What became of the mail, if any.")

    class Meta:
        model = Notification
        fields = ("id", "kind", "title", "body", "url", "created_at", "read_at", "mail_state")
        read_only_fields = fields


class ReadAllSerializer(serializers.Serializer[Any]):
    read = serializers.IntegerField(help_text="How many were unread.")
