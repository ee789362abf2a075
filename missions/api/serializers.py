from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.representation import represent
from core.tenancy.identity import Role
from missions.enums import Decision, SubmissionState
from missions.handed_in import LONGEST_LINK, LONGEST_TEXT, MOST_LINKS
from missions.judgement import (
    HIGHEST_SCORE,
    LONGEST_FEEDBACK,
    LONGEST_REASON,
    LONGEST_WORD,
    MOST_ENTRIES,
)
from missions.models import Mission, MissionReview, MissionSubmission, SubmissionFile, SubmissionVersion

FILE_ROUTES = {
    Role.STUDENT: "submission-file",
    Role.MENTOR: "mentor-submission-file",
    Role.DIRECTOR: "director-submission-file",
}


class SubmissionInputSerializer(serializers.Serializer[Any]):
    """At least one of the two must have something in it."""

    text = serializers.CharField(required=False, default="", allow_blank=True, max_length=LONGEST_TEXT)
    links = serializers.ListField(
        child=serializers.URLField(max_length=LONGEST_LINK),
        required=False,
        default=list,
        max_length=MOST_LINKS,
    )


class SubmissionUploadSerializer(SubmissionInputSerializer):
    """As multipart/form-data, each file a part named `files`; at least one of the three must have something in it."""

    files = serializers.ListField(
        child=serializers.FileField(allow_empty_file=True),
        required=False,
        default=list,
        max_length=settings.UPLOAD_MAX_FILES,
    )


class ReviewInputSerializer(serializers.Serializer[Any]):
    """`approved` or `decision`; `approved: false` alone asks for changes. Yields `decision` alone."""

    score = serializers.IntegerField(min_value=0, max_value=HIGHEST_SCORE)
    feedback = serializers.CharField(required=False, default="", allow_blank=True, max_length=LONGEST_FEEDBACK)
    approved = serializers.BooleanField(required=False, allow_null=True, default=None)
    decision = serializers.ChoiceField(choices=Decision.choices, required=False, allow_null=True, default=None)
    competencies = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST_WORD),
        required=False,
        default=list,
        max_length=MOST_ENTRIES,
    )
    rubric_scores = serializers.DictField(
        child=serializers.IntegerField(min_value=0, max_value=HIGHEST_SCORE), required=False, default=dict
    )
    submission_version = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        min_value=1,
        help_text="The version that was read; a newer one answers 409 with `current_version`.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        approved, decision = attrs.pop("approved"), attrs["decision"]
        if approved is None and decision is None:
            raise serializers.ValidationError({"decision": ["Give `decision` or `approved`."]})
        if decision is None:
            attrs["decision"] = Decision.APPROVED.value if approved else Decision.CHANGES_REQUESTED.value
        elif approved is not None and approved != (decision == Decision.APPROVED):
            raise serializers.ValidationError({"approved": ["This contradicts `decision`."]})
        return attrs


class DirectorReviewInputSerializer(ReviewInputSerializer):
    reason = serializers.CharField(max_length=LONGEST_REASON, help_text="Why a director decides instead of the mentor.")


