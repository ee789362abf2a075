from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api.instants import InstantField
from student_dashboard.models import StudentDashboard


class DashboardPersonSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()


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
    sections = serializers.DictField(
        child=serializers.JSONField(allow_null=True),
        help_text="By name, as of `computed_at`; null where nothing is known of the student.",
    )
    computed_at = InstantField(allow_null=True, help_text="Null before the first refresh.")
    revision = serializers.IntegerField(help_text="Rises by one with each refresh.")
    refresh_pending = serializers.SerializerMethodField(help_text="Whether something changed that is not in here yet.")

    def get_refresh_pending(self, dashboard: StudentDashboard) -> bool:
        return bool(self.context["is_pending"])
