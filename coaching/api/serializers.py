from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from coaching.actions.goals import LONGEST_TEXT, LONGEST_TITLE
from coaching.actions.habits import LONGEST_NAME
from coaching.actions.logs import LONGEST_NOTE, Logged
from coaching.counting import CountedHabit
from coaching.enums import Cadence, GoalState, LogState
from coaching.models import Goal, GoalFeedback, HabitLog
from coaching.selectors import is_overdue


class HabitInputSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=LONGEST_NAME)
    cadence = serializers.ChoiceField(choices=Cadence.choices, default=Cadence.DAILY)


class HabitChangeSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=LONGEST_NAME)


class DaySerializer(serializers.Serializer[Any]):
    date = serializers.DateField()
    state = serializers.ChoiceField(choices=LogState.choices, allow_null=True)


class HabitSerializer(serializers.Serializer[Any]):
    """Of counted habits. Days are local ones of the student's."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    cadence = serializers.ChoiceField(choices=Cadence.choices)
    started_on = serializers.DateField()
    archived_on = serializers.DateField(allow_null=True)
    streak = serializers.IntegerField(
        help_text="Days, or ISO weeks, done in a row; skipped ones neither add nor break."
    )
    longest_streak = serializers.IntegerField()
    is_at_risk = serializers.BooleanField(help_text="There is a streak, and today (this week) is not logged yet.")
    is_logged_now = serializers.BooleanField(help_text="Today, or this week, is logged.")
    keep_by = serializers.SerializerMethodField(help_text="The last day that saves the streak; null without one.")
    kept = serializers.IntegerField(source="kept.kept", help_text="Of `due`, in the last 28 days or four weeks.")
    due = serializers.IntegerField(source="kept.due")
    recent = serializers.SerializerMethodField(help_text="The last seven days, oldest first.")
    created_at = serializers.DateTimeField()
    revision = serializers.IntegerField()

    @extend_schema_field(serializers.DateField(allow_null=True))
    def get_keep_by(self, habit: CountedHabit) -> str | None:
        return habit.keep_by.isoformat() if habit.streak and habit.keep_by else None

    @extend_schema_field(DaySerializer(many=True))
    def get_recent(self, habit: CountedHabit) -> list[dict[str, Any]]:
        return [{"date": day.isoformat(), "state": state} for day, state in habit.recent]


class LogInputSerializer(serializers.Serializer[Any]):
    date = serializers.DateField(
        required=False, allow_null=True, default=None, help_text="Today, when left out, or yesterday."
    )
    state = serializers.ChoiceField(choices=LogState.choices, default=LogState.DONE)
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=LONGEST_NOTE)


class HabitLogSerializer(serializers.ModelSerializer[HabitLog]):
    date = serializers.DateField(source="local_date")
    state = serializers.ChoiceField(choices=LogState.choices)

    class Meta:
        model = HabitLog
        fields = ("date", "state", "note", "created_at")
        read_only_fields = fields


class LoggedSerializer(serializers.Serializer[Logged]):
    log = HabitLogSerializer()
    habit = HabitSerializer()


class GoalInputSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=LONGEST_TITLE)
    description = serializers.CharField(required=False, default="", allow_blank=True, max_length=LONGEST_TEXT)
    due_date = serializers.DateField(help_text="A local day of yours; the last one in time.")


class GoalChangeSerializer(serializers.Serializer[Any]):
    """What is left out stays as it is."""

    title = serializers.CharField(required=False, max_length=LONGEST_TITLE)
    description = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_TEXT)
    due_date = serializers.DateField(required=False)


class PersonSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()


class GoalFeedbackSerializer(serializers.ModelSerializer[GoalFeedback]):
    author = PersonSerializer(allow_null=True, help_text="Null for somebody whom you may not see any more.")

    class Meta:
        model = GoalFeedback
        fields = ("id", "author", "text", "created_at")
        read_only_fields = fields


class GoalSerializer(serializers.ModelSerializer[Goal]):
    """The context's `at` is the instant at which it is overdue or not, by the student's own day."""

    state = serializers.ChoiceField(choices=GoalState.choices)
    is_overdue = serializers.SerializerMethodField(help_text="Open, and its day has passed where the student lives.")
    feedback = GoalFeedbackSerializer(many=True, help_text="What mentors wrote, oldest first.")

    class Meta:
        model = Goal
        fields: tuple[str, ...] = (
            "id",
            "title",
            "description",
            "due_date",
            "state",
            "is_overdue",
            "closed_at",
            "closed_date",
            "feedback",
            "created_at",
            "revision",
        )
        read_only_fields = fields

    def get_is_overdue(self, goal: Goal) -> bool:
        return is_overdue(goal, self.context["at"])


class MentorGoalSerializer(GoalSerializer):
    student = PersonSerializer()

    class Meta(GoalSerializer.Meta):
        fields = (*GoalSerializer.Meta.fields, "student")
        read_only_fields = fields


class AnswerInputSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=LONGEST_TEXT)
