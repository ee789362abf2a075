from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.urls import path, reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from coaching.actions.habits import archive_habit, create_habit, rename_habit, restore_habit
from coaching.actions.logs import clear_log, log_habit
from coaching.api import examples
from coaching.api.serializers import (
    HabitChangeSerializer,
    HabitInputSerializer,
    HabitLogSerializer,
    HabitSerializer,
    LoggedSerializer,
    LogInputSerializer,
)
from coaching.enums import Cadence
from coaching.models import Habit, HabitLog
from coaching.selectors import counted_habits, get_counted_habit, list_habits, list_logs
from core import clock
from core.api.etags import EntityTags, etag_of, require_match
from core.api.filters import StrictFilterBackend, StrictFilterSet
from core.api.idempotency import IdempotentCreates
from core.api.keyset import RowKeysetPagination
from core.api.representation import represent, represent_each
from core.errors import InvalidInput
from core.tenancy.identity import Role
from users.people import signed_in

TAGS = ["coaching"]


class HabitFilters(StrictFilterSet):
    cadence = django_filters.ChoiceFilter(choices=Cadence.choices)
    is_archived = django_filters.ChoiceFilter(choices=[("true", "true"), ("false", "false")], method="with_archived")

    def with_archived(self, habits: QuerySet[Habit], name: str, value: str) -> QuerySet[Habit]:
        return habits.filter(archived_on__isnull=value == "false")


class OldestFirst(RowKeysetPagination):
    ordering = ("created_at", "id")


class NewestDayFirst(RowKeysetPagination):
    ordering = ("-local_date", "-id")


class HabitViewSet(IdempotentCreates, EntityTags, viewsets.GenericViewSet[Habit]):
    acts_as = Role.STUDENT
    queryset = Habit.objects.none()
    serializer_class = HabitSerializer
    pagination_class = OldestFirst
    filter_backends = (StrictFilterBackend,)
    filterset_class = HabitFilters

    def get_queryset(self) -> QuerySet[Habit]:
        return list_habits(signed_in(self.request).pk)

    @extend_schema(
        operation_id="habits_list",
        tags=TAGS,
        summary="Your habits with their streaks",
        responses=HabitSerializer(many=True),
        examples=[OpenApiExample("A habit", examples.HABIT, response_only=True)],
    )
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        counted = counted_habits(signed_in(request).pk, clock.now())
        return self.get_paginated_response(represent_each(HabitSerializer, [counted[habit.pk] for habit in page]))

    @extend_schema(
        operation_id="habits_create",
        tags=TAGS,
        summary="Take up a habit",
        description="Due from today on. The cadence stays as it is: a streak of days cannot become one of weeks.",
        request=HabitInputSerializer,
        responses={201: HabitSerializer},
        examples=[
            OpenApiExample("Daily", examples.HABIT_INPUT, request_only=True),
            OpenApiExample("A habit", examples.HABIT, response_only=True, status_codes=["201"]),
        ],
    )
    def create(self, request: Request) -> Response:
        given = HabitInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        at = clock.now()
        habit = create_habit(**given.validated_data, by=signed_in(request), at=at)
        location = reverse("habit", args=[habit.pk])
        return Response(self._body(habit.pk, at), status=status.HTTP_201_CREATED, headers={"Location": location})

    @extend_schema(
        operation_id="habits_read",
        tags=TAGS,
        summary="One of your habits",
        responses=HabitSerializer,
        examples=[OpenApiExample("A habit", examples.HABIT, response_only=True)],
    )
    def retrieve(self, request: Request, habit_id: UUID) -> Response:
        return Response(self._body(habit_id, clock.now()))

    @extend_schema(
        operation_id="habits_change",
        tags=TAGS,
        summary="Rename a habit",
        request=HabitChangeSerializer,
        responses=HabitSerializer,
        examples=[
            OpenApiExample("Another name", {"name": "Two hours in the lab"}, request_only=True),
            OpenApiExample("A habit", examples.HABIT, response_only=True),
        ],
    )
    def partial_update(self, request: Request, habit_id: UUID) -> Response:
        at = clock.now()
        require_match(request, self._body(habit_id, at))
        given = HabitChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        rename_habit(habit_id=habit_id, **given.validated_data, by=signed_in(request), at=at)
        body = self._body(habit_id, at)
        return Response(body, headers={"ETag": etag_of(body)})

    @extend_schema(
        operation_id="habits_archive",
        tags=TAGS,
        summary="Put a habit away",
        description="Not due from today on. What was due and kept before still counts.",
        request=None,
        responses=HabitSerializer,
        examples=[OpenApiExample("Put away", examples.HABIT | {"archived_on": "2026-02-06"}, response_only=True)],
    )
    def archive(self, request: Request, habit_id: UUID) -> Response:
        return self._move(habit_id, archive_habit)

    @extend_schema(
        operation_id="habits_restore",
        tags=TAGS,
        summary="Take an archived habit up again",
        request=None,
        responses=HabitSerializer,
        examples=[OpenApiExample("A habit", examples.HABIT, response_only=True)],
    )
    def restore(self, request: Request, habit_id: UUID) -> Response:
        return self._move(habit_id, restore_habit)

    def _move(self, habit_id: UUID, act: Callable[..., Habit]) -> Response:
        at = clock.now()
        act(habit_id=habit_id, by=signed_in(self.request), at=at)
        return Response(self._body(habit_id, at))

    def _body(self, habit_id: UUID, at: datetime) -> dict[str, Any]:
        habit = get_counted_habit(habit_id, signed_in(self.request).pk, at)
        return represent(HabitSerializer, habit)


