from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.instants import InstantField
from core.enums import Rank
from mentorship_coordination.actions.clocks import LONGEST_NOTE
from mentorship_coordination.actions.queue import LONGEST_OUTCOME
from mentorship_coordination.enums import PauseReason, WorkStatus, WorkType
from mentorship_coordination.models.queue import MentorWorkQueue, SlaPause
from mentorship_coordination.selectors.queue import (
    OVERDUE,
    SlaExplanation,
    reasons_in_words,
    remaining_seconds,
    reported_status,
)
from mentorship_coordination.sla.clock import REASONS, Span

STATUSES = [*WorkStatus.values, OVERDUE]
PRIORITIES = Rank.labels
HOUR = 3600


def reference_url(item: MentorWorkQueue) -> str | None:
    """Where the mentor reads what the item is about."""
    match item.type:
        case WorkType.MISSION_REVIEW:
            return reverse("mentor-submission", args=[item.reference_id])
        case WorkType.SESSION_NOTES:
            return reverse("mentor-session", args=[item.reference_id])
        case WorkType.GOAL_FEEDBACK:
            return reverse("mentor-goal", args=[item.reference_id])
        case WorkType.RISK_FLAG:
            return reverse("mentor-cockpit", args=[item.mentee_id])
    return None


class WorkItemSerializer(serializers.ModelSerializer[MentorWorkQueue]):
    """The context's `at` is the instant at which status and remaining time are told."""

    type = serializers.ChoiceField(choices=WorkType.choices)
    priority = serializers.SerializerMethodField(help_text="The effective one, by which the queue is ordered.")
    base_priority = serializers.SerializerMethodField(help_text="What the type started with.")
    status = serializers.SerializerMethodField(help_text="`overdue` for an open item past its due time.")
    mentee = serializers.UUIDField(source="mentee_id")
    mentee_name = serializers.CharField(
        source="mentee.name", default=None, allow_null=True, help_text="Null for a former mentee."
    )
    reference_url = serializers.SerializerMethodField(help_text="Where to read what the item is about.")
    sla_hours = serializers.SerializerMethodField(help_text="The budget in counted hours.")
    sla_remaining = serializers.SerializerMethodField(
        help_text="Seconds until it is due, negative when late; counted seconds left while paused."
    )
    is_paused = serializers.SerializerMethodField()
    why = serializers.SerializerMethodField(help_text="Why the item stands where it stands.")

    class Meta:
        model = MentorWorkQueue
        fields = (
            "id",
            "type",
            "priority",
            "base_priority",
            "status",
            "title",
            "description",
            "mentee",
            "mentee_name",
            "reference_id",
            "reference_version",
            "reference_url",
            "cycle",
            "sla_hours",
            "sla_remaining",
            "is_paused",
            "due_at",
            "breached_at",
            "lease_until",
            "snoozed_until",
            "outcome",
            "completed_at",
            "created_at",
            "revision",
            "why",
        )
        read_only_fields = fields

    @property
    def _at(self) -> datetime:
        at: datetime = self.context["at"]
        return at

    @extend_schema_field(serializers.ChoiceField(choices=PRIORITIES))
    def get_priority(self, item: MentorWorkQueue) -> str:
        return str(Rank(item.rank).label)

    @extend_schema_field(serializers.ChoiceField(choices=PRIORITIES))
    def get_base_priority(self, item: MentorWorkQueue) -> str:
        return str(Rank(item.base_rank).label)

    @extend_schema_field(serializers.ChoiceField(choices=STATUSES))
    def get_status(self, item: MentorWorkQueue) -> str:
        return reported_status(item, self._at)

    def get_reference_url(self, item: MentorWorkQueue) -> str | None:
        return reference_url(item)

    def get_sla_hours(self, item: MentorWorkQueue) -> float:
        return item.budget_seconds / HOUR

    def get_sla_remaining(self, item: MentorWorkQueue) -> int:
        return remaining_seconds(item, self._at)

    def get_is_paused(self, item: MentorWorkQueue) -> bool:
        return item.due_at is None

    def get_why(self, item: MentorWorkQueue) -> list[str]:
        return reasons_in_words(item)


class CompleteInputSerializer(serializers.Serializer[Any]):
    outcome = serializers.CharField(required=False, default="done", max_length=LONGEST_OUTCOME)


class SnoozeInputSerializer(serializers.Serializer[Any]):
    until = InstantField(allow_null=True, help_text="In the future, with an offset; null brings the item back.")


class ResumeInputSerializer(serializers.Serializer[Any]):
    reason = serializers.ChoiceField(choices=PauseReason.choices)


class PauseInputSerializer(ResumeInputSerializer):
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=LONGEST_NOTE)


class PauseSerializer(serializers.ModelSerializer[SlaPause]):
    reason = serializers.ChoiceField(choices=PauseReason.choices)

    class Meta:
        model = SlaPause
        fields = ("reason", "note", "opened_at", "closed_at")
        read_only_fields = fields


class SpanSerializer(serializers.Serializer[Span]):
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    seconds = serializers.FloatField()
    counts = serializers.BooleanField()
    reason = serializers.ChoiceField(choices=REASONS)


class SlaSerializer(serializers.Serializer[SlaExplanation]):
    """Seconds are counted ones: time outside the calendar and in pauses is left out."""

    id = serializers.UUIDField(source="item.id")
    calendar = serializers.CharField(source="calendar_name", allow_null=True, help_text="Null: every hour counts.")
    timezone = serializers.CharField()
    started_at = serializers.DateTimeField(source="item.clock_started_at")
    budget_seconds = serializers.IntegerField(source="item.budget_seconds")
    spans = SpanSerializer(many=True, help_text="From the start to the due time; to now while paused.")
    pauses = PauseSerializer(
        many=True, help_text="Oldest first; they may overlap. `closed_at` is null while one is open."
    )
    counted_seconds = serializers.IntegerField(help_text="Sum of the spans that count.")
    elapsed_seconds = serializers.IntegerField(help_text="Counted up to now, or to the end.")
    remaining_seconds = serializers.SerializerMethodField(help_text="Of the budget, counted; 0 when used up.")
    is_paused = serializers.SerializerMethodField()
    warn_75_at = serializers.DateTimeField(source="item.warn_75_at", allow_null=True)
    warn_90_at = serializers.DateTimeField(source="item.warn_90_at", allow_null=True)
    due_at = serializers.DateTimeField(source="item.due_at", allow_null=True, help_text="Null while paused.")
    breached_at = serializers.DateTimeField(source="item.breached_at", allow_null=True)

    def get_remaining_seconds(self, explained: SlaExplanation) -> int:
        return max(0, explained.item.budget_seconds - explained.elapsed_seconds)

    def get_is_paused(self, explained: SlaExplanation) -> bool:
        return explained.item.due_at is None
