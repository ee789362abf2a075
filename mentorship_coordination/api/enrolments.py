"""A student leaves one of a director's cohorts."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock
from core.api.etags import EntityTags
from core.api.idempotency import IdempotentCreates
from core.api.representation import represent
from core.tenancy.identity import Role
from mentorship_coordination.actions.assignments import LONGEST_REASON
from mentorship_coordination.actions.enrolments import end_enrolment
from mentorship_coordination.selectors.departures import get_departure
from users.enums import ENROLMENT_ENDS, EnrolmentState
from users.models import Enrolment
from users.people import signed_in

TAGS: Final = ["director: enrolments"]
DEPARTURE: Final[dict[str, Any]] = {
    "enrolment": "019b8f42-1b7e-7d90-a3c2-8e5f4d6b9a17",
    "student": "019b8f42-0d18-7a60-8c3e-5b7a19d2f460",
    "student_name": "Mina Okafor",
    "cohort": "019b8f40-7d3c-7b1a-8f5e-2c9d4a6b1e03",
    "cohort_name": "Forensics, spring 2026",
    "state": "active",
    "pairs": [{"mentor": "Tomas Berg", "stands_in": False}],
    "items": ["Review: Timeline of an intrusion"],
    "sessions": [{"title": "Check-in", "start_time": "2026-03-12T15:00:00Z", "is_group": False}],
    "session_requests": 1,
    "flags": [
        {
            "id": "019b9d10-3c2a-7e41-9b7d-4f0c8a6e1d25",
            "severity": "high",
            "category": "engagement",
            "is_acknowledged": False,
        }
    ],
    "undecided_missions": ["Timeline of an intrusion"],
    "open_disputes": [],
}
ENDED: Final = DEPARTURE | {"state": "withdrawn"}

END_CHOICES = [(each.value, each.value) for each in ENROLMENT_ENDS]


class EndingPairSerializer(serializers.Serializer[Any]):
    mentor = serializers.CharField()
    stands_in = serializers.BooleanField()


class FallingSessionSerializer(serializers.Serializer[Any]):
    title = serializers.CharField()
    start_time = serializers.DateTimeField(source="starts_at")
    is_group = serializers.BooleanField(help_text="The session goes on without the student.")


class SettledFlagSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    severity = serializers.CharField()
    category = serializers.CharField()
    is_acknowledged = serializers.BooleanField()


class DepartureSerializer(serializers.Serializer[Any]):
    enrolment = serializers.UUIDField(source="enrolment_id")
    student = serializers.UUIDField(source="student_id")
    student_name = serializers.CharField(source="student")
    cohort = serializers.UUIDField(source="cohort_id")
    cohort_name = serializers.CharField(source="cohort")
    state = serializers.ChoiceField(choices=EnrolmentState.choices)
    pairs = EndingPairSerializer(many=True)
    items = serializers.ListField(child=serializers.CharField(), help_text="Titles of open work.")
    sessions = FallingSessionSerializer(many=True)
    session_requests = serializers.IntegerField(source="requests")
    flags = SettledFlagSerializer(many=True)
    undecided_missions = serializers.ListField(
        source="undecided", child=serializers.CharField(), help_text="They stay: a director may still decide them."
    )
    open_disputes = serializers.ListField(
        source="disputes", child=serializers.CharField(), help_text="They stay for a director to settle."
    )


class EndEnrolmentSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=END_CHOICES)
    reason = serializers.CharField(max_length=LONGEST_REASON, help_text="Kept with the pair; students do not see it.")


class EnrolmentViewSet(IdempotentCreates, EntityTags, viewsets.GenericViewSet[Any]):
    acts_as = Role.DIRECTOR
    queryset = Enrolment.objects.none()
    serializer_class = DepartureSerializer

    @extend_schema(
        operation_id="director_enrolments_read",
        tags=TAGS,
        summary="What would end if the student left now",
        responses=DepartureSerializer,
        examples=[OpenApiExample("Before", DEPARTURE, response_only=True)],
    )
    def retrieve(self, request: Request, enrolment_id: UUID) -> Response:
        return Response(represent(DepartureSerializer, get_departure(enrolment_id, clock.now())))

    @extend_schema(
        operation_id="director_enrolments_end",
        tags=TAGS,
        summary="A student leaves",
        description="Her pairs end, open work is called off, sessions to come fall without charge, flags are settled "
        "with the words that she has left. Answers what that was. An end is final: 409 `enrolment_ended` for one that "
        "has ended already.",
        request=EndEnrolmentSerializer,
        responses=DepartureSerializer,
        examples=[
            OpenApiExample("Withdrawn", {"state": "withdrawn", "reason": "Took a job abroad."}, request_only=True),
            OpenApiExample("Ended", ENDED, response_only=True),
        ],
    )
    def end(self, request: Request, enrolment_id: UUID) -> Response:
        given = EndEnrolmentSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        left = end_enrolment(
            enrolment_id=enrolment_id,
            state=EnrolmentState(given.validated_data["state"]),
            reason=given.validated_data["reason"],
            by=signed_in(request),
            at=clock.now(),
        )
        return Response(represent(DepartureSerializer, left))


ENROLMENT = "director/enrolments/<uuid:enrolment_id>"
urlpatterns = [
    path(ENROLMENT, EnrolmentViewSet.as_view({"get": "retrieve"}), name="director-enrolment"),
    path(f"{ENROLMENT}/end", EnrolmentViewSet.as_view({"post": "end"}), name="director-enrolment-end"),
]
