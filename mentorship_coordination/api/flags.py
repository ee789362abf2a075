from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.urls import URLPattern, path
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import clock
from core.api.etags import EntityTags
from core.api.filters import StrictFilterBackend, StrictFilterSet
from core.api.idempotency import IdempotentCreates
from core.api.keyset import RowKeysetPagination
from core.tenancy.identity import Role
from mentorship_coordination.actions.flags import (
    acknowledge_flag,
    raise_flag,
    raise_flag_as_director,
    reopen_flag,
    resolve_flag,
)
from mentorship_coordination.api import flag_examples as examples
from mentorship_coordination.api.flag_serializers import (
    SEVERITIES,
    FlagInputSerializer,
    FlagSerializer,
    RaisedFlagSerializer,
    ReopenInputSerializer,
    ResolveInputSerializer,
)
from mentorship_coordination.enums import FlagCategory, FlagState, Severity
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.selectors.flags import (
    get_flag,
    list_directed_cohorts,
    list_flags_of_cohorts,
    list_flags_of_mentor,
)
from users.models import User

Views = dict[str, type[APIView]]


class FlagFilters(StrictFilterSet):
    state = django_filters.ChoiceFilter(choices=FlagState.choices)
    severity = django_filters.ChoiceFilter(
        choices=[(label, label) for label in SEVERITIES], method="with_severity"
    )
    category = django_filters.ChoiceFilter(choices=FlagCategory.choices)
    mentee = django_filters.UUIDFilter(field_name="mentee_id")

    def with_severity(self, flags: QuerySet[MentorFlag], name: str, value: str) -> QuerySet[MentorFlag]:
        return flags.filter(severity=Severity[value.upper()])


class WorstFirst(RowKeysetPagination):
    ordering = ("-severity", "-created_at", "-id")


class OfMentor(APIView):
    """The flags that the mentor looks after."""

    acts_as = Role.MENTOR
    area: ClassVar[str] = "mentor"

    def visible(self, person: User) -> QuerySet[MentorFlag]:
        return list_flags_of_mentor(person.pk)

    def raise_it(self, **given: Any) -> MentorFlag:
        return raise_flag(**given)


class OfDirector(APIView):
    """The flags of the cohorts that the director directs."""

    acts_as = Role.DIRECTOR
    area: ClassVar[str] = "director"

    def visible(self, person: User) -> QuerySet[MentorFlag]:
        return list_flags_of_cohorts(list_directed_cohorts(person.pk))

    def raise_it(self, **given: Any) -> MentorFlag:
        return raise_flag_as_director(**given)


def views_of(area: type[OfMentor] | type[OfDirector]) -> Views:
    """The same five views for either role: what differs is whose flags they are."""
    name, tags = area.area, [f"{area.area}: flags"]

    class FlagsView(IdempotentCreates, EntityTags, area, GenericAPIView[MentorFlag]):  # type: ignore[valid-type,misc]
        serializer_class = FlagSerializer
        pagination_class = WorstFirst
        filter_backends = (StrictFilterBackend,)
        filterset_class = FlagFilters

        def get_queryset(self) -> QuerySet[MentorFlag]:
            found: QuerySet[MentorFlag] = self.visible(self.request.user)
            return found

        @extend_schema(
            operation_id=f"{name}_flags_list",
            tags=tags,
            summary="Flags, worst first",
            responses=FlagSerializer(many=True),
            examples=[OpenApiExample("A flag", examples.FLAG, response_only=True)],
        )
        def get(self, request: Request) -> Response:
            page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
            return self.get_paginated_response(FlagSerializer(page, many=True).data)

        @extend_schema(
            operation_id=f"{name}_flags_raise",
            tags=tags,
            summary="Raise a flag about a student",
            description=(
                "The student never sees it. While a flag of the same category is unresolved, that one takes "
                "the reason as a comment and the higher severity (`merged: true`)."
            ),
            request=FlagInputSerializer,
            responses={201: RaisedFlagSerializer},
            examples=[
                OpenApiExample("Silence", examples.RAISE, request_only=True),
                OpenApiExample("Raised", examples.RAISED, response_only=True, status_codes=["201"]),
            ],
        )
        def post(self, request: Request) -> Response:
            given = FlagInputSerializer(data=request.data)
            given.is_valid(raise_exception=True)
            flag = self.raise_it(**given.validated_data, by=request.user, at=clock.now())
            read = get_flag(self.visible(request.user), flag.pk)
            return Response(RaisedFlagSerializer(read).data, status=status.HTTP_201_CREATED)

    class FlagView(EntityTags, area):  # type: ignore[valid-type,misc]
        @extend_schema(
            operation_id=f"{name}_flags_read",
            tags=tags,
            summary="One flag with its history",
            responses=FlagSerializer,
            examples=[OpenApiExample("A flag", examples.FLAG, response_only=True)],
        )
        def get(self, request: Request, flag_id: UUID) -> Response:
            return Response(FlagSerializer(get_flag(self.visible(request.user), flag_id)).data)

    return {"flags": FlagsView, "flag": FlagView, **_moves_of(area, name, tags)}


