from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import clock
from core.api.etags import EntityTags
from core.api.filters import StrictFilterBackend
from core.api.idempotency import IdempotentCreates
from core.api.keyset import KeptFirstPage
from core.api.representation import represent
from core.tenancy.identity import Role
from mentorship_coordination.actions.ratings import rate_session
from mentorship_coordination.actions.session_outcomes import cancel_participation
from mentorship_coordination.actions.session_requests import request_session
from mentorship_coordination.api import session_examples as examples
from mentorship_coordination.api.session_serializers import (
    CancelInputSerializer,
    OwnRatingSerializer,
    RatingInputSerializer,
    SessionRequestSerializer,
    StudentSessionSerializer,
)
from mentorship_coordination.api.sessions import InTimeOrder, SessionFilters
from mentorship_coordination.enums import SessionType
from mentorship_coordination.models.sessions import MentorSession
from mentorship_coordination.selectors.sessions import fetch_sessions_of_student, get_session, list_sessions_of_student
from users.people import signed_in

TAGS = ["student: sessions"]


class StudentSessionsView(IdempotentCreates, EntityTags, KeptFirstPage, GenericAPIView[MentorSession]):
    acts_as = Role.STUDENT
    queryset = MentorSession.objects.none()
    serializer_class = StudentSessionSerializer
    pagination_class = InTimeOrder
    filter_backends = (StrictFilterBackend,)
    filterset_class = SessionFilters

    def get_queryset(self) -> QuerySet[MentorSession]:
        return list_sessions_of_student(signed_in(self.request).pk)

    def fetch_first(self, most: int) -> Sequence[MentorSession]:
        return fetch_sessions_of_student(signed_in(self.request).pk, most=most)

    def shown_with(self) -> dict[str, Any]:
        return {"at": clock.now()}

    @extend_schema(
        operation_id="student_sessions_list",
        tags=TAGS,
        summary="Your sessions, by their start",
        responses=StudentSessionSerializer(many=True),
        examples=[
            OpenApiExample("A session", examples.OF_STUDENT, response_only=True),
            OpenApiExample("Rated", examples.RATED_BY_STUDENT, response_only=True),
        ],
    )
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="student_sessions_request",
        tags=TAGS,
        summary="Ask your mentor for a session",
        description=(
            "It holds neither time nor budget until the mentor confirms it, and runs out after 24 hours. "
            "`student/slots` has times that suit you both. 409: `no_mentor`, `assignment_not_active`, "
            "`too_many_requests` (three wait already)."
        ),
        request=SessionRequestSerializer,
        responses={201: StudentSessionSerializer},
        examples=[
            OpenApiExample("Ask", examples.ASK, request_only=True),
            OpenApiExample("Asked", examples.ASKED, response_only=True, status_codes=["201"]),
        ],
    )
    def post(self, request: Request) -> Response:
        at, student = clock.now(), signed_in(request)
        given = SessionRequestSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        wish = dict(given.validated_data)
        wish["type"], wish["starts_at"] = SessionType(wish["type"]), wish.pop("start_time")
        session_id = request_session(by=student, at=at, **wish)
        session = get_session(list_sessions_of_student(student.pk), session_id)
        body = represent(StudentSessionSerializer, session, at=at)
        return Response(body, status=status.HTTP_201_CREATED)


class StudentSessionView(EntityTags, APIView):
    acts_as = Role.STUDENT

    @extend_schema(
        operation_id="student_sessions_read",
        tags=TAGS,
        summary="One of your sessions",
        responses=StudentSessionSerializer,
        examples=[
            OpenApiExample("A session", examples.OF_STUDENT, response_only=True),
            OpenApiExample("Rated", examples.RATED_BY_STUDENT, response_only=True),
        ],
    )
    def get(self, request: Request, session_id: UUID) -> Response:
        session = get_session(list_sessions_of_student(signed_in(request).pk), session_id)
        return Response(represent(StudentSessionSerializer, session, at=clock.now()))


class StudentCancelView(APIView):
    acts_as = Role.STUDENT

    @extend_schema(
        operation_id="student_sessions_cancel",
        tags=TAGS,
        summary="Call your session off, or leave a group",
        description=(
            "Before it begins. Less than 24 hours before, your own session is charged all the same. What you only "
            "asked for is taken back."
        ),
        request=CancelInputSerializer,
        responses=StudentSessionSerializer,
        examples=[
            OpenApiExample("Late", {"reason": "My train is late."}, request_only=True),
            OpenApiExample("Called off", examples.CANCELLED_LATE, response_only=True),
        ],
    )
    def post(self, request: Request, session_id: UUID) -> Response:
        at, student = clock.now(), signed_in(request)
        given = CancelInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        cancel_participation(session_id=session_id, reason=given.validated_data["reason"], by=student, at=at)
        session = get_session(list_sessions_of_student(student.pk), session_id)
        return Response(represent(StudentSessionSerializer, session, at=at))


class StudentRatingView(APIView):
    acts_as = Role.STUDENT

    @extend_schema(
        operation_id="student_sessions_rate",
        tags=TAGS,
        summary="Say how a session was",
        description="Of a session that took place and that you attended. Rating it again replaces what you said.",
        request=RatingInputSerializer,
        responses=OwnRatingSerializer,
        examples=[
            OpenApiExample("Helpful", examples.RATING, request_only=True),
            OpenApiExample("Rated", examples.RATED, response_only=True),
        ],
    )
    def post(self, request: Request, session_id: UUID) -> Response:
        at = clock.now()
        given = RatingInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        rate_session(session_id=session_id, **given.validated_data, by=signed_in(request), at=at)
        return Response(represent(OwnRatingSerializer, {"session": session_id, **given.validated_data, "rated_at": at}))


urlpatterns = [
    path("student/sessions", StudentSessionsView.as_view(), name="student-sessions"),
    path("student/sessions/<uuid:session_id>", StudentSessionView.as_view(), name="student-session"),
    path("student/sessions/<uuid:session_id>/cancel", StudentCancelView.as_view(), name="student-session-cancel"),
    path("student/sessions/<uuid:session_id>/rating", StudentRatingView.as_view(), name="student-session-rating"),
]
