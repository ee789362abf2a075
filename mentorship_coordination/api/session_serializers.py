from __future__ import annotations

from datetime import datetime
from typing import Any

from rest_framework import serializers

from core.api.instants import InstantField
from mentorship_coordination.actions.ratings import HIGHEST, LONGEST_COMMENT, LOWEST
from mentorship_coordination.actions.session_time import LONGEST_MINUTES, SHORTEST_MINUTES
from mentorship_coordination.actions.sessions import LARGEST_GROUP
from mentorship_coordination.enums import ParticipantRole, SessionStatus, SessionType
from mentorship_coordination.models.sessions import MentorSession, SessionParticipant
from mentorship_coordination.selectors.sessions import UNCONFIRMED_AFTER
from mentorship_coordination.slots.finder import DEFAULT_MINUTES


class SessionInputSerializer(serializers.Serializer[Any]):
    mentee_id = serializers.UUIDField(required=False, help_text="For every type but `group`.")
    mentee_ids = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        allow_empty=False,
        max_length=LARGEST_GROUP,
        help_text="For type `group` only.",
    )
    title = serializers.CharField(max_length=160)
    start_time = InstantField(help_text="In the future, with an offset.")
    duration_minutes = serializers.IntegerField(
        default=DEFAULT_MINUTES, min_value=SHORTEST_MINUTES, max_value=LONGEST_MINUTES
    )
    type = serializers.ChoiceField(choices=SessionType.choices, default=SessionType.ONE_ON_ONE)
    agenda = serializers.CharField(required=False, default="", allow_blank=True, max_length=5000)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        wanted, other = (
            ("mentee_ids", "mentee_id") if attrs["type"] == SessionType.GROUP else ("mentee_id", "mentee_ids")
        )
        if wanted not in attrs:
            raise serializers.ValidationError({wanted: ["This type of session needs it."]}, code="required")
        if other in attrs:
            raise serializers.ValidationError({other: ["This type of session does not take it."]})
        return attrs


class SessionRequestSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=160)
    start_time = InstantField(help_text="In the future, with an offset.")
    duration_minutes = serializers.IntegerField(
        default=DEFAULT_MINUTES, min_value=SHORTEST_MINUTES, max_value=LONGEST_MINUTES
    )
    type = serializers.ChoiceField(
        choices=[each for each in SessionType.choices if each[0] != SessionType.GROUP], default=SessionType.ONE_ON_ONE
    )
    agenda = serializers.CharField(required=False, default="", allow_blank=True, max_length=5000)


class SessionChangeSerializer(serializers.Serializer[Any]):
    """What is left out stays as it is."""

    title = serializers.CharField(max_length=160, required=False)
    start_time = InstantField(required=False, help_text="In the future, with an offset.")
    duration_minutes = serializers.IntegerField(required=False, min_value=SHORTEST_MINUTES, max_value=LONGEST_MINUTES)
    agenda = serializers.CharField(required=False, allow_blank=True, max_length=5000)


class CancelInputSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(required=False, default="", allow_blank=True, max_length=300)


class CompleteSessionSerializer(serializers.Serializer[Any]):
    absent = serializers.ListField(
        child=serializers.UUIDField(), required=False, default=list, max_length=LARGEST_GROUP,
        help_text="Mentees of a group who did not come.",
    )  # fmt: skip


class NoShowInputSerializer(serializers.Serializer[Any]):
    who = serializers.ChoiceField(choices=ParticipantRole.choices, default=ParticipantRole.MENTEE)


class RatingInputSerializer(serializers.Serializer[Any]):
    rating = serializers.IntegerField(min_value=LOWEST, max_value=HIGHEST)
    comment = serializers.CharField(required=False, default="", allow_blank=True, max_length=LONGEST_COMMENT)


class OwnRatingSerializer(serializers.Serializer[Any]):
    session = serializers.UUIDField()
    rating = serializers.IntegerField()
    comment = serializers.CharField()
    rated_at = serializers.DateTimeField()


