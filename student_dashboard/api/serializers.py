from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.instants import InstantField
from core.api.representation import represent_each
from student_dashboard.models import StudentDashboard
from student_dashboard.sections import section_shapes


class DashboardPersonSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()


class SupportSerializer(serializers.Serializer[StudentDashboard]):
    is_at_risk = serializers.SerializerMethodField(
        help_text="Show that help is at hand: the figures say so, or somebody worries. Who and why is not told."
    )
    since = serializers.DateTimeField(
        source="risk_since", allow_null=True, help_text="Since when the figures say so; null if they do not."
    )
    reasons = serializers.SerializerMethodField(help_text="Names of what the figures rest on, strongest first.")

    def get_is_at_risk(self, dashboard: StudentDashboard) -> bool:
        return dashboard.risk_since is not None or dashboard.is_watched

    def get_reasons(self, dashboard: StudentDashboard) -> list[str]:
        return [part["name"] for part in dashboard.risk_parts] if dashboard.risk_since else []


class StudentSectionsSerializer(serializers.Serializer[Any]):
    """What the apps know of her, each in its own shape: the schema comes from them, the content as they left it."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {name: shape(allow_null=True, required=False) for name, shape in section_shapes().items()}

    def to_representation(self, sections: Any) -> Any:
        return sections


class StudentDashboardSerializer(serializers.Serializer[Any]):
    student = DashboardPersonSerializer()
    mentor = DashboardPersonSerializer(
        allow_null=True, help_text="The present mentor; null without one, and before the first refresh."
    )
    readiness = serializers.FloatField(allow_null=True, help_text="0 to 100; null while there is not enough data.")
    readiness_coverage = serializers.FloatField(
        allow_null=True, help_text="0 to 1: the share of the formula that has data."
    )
    trend_7d = serializers.FloatField(
        allow_null=True, help_text="Readiness against that of seven days ago; null if either is missing."
    )
    support = SupportSerializer(source="*")
    sections = StudentSectionsSerializer(
        help_text="As of `computed_at`, empty before it; null where nothing is known of the student."
    )
    computed_at = InstantField(allow_null=True, help_text="Null before the first refresh.")
    revision = serializers.IntegerField(help_text="Rises by one with each refresh.")
    refresh_pending = serializers.SerializerMethodField(help_text="Whether something changed that is not in here yet.")

    def get_refresh_pending(self, dashboard: StudentDashboard) -> bool:
        return bool(self.context["is_pending"])


class ExplainedPartSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    weight = serializers.IntegerField()
    value = serializers.FloatField(allow_null=True, help_text="0 to 1; null without data.")
    inputs = serializers.DictField(help_text="What the value was computed from.")


class ExplanationSerializer(serializers.Serializer[StudentDashboard]):
    """`readiness = 100 × Σ weight × value ÷ Σ weight`, over the parts that have a value."""

    formula_version = serializers.IntegerField()
    parts = serializers.SerializerMethodField()

    @extend_schema_field(ExplainedPartSerializer(many=True))
    def get_parts(self, dashboard: StudentDashboard) -> list[dict[str, Any]]:
        return represent_each(ExplainedPartSerializer, dashboard.inputs.get("parts", []))


class ExplainedDashboardSerializer(StudentDashboardSerializer):
    explanation = ExplanationSerializer(source="*", required=False, help_text="With `explain=1` only.")
