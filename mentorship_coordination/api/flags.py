from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.urls import URLPattern, path
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock
from core.api.etags import EntityTags
from core.api.filters import StrictFilterBackend, StrictFilterSet
from core.api.idempotency import IdempotentCreates
from core.api.keyset import KeptFirstPage, RowKeysetPagination
from core.api.representation import represent
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
    fetch_flags_of_mentor,
    get_flag,
    get_flag_of_mentor,
    list_directed_cohorts,
    list_flags_of_cohorts,
    list_flags_of_mentor,
)
from users.models import User
from users.people import signed_in

ViewClass = TypeVar("ViewClass", bound="type[FlagViewSet]")


class FlagFilters(StrictFilterSet):
    state = django_filters.ChoiceFilter(choices=FlagState.choices)
    severity = django_filters.ChoiceFilter(choices=[(label, label) for label in SEVERITIES], method="with_severity")
    category = django_filters.ChoiceFilter(choices=FlagCategory.choices)
    mentee = django_filters.UUIDFilter(field_name="mentee_id")

    def with_severity(self, flags: QuerySet[MentorFlag], name: str, value: str) -> QuerySet[MentorFlag]:
        return flags.filter(severity=Severity[value.upper()])


#: Method of the viewset → last word of the operation's name.
OPERATIONS = {
    "list": "list",
    "create": "raise",
    "retrieve": "read",
    "acknowledge": "acknowledge",
    "resolve": "resolve",
    "reopen": "reopen",
}


class WorstFirst(RowKeysetPagination):
    ordering = ("-severity", "-created_at", "-id")


class FlagViewSet(IdempotentCreates, EntityTags, KeptFirstPage, viewsets.GenericViewSet[MentorFlag]):
    """The same for either role; `MentorFlagViewSet` and `DirectorFlagViewSet` say whose flags they are about."""

    queryset = MentorFlag.objects.none()
    serializer_class = FlagSerializer
    pagination_class = WorstFirst
    filter_backends = (StrictFilterBackend,)
    filterset_class = FlagFilters

    def visible(self, person: User) -> QuerySet[MentorFlag]:
        raise NotImplementedError

    def raise_it(self, **given: Any) -> MentorFlag:
        raise NotImplementedError

    def get_queryset(self) -> QuerySet[MentorFlag]:
        return self.visible(signed_in(self.request))

    def find(self, person: User, flag_id: UUID) -> MentorFlag:
        return get_flag(self.visible(person), flag_id)

    @extend_schema(
        summary="Flags, worst first",
        responses=FlagSerializer(many=True),
        examples=[OpenApiExample("A flag", examples.FLAG, response_only=True)],
    )
    def list(self, request: Request) -> Response:
        return super().list(request)

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
    def create(self, request: Request) -> Response:
        given = FlagInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        person = signed_in(request)
        flag = self.raise_it(**given.validated_data, by=person, at=clock.now())
        read = self.find(person, flag.pk)
        return Response(represent(RaisedFlagSerializer, read), status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="One flag with its history",
        responses=FlagSerializer,
        examples=[OpenApiExample("A flag", examples.FLAG, response_only=True)],
    )
    def retrieve(self, request: Request, flag_id: UUID) -> Response:
        return Response(represent(FlagSerializer, self.find(signed_in(request), flag_id)))

    def _move(self, flag_id: UUID, act: Callable[..., MentorFlag], **given: Any) -> Response:
        person = signed_in(self.request)
        self.find(person, flag_id)
        act(flag_id=flag_id, by=person, at=clock.now(), **given)
        return Response(represent(FlagSerializer, self.find(person, flag_id)))

    @extend_schema(
        summary="Say that you look after it",
        request=None,
        responses=FlagSerializer,
        examples=[OpenApiExample("Acknowledged", examples.ACKNOWLEDGED, response_only=True)],
    )
    @action(detail=True, methods=["post"])  # below the schema, which it would drop
    def acknowledge(self, request: Request, flag_id: UUID) -> Response:
        return self._move(flag_id, acknowledge_flag)

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
    @action(detail=True, methods=["post"])  # below the schema, which it would drop
    def resolve(self, request: Request, flag_id: UUID) -> Response:
        given = ResolveInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return self._move(flag_id, resolve_flag, **given.validated_data)

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
    @action(detail=True, methods=["post"])  # below the schema, which it would drop
    def reopen(self, request: Request, flag_id: UUID) -> Response:
        given = ReopenInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return self._move(flag_id, reopen_flag, **given.validated_data)


def of(area: str) -> Callable[[ViewClass], ViewClass]:
    """Name the operations of one role's views: the schema wants each name once."""
    return extend_schema_view(
        **{
            method: extend_schema(operation_id=f"{area}_flags_{operation}", tags=[f"{area}: flags"])
            for method, operation in OPERATIONS.items()
        }
    )


@of("mentor")
class MentorFlagViewSet(FlagViewSet):
    """Those that she looks after."""

    acts_as = Role.MENTOR

    def visible(self, person: User) -> QuerySet[MentorFlag]:
        return list_flags_of_mentor(person.pk)

    def find(self, person: User, flag_id: UUID) -> MentorFlag:
        return get_flag_of_mentor(person.pk, flag_id)

    def fetch_first(self, most: int) -> Sequence[MentorFlag]:
        return fetch_flags_of_mentor(signed_in(self.request).pk, most=most)

    def raise_it(self, **given: Any) -> MentorFlag:
        return raise_flag(**given)


@of("director")
class DirectorFlagViewSet(FlagViewSet):
    """Those of the cohorts that she directs."""

    acts_as = Role.DIRECTOR

    def visible(self, person: User) -> QuerySet[MentorFlag]:
        return list_flags_of_cohorts(list_directed_cohorts(person.pk))

    def raise_it(self, **given: Any) -> MentorFlag:
        return raise_flag_as_director(**given)


def addresses(area: str, views: type[FlagViewSet]) -> list[URLPattern]:
    flag = f"{area}/flags/<uuid:flag_id>"
    moves = ("acknowledge", "resolve", "reopen")
    return [
        path(f"{area}/flags", views.as_view({"get": "list", "post": "create"}), name=f"{area}-flags"),
        path(flag, views.as_view({"get": "retrieve"}), name=f"{area}-flag"),
        *(path(f"{flag}/{move}", views.as_view({"post": move}), name=f"{area}-flag-{move}") for move in moves),
    ]


urlpatterns = [*addresses("mentor", MentorFlagViewSet), *addresses("director", DirectorFlagViewSet)]