def _moves_of(area: type[OfMentor] | type[OfDirector], name: str, tags: list[str]) -> Views:
    class Move(area):  # type: ignore[valid-type,misc]
        def move(
            self, request: Request, flag_id: UUID, act: Callable[..., MentorFlag], **given: Any
        ) -> Response:
            visible = self.visible(request.user)
            get_flag(visible, flag_id)
            act(flag_id=flag_id, by=request.user, at=clock.now(), **given)
            return Response(FlagSerializer(get_flag(self.visible(request.user), flag_id)).data)

    class AcknowledgeView(Move):
        @extend_schema(
            operation_id=f"{name}_flags_acknowledge",
            tags=tags,
            summary="Say that you look after it",
            request=None,
            responses=FlagSerializer,
            examples=[OpenApiExample("Acknowledged", examples.ACKNOWLEDGED, response_only=True)],
        )
        def post(self, request: Request, flag_id: UUID) -> Response:
            return self.move(request, flag_id, acknowledge_flag)

    class ResolveView(Move):
        @extend_schema(
            operation_id=f"{name}_flags_resolve",
            tags=tags,
            summary="Settle a flag",
            request=ResolveInputSerializer,
            responses=FlagSerializer,
            examples=[
                OpenApiExample(
                    "Settled",
                    {"outcome": "Back on track", "note": "We spoke; she was ill."},
                    request_only=True,
                ),
                OpenApiExample("Resolved", examples.RESOLVED, response_only=True),
            ],
        )
        def post(self, request: Request, flag_id: UUID) -> Response:
            given = ResolveInputSerializer(data=request.data)
            given.is_valid(raise_exception=True)
            return self.move(request, flag_id, resolve_flag, **given.validated_data)

    class ReopenView(Move):
        @extend_schema(
            operation_id=f"{name}_flags_reopen",
            tags=tags,
            summary="Reopen a flag within 30 days",
            description="Later, or while a newer flag of the category is open: 409.",
            request=ReopenInputSerializer,
            responses=FlagSerializer,
            examples=[
                OpenApiExample("Again", {"reason": "Silent again."}, request_only=True),
                OpenApiExample("Reopened", examples.REOPENED, response_only=True),
            ],
        )
        def post(self, request: Request, flag_id: UUID) -> Response:
            given = ReopenInputSerializer(data=request.data)
            given.is_valid(raise_exception=True)
            return self.move(request, flag_id, reopen_flag, **given.validated_data)

    return {"acknowledge": AcknowledgeView, "resolve": ResolveView, "reopen": ReopenView}


def paths_of(area: type[OfMentor] | type[OfDirector]) -> list[URLPattern]:
    views, name = views_of(area), area.area
    return [
        path(f"{name}/flags", views["flags"].as_view(), name=f"{name}-flags"),
        path(f"{name}/flags/<uuid:flag_id>", views["flag"].as_view(), name=f"{name}-flag"),
        *(
            path(f"{name}/flags/<uuid:flag_id>/{move}", views[move].as_view(), name=f"{name}-flag-{move}")
            for move in ("acknowledge", "resolve", "reopen")
        ),
    ]


urlpatterns = [*paths_of(OfMentor), *paths_of(OfDirector)]
