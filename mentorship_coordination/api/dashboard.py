from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import path
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock
from core.api.etags import EntityTags
from core.api.representation import represent
from core.api.streams import STREAM_PARAMETERS, STREAM_RESPONSES, SnapshotStreamView, stream_example
from core.enums import Audience
from core.tenancy.identity import Role
from mentorship_coordination.api.session_examples import SESSION
from mentorship_coordination.api.session_serializers import SessionSerializer
from mentorship_coordination.enums import FlagCategory, FlagState, Severity
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.selectors.activity import Activity
from mentorship_coordination.selectors.at_risk import MenteeAtRisk
from mentorship_coordination.selectors.dashboard import MentorDashboard, get_mentor_dashboard
from mentorship_coordination.selectors.queue import QueueCounters
from mentorship_coordination.selectors.risk import RiskReason
from mentorship_coordination.selectors.session_figures import Satisfaction, SessionFigures
from mentorship_coordination.selectors.slots import WeekCapacity
from users.people import signed_in

TAGS = ["mentor: dashboard"]


class QueueCountersSerializer(serializers.Serializer[QueueCounters]):
    overdue = serializers.IntegerField(help_text="Open items past their due time.")
    today = serializers.IntegerField(help_text="Open items due on your local day, earlier hours included.")
    high_priority = serializers.IntegerField(help_text="Open items of priority urgent or high.")
    total_pending = serializers.IntegerField(help_text="All open items.")


class RiskFlagSerializer(serializers.ModelSerializer[MentorFlag]):
    severity = serializers.SerializerMethodField()
    category = serializers.ChoiceField(choices=FlagCategory.choices)
    state = serializers.ChoiceField(choices=FlagState.choices)

    class Meta:
        model = MentorFlag
        fields = ("id", "severity", "category", "reason", "state", "created_at")
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=Severity.labels))
    def get_severity(self, flag: MentorFlag) -> str:
        return str(Severity(flag.severity).label)


class RiskReasonSerializer(serializers.Serializer[RiskReason]):
    name = serializers.CharField()
    points = serializers.IntegerField()
    text = serializers.CharField(help_text="A sentence, for people.")
    evidence = serializers.DictField(help_text="The rows behind the points.")


class SatisfactionSerializer(serializers.Serializer[Satisfaction]):
    mean = serializers.FloatField(allow_null=True, help_text="1 to 5, of the last 90 days; null below three ratings.")
    ratings = serializers.IntegerField()


class SessionFiguresSerializer(serializers.Serializer[SessionFigures]):
    """Of the sessions that were to begin in the last 28 days. A group counts once."""

    held = serializers.IntegerField()
    mentee_no_shows = serializers.IntegerField(help_text="Of a group: nobody came.")
    mentor_no_shows = serializers.IntegerField()
    mentee_late_cancellations = serializers.IntegerField(help_text="Less than 24 hours ahead.")
    mentor_late_cancellations = serializers.IntegerField(help_text="By yourself, less than 24 hours ahead.")
    notes_finished = serializers.IntegerField(help_text="Work of type `session_notes` that you finished in 28 days.")
    notes_on_time = serializers.IntegerField(help_text="Of these, by their due time.")


class MenteeAtRiskSerializer(serializers.Serializer[MenteeAtRisk]):
    """A figure without enough data is null, never 0."""

    mentee_id = serializers.UUIDField()
    name = serializers.CharField()
    readiness = serializers.FloatField(allow_null=True)
    readiness_trend = serializers.FloatField(allow_null=True, help_text="Change of readiness over 7 days.")
    habit_streak = serializers.IntegerField(allow_null=True, help_text="The longest that runs; null without habits.")
    risk_score = serializers.FloatField(allow_null=True, help_text="0 to 100: the sum of the reasons' points.")
    risk_since = serializers.DateTimeField(allow_null=True, help_text="Since when it is over the limit; else null.")
    reasons = RiskReasonSerializer(many=True)
    flag = serializers.SerializerMethodField(help_text="The worst unresolved one.")
    unresolved_flags = serializers.IntegerField()
    overdue_items = serializers.IntegerField()

    @extend_schema_field(RiskFlagSerializer(allow_null=True))
    def get_flag(self, mentee: MenteeAtRisk) -> dict[str, Any] | None:
        return represent(RiskFlagSerializer, mentee.flag) if mentee.flag else None


class WeekCapacitySerializer(serializers.Serializer[WeekCapacity]):
    weekly_slots = serializers.CharField(help_text="`used/limit` of your week, Monday to Sunday in your zone.")
    used = serializers.IntegerField()
    limit = serializers.IntegerField()
    next_available = serializers.DateTimeField(allow_null=True)


class ActivitySerializer(serializers.Serializer[Activity]):
    mentee = serializers.CharField(allow_null=True, help_text="Her name; null for groups and former mentees.")
    mentee_id = serializers.UUIDField(allow_null=True)
    action = serializers.CharField(
        help_text="`submitted`, a decision, `session_` and its status, `goal_completed`, or `completed_` and the type "
        "of work."
    )
    time = serializers.DateTimeField()
    title = serializers.CharField()
    reference_id = serializers.UUIDField(help_text="The submission, session, goal or work item.")


