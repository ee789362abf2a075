from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
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
from mentorship_coordination.api.caller import caller_of
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

ViewClass = TypeVar("ViewClass", bound=type[APIView])


class FlagFilters(StrictFilterSet):
    state = django_filters.ChoiceFilter(choices=FlagState.choices)
    severity = django_filters.ChoiceFilter(choices=[(label, label) for label in SEVERITIES], method="with_severity")
    category = django_filters.ChoiceFilter(choices=FlagCategory.choices)
    mentee = django_filters.UUIDFilter(field_name="mentee_id")

    def with_severity(self, flags: QuerySet[MentorFlag], name: str, value: str) -> QuerySet[MentorFlag]:
        return flags.filter(severity=Severity[value.upper()])


class WorstFirst(RowKeysetPagination):
    ordering = ("-severity", "-created_at", "-id")


class SomebodysFlags(APIView):
    """The views are the same for either role; `OfMentor` and `OfDirector` say whose flags they are about."""

    def visible(self, person: User) -> QuerySet[MentorFlag]:
        raise NotImplementedError

    def raise_it(self, **given: Any) -> MentorFlag:
        raise NotImplementedError


class FlagsView(IdempotentCreates, EntityTags, SomebodysFlags, GenericAPIView[MentorFlag]):
    queryset = MentorFlag.objects.none()
    serializer_class = FlagSerializer
    pagination_class = WorstFirst
    filter_backends = (StrictFilterBackend,)
    filterset_class = FlagFilters

    def get_queryset(self) -> QuerySet[MentorFlag]:
        return self.visible(caller_of(self.request))

    @extend_schema(
        summary="Flags, worst first",
        responses=FlagSerializer(many=True),
        examples=[OpenApiExample("A flag", examples.FLAG, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(FlagSerializer(page, many=True).data)

    @extend_schema(
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
        person = caller_of(request)
        flag = self.raise_it(**given.validated_data, by=person, at=clock.now())
        read = get_flag(self.visible(person), flag.pk)
        return Response(RaisedFlagSerializer(read).data, status=status.HTTP_201_CREATED)


class FlagView(EntityTags, SomebodysFlags):
    @extend_schema(
        summary="One flag with its history",
        responses=FlagSerializer,
        examples=[OpenApiExample("A flag", examples.FLAG, response_only=True)],
    )
    def get(self, request: Request, flag_id: UUID) -> Response:
        return Response(FlagSerializer(get_flag(self.visible(caller_of(request)), flag_id)).data)


class MoveView(SomebodysFlags):
    def move(self, flag_id: UUID, act: Callable[..., MentorFlag], **given: Any) -> Response:
        person = caller_of(self.request)
        get_flag(self.visible(person), flag_id)
        act(flag_id=flag_id, by=person, at=clock.now(), **given)
        return Response(FlagSerializer(get_flag(self.visible(person), flag_id)).data)


class AcknowledgeView(MoveView):
    @extend_schema(
        summary="Say that you look after it",
        request=None,
        responses=FlagSerializer,
        examples=[OpenApiExample("Acknowledged", examples.ACKNOWLEDGED, response_only=True)],
    )
    def post(self, request: Request, flag_id: UUID) -> Response:
        return self.move(flag_id, acknowledge_flag)


class ResolveView(MoveView):
    @extend_schema(
        summary="Settle a flag",
        request=ResolveInputSerializer,
        responses=FlagSerializer,
        examples=[
            OpenApiExample(
                "Settled", {"outcome": "Back on track", "note": "We spoke; she was ill."}, request_only=True
            ),
            OpenApiExample("Resolved", examples.RESOLVED, response_only=True),
        ],
    )
    def post(self, request: Request, flag_id: UUID) -> Response:
        given = ResolveInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return self.move(flag_id, resolve_flag, **given.validated_data)


class ReopenView(MoveView):
    @extend_schema(
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
        return self.move(flag_id, reopen_flag, **given.validated_data)


def of(area: str, **operations: str) -> Callable[[ViewClass], ViewClass]:
    """Name the operations of one role's view, by method: the schema wants each name once."""
    return extend_schema_view(
        **{
            method: extend_schema(operation_id=f"{area}_flags_{operation}", tags=[f"{area}: flags"])
            for method, operation in operations.items()
        }
    )


class OfMentor(SomebodysFlags):
    """Those that she looks after."""

    acts_as = Role.MENTOR

    def visible(self, person: User) -> QuerySet[MentorFlag]:
        return list_flags_of_mentor(person.pk)

    def raise_it(self, **given: Any) -> MentorFlag:
        return raise_flag(**given)


class OfDirector(SomebodysFlags):
    """Those of the cohorts that she directs."""

    acts_as = Role.DIRECTOR

    def visible(self, person: User) -> QuerySet[MentorFlag]:
        return list_flags_of_cohorts(list_directed_cohorts(person.pk))

    def raise_it(self, **given: Any) -> MentorFlag:
        return raise_flag_as_director(**given)


@of("mentor", get="list", post="raise")
class MentorFlagsView(OfMentor, FlagsView):
    pass


@of("mentor", get="read")
class MentorFlagView(OfMentor, FlagView):
    pass


@of("mentor", post="acknowledge")
class MentorAcknowledgeFlagView(OfMentor, AcknowledgeView):
    pass


@of("mentor", post="resolve")
class MentorResolveFlagView(OfMentor, ResolveView):
    pass


@of("mentor", post="reopen")
class MentorReopenFlagView(OfMentor, ReopenView):
    pass


@of("director", get="list", post="raise")
class DirectorFlagsView(OfDirector, FlagsView):
    pass


@of("director", get="read")
class DirectorFlagView(OfDirector, FlagView):
    pass


@of("director", post="acknowledge")
class DirectorAcknowledgeFlagView(OfDirector, AcknowledgeView):
    pass


@of("director", post="resolve")
class DirectorResolveFlagView(OfDirector, ResolveView):
    pass


@of("director", post="reopen")
class DirectorReopenFlagView(OfDirector, ReopenView):
    pass


urlpatterns = [
    path("mentor/flags", MentorFlagsView.as_view(), name="mentor-flags"),
    path("mentor/flags/<uuid:flag_id>", MentorFlagView.as_view(), name="mentor-flag"),
    path(
        "mentor/flags/<uuid:flag_id>/acknowledge", MentorAcknowledgeFlagView.as_view(), name="mentor-flag-acknowledge"
    ),
    path("mentor/flags/<uuid:flag_id>/resolve", MentorResolveFlagView.as_view(), name="mentor-flag-resolve"),
    path("mentor/flags/<uuid:flag_id>/reopen", MentorReopenFlagView.as_view(), name="mentor-flag-reopen"),
    path("director/flags", DirectorFlagsView.as_view(), name="director-flags"),
    path("director/flags/<uuid:flag_id>", DirectorFlagView.as_view(), name="director-flag"),
    path(
        "director/flags/<uuid:flag_id>/acknowledge",
        DirectorAcknowledgeFlagView.as_view(),
        name="director-flag-acknowledge",
    ),
    path("director/flags/<uuid:flag_id>/resolve", DirectorResolveFlagView.as_view(), name="director-flag-resolve"),
    path("director/flags/<uuid:flag_id>/reopen", DirectorReopenFlagView.as_view(), name="director-flag-reopen"),
]