def review_arguments(checked: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of `actions.review_submission` from the validated data of either input serializer."""
    renamed = dict(checked)
    renamed["version"] = renamed.pop("submission_version")
    return renamed


class ReviewSerializer(serializers.ModelSerializer[MissionReview]):
    submission_id = serializers.UUIDField(read_only=True)
    version = serializers.IntegerField(source="version.number", read_only=True)
    approved = serializers.SerializerMethodField()
    reviewer_id = serializers.UUIDField(read_only=True, allow_null=True)
    reviewer_name = serializers.CharField(
        source="reviewer.name",
        default=None,
        read_only=True,
        allow_null=True,
        help_text="Null when the reviewer is not visible to the caller any more.",
    )
    competencies = serializers.ListField(child=serializers.CharField(), read_only=True)
    rubric_scores = serializers.DictField(child=serializers.IntegerField(), read_only=True)

    class Meta:
        model = MissionReview
        fields: tuple[str, ...] = (
            "id",
            "submission_id",
            "version",
            "decision",
            "approved",
            "score",
            "feedback",
            "competencies",
            "rubric_scores",
            "reviewer_id",
            "reviewer_name",
            "created_at",
        )
        read_only_fields = fields

    def get_approved(self, review: MissionReview) -> bool:
        return review.decision == Decision.APPROVED


class StaffReviewSerializer(ReviewSerializer):
    """With the director's reason, which is not the student's to read."""

    class Meta(ReviewSerializer.Meta):
        fields = (*ReviewSerializer.Meta.fields, "reason")
        read_only_fields = fields


class ReviewAnswerSerializer(serializers.Serializer[Any]):
    """Answer of the endpoints that review. `of(review)` makes its data."""

    status = serializers.ChoiceField(choices=["success"])
    submission_id = serializers.UUIDField()
    approved = serializers.BooleanField()
    review = StaffReviewSerializer()

    @classmethod
    def of(cls, review: MissionReview) -> dict[str, Any]:
        body = {
            "status": "success",
            "submission_id": review.submission_id,
            "approved": review.decision == Decision.APPROVED,
            "review": review,
        }
        return dict(cls(body).data)


class OwnSubmissionSerializer(serializers.ModelSerializer[MissionSubmission]):
    """How far the student is with a mission."""

    class Meta:
        model = MissionSubmission
        fields = ("id", "state", "version", "cycle", "score", "submitted_at", "decided_at")
        read_only_fields = fields


class MissionSerializer(serializers.ModelSerializer[Mission]):
    competencies = serializers.ListField(child=serializers.CharField(), read_only=True)
    submission = serializers.SerializerMethodField(help_text="Null while nothing was handed in.")

    class Meta:
        model = Mission
        fields: tuple[str, ...] = (
            "id",
            "number",
            "title",
            "weight",
            "expected_after_days",
            "competencies",
            "submission",
        )
        read_only_fields = fields

    @extend_schema_field(OwnSubmissionSerializer(allow_null=True))
    def get_submission(self, mission: Mission) -> dict[str, Any] | None:
        own: list[MissionSubmission] = mission.own_submissions  # type: ignore[attr-defined]
        return represent(OwnSubmissionSerializer, own[0]) if own else None


class MissionDetailSerializer(MissionSerializer):
    rubric = serializers.ListField(child=serializers.JSONField(), read_only=True)

    class Meta(MissionSerializer.Meta):
        fields = (*MissionSerializer.Meta.fields, "brief", "rubric")
        read_only_fields = fields


class MissionBriefSerializer(serializers.ModelSerializer[Mission]):
    class Meta:
        model = Mission
        fields = ("id", "number", "title", "weight")
        read_only_fields = fields


class SubmissionSerializer(serializers.ModelSerializer[MissionSubmission]):
    """A row of the student's list."""

    mission = MissionBriefSerializer(read_only=True)
    state = serializers.ChoiceField(choices=SubmissionState.choices, read_only=True)

    class Meta:
        model = MissionSubmission
        fields: tuple[str, ...] = (
            "id",
            "mission",
            "state",
            "version",
            "cycle",
            "score",
            "submitted_at",
            "decided_at",
            "updated_at",
        )
        read_only_fields = fields


class FileSerializer(serializers.ModelSerializer[SubmissionFile]):
    url = serializers.SerializerMethodField()

    class Meta:
        model = SubmissionFile
        fields = ("id", "name", "content_type", "size", "sha256", "url")
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.URI_REF)
    def get_url(self, file: SubmissionFile) -> str:
        return reverse(FILE_ROUTES[self.context["acts_as"]], args=[file.pk])


class VersionSerializer(serializers.ModelSerializer[SubmissionVersion]):
    links = serializers.ListField(child=serializers.CharField(), read_only=True)
    files = FileSerializer(many=True, read_only=True)

    class Meta:
        model = SubmissionVersion
        fields = ("id", "number", "cycle", "text", "links", "files", "created_at")
        read_only_fields = fields


class SubmissionDetailSerializer(SubmissionSerializer):
    """With everything that was handed in and said. The context's `acts_as` decides where files are."""

    versions = VersionSerializer(many=True, read_only=True)
    reviews = ReviewSerializer(many=True, read_only=True)

    class Meta(SubmissionSerializer.Meta):
        fields = (*SubmissionSerializer.Meta.fields, "versions", "reviews")
        read_only_fields = fields


class StaffSubmissionDetailSerializer(SubmissionDetailSerializer):
    student_id = serializers.UUIDField(read_only=True)
    student_name = serializers.CharField(source="student.name", read_only=True)
    reviews = StaffReviewSerializer(many=True, read_only=True)

    class Meta(SubmissionDetailSerializer.Meta):
        fields = (*SubmissionDetailSerializer.Meta.fields, "student_id", "student_name")
        read_only_fields = fields