class ParticipantSerializer(serializers.ModelSerializer[SessionParticipant]):
    person = serializers.UUIDField(source="person_id")
    name = serializers.CharField(
        source="person_name", allow_null=True, help_text="Null when you may not see the person."
    )
    role = serializers.ChoiceField(choices=ParticipantRole.choices)
    is_disputed = serializers.SerializerMethodField(
        help_text="Of a group: she disputes `attended`, and nobody has settled it yet."
    )

    class Meta:
        model = SessionParticipant
        fields = ("person", "name", "role", "is_active", "attended", "is_disputed")
        read_only_fields = fields

    def get_is_disputed(self, participant: SessionParticipant) -> bool:
        return participant.disputed_at is not None and participant.dispute_settled_at is None


class SessionSerializer(serializers.ModelSerializer[MentorSession]):
    """The context's `at` is the instant of the facts that depend on time."""

    assignment = serializers.UUIDField(source="assignment_id", allow_null=True)
    mentee = serializers.UUIDField(source="mentee_id", allow_null=True, help_text="Null for groups.")
    mentee_name = serializers.CharField(allow_null=True, help_text="Null for groups and former mentees.")
    mentor = serializers.UUIDField(source="mentor_id")
    mentor_name = serializers.CharField(allow_null=True, help_text="Null for a former mentor.")
    type = serializers.ChoiceField(choices=SessionType.choices)
    start_time = serializers.DateTimeField(source="starts_at")
    end_time = serializers.DateTimeField(source="ends_at")
    duration_minutes = serializers.SerializerMethodField()
    zoom_url = serializers.CharField(source="meeting_url", help_text="The meeting link, whoever provides it.")
    status = serializers.ChoiceField(choices=SessionStatus.choices)
    is_in_progress = serializers.SerializerMethodField()
    is_unconfirmed = serializers.SerializerMethodField(
        help_text="Nobody said what became of it within 72 hours of its end."
    )
    is_disputed = serializers.SerializerMethodField(
        help_text="The student disputes it, or a mentee of a group her attendance, and nobody has settled it yet."
    )
    participants = ParticipantSerializer(many=True, help_text="Those whom you may see.")

    class Meta:
        model = MentorSession
        fields: tuple[str, ...] = (
            "id",
            "assignment",
            "mentee",
            "mentee_name",
            "mentor",
            "mentor_name",
            "title",
            "type",
            "start_time",
            "end_time",
            "duration_minutes",
            "zoom_url",
            "agenda",
            "status",
            "sequence",
            "is_in_progress",
            "is_unconfirmed",
            "is_disputed",
            "is_late_cancel",
            "close_reason",
            "closed_at",
            "participants",
            "created_at",
            "revision",
        )
        read_only_fields = fields

    def get_duration_minutes(self, session: MentorSession) -> int:
        return int((session.ends_at - session.starts_at).total_seconds() // 60)

    def get_is_in_progress(self, session: MentorSession) -> bool:
        at: datetime = self.context["at"]
        return session.status == SessionStatus.SCHEDULED and session.starts_at <= at < session.ends_at

    def get_is_unconfirmed(self, session: MentorSession) -> bool:
        at: datetime = self.context["at"]
        return session.status == SessionStatus.SCHEDULED and at >= session.ends_at + UNCONFIRMED_AFTER

    def get_is_disputed(self, session: MentorSession) -> bool:
        is_disputed = session.disputed_at is not None and session.dispute_settled_at is None
        return is_disputed or any(
            each.disputed_at is not None and each.dispute_settled_at is None for each in session.participants.all()
        )


class StudentSessionSerializer(SessionSerializer):
    rating = serializers.IntegerField(allow_null=True, help_text="What you gave, 1 to 5; null when not rated.")
    rating_comment = serializers.CharField(allow_null=True, help_text="What you wrote; null when not rated.")
    rated_at = serializers.DateTimeField(allow_null=True, help_text="Null when not rated.")

    class Meta(SessionSerializer.Meta):
        fields = (*SessionSerializer.Meta.fields, "rating", "rating_comment", "rated_at")
        read_only_fields = fields
