from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock
from core.api.etags import EntityTags, require_match
from core.api.filters import StrictFilterBackend, StrictFilterSet
from core.api.idempotency import IdempotentCreates
from core.api.instants import InstantFilter
from core.api.keyset import KeptFirstPage, RowKeysetPagination
from core.api.representation import represent
from core.tenancy.identity import Role
from mentorship_coordination.actions.session_outcomes import (
    cancel_session,
    complete_session,
    mark_no_show,
)
from mentorship_coordination.actions.session_requests import decline_session
from mentorship_coordination.actions.sessions import (
    book_group_session,
    book_session,
    confirm_session,
    reschedule_session,
)
from mentorship_coordination.api import session_examples as examples
from mentorship_coordination.api.session_serializers import (
    CancelInputSerializer,
    CompleteSessionSerializer,
    NoShowInputSerializer,
    SessionChangeSerializer,
    SessionInputSerializer,
    SessionSerializer,
)
from mentorship_coordination.enums import ParticipantRole, SessionStatus, SessionType
from mentorship_coordination.models.sessions import MentorSession
from mentorship_coordination.selectors.sessions import (
    fetch_sessions_of_mentor,
    get_session_of_mentor,
    list_sessions_of_mentor,
)
from users.models import User
from users.people import signed_in

MENTOR_TAGS = ["mentor: sessions"]
SLOT_TAKEN = (
    "409 `slot_taken` when somebody is busy then: `alternatives` has up to three times, nearest first, that "
    "can be booked. Also 409: `session_budget_exhausted`, `weekly_capacity_reached`, `assignment_not_active`."
)


class SessionFilters(StrictFilterSet):
    """`from` and `to` are half-open and look at the start; both words are taken in Python."""

    status = django_filters.ChoiceFilter(choices=SessionStatus.choices)
    type = django_filters.ChoiceFilter(choices=SessionType.choices)
    vars()["from"] = InstantFilter(field_name="starts_at", lookup_expr="gte", help_text="Starts at or after.")
    vars()["to"] = InstantFilter(field_name="starts_at", lookup_expr="lt", help_text="Starts before.")


class MentorSessionFilters(SessionFilters):
    mentee = django_filters.UUIDFilter(method="with_mentee", help_text="Groups that she is in, too.")

    def with_mentee(self, sessions: QuerySet[MentorSession], name: str, value: UUID) -> QuerySet[MentorSession]:
        return sessions.filter(participants__person=value, participants__role=ParticipantRole.MENTEE)


class InTimeOrder(RowKeysetPagination):
    ordering = ("starts_at", "id")


def of_mentor(session: MentorSession, mentor: User, at: datetime) -> dict[str, Any]:
    """The answer about a session, read again with the names of its people."""
    read = get_session_of_mentor(mentor.pk, session.pk)
    return represent(SessionSerializer, read, at=at)


