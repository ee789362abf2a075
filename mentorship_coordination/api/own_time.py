"""When a mentor is away, and dates on which a person's hours differ."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import clock
from core.api.etags import EntityTags
from core.api.filters import StrictFilterBackend
from core.api.idempotency import IdempotentCreates
from core.api.instants import InstantField
from core.api.keyset import RowKeysetPagination
from core.api.representation import represent, represent_each
from core.clock import local_date
from core.tenancy.identity import Role
from mentorship_coordination.actions.own_time import (
    LONGEST_REASON,
    add_absence,
    change_absence,
    remove_absence,
    remove_override,
    set_override,
)
from mentorship_coordination.models.assignments import AvailabilityOverride, MentorAbsence
from mentorship_coordination.selectors.absences import list_own_absences, list_own_dates, with_sessions_within
from users.people import signed_in

AWAY: Final[dict[str, Any]] = {
    "starts_at": "2026-03-09T00:00:00+03:00",
    "ends_at": "2026-03-16T00:00:00+03:00",
    "backup": "olga.brandt@academy.example",
    "reason": "Spring break",
}
ABSENCE: Final[dict[str, Any]] = {
    "id": "019b9c55-3d4e-7f60-8a1b-2c3d4e5f6071",
    "starts_at": "2026-03-08T21:00:00Z",
    "ends_at": "2026-03-15T21:00:00Z",
    "has_backup": True,
    "reason": "Spring break",
    "sessions_within": 2,
}
DATE: Final[dict[str, Any]] = {"date": "2026-03-06", "windows": [["10:00", "12:00"]]}


class AbsenceInputSerializer(serializers.Serializer[Any]):
    starts_at = InstantField()
    ends_at = InstantField()
    backup = serializers.CharField(
        required=False, allow_blank=True, max_length=254, help_text="E-mail of the mentor who stands in."
    )
    reason = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_REASON)


class AbsenceSerializer(serializers.ModelSerializer[MentorAbsence]):
    has_backup = serializers.SerializerMethodField()
    sessions_within = serializers.IntegerField(
        help_text="Planned sessions in this time: they stay until you move or cancel them."
    )

    class Meta:
        model = MentorAbsence
        fields = ("id", "starts_at", "ends_at", "has_backup", "reason", "sessions_within")
        read_only_fields = fields

    def get_has_backup(self, absence: MentorAbsence) -> bool:
        return absence.backup_id is not None


class WindowsInputSerializer(serializers.Serializer[Any]):
    windows = serializers.JSONField(help_text='[["09:00", "12:00"], …] in your local time; an empty list: no hours.')


class OverrideSerializer(serializers.ModelSerializer[AvailabilityOverride]):
    date = serializers.DateField(source="local_date", help_text="In your zone.")
    windows = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))

    class Meta:
        model = AvailabilityOverride
        fields = ("date", "windows")
        read_only_fields = fields


def _as_answer(absence: MentorAbsence) -> dict[str, Any]:
    return represent(AbsenceSerializer, with_sessions_within(MentorAbsence.objects.all()).get(pk=absence.pk))


class SoonestFirst(RowKeysetPagination):
    ordering = ("starts_at", "id")


class AbsencesView(IdempotentCreates, EntityTags, GenericAPIView[MentorAbsence]):
    acts_as = Role.MENTOR
    queryset = MentorAbsence.objects.none()
    serializer_class = AbsenceSerializer
    pagination_class = SoonestFirst
    filter_backends = (StrictFilterBackend,)

    def get_queryset(self) -> QuerySet[MentorAbsence]:
        return list_own_absences(signed_in(self.request).pk, clock.now())

    @extend_schema(
        operation_id="mentor_absences_list",
        tags=["mentor: hours"],
        summary="When you are away, now and later",
        responses=AbsenceSerializer(many=True),
        examples=[OpenApiExample("A week", ABSENCE, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        page: Any = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(represent_each(AbsenceSerializer, page))

    @extend_schema(
        operation_id="mentor_absences_create",
        tags=["mentor: hours"],
        summary="Say that you will be away",
        description="Nobody is matched with you meanwhile, and no time of yours is offered. The backup gets the work.",
        request=AbsenceInputSerializer,
        responses={201: AbsenceSerializer},
        examples=[
            OpenApiExample("A week", AWAY, request_only=True),
            OpenApiExample("Noted", ABSENCE, response_only=True, status_codes=["201"]),
        ],
    )
    def post(self, request: Request) -> Response:
        given = AbsenceInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        absence = add_absence(by=signed_in(request), at=clock.now(), **given.validated_data)
        return Response(_as_answer(absence), status=status.HTTP_201_CREATED)


class AbsenceView(APIView):
    acts_as = Role.MENTOR

    @extend_schema(
        operation_id="mentor_absences_change",
        tags=["mentor: hours"],
        summary="Change an absence",
        description="What is left out stays. You are back at `ends_at`: bring it forward to end an absence early.",
        request=AbsenceInputSerializer,
        responses=AbsenceSerializer,
        examples=[
            OpenApiExample("Back earlier", {"ends_at": "2026-03-13T00:00:00+03:00"}, request_only=True),
            OpenApiExample("Changed", ABSENCE, response_only=True),
        ],
    )
    def post(self, request: Request, absence_id: UUID) -> Response:
        given = AbsenceInputSerializer(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        absence = change_absence(absence_id=absence_id, by=signed_in(request), at=clock.now(), **given.validated_data)
        return Response(_as_answer(absence))

    @extend_schema(
        operation_id="mentor_absences_remove",
        tags=["mentor: hours"],
        summary="Take an absence back",
        responses={204: None},
    )
    def delete(self, request: Request, absence_id: UUID) -> Response:
        remove_absence(absence_id=absence_id, by=signed_in(request), at=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class OverridesView(APIView):
    acts_as = Role.PERSON

    @extend_schema(
        operation_id="users_me_dates_list",
        tags=["Profile"],
        summary="Dates on which your hours differ, from today on",
        responses=OverrideSerializer(many=True),
        examples=[OpenApiExample("A short Friday", DATE, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        person = signed_in(request)
        today = local_date(clock.now(), person.timezone)
        return Response(represent_each(OverrideSerializer, list_own_dates(person.pk, today)))


class OverrideView(APIView):
    acts_as = Role.PERSON

    @extend_schema(
        operation_id="users_me_dates_set",
        tags=["Profile"],
        summary="Give one date hours of its own",
        description="They stand instead of your weekly hours on that day. Windows are sorted and joined.",
        request=WindowsInputSerializer,
        responses=OverrideSerializer,
        examples=[
            OpenApiExample("A short Friday", {"windows": DATE["windows"]}, request_only=True),
            OpenApiExample("Set", DATE, response_only=True),
        ],
    )
    def post(self, request: Request, day: date) -> Response:
        given = WindowsInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        override = set_override(day=day, windows=given.validated_data["windows"], by=signed_in(request), at=clock.now())
        return Response(represent(OverrideSerializer, override))

    @extend_schema(
        operation_id="users_me_dates_remove",
        tags=["Profile"],
        summary="Let your weekly hours hold on that date again",
        responses={204: None},
    )
    def delete(self, request: Request, day: date) -> Response:
        remove_override(day=day, by=signed_in(request), at=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


urlpatterns = [
    path("mentor/absences", AbsencesView.as_view(), name="mentor-absences"),
    path("mentor/absences/<uuid:absence_id>", AbsenceView.as_view(), name="mentor-absence"),
    path("users/me/dates", OverridesView.as_view(), name="users-me-dates"),
    path("users/me/dates/<day:day>", OverrideView.as_view(), name="users-me-date"),
]
