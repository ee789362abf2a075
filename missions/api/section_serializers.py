"""The shape of the "missions" section of the student's dashboard."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from missions.enums import Decision, SubmissionState
from missions.standing import NEXT, STATES


class NextMissionSerializer(serializers.Serializer[Any]):
    mission_id = serializers.UUIDField()
    number = serializers.IntegerField()
    title = serializers.CharField()
    level = serializers.IntegerField()
    reason = serializers.ChoiceField(choices=NEXT)


class SectionFeedbackSerializer(serializers.Serializer[Any]):
    mission_id = serializers.UUIDField()
    mission_title = serializers.CharField()
    submission_id = serializers.UUIDField()
    decision = serializers.ChoiceField(choices=Decision.choices)
    score = serializers.IntegerField(help_text="0 to 100.")
    excerpt = serializers.CharField(allow_blank=True, help_text="How the feedback begins.")
    at = serializers.DateTimeField()


class SectionMissionSerializer(serializers.Serializer[Any]):
    mission_id = serializers.UUIDField()
    number = serializers.IntegerField()
    title = serializers.CharField()
    weight = serializers.IntegerField()
    level = serializers.IntegerField()
    state = serializers.ChoiceField(choices=SubmissionState.choices)
    score = serializers.IntegerField(allow_null=True, help_text="0 to 100; null without a verdict that stands.")
    submission_id = serializers.UUIDField()
    version = serializers.IntegerField()


class MissionCountsSerializer(serializers.Serializer[Any]):
    """How many missions stand where."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {state: serializers.IntegerField() for state in STATES}


class MissionsSectionSerializer(serializers.Serializer[Any]):
    total_count = serializers.IntegerField(help_text="Published missions of the track; 0 without an enrolment.")
    total_weight = serializers.IntegerField()
    approved_count = serializers.IntegerField()
    approved_weight = serializers.IntegerField()
    counts = MissionCountsSerializer()
    mean_score = serializers.FloatField(allow_null=True, help_text="0 to 100: of the verdicts that stand.")
    next_recommended = NextMissionSerializer(allow_null=True, help_text="Null when nothing is left to do.")
    recent_feedback = SectionFeedbackSerializer(many=True, help_text="The last three, newest first.")
    missions = SectionMissionSerializer(many=True, help_text="Those that are begun.")
