from __future__ import annotations

from typing import Any

from rest_framework import serializers

from mentorship_coordination.enums import FlagCategory, FlagEntryKind, FlagState, Severity
from mentorship_coordination.models.flags import MentorFlag, MentorFlagEntry

SEVERITIES = Severity.labels
LONGEST_TEXT = 5000


class SeverityField(serializers.ChoiceField):
    """A word outside, a number inside: numbers sort."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.pop("choices", None)
        super().__init__(choices=[(label, label) for label in SEVERITIES], **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        return Severity[str(super().to_internal_value(data)).upper()]

    def to_representation(self, value: Any) -> str:
        return str(Severity(value).label)


class FlagInputSerializer(serializers.Serializer[Any]):
    mentee_id = serializers.UUIDField()
    reason = serializers.CharField(max_length=LONGEST_TEXT)
    severity = SeverityField(default="medium", help_text="High and critical go to the cohort's directors by mail.")
    category = serializers.ChoiceField(choices=FlagCategory.choices, default=FlagCategory.OTHER)

    def validate_severity(self, value: Severity | str) -> Severity:
        return value if isinstance(value, Severity) else Severity[value.upper()]


class ResolveInputSerializer(serializers.Serializer[Any]):
    outcome = serializers.CharField(max_length=80)
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=LONGEST_TEXT)


class ReopenInputSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(required=False, default="", allow_blank=True, max_length=LONGEST_TEXT)


class FlagEntrySerializer(serializers.ModelSerializer[MentorFlagEntry]):
    kind = serializers.ChoiceField(choices=FlagEntryKind.choices)
    by = serializers.UUIDField(source="by_id", allow_null=True)
    severity = SeverityField(read_only=True)

    class Meta:
        model = MentorFlagEntry
        fields = ("kind", "by", "severity", "text", "created_at")
        read_only_fields = fields


class FlagSerializer(serializers.ModelSerializer[MentorFlag]):
    mentee = serializers.UUIDField(source="mentee_id")
    mentee_name = serializers.CharField(allow_null=True, help_text="Null for a former mentee.")
    mentor = serializers.UUIDField(
        source="mentor_id", allow_null=True, help_text="Who looks after it: the mentor of the day, or nobody."
    )
    mentor_name = serializers.CharField(allow_null=True)
    author = serializers.UUIDField(source="author_id")
    severity = SeverityField(read_only=True)
    category = serializers.ChoiceField(choices=FlagCategory.choices)
    state = serializers.ChoiceField(choices=FlagState.choices)
    resolved = serializers.SerializerMethodField()
    director_notified = serializers.SerializerMethodField(
        help_text="True once a mail about this severity was delivered to a director."
    )
    history = FlagEntrySerializer(source="entries", many=True)

    class Meta:
        model = MentorFlag
        fields = (
            "id",
            "mentee",
            "mentee_name",
            "mentor",
            "mentor_name",
            "author",
            "reason",
            "severity",
            "category",
            "state",
            "resolved",
            "director_notified",
            "director_notified_at",
            "acknowledged_at",
            "resolved_at",
            "outcome",
            "note",
            "history",
            "created_at",
            "updated_at",
            "revision",
        )
        read_only_fields = fields

    def get_resolved(self, flag: MentorFlag) -> bool:
        return flag.state == FlagState.RESOLVED

    def get_director_notified(self, flag: MentorFlag) -> bool:
        return flag.director_notified_at is not None


class RaisedFlagSerializer(FlagSerializer):
    merged = serializers.SerializerMethodField(
        help_text="True when an unresolved flag of this category took the reason as a comment."
    )

    class Meta(FlagSerializer.Meta):
        fields = read_only_fields = (*FlagSerializer.Meta.fields, "merged")  # type: ignore[assignment]

    def get_merged(self, flag: MentorFlag) -> bool:
        return len(flag.entries.all()) > 1
