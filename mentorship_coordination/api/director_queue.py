"""Open work across a director's cohorts, and giving it to other mentors."""

from __future__ import annotations

from typing import Any, Final

import django_filters
from django.urls import path
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import clock
from core.api.idempotency import IdempotentCreates
from core.api.instants import InstantField
from core.api.representation import represent, represent_each
from core.tenancy.identity import Role
from mentorship_coordination.actions.work_moves import (
    LONGEST_REASON,
    MOST_ITEMS,
    WorkMoveRequest,
    move_work,
    preview_work_moves,
)
from mentorship_coordination.api import queue_examples as examples
from mentorship_coordination.api.queue import WorkItemFilters, WorkItemLists
from mentorship_coordination.api.queue_serializers import WorkItemSerializer
from mentorship_coordination.enums import OPEN_STATUSES
from mentorship_coordination.models.queue import MentorWorkQueue, WorkQueueQuerySet
from mentorship_coordination.selectors.flags import list_directed_cohorts
from mentorship_coordination.selectors.queue import list_items_of_cohorts
from mentorship_coordination.selectors.work_moves import StudentMove, WorkMovePlan
from users.people import signed_in

TAGS: Final = ["director: work queue"]
MENTOR: Final = "019b8f41-6c55-7e9b-b1f0-92d3b8c4e7a5"
OTHER: Final = "019b8f41-7d66-7f0c-82a1-a3e4c9d5f8b6"
ITEM: Final = examples.ITEM | {
    "mentor": MENTOR,
    "mentor_name": "Tomas Berg",
    "cohort": "019b8f40-7d3c-7b1a-8f5e-2c9d4a6b1e03",
}
ASKED: Final[dict[str, Any]] = {"items": [examples.ITEM["id"]], "mentor": OTHER, "reason": "Tomas has too much."}
PLANNED: Final[dict[str, Any]] = {
    "mentor": OTHER,
    "mentor_name": "Olga Brandt",
    "moving": 1,
    "missing": [],
    "students": [
        {
            "mentee": examples.ITEM["mentee"],
            "mentee_name": "Mina Okafor",
            "from_mentor": MENTOR,
            "from_mentor_name": "Tomas Berg",
            "items": [examples.ITEM["id"]],
            "gives_back": False,
            "refusal": None,
            "why": "",
        }
    ],
}


class DirectorItemSerializer(WorkItemSerializer):
    mentor = serializers.UUIDField(source="mentor_id", allow_null=True, help_text="Null in the pool.")
    mentor_name = serializers.CharField(source="mentor.name", default=None, allow_null=True)
    cohort = serializers.UUIDField(source="cohort_id")

    class Meta:
        model = MentorWorkQueue
        fields = (*WorkItemSerializer.Meta.fields, "mentor", "mentor_name", "cohort")
        read_only_fields = fields


class DirectorItemFilters(WorkItemFilters):
    mentor = django_filters.UUIDFilter(field_name="mentor_id")
    cohort = django_filters.UUIDFilter(field_name="cohort_id")
    unassigned = django_filters.ChoiceFilter(
        choices=[("true", "true"), ("false", "false")], method="with_mentor", help_text="`true`: the pool alone."
    )

    def with_mentor(self, items: WorkQueueQuerySet, name: str, value: str) -> WorkQueueQuerySet:
        return items.filter(mentor__isnull=value == "true")


class DirectorQueueViewSet(WorkItemLists):
    acts_as = Role.DIRECTOR
    serializer_class = DirectorItemSerializer
    filterset_class = DirectorItemFilters

    def get_queryset(self) -> WorkQueueQuerySet:
        items = list_items_of_cohorts(list_directed_cohorts(signed_in(self.request).pk))
        return items if self.request.query_params.get("status") else items.filter(status__in=OPEN_STATUSES)

    @extend_schema(
        operation_id="director_workqueue_list",
        tags=TAGS,
        summary="The work of your cohorts, most urgent first",
        description="Everything open, unless `status` says otherwise. Finished items come newest first.",
        responses=DirectorItemSerializer(many=True),
        examples=[OpenApiExample("An item", ITEM, response_only=True)],
    )
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(represent_each(DirectorItemSerializer, page or (), at=self.at))


