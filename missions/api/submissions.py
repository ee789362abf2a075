from __future__ import annotations

from typing import Any
from uuid import UUID

import django_filters
from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock
from core.api.etags import EntityTags
from core.api.filters import StrictFilterBackend, StrictFilterSet
from core.api.idempotency import IdempotentCreates
from core.api.keyset import RowKeysetPagination
from core.api.parsers import StrictJSONParser
from core.api.representation import represent, represent_each
from core.tenancy.identity import Role
from missions import selectors
from missions.actions import submit_mission
from missions.api import examples
from missions.api.serializers import (
    StaffSubmissionDetailSerializer,
    SubmissionDetailSerializer,
    SubmissionInputSerializer,
    SubmissionSerializer,
    SubmissionUploadSerializer,
)
from missions.api.upload_limit import LimitedUploads
from missions.enums import SubmissionState
from missions.models import MissionSubmission
from users.people import signed_in


class SubmissionFilters(StrictFilterSet):
    state = django_filters.ChoiceFilter(choices=SubmissionState.choices)
    mission = django_filters.UUIDFilter(field_name="mission_id")


class SubmissionPagination(RowKeysetPagination):
    ordering = ("-updated_at", "-id")


class SubmitView(LimitedUploads, IdempotentCreates, GenericAPIView[Any]):
    acts_as = Role.STUDENT
    serializer_class = SubmissionUploadSerializer
    parser_classes = (StrictJSONParser, MultiPartParser)

    @extend_schema(
        operation_id="missions_submit",
        tags=["missions"],
        summary="Hand in a mission",
        description=(
            "Text, web links and files of up to 10 MB each; at least one of them. Files need "
            "multipart/form-data. Versions are kept: handing in again while the submission waits adds a "
            "version to the same cycle, and after changes were requested it opens the next one. A decided "
            "mission answers 409."
        ),
        request={
            "application/json": SubmissionInputSerializer,
            "multipart/form-data": SubmissionUploadSerializer,
        },
        responses={201: SubmissionDetailSerializer},
        examples=[
            OpenApiExample("Text and a link", examples.SUBMISSION_INPUT, request_only=True),
            OpenApiExample("Handed in", examples.SUBMISSION_DETAIL, response_only=True, status_codes=["201"]),
        ],
    )
    def post(self, request: Request, mission_id: UUID) -> Response:
        given = SubmissionUploadSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        submitted = submit_mission(mission_id=mission_id, by=signed_in(request), at=clock.now(), **given.validated_data)
        submission = selectors.get_submission(submitted.pk)
        body = represent(SubmissionDetailSerializer, submission, acts_as=self.acts_as)
        location = reverse("submission", args=[submission.pk])
        return Response(body, status=status.HTTP_201_CREATED, headers={"Location": location})


class SubmissionListView(EntityTags, GenericAPIView[MissionSubmission]):
    acts_as = Role.STUDENT
    queryset = MissionSubmission.objects.none()
    serializer_class = SubmissionSerializer
    pagination_class = SubmissionPagination
    filter_backends = (StrictFilterBackend,)
    filterset_class = SubmissionFilters

    @extend_schema(
        operation_id="submissions_list",
        tags=["missions"],
        summary="What you handed in, latest change first",
        responses=SubmissionSerializer(many=True),
        examples=[OpenApiExample("A submission", examples.SUBMISSION, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(selectors.list_submissions_of(signed_in(request).pk)))
        return self.get_paginated_response(represent_each(SubmissionSerializer, page or ()))


class SubmissionView(EntityTags, GenericAPIView[Any]):
    acts_as = Role.STUDENT
    serializer_class: type[SubmissionDetailSerializer] = SubmissionDetailSerializer

    @extend_schema(
        operation_id="submissions_read",
        tags=["missions"],
        summary="One of your submissions with versions, files and reviews",
        responses=SubmissionDetailSerializer,
        examples=[OpenApiExample("A submission", examples.SUBMISSION_DETAIL, response_only=True)],
    )
    def get(self, request: Request, submission_id: UUID) -> Response:
        submission = selectors.get_submission(submission_id)
        return Response(self.serializer_class(submission, context={"acts_as": self.acts_as}).data)


class MentorSubmissionView(SubmissionView):
    acts_as = Role.MENTOR
    serializer_class = StaffSubmissionDetailSerializer

    @extend_schema(
        operation_id="mentor_submissions_read",
        tags=["missions"],
        summary="A mentee's submission with versions, files and reviews",
        responses=StaffSubmissionDetailSerializer,
        examples=[OpenApiExample("A submission", examples.STAFF_SUBMISSION_DETAIL, response_only=True)],
    )
    def get(self, request: Request, submission_id: UUID) -> Response:
        return super().get(request, submission_id)


class DirectorSubmissionView(SubmissionView):
    acts_as = Role.DIRECTOR
    serializer_class = StaffSubmissionDetailSerializer

    @extend_schema(
        operation_id="director_submissions_read",
        tags=["missions"],
        summary="A submission of one of your cohorts with versions, files and reviews",
        responses=StaffSubmissionDetailSerializer,
        examples=[OpenApiExample("A submission", examples.STAFF_SUBMISSION_DETAIL, response_only=True)],
    )
    def get(self, request: Request, submission_id: UUID) -> Response:
        return super().get(request, submission_id)
