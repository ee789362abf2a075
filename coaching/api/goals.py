from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.urls import path, reverse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from coaching.actions.goals import abandon_goal, answer_goal, change_goal, complete_goal, create_goal
from coaching.api import examples
from coaching.api.serializers import (
    AnswerInputSerializer,
    GoalChangeSerializer,
    GoalInputSerializer,
    GoalSerializer,
    MentorGoalSerializer,
)
from coaching.enums import GoalState
from coaching.models import Goal
from coaching.selectors import get_goal, list_goals
from core import clock
from core.api.etags import EntityTags, etag_of, require_match
from core.api.filters import StrictFilterBackend, StrictFilterSet
from core.api.idempotency import IdempotentCreates
from core.api.keyset import RowKeysetPagination
from core.api.representation import represent, represent_each
from core.tenancy.identity import Role
from users.people import signed_in

TAGS = ["coaching"]


class GoalFilters(StrictFilterSet):
    state = django_filters.ChoiceFilter(choices=GoalState.choices)


class ByDueDate(RowKeysetPagination):
    ordering = ("due_date", "id")


class GoalViewSet(IdempotentCreates, EntityTags, viewsets.GenericViewSet[Goal]):
    acts_as = Role.STUDENT
    queryset = Goal.objects.none()
    serializer_class = GoalSerializer
    pagination_class = ByDueDate
    filter_backends = (StrictFilterBackend,)
    filterset_class = GoalFilters

    def get_queryset(self) -> QuerySet[Goal]:
        return list_goals(signed_in(self.request).pk)

    @extend_schema(
        operation_id="goals_list",
        tags=TAGS,
        summary="Your goals, by their due date",
        responses=GoalSerializer(many=True),
        examples=[OpenApiExample("A goal", examples.GOAL, response_only=True)],
    )
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(represent_each(GoalSerializer, page or (), at=clock.now()))

    @extend_schema(
        operation_id="goals_create",
        tags=TAGS,
        summary="Set a goal",
        request=GoalInputSerializer,
        responses={201: GoalSerializer},
        examples=[
            OpenApiExample("A goal", examples.GOAL_INPUT, request_only=True),
            OpenApiExample(
                "Set",
                examples.GOAL | {"feedback": [], "is_overdue": False, "revision": 1},
                response_only=True,
                status_codes=["201"],
            ),
        ],
    )
    def create(self, request: Request) -> Response:
        given = GoalInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        at = clock.now()
        goal = create_goal(**given.validated_data, by=signed_in(request), at=at)
        location = reverse("goal", args=[goal.pk])
        return Response(_body(goal.pk, at), status=status.HTTP_201_CREATED, headers={"Location": location})

    @extend_schema(
        operation_id="goals_read",
        tags=TAGS,
        summary="One of your goals, with what your mentor wrote about it",
        responses=GoalSerializer,
        examples=[OpenApiExample("A goal", examples.GOAL, response_only=True)],
    )
    def retrieve(self, request: Request, goal_id: UUID) -> Response:
        return Response(_body(goal_id, clock.now()))

    @extend_schema(
        operation_id="goals_change",
        tags=TAGS,
        summary="Change an open goal",
        description="Moving the due date of an overdue goal takes its item off your mentor's queue.",
        request=GoalChangeSerializer,
        responses=GoalSerializer,
        examples=[
            OpenApiExample("Two weeks more", {"due_date": "2026-02-16"}, request_only=True),
            OpenApiExample("Moved", examples.MOVED, response_only=True),
        ],
    )
    def partial_update(self, request: Request, goal_id: UUID) -> Response:
        at = clock.now()
        require_match(request, _body(goal_id, at))
        given = GoalChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        change_goal(goal_id=goal_id, **given.validated_data, by=signed_in(request), at=at)
        body = _body(goal_id, at)
        return Response(body, headers={"ETag": etag_of(body)})

    @extend_schema(
        operation_id="goals_complete",
        tags=TAGS,
        summary="Say that you reached it",
        request=None,
        responses=GoalSerializer,
        examples=[OpenApiExample("Reached", examples.COMPLETED, response_only=True)],
    )
    def complete(self, request: Request, goal_id: UUID) -> Response:
        return self._close(goal_id, complete_goal)

    @extend_schema(
        operation_id="goals_abandon",
        tags=TAGS,
        summary="Give it up",
        request=None,
        responses=GoalSerializer,
        examples=[OpenApiExample("Given up", examples.ABANDONED, response_only=True)],
    )
    def abandon(self, request: Request, goal_id: UUID) -> Response:
        return self._close(goal_id, abandon_goal)

    def _close(self, goal_id: UUID, act: Callable[..., Goal]) -> Response:
        at = clock.now()
        act(goal_id=goal_id, by=signed_in(self.request), at=at)
        return Response(_body(goal_id, at))


class MentorGoalViewSet(IdempotentCreates, EntityTags, viewsets.GenericViewSet[Goal]):
    acts_as = Role.MENTOR
    queryset = Goal.objects.none()
    serializer_class = MentorGoalSerializer

    @extend_schema(
        operation_id="mentor_goals_read",
        tags=["mentor: goals"],
        summary="A mentee's goal",
        responses=MentorGoalSerializer,
        examples=[OpenApiExample("A goal", examples.MENTOR_GOAL, response_only=True)],
    )
    def retrieve(self, request: Request, goal_id: UUID) -> Response:
        return Response(represent(MentorGoalSerializer, get_goal(goal_id), at=clock.now()))

    @extend_schema(
        operation_id="mentor_goals_answer",
        tags=["mentor: goals"],
        summary="Write to your mentee about a goal",
        description="She reads it at once. It finishes the goal's `goal_feedback` item, if one is open.",
        request=AnswerInputSerializer,
        responses={201: MentorGoalSerializer},
        examples=[
            OpenApiExample("Two weeks more", examples.ANSWER, request_only=True),
            OpenApiExample("Answered", examples.MENTOR_GOAL, response_only=True, status_codes=["201"]),
        ],
    )
    def answer(self, request: Request, goal_id: UUID) -> Response:
        given = AnswerInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        at = clock.now()
        answer_goal(goal_id=goal_id, **given.validated_data, by=signed_in(request), at=at)
        body = represent(MentorGoalSerializer, get_goal(goal_id), at=at)
        return Response(body, status=status.HTTP_201_CREATED)


def _body(goal_id: UUID, at: datetime) -> dict[str, Any]:
    return represent(GoalSerializer, get_goal(goal_id), at=at)


urlpatterns = [
    path("coaching/goals", GoalViewSet.as_view({"get": "list", "post": "create"}), name="goals"),
    path(
        "coaching/goals/<uuid:goal_id>",
        GoalViewSet.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="goal",
    ),
    path("coaching/goals/<uuid:goal_id>/complete", GoalViewSet.as_view({"post": "complete"}), name="goal-complete"),
    path("coaching/goals/<uuid:goal_id>/abandon", GoalViewSet.as_view({"post": "abandon"}), name="goal-abandon"),
    path("mentor/goals/<uuid:goal_id>", MentorGoalViewSet.as_view({"get": "retrieve"}), name="mentor-goal"),
    path(
        "mentor/goals/<uuid:goal_id>/feedback",
        MentorGoalViewSet.as_view({"post": "answer"}),
        name="mentor-goal-feedback",
    ),
]
