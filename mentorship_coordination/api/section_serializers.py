"""The shapes of this app's sections of the student's dashboard."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from mentorship_coordination.enums import SessionType


class NextSessionSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    title = serializers.CharField()
    type = serializers.ChoiceField(choices=SessionType.choices)
    mentor_name = serializers.CharField(allow_null=True)
    start_time = serializers.DateTimeField()
    end_time = serializers.DateTimeField()
    zoom_url = serializers.CharField(allow_blank=True, help_text="Empty until there is a meeting.")


class SectionBudgetSerializer(serializers.Serializer[Any]):
    used = serializers.IntegerField()
    reserved = serializers.IntegerField()
    max_sessions = serializers.IntegerField()


class SessionsSectionSerializer(serializers.Serializer[Any]):
    next = NextSessionSerializer(allow_null=True, help_text="The next session, or the one that runs.")
    budget = SectionBudgetSerializer(allow_null=True, help_text="Null without an active enrolment.")
    attended = serializers.IntegerField(help_text="Of the active enrolment, as are the next two.")
    missed = serializers.IntegerField()
    late_cancellations = serializers.IntegerField(
        help_text="Sessions of two that you called off less than a day ahead."
    )


class MentorSectionSerializer(serializers.Serializer[Any]):
    mentor_id = serializers.UUIDField()
    name = serializers.CharField()
    state = serializers.CharField(help_text="`active` or `paused`.")
    since = serializers.DateTimeField(allow_null=True, help_text="Null while the pair has not begun.")
