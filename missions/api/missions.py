from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.etags import EntityTags
from core.api.filters import StrictFilterBackend
from core.api.keyset import RowKeysetPagination
from core.api.representation import represent, represent_each
from core.tenancy.identity import Role
from missions import selectors
from missions.api import examples
from missions.api.serializers import MissionDetailSerializer, MissionSerializer
from missions.models import Mission
from users.people import signed_in


class MissionPagination(RowKeysetPagination):
    ordering = ("number", "id")


class MissionListView(EntityTags, GenericAPIView[Any]):
    acts_as = Role.STUDENT
    queryset = Mission.objects.none()
    serializer_class = MissionSerializer
    pagination_class = MissionPagination
    filter_backends = (StrictFilterBackend,)

    @extend_schema(
        operation_id="missions_list",
        tags=["missions"],
        summary="Missions of your track, and how far you are",
        description="Published missions of the track of your enrolment, in order; after you left, of the last one.",
        responses=MissionSerializer(many=True),
        examples=[OpenApiExample("A mission handed in once", examples.MISSION, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        missions = selectors.list_missions_of(selectors.find_shown_enrolment(signed_in(request).pk))
        page = self.paginate_queryset(self.filter_queryset(missions))
        return self.get_paginated_response(represent_each(MissionSerializer, page or ()))


class MissionView(EntityTags, GenericAPIView[Any]):
    acts_as = Role.STUDENT
    serializer_class = MissionDetailSerializer

    @extend_schema(
        operation_id="missions_read",
        tags=["missions"],
        summary="One mission with its brief and rubric",
        responses=MissionDetailSerializer,
        examples=[OpenApiExample("A mission", examples.MISSION_DETAIL, response_only=True)],
    )
    def get(self, request: Request, mission_id: UUID) -> Response:
        enrolment = selectors.find_shown_enrolment(signed_in(request).pk)
        return Response(represent(MissionDetailSerializer, selectors.get_mission_of(enrolment, mission_id)))
