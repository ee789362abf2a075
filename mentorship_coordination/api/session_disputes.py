"""A student disputes a session; a director lists disputes and settles them."""

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
from mentorship_coordination.actions.session_disputes import (
    LONGEST_REASON,
    OUTCOMES,
    dispute_session,
    settle_dispute,
)
from mentorship_coordination.api import session_examples as examples
from mentorship_coordination.api.session_serializers import StudentSessionSerializer
from mentorship_coordination.enums import SessionStatus
from mentorship_coordination.models.sessions import MentorSession
from mentorship_coordination.selectors.flags import list_directed_cohorts
from mentorship_coordination.selectors.sessions import get_session, list_disputes, list_sessions_of_student
from users.people import signed_in

TAGS: Final = ["director: sessions"]
DISPUTE: Final[dict[str, Any]] = {
    "id": "019b9a10-5e7f-7b21-8d36-c4a90b17e2f8",
    "title": "Reading the timeline together",
    "mentor_name": "Tomas Berg",
    "mentee_name": "Mina Okafor",
    "start_time": "2026-03-02T12:00:00Z",
    "status": "no_show_mentee",
    "disputed_at": "2026-03-02T15:00:00Z",
    "reason": "I waited in the room for half an hour.",
    "settled_at": None,
    "answer": "",
}


class DisputeInputSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=LONGEST_REASON)


class SettleInputSerializer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(
        choices=[(each.value, each.label) for each in OUTCOMES],
        required=False,
        allow_null=True,
        default=None,
        help_text="What became of the session; null: what was said stays.",
    )
    answer = serializers.CharField(max_length=LONGEST_REASON, help_text="Mentor and student read it.")


class DisputeSerializer(serializers.Serializer[MentorSession]):
    id = serializers.UUIDField()
    title = serializers.CharField()
    mentor_name = serializers.CharField(allow_null=True)
    mentee_name = serializers.CharField(allow_null=True)
    start_time = serializers.DateTimeField(source="starts_at")
    status = serializers.ChoiceField(choices=SessionStatus.choices)
    disputed_at = serializers.DateTimeField()
    reason = serializers.CharField(source="dispute_reason")
    settled_at = serializers.DateTimeField(source="dispute_settled_at", allow_null=True)
    answer = serializers.CharField(source="dispute_answer")


class DisputeFilters(StrictFilterSet):
    open = django_filters.ChoiceFilter(
        choices=[("true", "true"), ("false", "false")], method="with_open", help_text="`true`: not settled yet."
    )

    def with_open(self, disputes: QuerySet[MentorSession], name: str, value: str) -> QuerySet[MentorSession]:
        return disputes.filter(dispute_settled_at__isnull=value == "true")


class NewestFirst(RowKeysetPagination):
    ordering = ("-disputed_at", "-id")


class StudentDisputeView(APIView):
    acts_as = Role.STUDENT

    @extend_schema(
        operation_id="student_sessions_dispute",
        tags=["student: sessions"],
        summary="Say that a session was not as it is told",
        description=(
            "Once, within 72 hours after the session was closed; of a group, whether you were there. Your mentor and "
            "the directors read it."
        ),
        request=DisputeInputSerializer,
        responses=StudentSessionSerializer,
        examples=[
            OpenApiExample("I was there", {"reason": DISPUTE["reason"]}, request_only=True),
            OpenApiExample("Disputed", examples.OF_STUDENT, response_only=True),
        ],
    )
    def post(self, request: Request, session_id: UUID) -> Response:
        at, student = clock.now(), signed_in(request)
        given = DisputeInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        dispute_session(session_id=session_id, reason=given.validated_data["reason"], by=student, at=at)
        session = get_session(list_sessions_of_student(student.pk), session_id)
        return Response(represent(StudentSessionSerializer, session, at=at))


class DisputesView(EntityTags, GenericAPIView[MentorSession]):
    acts_as = Role.DIRECTOR
    queryset = MentorSession.objects.none()
    serializer_class = DisputeSerializer
    pagination_class = NewestFirst
    filter_backends = (StrictFilterBackend,)
    filterset_class = DisputeFilters

    def get_queryset(self) -> QuerySet[MentorSession]:
        return list_disputes(list_directed_cohorts(signed_in(self.request).pk))

    @extend_schema(
        operation_id="director_disputes_list",
        tags=TAGS,
        summary="Disputed sessions of your cohorts, newest first",
        responses=DisputeSerializer(many=True),
        examples=[OpenApiExample("A dispute", DISPUTE, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        page: Any = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(represent_each(DisputeSerializer, page))


class SettleDisputeView(APIView):
    acts_as = Role.DIRECTOR

    @extend_schema(
        operation_id="director_disputes_settle",
        tags=TAGS,
        summary="Settle a dispute",
        description="The budget follows what you say became of the session. Settled already: 409.",
        request=SettleInputSerializer,
        responses=DisputeSerializer,
        examples=[
            OpenApiExample("She was there", {"status": "no_show_mentor", "answer": "Sorry."}, request_only=True),
            OpenApiExample("Settled", DISPUTE | {"settled_at": "2026-03-03T09:00:00Z"}, response_only=True),
        ],
    )
    def post(self, request: Request, session_id: UUID) -> Response:
        director = signed_in(request)
        given = SettleInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data["status"]
        settle_dispute(
            session_id=session_id,
            status=SessionStatus(wanted) if wanted else None,
            answer=given.validated_data["answer"],
            by=director,
            at=clock.now(),
        )
        session = get_session(list_disputes(list_directed_cohorts(director.pk)), session_id)
        return Response(represent(DisputeSerializer, session))


urlpatterns = [
    path("student/sessions/<uuid:session_id>/dispute", StudentDisputeView.as_view(), name="student-session-dispute"),
    path("director/disputes", DisputesView.as_view(), name="director-disputes"),
    path("director/disputes/<uuid:session_id>/settle", SettleDisputeView.as_view(), name="director-dispute-settle"),
]
