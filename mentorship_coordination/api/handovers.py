"""A director asks for a mentor's hand-over, looks at the plan, and starts it."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.urls import path, reverse
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock
from core.api.etags import EntityTags
from core.api.filters import StrictFilterBackend, StrictFilterSet
from core.api.idempotency import IdempotentCreates
from core.api.keyset import RowKeysetPagination
from core.api.representation import represent, represent_each
from core.tenancy.identity import Role
from mentorship_coordination.actions.handover import (
    cancel_handover,
    request_handover_as_director,
    start_handover,
)
from mentorship_coordination.enums import HandoverState
from mentorship_coordination.handover.plan import words_of_plan
from mentorship_coordination.models.handovers import MentorHandover
from mentorship_coordination.selectors.handover import get_handover, list_handovers
from users.people import signed_in

TAGS: Final = ["director: hand-over"]
MENTOR_ID: Final = "019b8f41-6c55-7e9b-b1f0-92d3b8c4e7a5"
PLAN: Final[dict[str, Any]] = {
    "mentees": 1,
    "to_new_mentors": 1,
    "to_waiting_list": 0,
    "open_items": 3,
    "sessions_taken_over": 1,
    "sessions_cancelled": 0,
    "moves": [
        {
            "assignment": "019b8f45-91aa-7f02-a6c1-70d2e94b8a13",
            "mentee": "019b8f42-0d18-7a60-8c3e-5b7a19d2f460",
            "mentee_name": "Mina Okafor",
            "is_active": True,
            "open_items": 3,
            "mentor": "019b8f42-7c40-7d1b-9b0a-2f60c1e85d97",
            "mentor_name": "Priya Raman",
            "score": 74,
            "parts": {"skills": 36, "shared_hours": 28, "same_cohort": 10, "free_places": 0},
            "blocked": {},
            "sessions": [
                {
                    "session": "019b9a10-5e7f-7b21-8d36-c4a90b17e2f8",
                    "title": "Reading the timeline together",
                    "start_time": "2026-03-02T12:00:00Z",
                    "taken_over": True,
                    "obstacle": None,
                }
            ],
        }
    ],
    "groups": [],
}
PLANNED: Final = {
    "id": "019b9b00-1c2d-7e3f-8a4b-5c6d7e8f9a0b",
    "mentor": MENTOR_ID,
    "mentor_name": "Tomas Berg",
    "state": "planned",
    "reason": "Takes another post in April.",
    "summary": words_of_plan(PLAN),
    "plan": PLAN,
    "result": {},
    "refusal": "",
    "created_at": "2026-02-27T09:12:00Z",
    "started_at": None,
    "finished_at": None,
    "revision": 2,
}
REQUESTED: Final = PLANNED | {"state": "requested", "summary": "", "plan": None, "revision": 1}
RUNNING: Final = PLANNED | {"state": "running", "started_at": "2026-02-27T09:20:00Z", "revision": 3}
CANCELLED: Final = PLANNED | {"state": "cancelled", "finished_at": "2026-02-27T09:20:00Z", "revision": 3}


class SessionMoveSerializer(serializers.Serializer[Any]):
    session = serializers.UUIDField()
    title = serializers.CharField()
    start_time = serializers.DateTimeField()
    taken_over = serializers.BooleanField(help_text="False: called off, nobody is charged.")
    obstacle = serializers.CharField(allow_null=True, help_text="Why it is called off.")


class MenteeMoveSerializer(serializers.Serializer[Any]):
    assignment = serializers.UUIDField()
    mentee = serializers.UUIDField()
    mentee_name = serializers.CharField()
    is_active = serializers.BooleanField(help_text="False while the pair rests; it rests with the new mentor, too.")
    open_items = serializers.IntegerField(help_text="Their clocks run on, unchanged to the second.")
    mentor = serializers.UUIDField(allow_null=True, help_text="Null: she goes to the waiting list.")
    mentor_name = serializers.CharField(allow_null=True)
    score = serializers.IntegerField(allow_null=True)
    parts = serializers.DictField(child=serializers.IntegerField())
    blocked = serializers.DictField(child=serializers.IntegerField(), help_text="Mentors per rule that kept them out.")
    sessions = SessionMoveSerializer(many=True)


class PlanSerializer(serializers.Serializer[Any]):
    mentees = serializers.IntegerField()
    to_new_mentors = serializers.IntegerField()
    to_waiting_list = serializers.IntegerField()
    open_items = serializers.IntegerField()
    sessions_taken_over = serializers.IntegerField()
    sessions_cancelled = serializers.IntegerField()
    moves = MenteeMoveSerializer(many=True)
    groups = SessionMoveSerializer(many=True)


class PairOutcomeSerializer(serializers.Serializer[Any]):
    mentor = serializers.UUIDField(allow_null=True)
    as_planned = serializers.BooleanField(help_text="False when the planned mentor was full by then.")
    sessions_taken_over = serializers.ListField(child=serializers.UUIDField())


class HandoverSerializer(serializers.ModelSerializer[MentorHandover]):
    mentor = serializers.UUIDField(source="mentor_id")
    mentor_name = serializers.CharField(allow_null=True)
    state = serializers.ChoiceField(choices=HandoverState.choices)
    summary = serializers.SerializerMethodField()
    plan = serializers.SerializerMethodField()
    result = serializers.SerializerMethodField()

    class Meta:
        model = MentorHandover
        fields = (
            "id",
            "mentor",
            "mentor_name",
            "state",
            "reason",
            "summary",
            "plan",
            "result",
            "refusal",
            "created_at",
            "started_at",
            "finished_at",
            "revision",
        )
        read_only_fields = fields

    def get_summary(self, handover: MentorHandover) -> str:
        return words_of_plan(handover.plan)

    @extend_schema_field(PlanSerializer(allow_null=True, help_text="Null until it is planned."))
    def get_plan(self, handover: MentorHandover) -> dict[str, Any] | None:
        return handover.plan or None

    @extend_schema_field(serializers.DictField(child=PairOutcomeSerializer(), help_text="By assignment."))
    def get_result(self, handover: MentorHandover) -> dict[str, Any]:
        return dict(handover.result)


class HandoverInputSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300)


class HandoverFilters(StrictFilterSet):
    state = django_filters.ChoiceFilter(choices=HandoverState.choices)
    mentor = django_filters.UUIDFilter(field_name="mentor_id")


class NewestFirst(RowKeysetPagination):
    ordering = ("-created_at", "-id")


class HandoverViewSet(IdempotentCreates, EntityTags, viewsets.GenericViewSet[MentorHandover]):
    acts_as = Role.DIRECTOR
    queryset = MentorHandover.objects.none()
    serializer_class = HandoverSerializer
    pagination_class = NewestFirst
    filter_backends = (StrictFilterBackend,)
    filterset_class = HandoverFilters

    def get_queryset(self) -> QuerySet[MentorHandover]:
        return list_handovers()

    @extend_schema(
        operation_id="director_handovers_list",
        tags=TAGS,
        summary="The hand-overs that you asked for, newest first",
        responses=HandoverSerializer(many=True),
        examples=[OpenApiExample("Planned", PLANNED, response_only=True)],
    )
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(represent_each(HandoverSerializer, page or ()))

    @extend_schema(
        operation_id="director_handovers_request",
        tags=TAGS,
        summary="Ask for the hand-over of a mentor who leaves",
        description="Nothing changes yet: the plan is made soon, told by a notification, and waits for `start`. A "
        "mentor who has mentees in cohorts of other directors is refused: an admin hands her over.",
        request=HandoverInputSerializer,
        responses={202: HandoverSerializer},
        examples=[
            OpenApiExample("She leaves", {"reason": "Takes another post in April."}, request_only=True),
            OpenApiExample("Asked for", REQUESTED, response_only=True, status_codes=["202"]),
        ],
    )
    def create(self, request: Request, mentor_id: UUID) -> Response:
        given = HandoverInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        handover = request_handover_as_director(
            mentor_id=mentor_id, reason=given.validated_data["reason"], by=signed_in(request), at=clock.now()
        )
        answer = Response(_shown(handover.pk), status=status.HTTP_202_ACCEPTED)
        answer["Location"] = request.build_absolute_uri(reverse("director-handover", args=[handover.pk]))
        return answer

    @extend_schema(
        operation_id="director_handovers_read",
        tags=TAGS,
        summary="One hand-over: the plan, and what came of it",
        responses=HandoverSerializer,
        examples=[OpenApiExample("Planned", PLANNED, response_only=True)],
    )
    def retrieve(self, request: Request, handover_id: UUID) -> Response:
        return Response(_shown(handover_id))

    @extend_schema(
        operation_id="director_handovers_start",
        tags=TAGS,
        summary="Carry a planned hand-over out",
        description="Mentee by mentee; a new mentor who is full by then is replaced by the next best.",
        request=None,
        responses=HandoverSerializer,
        examples=[OpenApiExample("Under way", RUNNING, response_only=True)],
    )
    def start(self, request: Request, handover_id: UUID) -> Response:
        start_handover(handover_id=handover_id, by=signed_in(request), at=clock.now())
        return Response(_shown(handover_id))

    @extend_schema(
        operation_id="director_handovers_cancel",
        tags=TAGS,
        summary="Drop a hand-over before it is started",
        request=None,
        responses=HandoverSerializer,
        examples=[OpenApiExample("Dropped", CANCELLED, response_only=True)],
    )
    def cancel(self, request: Request, handover_id: UUID) -> Response:
        cancel_handover(handover_id=handover_id, by=signed_in(request), at=clock.now())
        return Response(_shown(handover_id))


def _shown(handover_id: UUID) -> dict[str, Any]:
    return represent(HandoverSerializer, get_handover(handover_id))


HANDOVER = "director/handovers/<uuid:handover_id>"
urlpatterns = [
    path(
        "director/mentors/<uuid:mentor_id>/handover",
        HandoverViewSet.as_view({"post": "create"}),
        name="director-mentor-handover",
    ),
    path("director/handovers", HandoverViewSet.as_view({"get": "list"}), name="director-handovers"),
    path(HANDOVER, HandoverViewSet.as_view({"get": "retrieve"}), name="director-handover"),
    path(f"{HANDOVER}/start", HandoverViewSet.as_view({"post": "start"}), name="director-handover-start"),
    path(f"{HANDOVER}/cancel", HandoverViewSet.as_view({"post": "cancel"}), name="director-handover-cancel"),
]
