"""The shapes of this app's sections of the student's dashboard. Figures are as of its `computed_at`."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from coaching.api.serializers import DaySerializer
from coaching.enums import Cadence, GoalState


class SectionHabitSerializer(serializers.Serializer[Any]):
    habit_id = serializers.UUIDField()
    name = serializers.CharField()
    cadence = serializers.ChoiceField(choices=Cadence.choices)
    streak = serializers.IntegerField(
        help_text="Days, or ISO weeks, done in a row; skipped ones neither add nor break."
    )
    longest_streak = serializers.IntegerField()
    is_at_risk = serializers.BooleanField(help_text="There is a streak, and today (this week) is not logged yet.")
    is_logged_now = serializers.BooleanField(help_text="Today, or this week, is logged.")
    kept = serializers.IntegerField(help_text="Of `due`, in the last 28 days or four weeks.")
    due = serializers.IntegerField()
    recent = DaySerializer(many=True, help_text="The last seven days, oldest first.")


class HabitsSectionSerializer(serializers.Serializer[Any]):
    habits = SectionHabitSerializer(many=True, help_text="Those that are not put away.")
    current_streak = serializers.IntegerField(allow_null=True, help_text="The longest that runs; null without habits.")
    longest_streak = serializers.IntegerField(allow_null=True, help_text="Ever, of all habits.")
    completion = serializers.FloatField(allow_null=True, help_text="0 to 1: `kept` of `due`; null if nothing was due.")
    kept = serializers.IntegerField(help_text="In the last 28 days or four weeks, of all habits.")
    due = serializers.IntegerField()


class SectionGoalSerializer(serializers.Serializer[Any]):
    goal_id = serializers.UUIDField()
    title = serializers.CharField()
    due_date = serializers.DateField()
    state = serializers.ChoiceField(choices=GoalState.choices)
    is_overdue = serializers.BooleanField()
    closed_date = serializers.DateField(allow_null=True, help_text="Null while it is open.")
    feedback_count = serializers.IntegerField()
    latest_feedback = serializers.CharField(allow_null=True, help_text="What a mentor wrote last.")


class GoalsSectionSerializer(serializers.Serializer[Any]):
    goals = SectionGoalSerializer(many=True, help_text="The open ones by due date, then those closed last.")
    open_count = serializers.IntegerField()
    overdue_count = serializers.IntegerField()
    due = serializers.IntegerField(help_text="Goals that count for readiness by now.")
    on_time = serializers.IntegerField(help_text="Of `due`, reached in time.")