class HabitLogViewSet(IdempotentCreates, EntityTags, viewsets.GenericViewSet[HabitLog]):
    acts_as = Role.STUDENT
    queryset = HabitLog.objects.none()
    serializer_class = HabitLogSerializer
    pagination_class = NewestDayFirst
    filter_backends = (StrictFilterBackend,)

    @extend_schema(
        operation_id="habit_logs_list",
        tags=TAGS,
        summary="The logged days of a habit, newest first",
        responses=HabitLogSerializer(many=True),
        examples=[OpenApiExample("A day", examples.LOG, response_only=True)],
    )
    def list(self, request: Request, habit_id: UUID) -> Response:
        page = self.paginate_queryset(self.filter_queryset(list_logs(habit_id, signed_in(request).pk)))
        return self.get_paginated_response(represent_each(HabitLogSerializer, page or ()))

    @extend_schema(
        operation_id="habit_logs_create",
        tags=TAGS,
        summary="Log today, or yesterday",
        description="Logging a day again replaces what was logged: 200 instead of 201.",
        request=LogInputSerializer,
        responses={201: LoggedSerializer, 200: LoggedSerializer},
        examples=[
            OpenApiExample("Done today", {"state": "done"}, request_only=True),
            OpenApiExample("Logged", examples.LOGGED, response_only=True, status_codes=["201"]),
            OpenApiExample("Logged again", examples.LOGGED, response_only=True, status_codes=["200"]),
        ],
    )
    def create(self, request: Request, habit_id: UUID) -> Response:
        given = LogInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        person, at = signed_in(request), clock.now()
        wanted = given.validated_data
        logged = log_habit(
            habit_id=habit_id, day=wanted["date"], state=wanted["state"], note=wanted["note"], by=person, at=at
        )
        body = {
            "log": represent(HabitLogSerializer, logged.log),
            "habit": represent(HabitSerializer, get_counted_habit(habit_id, person.pk, at)),
        }
        return Response(body, status=status.HTTP_201_CREATED if logged.is_new else status.HTTP_200_OK)

    @extend_schema(
        operation_id="habit_logs_clear",
        tags=TAGS,
        summary="Take back what today or yesterday has logged",
        description="Answers the habit as it is counted now, whether or not there was a log.",
        parameters=[OpenApiParameter("date", OpenApiTypes.DATE, OpenApiParameter.PATH)],
        responses={200: HabitSerializer},
        examples=[OpenApiExample("A habit", examples.HABIT, response_only=True)],
    )
    def destroy(self, request: Request, habit_id: UUID, date: str) -> Response:
        person, at = signed_in(request), clock.now()
        clear_log(habit_id=habit_id, day=_day(date), by=person, at=at)
        return Response(represent(HabitSerializer, get_counted_habit(habit_id, person.pk, at)))


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    # Python also reads 20260202 and 2026-W06-1.
    if day is None or day.isoformat() != text:
        raise InvalidInput(fields={"date": ["Give a day as YYYY-MM-DD."]})
    return day


urlpatterns = [
    path("coaching/habits", HabitViewSet.as_view({"get": "list", "post": "create"}), name="habits"),
    path(
        "coaching/habits/<uuid:habit_id>",
        HabitViewSet.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="habit",
    ),
    path("coaching/habits/<uuid:habit_id>/archive", HabitViewSet.as_view({"post": "archive"}), name="habit-archive"),
    path("coaching/habits/<uuid:habit_id>/restore", HabitViewSet.as_view({"post": "restore"}), name="habit-restore"),
    path(
        "coaching/habits/<uuid:habit_id>/logs",
        HabitLogViewSet.as_view({"get": "list", "post": "create"}),
        name="habit-logs",
    ),
    path(
        "coaching/habits/<uuid:habit_id>/logs/<str:date>",
        HabitLogViewSet.as_view({"delete": "destroy"}),
        name="habit-log",
    ),
]
