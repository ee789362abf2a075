"""The shapes of a mentor's mentees and of the cockpit."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from coaching.enums import Cadence, GoalState, LogState
from coaching.models import Goal
from coaching.selectors import is_overdue
from mentorship_coordination.enums import AssignmentState, FlagCategory, FlagState, SessionStatus, SessionType, Severity
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.selectors.risk import RiskReason
from missions.enums import SubmissionState


class MenteeSerializer(serializers.ModelSerializer[MenteeMentorAssignment]):
    mentee_id = serializers.UUIDField()
    assignment_id = serializers.UUIDField(source="id")
    name = serializers.CharField(source="mentee.name")
    timezone = serializers.CharField(source="mentee.timezone")
    cohort = serializers.CharField(source="cohort.name")
    track = serializers.CharField(source="cohort.track.name")
    state = serializers.ChoiceField(choices=AssignmentState.choices)
    open_items = serializers.SerializerMethodField()
    overdue_items = serializers.SerializerMethodField()
    unresolved_flags = serializers.SerializerMethodField()
    next_session_at = serializers.DateTimeField(allow_null=True)
    readiness = serializers.FloatField(allow_null=True)
    trend_7d = serializers.FloatField(allow_null=True)
    risk_score = serializers.FloatField(allow_null=True)
    risk_since = serializers.DateTimeField(allow_null=True, help_text="Since when the score is over the limit.")
    habit_streak = serializers.IntegerField(allow_null=True)

    class Meta:
        model = MenteeMentorAssignment
        fields = (
            "mentee_id",
            "assignment_id",
            "name",
            "timezone",
            "cohort",
            "track",
            "state",
            "started_at",
            "open_items",
            "overdue_items",
            "unresolved_flags",
            "next_session_at",
            "readiness",
            "trend_7d",
            "risk_score",
            "risk_since",
            "habit_streak",
        )

    def get_open_items(self, pair: Any) -> int:
        return pair.open_items or 0

    def get_overdue_items(self, pair: Any) -> int:
        return pair.overdue_items or 0

    def get_unresolved_flags(self, pair: Any) -> int:
        return pair.unresolved_flags or 0


class GoalAnswerSerializer(serializers.Serializer[Any]):
    text = serializers.CharField()
    created_at = serializers.DateTimeField()


class ProfileSerializer(serializers.Serializer[Any]):
    mentee_id = serializers.UUIDField()
    name = serializers.CharField()
    timezone = serializers.CharField()
    languages = serializers.ListField(child=serializers.CharField())
    track = serializers.CharField()
    cohort = serializers.CharField()
    mentored_since = serializers.DateTimeField()
    readiness = serializers.FloatField(allow_null=True)
    trend_7d = serializers.FloatField(allow_null=True)
    risk_score = serializers.FloatField(allow_null=True)
    risk_since = serializers.DateTimeField(allow_null=True)
    computed_at = serializers.DateTimeField(allow_null=True)


class QuickActionSerializer(serializers.Serializer[Any]):
    type = serializers.ChoiceField(choices=["review", "answer_goal", "book_session", "raise_flag"])
    title = serializers.CharField()
    url = serializers.CharField()


class MetricsSerializer(serializers.Serializer[Any]):
    habit_completion = serializers.FloatField(
        allow_null=True, help_text="0 to 1: periods kept of those due in the last 28 days."
    )
    habit_streak = serializers.IntegerField(allow_null=True, help_text="The longest that runs.")
    missions_completed = serializers.IntegerField()
    missions_total = serializers.IntegerField()
    mean_score = serializers.FloatField(allow_null=True)
    sessions_used = serializers.IntegerField()
    sessions_reserved = serializers.IntegerField()
    sessions_limit = serializers.IntegerField()
    attendance = serializers.FloatField(
        allow_null=True, help_text="0 to 1: sessions attended of those attended or missed; null before the first."
    )
    late_cancellations = serializers.IntegerField(help_text="Called off by her less than a day ahead.")
    open_items = serializers.IntegerField()


class TimelineEntrySerializer(serializers.Serializer[Any]):
    time = serializers.DateTimeField(source="at")
    kind = serializers.CharField()
    title = serializers.CharField()
    reference_id = serializers.UUIDField()


class CockpitMissionSerializer(serializers.Serializer[Any]):
    submission_id = serializers.UUIDField(source="id")
    number = serializers.IntegerField(source="mission.number")
    title = serializers.CharField(source="mission.title")
    state = serializers.ChoiceField(choices=SubmissionState.choices)
    version = serializers.IntegerField()
    score = serializers.IntegerField(allow_null=True)
    submitted_at = serializers.DateTimeField(allow_null=True)


class CockpitSessionSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    title = serializers.CharField()
    type = serializers.ChoiceField(choices=SessionType.choices)
    status = serializers.ChoiceField(choices=SessionStatus.choices)
    start_time = serializers.DateTimeField(source="starts_at")
    end_time = serializers.DateTimeField(source="ends_at")


class CockpitFlagSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    category = serializers.ChoiceField(choices=FlagCategory.choices)
    severity = serializers.ChoiceField(source="get_severity_display", choices=Severity.labels)
    state = serializers.ChoiceField(choices=FlagState.choices)
    reason = serializers.CharField()
    created_at = serializers.DateTimeField()


class CockpitGoalSerializer(serializers.Serializer[Goal]):
    id = serializers.UUIDField()
    title = serializers.CharField()
    due_date = serializers.DateField()
    state = serializers.ChoiceField(choices=GoalState.choices)
    is_overdue = serializers.SerializerMethodField()
    closed_at = serializers.DateTimeField(allow_null=True)
    feedback = GoalAnswerSerializer(many=True, help_text="What mentors wrote, oldest first.")

    def get_is_overdue(self, goal: Goal) -> bool:
        return is_overdue(goal, self.context["at"])


class CockpitDaySerializer(serializers.Serializer[Any]):
    date = serializers.DateField()
    state = serializers.ChoiceField(choices=LogState.choices, allow_null=True)


class CockpitHabitSerializer(serializers.Serializer[Any]):
    """As of `profile.computed_at`."""

    habit_id = serializers.UUIDField()
    name = serializers.CharField()
    cadence = serializers.ChoiceField(choices=Cadence.choices)
    streak = serializers.IntegerField()
    longest_streak = serializers.IntegerField()
    is_at_risk = serializers.BooleanField()
    is_logged_now = serializers.BooleanField()
    kept = serializers.IntegerField()
    due = serializers.IntegerField()
    recent = CockpitDaySerializer(many=True)


class ReadinessPartSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    weight = serializers.IntegerField()
    value = serializers.FloatField(allow_null=True, help_text="0 to 1; null without data.")
    inputs = serializers.DictField(help_text="What the value was computed from.")


class ReadinessDaySerializer(serializers.Serializer[Any]):
    date = serializers.DateField()
    readiness = serializers.FloatField(allow_null=True)


class CockpitReadinessSerializer(serializers.Serializer[Any]):
    parts = ReadinessPartSerializer(many=True)
    days = ReadinessDaySerializer(many=True, help_text="The last 28 days that are known, for a sparkline.")


class CockpitRiskSerializer(serializers.Serializer[RiskReason]):
    name = serializers.CharField()
    points = serializers.IntegerField()
    text = serializers.CharField()
    evidence = serializers.DictField()


class CockpitSerializer(serializers.Serializer[Any]):
    profile = ProfileSerializer()
    quick_actions = QuickActionSerializer(many=True)
    metrics = MetricsSerializer()
    missions = CockpitMissionSerializer(many=True)
    sessions = CockpitSessionSerializer(many=True)
    flags = CockpitFlagSerializer(many=True)
    goals = CockpitGoalSerializer(many=True)
    habits = CockpitHabitSerializer(many=True)
    readiness = CockpitReadinessSerializer()
    risk = CockpitRiskSerializer(many=True, help_text="The parts of the risk score, most points first.")
    timeline = TimelineEntrySerializer(many=True, help_text="The last 90 days, newest first.")


class StudentMentorSerializer(serializers.Serializer[Any]):
    assignment_id = serializers.UUIDField(source="id")
    mentor_id = serializers.UUIDField()
    name = serializers.CharField(source="mentor.name")
    timezone = serializers.CharField(source="mentor.timezone")
    languages = serializers.ListField(source="mentor.languages", child=serializers.CharField())
    specialties = serializers.ListField(source="mentor.mentor_specialties", child=serializers.CharField())
    state = serializers.ChoiceField(choices=AssignmentState.choices)
    since = serializers.DateTimeField(source="started_at")