class MentorSessionViewSet(IdempotentCreates, EntityTags, KeptFirstPage, viewsets.GenericViewSet[MentorSession]):
    acts_as = Role.MENTOR
    queryset = MentorSession.objects.none()
    serializer_class = SessionSerializer
    pagination_class = InTimeOrder
    filter_backends = (StrictFilterBackend,)
    filterset_class = MentorSessionFilters

    def get_queryset(self) -> QuerySet[MentorSession]:
        return list_sessions_of_mentor(signed_in(self.request).pk)

    def fetch_first(self, most: int) -> Sequence[MentorSession]:
        return fetch_sessions_of_mentor(signed_in(self.request).pk, most=most)

    def shown_with(self) -> dict[str, Any]:
        return {"at": clock.now()}

    @extend_schema(
        operation_id="mentor_sessions_list",
        tags=MENTOR_TAGS,
        summary="Your sessions, by their start",
        responses=SessionSerializer(many=True),
        examples=[OpenApiExample("A session", examples.SESSION, response_only=True)],
    )
    def list(self, request: Request) -> Response:
        return super().list(request)

    @extend_schema(
        operation_id="mentor_sessions_book",
        tags=MENTOR_TAGS,
        summary="Book a session with a mentee, or with several",
        description=f"15 to 240 minutes, in the future. {SLOT_TAKEN}",
        request=SessionInputSerializer,
        responses={201: SessionSerializer},
        examples=[
            OpenApiExample("One mentee", examples.BOOK, request_only=True),
            OpenApiExample("A group", examples.BOOK_GROUP, request_only=True),
            OpenApiExample("Booked", examples.SESSION, response_only=True, status_codes=["201"]),
        ],
    )
    def create(self, request: Request) -> Response:
        at, mentor = clock.now(), signed_in(request)
        given = SessionInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        wish = dict(given.validated_data)
        wish |= {"starts_at": wish.pop("start_time"), "by": mentor, "at": at}
        if wish["type"] == SessionType.GROUP:
            wish.pop("type")
            session = book_group_session(**wish)
        else:
            session = book_session(**wish)
        return Response(of_mentor(session, mentor, at), status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="mentor_sessions_read",
        tags=MENTOR_TAGS,
        summary="One of your sessions",
        responses=SessionSerializer,
        examples=[OpenApiExample("A session", examples.SESSION, response_only=True)],
    )
    def retrieve(self, request: Request, session_id: UUID) -> Response:
        session = get_session_of_mentor(signed_in(request).pk, session_id)
        return Response(represent(SessionSerializer, session, at=clock.now()))

    @extend_schema(
        operation_id="mentor_sessions_reschedule",
        tags=MENTOR_TAGS,
        summary="Move a session, or change its title or agenda",
        description=f"Another time raises `sequence` by one and tells the mentees. {SLOT_TAKEN}",
        request=SessionChangeSerializer,
        responses=SessionSerializer,
        examples=[
            OpenApiExample("An hour later", {"start_time": "2026-03-02T16:00:00+03:00"}, request_only=True),
            OpenApiExample("Moved", examples.MOVED, response_only=True),
        ],
    )
    def reschedule(self, request: Request, session_id: UUID) -> Response:
        at, mentor = clock.now(), signed_in(request)
        session = get_session_of_mentor(mentor.pk, session_id)
        require_match(request, represent(SessionSerializer, session, at=at))
        given = SessionChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        change = dict(given.validated_data)
        if "start_time" in change:
            change["starts_at"] = change.pop("start_time")
        moved = reschedule_session(session_id=session_id, revision=session.revision, by=mentor, at=at, **change)
        return Response(of_mentor(moved, mentor, at))

    @extend_schema(
        operation_id="mentor_sessions_cancel",
        tags=MENTOR_TAGS,
        summary="Call a session off",
        description="Before it begins; nobody is charged. Begun or closed: 409.",
        request=CancelInputSerializer,
        responses=SessionSerializer,
        examples=[
            OpenApiExample("Ill", {"reason": "I am ill."}, request_only=True),
            OpenApiExample("Called off", examples.CANCELLED, response_only=True),
        ],
    )
    def cancel(self, request: Request, session_id: UUID) -> Response:
        at, mentor = clock.now(), signed_in(request)
        given = CancelInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        session = cancel_session(session_id=session_id, reason=given.validated_data["reason"], by=mentor, at=at)
        return Response(of_mentor(session, mentor, at))

    @extend_schema(
        operation_id="mentor_sessions_confirm",
        tags=MENTOR_TAGS,
        summary="Agree to a session that a mentee asked for",
        description=f"It is booked then. Answered, run out or begun by now: 409 `request_closed`. {SLOT_TAKEN}",
        request=None,
        responses=SessionSerializer,
        examples=[OpenApiExample("Booked", examples.SESSION, response_only=True)],
    )
    def confirm(self, request: Request, session_id: UUID) -> Response:
        at, mentor = clock.now(), signed_in(request)
        return Response(of_mentor(confirm_session(session_id=session_id, by=mentor, at=at), mentor, at))

    @extend_schema(
        operation_id="mentor_sessions_decline",
        tags=MENTOR_TAGS,
        summary="Say no to a session that a mentee asked for",
        description="She reads the reason. Answered or run out by now: 409 `request_closed`.",
        request=CancelInputSerializer,
        responses=SessionSerializer,
        examples=[
            OpenApiExample("Away", {"reason": "I am away that day."}, request_only=True),
            OpenApiExample("Declined", examples.DECLINED, response_only=True),
        ],
    )
    def decline(self, request: Request, session_id: UUID) -> Response:
        at, mentor = clock.now(), signed_in(request)
        given = CancelInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        session = decline_session(session_id=session_id, reason=given.validated_data["reason"], by=mentor, at=at)
        return Response(of_mentor(session, mentor, at))

    @extend_schema(
        operation_id="mentor_sessions_complete",
        tags=MENTOR_TAGS,
        summary="Say that a session took place",
        description="Once it has begun; it is then charged to the mentee's budget. Of a group, `absent` did not come.",
        request=CompleteSessionSerializer,
        responses=SessionSerializer,
        examples=[
            OpenApiExample("Everybody came", {}, request_only=True),
            OpenApiExample("Held", examples.COMPLETED, response_only=True),
        ],
    )
    def complete(self, request: Request, session_id: UUID) -> Response:
        at, mentor = clock.now(), signed_in(request)
        given = CompleteSessionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        session = complete_session(session_id=session_id, absent=given.validated_data["absent"], by=mentor, at=at)
        return Response(of_mentor(session, mentor, at))

    @extend_schema(
        operation_id="mentor_sessions_no_show",
        tags=MENTOR_TAGS,
        summary="Say that somebody did not come",
        description="Once it has begun. A mentee who did not come is charged, a mentor's absence is not.",
        request=NoShowInputSerializer,
        responses=SessionSerializer,
        examples=[
            OpenApiExample("The mentee", {"who": "mentee"}, request_only=True),
            OpenApiExample("Missed", examples.NO_SHOW, response_only=True),
        ],
    )
    def no_show(self, request: Request, session_id: UUID) -> Response:
        at, mentor = clock.now(), signed_in(request)
        given = NoShowInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        who = ParticipantRole(given.validated_data["who"])
        return Response(of_mentor(mark_no_show(session_id=session_id, who=who, by=mentor, at=at), mentor, at))


SESSION = "mentor/sessions/<uuid:session_id>"
urlpatterns = [
    path("mentor/sessions", MentorSessionViewSet.as_view({"get": "list", "post": "create"}), name="mentor-sessions"),
    path(SESSION, MentorSessionViewSet.as_view({"get": "retrieve", "patch": "reschedule"}), name="mentor-session"),
    path(f"{SESSION}/cancel", MentorSessionViewSet.as_view({"post": "cancel"}), name="mentor-session-cancel"),
    path(f"{SESSION}/confirm", MentorSessionViewSet.as_view({"post": "confirm"}), name="mentor-session-confirm"),
    path(f"{SESSION}/decline", MentorSessionViewSet.as_view({"post": "decline"}), name="mentor-session-decline"),
    path(f"{SESSION}/complete", MentorSessionViewSet.as_view({"post": "complete"}), name="mentor-session-complete"),
    path(f"{SESSION}/no-show", MentorSessionViewSet.as_view({"post": "no_show"}), name="mentor-session-no-show"),
]
