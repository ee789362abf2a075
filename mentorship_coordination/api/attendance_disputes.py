"""A director lists what mentees dispute of their attendance in groups, and settles it."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import clock
from core.api.etags import EntityTags
from core.api.filters import StrictFilterBackend, StrictFilterSet
from core.api.keyset import RowKeysetPagination
from core.api.representation import represent, represent_each
from core.tenancy.identity import Role
from mentorship_coordination.actions.session_disputes import LONGEST_REASON, settle_attendance
from mentorship_coordination.models.sessions import SessionParticipant
from mentorship_coordination.selectors.flags import list_directed_cohorts
from mentorship_coordination.selectors.sessions import list_attendance_disputes
from users.people import signed_in

TAGS: Final = ["director: sessions"]
DISPUTE: Final[dict[str, Any]] = {
    "id": "019b9a10-6a02-7d55-b1c8-0f3e92a7d614",
    "session": "019b9a10-5e7f-7b21-8d36-c4a90b17e2f8",
    "title": "Reading the timeline together",
    "mentor_name": "Tomas Berg",
    "mentee": "019b8f40-9b12-7c4d-a6e1-5f7c3d2b8a90",
    "mentee_name": "Mina Okafor",
    "start_time": "2026-03-02T12:00:00Z",
    "attended": False,
    "disputed_at": "2026-03-02T15:00:00Z",
    "reason": "I came ten minutes late.",
    "settled_at": None,
    "answer": "",
}


class SettleAttendanceInputSerializer(serializers.Serializer[Any]):
    attended = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="Was she there? Null: what was said stays."
    )
    answer = serializers.CharField(max_length=LONGEST_REASON, help_text="Mentor and student read it.")


class AttendanceDisputeSerializer(serializers.Serializer[SessionParticipant]):
    id = serializers.UUIDField(help_text="Of the attendance: one mentee in one session.")
    session = serializers.UUIDField(source="session_id")
    title = serializers.CharField(source="session.title")
    mentor_name = serializers.CharField(allow_null=True)
    mentee = serializers.UUIDField(source="person_id")
    mentee_name = serializers.CharField(allow_null=True)
    start_time = serializers.DateTimeField(source="session.starts_at")
    attended = serializers.BooleanField(help_text="As it stands.")
    disputed_at = serializers.DateTimeField()
    reason = serializers.CharField(source="dispute_reason")
    settled_at = serializers.DateTimeField(source="dispute_settled_at", allow_null=True)
    answer = serializers.CharField(source="dispute_answer")


class AttendanceDisputeFilters(StrictFilterSet):
    open = django_filters.ChoiceFilter(
        choices=[("true", "true"), ("false", "false")], method="with_open", help_text="`true`: not settled yet."
    )

    def with_open(self, disputes: QuerySet[SessionParticipant], name: str, value: str) -> QuerySet[SessionParticipant]:
        return disputes.filter(dispute_settled_at__isnull=value == "true")


class NewestFirst(RowKeysetPagination):
    ordering = ("-disputed_at", "-id")


class AttendanceDisputesView(EntityTags, GenericAPIView[SessionParticipant]):
    acts_as = Role.DIRECTOR
    queryset = SessionParticipant.objects.none()
    serializer_class = AttendanceDisputeSerializer
    pagination_class = NewestFirst
    filter_backends = (StrictFilterBackend,)
    filterset_class = AttendanceDisputeFilters

    def get_queryset(self) -> QuerySet[SessionParticipant]:
        return list_attendance_disputes(list_directed_cohorts(signed_in(self.request).pk))

    @extend_schema(
        operation_id="director_attendance_disputes_list",
        tags=TAGS,
        summary="Disputed attendance in groups, newest first",
        description="Of the students of your cohorts, whichever cohort the group belongs to.",
        responses=AttendanceDisputeSerializer(many=True),
        examples=[OpenApiExample("A dispute", DISPUTE, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        page: Any = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(represent_each(AttendanceDisputeSerializer, page))


class SettleAttendanceView(APIView):
    acts_as = Role.DIRECTOR

    @extend_schema(
        operation_id="director_attendance_disputes_settle",
        tags=TAGS,
        summary="Settle a dispute over attendance",
        description="Her attendance follows; the session, its other people and the budget stay. Settled already: 409.",
        request=SettleAttendanceInputSerializer,
        responses=AttendanceDisputeSerializer,
        examples=[
            OpenApiExample("She was there", {"attended": True, "answer": "Sorry."}, request_only=True),
            OpenApiExample(
                "Settled",
                DISPUTE | {"attended": True, "settled_at": "2026-03-03T09:00:00Z", "answer": "Sorry."},
                response_only=True,
            ),
        ],
    )
    def post(self, request: Request, participant_id: UUID) -> Response:
        director = signed_in(request)
        given = SettleAttendanceInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        settle_attendance(participant_id=participant_id, **given.validated_data, by=director, at=clock.now())
        settled = list_attendance_disputes(list_directed_cohorts(director.pk)).get(pk=participant_id)
        return Response(represent(AttendanceDisputeSerializer, settled))


urlpatterns = [
    path("director/attendance-disputes", AttendanceDisputesView.as_view(), name="director-attendance-disputes"),
    path(
        "director/attendance-disputes/<uuid:participant_id>/settle",
        SettleAttendanceView.as_view(),
        name="director-attendance-dispute-settle",
    ),
]
