from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock
from core.api.idempotency import IdempotentCreates
from core.tenancy.identity import Role
from missions.actions import review_submission
from missions.api import examples
from missions.api.serializers import ReviewAnswerSerializer, ReviewInputSerializer, review_arguments
from users.people import signed_in


class MentorReviewViewSet(IdempotentCreates, viewsets.GenericViewSet[Any]):
    acts_as = Role.MENTOR
    serializer_class = ReviewInputSerializer

    @extend_schema(
        operation_id="mentor_missions_review",
        tags=["mentor: work queue"],
        summary="Review a mentee's submission",
        description=(
            "Finishes the submission's work item. Decided already, or a newer version than `submission_version`: 409 "
            "with `current_version`."
        ),
        request=ReviewInputSerializer,
        responses={200: ReviewAnswerSerializer},
        examples=[
            OpenApiExample("Approve", examples.REVIEW_INPUT, request_only=True),
            OpenApiExample("Approved", examples.REVIEW_ANSWER, response_only=True),
        ],
    )
    def create(self, request: Request, submission_id: UUID) -> Response:
        given = ReviewInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        review = review_submission(
            submission_id=submission_id, by=signed_in(request), at=clock.now(), **review_arguments(given.validated_data)
        )
        return Response(ReviewAnswerSerializer.of(review))


urlpatterns = [
    path(
        "mentor/missions/<uuid:submission_id>/review",
        MentorReviewViewSet.as_view({"post": "create"}),
        name="mentor-mission-review",
    ),
]