class MentorDashboardSerializer(serializers.Serializer[MentorDashboard]):
    work_queue = QueueCountersSerializer()
    today_sessions = SessionSerializer(many=True)
    at_risk_mentees = MenteeAtRiskSerializer(many=True)
    capacity = WeekCapacitySerializer()
    satisfaction = SatisfactionSerializer()
    session_figures = SessionFiguresSerializer()
    recent_activity = ActivitySerializer(many=True)


DASHBOARD = {
    "work_queue": {"overdue": 1, "today": 3, "high_priority": 4, "total_pending": 7},
    "today_sessions": [SESSION],
    "at_risk_mentees": [
        {
            "mentee_id": SESSION["mentee"],
            "name": "Mina Okafor",
            "readiness": 61.5,
            "readiness_trend": -4.2,
            "habit_streak": 0,
            "risk_score": 42.0,
            "risk_since": "2026-03-01T23:00:31Z",
            "reasons": [
                {
                    "name": "silence",
                    "points": 12,
                    "text": "Nothing heard for 12 days.",
                    "evidence": {"days": 12, "since": "2026-02-18T08:00:00Z"},
                }
            ],
            "flag": {
                "id": "019b9b77-0c3d-7e52-a8f4-1d6b90e2c751",
                "severity": "high",
                "category": "engagement",
                "reason": "Missed two sessions in a row.",
                "state": "open",
                "created_at": "2026-02-27T10:00:00Z",
            },
            "unresolved_flags": 1,
            "overdue_items": 1,
        }
    ],
    "capacity": {"weekly_slots": "5/10", "used": 5, "limit": 10, "next_available": "2026-03-03T08:15:00Z"},
    "satisfaction": {"mean": 4.6, "ratings": 11},
    "session_figures": {
        "held": 14,
        "mentee_no_shows": 1,
        "mentor_no_shows": 0,
        "mentee_late_cancellations": 2,
        "mentor_late_cancellations": 0,
        "notes_finished": 13,
        "notes_on_time": 12,
    },
    "recent_activity": [
        {
            "mentee": "Mina Okafor",
            "mentee_id": SESSION["mentee"],
            "action": "submitted",
            "time": "2026-03-02T09:00:00Z",
            "title": "Timeline of a compromised host",
            "reference_id": "019b8f60-11d2-7b0e-8a43-0c9f51c7d902",
        }
    ],
}
STREAM = """retry: 3000

id: 41
event: snapshot
data: {"work_queue":{"high_priority":4,"overdue":1,"today":3,"total_pending":7}}

id: 42
event: work_queue
data: {"id":"0199f3a2-5c1e-7b44-9d0e-3f1b6a7c8d90","kind":"opened"}

"""
DIRECTOR_STREAM = """retry: 3000

id: 17
event: snapshot
data: {"work_queue":{"overdue":1,"pool":4}}

id: 18
event: work_queue
data: {"kind":"ranked","ids":["0199f3a2-5c1e-7b44-9d0e-3f1b6a7c8d90"],"count":1}

"""


class MentorDashboardViewSet(EntityTags, viewsets.ViewSet):
    acts_as = Role.MENTOR

    @extend_schema(
        operation_id="mentor_dashboard_read",
        tags=TAGS,
        summary="What is due, today's sessions, who is at risk, the week, what happened",
        description="Recent activity: the last 7 days, newest first, at most 20 rows.",
        responses=MentorDashboardSerializer,
        examples=[OpenApiExample("A Monday morning", DASHBOARD, response_only=True)],
    )
    def retrieve(self, request: Request) -> Response:
        at = clock.now()
        dashboard = get_mentor_dashboard(signed_in(request), at)
        return Response(represent(MentorDashboardSerializer, dashboard, at=at))


class MentorStreamView(SnapshotStreamView):
    acts_as = Role.MENTOR
    audience = Audience.MENTOR

    @extend_schema(
        operation_id="mentor_dashboard_stream",
        tags=TAGS,
        summary="Changes as they happen, as server-sent events",
        description=(
            "Numbers count without holes. Without a last number the first event is `snapshot`; with one, exactly what "
            "was missed, or `reset` with a fresh snapshot when that is too long ago."
        ),
        parameters=STREAM_PARAMETERS,
        responses=STREAM_RESPONSES,
        examples=[stream_example(STREAM)],
    )
    def get(self, request: Request) -> HttpResponse:
        return super().get(request)


class DirectorStreamView(SnapshotStreamView):
    acts_as = Role.DIRECTOR
    audience = Audience.DIRECTOR

    @extend_schema(
        operation_id="director_dashboard_stream",
        tags=["director: dashboard"],
        summary="What moves in your cohorts, as server-sent events",
        description=(
            "How many items wait in the pool and are overdue, then flags, breaches and what moves in the pool. Numbers "
            "count without holes, as in a mentor's stream."
        ),
        parameters=STREAM_PARAMETERS,
        responses=STREAM_RESPONSES,
        examples=[stream_example(DIRECTOR_STREAM)],
    )
    def get(self, request: Request) -> HttpResponse:
        return super().get(request)


urlpatterns = [
    path("mentor/dashboard", MentorDashboardViewSet.as_view({"get": "retrieve"}), name="mentor-dashboard"),
    path("mentor/dashboard/stream", MentorStreamView.as_view(), name="mentor-dashboard-stream"),
    path("director/dashboard/stream", DirectorStreamView.as_view(), name="director-dashboard-stream"),
]