class WorkMoveInputSerializer(serializers.Serializer[Any]):
    items = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=MOST_ITEMS)
    mentor = serializers.UUIDField(help_text="Who is to do the work; the student's own mentor: it goes back to her.")
    until = InstantField(required=False, help_text="When it goes back, at most 28 days ahead; in seven when left out.")
    reason = serializers.CharField(required=False, default="", allow_blank=True, max_length=LONGEST_REASON)

    def to_request(self) -> WorkMoveRequest:
        given = self.validated_data
        return WorkMoveRequest(given["items"], given["mentor"], given.get("until"), given["reason"])


class StudentMoveSerializer(serializers.Serializer[StudentMove]):
    mentee = serializers.UUIDField(source="mentee_id")
    mentee_name = serializers.CharField(source="mentee")
    from_mentor = serializers.UUIDField(source="from_id", allow_null=True)
    from_mentor_name = serializers.CharField(source="from_name", allow_null=True)
    items = serializers.ListField(
        child=serializers.UUIDField(), source="item_ids", help_text="All of the student's open work goes along."
    )
    gives_back = serializers.BooleanField(help_text="The student's own mentor has the work again.")
    refusal = serializers.CharField(allow_null=True, help_text="The rule that keeps it where it is; null: it moves.")
    why = serializers.CharField(source="words", help_text="The refusal in words.")


class WorkMovePlanSerializer(serializers.Serializer[WorkMovePlan]):
    mentor = serializers.UUIDField(source="to_id")
    mentor_name = serializers.CharField(source="to_name")
    moving = serializers.SerializerMethodField(help_text="Students whose work moves.")
    missing = serializers.ListField(child=serializers.UUIDField(), help_text="Ids of no open item of your cohorts.")
    students = StudentMoveSerializer(many=True)

    def get_moving(self, plan: WorkMovePlan) -> int:
        return len(plan.moving)


class WorkMovePreviewView(APIView):
    acts_as = Role.DIRECTOR

    @extend_schema(
        operation_id="director_workqueue_preview_moves",
        tags=TAGS,
        summary="What giving items to a mentor would do",
        description="Nothing is changed.",
        request=WorkMoveInputSerializer,
        responses=WorkMovePlanSerializer,
        examples=[
            OpenApiExample("To Olga", ASKED, request_only=True),
            OpenApiExample("It can move", PLANNED, response_only=True),
        ],
    )
    def post(self, request: Request) -> Response:
        given = WorkMoveInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        plan = preview_work_moves(request=given.to_request(), at=clock.now())
        return Response(represent(WorkMovePlanSerializer, plan))


class WorkMoveView(IdempotentCreates, APIView):
    acts_as = Role.DIRECTOR

    @extend_schema(
        operation_id="director_workqueue_move",
        tags=TAGS,
        summary="Give items to a mentor, who stands in for the students",
        description=(
            "Work follows a pair: the mentor stands in until `until`, with all open work of each student, clocks "
            "unchanged. Students who cannot move stay, with the reason; the others move."
        ),
        request=WorkMoveInputSerializer,
        responses=WorkMovePlanSerializer,
        examples=[
            OpenApiExample("To Olga", ASKED, request_only=True),
            OpenApiExample("Moved", PLANNED, response_only=True),
        ],
    )
    def post(self, request: Request) -> Response:
        given = WorkMoveInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        plan = move_work(request=given.to_request(), by=signed_in(request), at=clock.now())
        return Response(represent(WorkMovePlanSerializer, plan))


urlpatterns = [
    path("director/workqueue", DirectorQueueViewSet.as_view({"get": "list"}), name="director-workqueue"),
    path("director/workqueue/moves", WorkMoveView.as_view(), name="director-work-moves"),
    path("director/workqueue/moves/preview", WorkMovePreviewView.as_view(), name="director-work-moves-preview"),
]
