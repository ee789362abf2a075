from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock
from core.api.idempotency import IdempotentCreates
from core.tenancy.identity import Role
from missions.actions import review_submission
from missions.api import examples
from missions.api.serializers import (
    DirectorReviewInputSerializer,
    ReviewAnswerSerializer,
    review_arguments,
)
from users.people import signed_in


class DirectorReviewView(IdempotentCreates, GenericAPIView[Any]):
    acts_as = Role.DIRECTOR
    serializer_class = DirectorReviewInputSerializer

    @extend_schema(
        operation_id="director_missions_review",
        tags=["missions"],
        summary="Review a submission instead of its mentor",
        description="Needs a reason. Decided already, or a newer version than `submission_version`: 409.",
        request=DirectorReviewInputSerializer,
        responses=ReviewAnswerSerializer,
        examples=[
            OpenApiExample("Approve", examples.DIRECTOR_REVIEW_INPUT, request_only=True),
            OpenApiExample("Approved", examples.REVIEW_ANSWER, response_only=True),
        ],
    )
    def post(self, request: Request, submission_id: UUID) -> Response:
        given = DirectorReviewInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        review = review_submission(
            submission_id=submission_id,
            by=signed_in(request),
            at=clock.now(),
            **review_arguments(given.validated_data),
        )
        return Response(ReviewAnswerSerializer.of(review))
