"""A director looks after the pairs of her cohorts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock
from core.api.etags import EntityTags
from core.api.filters import StrictFilterBackend, StrictFilterSet
from core.api.idempotency import IdempotentCreates
from core.api.keyset import RowKeysetPagination
from core.api.representation import represent, represent_each
from core.tenancy.identity import Role
from mentorship_coordination.actions.assignments import (
    end_assignment,
    pause_assignment,
    resume_assignment,
    transfer_assignment,
)
from mentorship_coordination.enums import AssignmentState
from mentorship_coordination.models.assignments import AssignmentEntry, MenteeMentorAssignment
from mentorship_coordination.selectors.assignments import get_assignment, list_assignments_of_cohorts
from mentorship_coordination.selectors.flags import list_directed_cohorts
from users.people import signed_in

TAGS: Final = ["director: assignments"]
ENDS: Final = (AssignmentState.COMPLETED, AssignmentState.CANCELLED)
END_CHOICES: Final = [(state.value, state.value) for state in ENDS]
STARTED: Final = {
    "state": "active",
    "reason": "",
    "by": "019b8f40-2a11-7c55-9d0e-6b1f3c8a7e24",
    "created_at": "2026-01-12T08:00:00Z",
}
ACTIVE: Final[dict[str, Any]] = {
    "id": "019b8f45-91aa-7f02-a6c1-70d2e94b8a13",
    "cohort": "019b8f40-7d3c-7b1a-8f5e-2c9d4a6b1e03",
    "enrolment": "019b8f42-1b7e-7d90-a3c2-8e5f4d6b9a17",
    "mentee": "019b8f42-0d18-7a60-8c3e-5b7a19d2f460",
    "mentee_name": "Mina Okafor",
    "mentor": "019b8f41-6c55-7e9b-b1f0-92d3b8c4e7a5",
    "mentor_name": "Tomas Berg",
    "is_primary": True,
    "state": "active",
    "started_at": "2026-01-12T08:00:00Z",
    "ended_at": None,
    "end_reason": "",
    "ended_harmfully": False,
    "created_at": "2026-01-12T08:00:00Z",
    "revision": 1,
    "history": [STARTED],
}


def _moved(state: str, reason: str, **changes: Any) -> dict[str, Any]:
    entry = STARTED | {"state": state, "reason": reason, "created_at": "2026-02-27T09:12:00Z"}
    return ACTIVE | {"state": state, "revision": 2, "history": [STARTED, entry]} | changes


PAUSED: Final = _moved("paused", "Exams until mid-March.")
RESUMED: Final = _moved("active", "Back from exams.")
ENDED: Final = _moved(
    "completed", "Passed the capstone.", ended_at="2026-02-27T09:12:00Z", end_reason="Passed the capstone."
)
TRANSFERRED: Final = ACTIVE | {
    "id": "019b9b03-55d0-7a41-b2c7-9e8f0a1b2c3d",
    "mentor": "019b8f42-7c40-7d1b-9b0a-2f60c1e85d97",
    "mentor_name": "Priya Raman",
}


class AssignmentEntrySerializer(serializers.ModelSerializer[AssignmentEntry]):
    state = serializers.ChoiceField(choices=AssignmentState.choices)
    by = serializers.UUIDField(source="by_id", allow_null=True, help_text="Null: the product itself.")

    class Meta:
        model = AssignmentEntry
        fields = ("state", "reason", "by", "created_at")
        read_only_fields = fields


class AssignmentSerializer(serializers.ModelSerializer[MenteeMentorAssignment]):
    cohort = serializers.UUIDField(source="cohort_id")
    enrolment = serializers.UUIDField(source="enrolment_id")
    mentee = serializers.UUIDField(source="mentee_id")
    mentee_name = serializers.CharField(allow_null=True)
    mentor = serializers.UUIDField(source="mentor_id")
    mentor_name = serializers.CharField(allow_null=True)
    state = serializers.ChoiceField(choices=AssignmentState.choices)
    history = AssignmentEntrySerializer(source="entries", many=True)

    class Meta:
        model = MenteeMentorAssignment
        fields = (
            "id",
            "cohort",
            "enrolment",
            "mentee",
            "mentee_name",
            "mentor",
            "mentor_name",
            "is_primary",
            "state",
            "started_at",
            "ended_at",
            "end_reason",
            "ended_harmfully",
            "created_at",
            "revision",
            "history",
        )
        read_only_fields = fields


class ReasonInputSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300)


class EndInputSerializer(ReasonInputSerializer):
    state = serializers.ChoiceField(choices=END_CHOICES, default=ENDS[0])
    is_harmful = serializers.BooleanField(default=False, help_text="The two are never matched again.")


class TransferInputSerializer(ReasonInputSerializer):
    mentor_id = serializers.UUIDField()


class AssignmentFilters(StrictFilterSet):
    state = django_filters.ChoiceFilter(choices=AssignmentState.choices)
    cohort = django_filters.UUIDFilter(field_name="cohort_id")
    mentor = django_filters.UUIDFilter(field_name="mentor_id")
    mentee = django_filters.UUIDFilter(field_name="mentee_id")


class NewestFirst(RowKeysetPagination):
    ordering = ("-created_at", "-id")


class AssignmentViewSet(IdempotentCreates, EntityTags, viewsets.GenericViewSet[MenteeMentorAssignment]):
    acts_as = Role.DIRECTOR
    queryset = MenteeMentorAssignment.objects.none()
    serializer_class = AssignmentSerializer
    pagination_class = NewestFirst
    filter_backends = (StrictFilterBackend,)
    filterset_class = AssignmentFilters

    def get_queryset(self) -> QuerySet[MenteeMentorAssignment]:
        cohorts = list_directed_cohorts(signed_in(self.request).pk)
        return list_assignments_of_cohorts(cohorts).prefetch_related("entries")

    @extend_schema(
        operation_id="director_assignments_list",
        tags=TAGS,
        summary="The pairs of your cohorts, past ones too, newest first",
        responses=AssignmentSerializer(many=True),
        examples=[OpenApiExample("A pair", ACTIVE, response_only=True)],
    )
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(represent_each(AssignmentSerializer, page or ()))

    @extend_schema(
        operation_id="director_assignments_read",
        tags=TAGS,
        summary="One pair with its history",
        responses=AssignmentSerializer,
        examples=[OpenApiExample("A pair", ACTIVE, response_only=True)],
    )
    def retrieve(self, request: Request, assignment_id: UUID) -> Response:
        return Response(self._shown(assignment_id))

    @extend_schema(
        operation_id="director_assignments_pause",
        tags=TAGS,
        summary="Let a pair rest",
        description="Its open items wait in the cohort's pool, their clocks running.",
        request=ReasonInputSerializer,
        responses=AssignmentSerializer,
        examples=[
            OpenApiExample("Exams", {"reason": "Exams until mid-March."}, request_only=True),
            OpenApiExample("Resting", PAUSED, response_only=True),
        ],
    )
    def pause(self, request: Request, assignment_id: UUID) -> Response:
        return self._move(assignment_id, pause_assignment, ReasonInputSerializer)

    @extend_schema(
        operation_id="director_assignments_resume",
        tags=TAGS,
        summary="Take a resting pair up again",
        description="Its items come back from the pool.",
        request=ReasonInputSerializer,
        responses=AssignmentSerializer,
        examples=[
            OpenApiExample("Back", {"reason": "Back from exams."}, request_only=True),
            OpenApiExample("Active", RESUMED, response_only=True),
        ],
    )
    def resume(self, request: Request, assignment_id: UUID) -> Response:
        return self._move(assignment_id, resume_assignment, ReasonInputSerializer)

    @extend_schema(
        operation_id="director_assignments_end",
        tags=TAGS,
        summary="End a pair for good",
        description="Sessions to come are called off without charge; open items wait in the pool.",
        request=EndInputSerializer,
        responses=AssignmentSerializer,
        examples=[
            OpenApiExample("Done", {"state": "completed", "reason": "Passed the capstone."}, request_only=True),
            OpenApiExample("Ended", ENDED, response_only=True),
        ],
    )
    def end(self, request: Request, assignment_id: UUID) -> Response:
        return self._move(assignment_id, _end, EndInputSerializer)

    @extend_schema(
        operation_id="director_assignments_transfer",
        tags=TAGS,
        summary="Give the student to another mentor in one step",
        description="Answers the new pair. Items and flags follow, clocks unchanged to the second. The hard rules of "
        "the matching hold: 422 `matching_rule_broken` says which does not; 409 when the mentor is full.",
        request=TransferInputSerializer,
        responses=AssignmentSerializer,
        examples=[
            OpenApiExample(
                "To Priya", {"mentor_id": TRANSFERRED["mentor"], "reason": "Better hours."}, request_only=True
            ),
            OpenApiExample("The new pair", TRANSFERRED, response_only=True),
        ],
    )
    def transfer(self, request: Request, assignment_id: UUID) -> Response:
        return self._move(assignment_id, transfer_assignment, TransferInputSerializer)

    def _move(
        self,
        assignment_id: UUID,
        act: Callable[..., MenteeMentorAssignment],
        serializer: type[serializers.Serializer[Any]],
    ) -> Response:
        given = serializer(data=self.request.data)
        given.is_valid(raise_exception=True)
        get_assignment(self.get_queryset(), assignment_id)
        pair = act(assignment_id=assignment_id, by=signed_in(self.request), at=clock.now(), **given.validated_data)
        return Response(self._shown(pair.pk))

    def _shown(self, assignment_id: UUID) -> dict[str, Any]:
        return represent(AssignmentSerializer, get_assignment(self.get_queryset(), assignment_id))


def _end(*, state: str, **given: Any) -> MenteeMentorAssignment:
    return end_assignment(state=AssignmentState(state), **given)


ASSIGNMENT = "director/assignments/<uuid:assignment_id>"
MOVES = ("pause", "resume", "end", "transfer")
urlpatterns = [
    path("director/assignments", AssignmentViewSet.as_view({"get": "list"}), name="director-assignments"),
    path(ASSIGNMENT, AssignmentViewSet.as_view({"get": "retrieve"}), name="director-assignment"),
    *(
        path(f"{ASSIGNMENT}/{move}", AssignmentViewSet.as_view({"post": move}), name=f"director-assignment-{move}")
        for move in MOVES
    ),
]
