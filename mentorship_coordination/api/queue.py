from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock
from core.api.etags import EntityTags
from core.api.filters import StrictFilterBackend, StrictFilterSet
from core.api.keyset import KeptFirstPage, RowKeysetPagination
from core.api.representation import represent
from core.enums import Rank
from core.tenancy.identity import Role
from mentorship_coordination.actions.clocks import pause_work_item, resume_work_item
from mentorship_coordination.actions.queue import (
    claim_work_item,
    complete_work_item,
    release_work_item,
    snooze_work_item,
)
from mentorship_coordination.api import queue_examples as examples
from mentorship_coordination.api.queue_serializers import (
    PRIORITIES,
    STATUSES,
    CompleteInputSerializer,
    PauseInputSerializer,
    ResumeInputSerializer,
    SlaSerializer,
    SnoozeInputSerializer,
    WorkItemSerializer,
)
from mentorship_coordination.enums import OPEN_STATUSES, PauseReason, WorkStatus, WorkType
from mentorship_coordination.models.queue import QUEUE_ORDER, MentorWorkQueue, WorkQueueQuerySet
from mentorship_coordination.selectors.queue import (
    explain_sla,
    fetch_open_items,
    get_item_of_mentor,
    list_items_of_mentor,
    with_status,
)
from users.people import signed_in

RANKS = {label: rank for rank, label in Rank.choices}
FINISHED_FIRST = ("-completed_at", "-id")
TAGS = ["mentor: work queue"]


class WorkItemFilters(StrictFilterSet):
    status = django_filters.ChoiceFilter(
        choices=[(status, status) for status in STATUSES],
        method="with_status",
        help_text="As reported: an open item past its due time is `overdue` and neither pending nor in progress.",
    )
    priority = django_filters.ChoiceFilter(choices=[(label, label) for label in PRIORITIES], method="with_priority")
    type = django_filters.ChoiceFilter(choices=WorkType.choices)
    mentee = django_filters.UUIDFilter(field_name="mentee_id")

    def with_status(self, items: WorkQueueQuerySet, name: str, value: str) -> WorkQueueQuerySet:
        return with_status(items, value, self.request.parser_context["view"].at)

    def with_priority(self, items: WorkQueueQuerySet, name: str, value: str) -> WorkQueueQuerySet:
        return items.filter(rank=RANKS[value])


class QueuePages(RowKeysetPagination):
    """Open work in its order; finished work newest first."""

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: Any) -> tuple[str, ...]:
        status = request.query_params.get("status")
        return FINISHED_FIRST if status in (WorkStatus.COMPLETED, WorkStatus.CANCELLED) else QUEUE_ORDER


class WorkItemLists(EntityTags, viewsets.GenericViewSet[MentorWorkQueue]):
    """What lists of work share. One reading of the clock: status and remaining time are of the same instant."""

    pagination_class = QueuePages
    filter_backends = (StrictFilterBackend,)
    #: Left out of the entity tag: it falls by one each second, and follows from `due_at`.
    ticking = frozenset({"sla_remaining"})
    #: For the schema; requests take `get_queryset`.
    queryset = MentorWorkQueue.objects.none()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.at: datetime = clock.now()
        super().initial(request, *args, **kwargs)


class WorkQueueViewSet(KeptFirstPage, WorkItemLists):
    """The mentor's queue."""

    acts_as = Role.MENTOR
    serializer_class = WorkItemSerializer
    filterset_class = WorkItemFilters

    def get_queryset(self) -> WorkQueueQuerySet:
        items = list_items_of_mentor(signed_in(self.request).pk)
        return items if self.request.query_params.get("status") else items.filter(status__in=OPEN_STATUSES)

    def fetch_first(self, most: int) -> Sequence[MentorWorkQueue]:
        return fetch_open_items(signed_in(self.request).pk, most=most)

    def shown_with(self) -> dict[str, Any]:
        return {"at": self.at}

    @extend_schema(
        operation_id="mentor_workqueue_list",
        tags=TAGS,
        summary="Your work, most urgent first",
        description=(
            "Everything open, unless `status` says otherwise. Order: paused items last, then priority, then due time. "
            "Finished items (`status=completed`, `status=cancelled`) come newest first."
        ),
        responses=WorkItemSerializer(many=True),
        examples=[OpenApiExample("An item", examples.ITEM, response_only=True)],
    )
    def list(self, request: Request) -> Response:
        return super().list(request)

    @extend_schema(
        operation_id="mentor_workqueue_read",
        tags=TAGS,
        summary="One item of your work",
        responses=WorkItemSerializer,
        examples=[OpenApiExample("An item", examples.ITEM, response_only=True)],
    )
    def retrieve(self, request: Request, item_id: UUID) -> Response:
        item = get_item_of_mentor(item_id, signed_in(request).pk)
        return Response(represent(WorkItemSerializer, item, at=self.at))

    @extend_schema(
        operation_id="mentor_workqueue_claim",
        tags=TAGS,
        summary="Take an item for 30 minutes",
        description="Again extends it. Finished, or taken by somebody else: 409.",
        request=None,
        responses=WorkItemSerializer,
        examples=[OpenApiExample("Taken", examples.CLAIMED, response_only=True)],
    )
    def claim(self, request: Request, item_id: UUID) -> Response:
        item = claim_work_item(item_id=item_id, by=signed_in(request), at=self.at)
        return Response(represent(WorkItemSerializer, item, at=self.at))

    @extend_schema(
        operation_id="mentor_workqueue_release",
        tags=TAGS,
        summary="Give a taken item back",
        description="It keeps its place in the queue. Not taken by you, or finished: 409.",
        request=None,
        responses=WorkItemSerializer,
        examples=[OpenApiExample("Given back", examples.RELEASED, response_only=True)],
    )
    def release(self, request: Request, item_id: UUID) -> Response:
        item = release_work_item(item_id=item_id, by=signed_in(request), at=self.at)
        return Response(represent(WorkItemSerializer, item, at=self.at))

    @extend_schema(
        operation_id="mentor_workqueue_complete",
        tags=TAGS,
        summary="Finish an item",
        description="Late items too. Types with an action of their own answer 422: a mission ends by its review.",
        request=CompleteInputSerializer,
        responses=WorkItemSerializer,
        examples=[
            OpenApiExample("Done", {"outcome": "done"}, request_only=True),
            OpenApiExample("Finished", examples.COMPLETED, response_only=True),
        ],
    )
    def complete(self, request: Request, item_id: UUID) -> Response:
        given = CompleteInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        item = complete_work_item(
            item_id=item_id, outcome=given.validated_data["outcome"], by=signed_in(request), at=self.at
        )
        return Response(represent(WorkItemSerializer, item, at=self.at))

    @extend_schema(
        operation_id="mentor_workqueue_snooze",
        tags=TAGS,
        summary="Put an item out of sight until later",
        description="The clock runs on. The list still has the item, with `snoozed_until`.",
        request=SnoozeInputSerializer,
        responses=WorkItemSerializer,
        examples=[
            OpenApiExample("Until the afternoon", {"until": "2026-03-03T15:00:00Z"}, request_only=True),
            OpenApiExample("Snoozed", examples.SNOOZED, response_only=True),
        ],
    )
    def snooze(self, request: Request, item_id: UUID) -> Response:
        given = SnoozeInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        item = snooze_work_item(item_id=item_id, until=given.validated_data["until"], by=signed_in(request), at=self.at)
        return Response(represent(WorkItemSerializer, item, at=self.at))

    @extend_schema(
        operation_id="mentor_workqueue_pause",
        tags=TAGS,
        summary="Stop an item's clock while you wait",
        description=(
            "For one reason at a time; pauses of both reasons may overlap, and the clock runs only when none is open. "
            "Paused items come last. Overdue, finished, or paused for this reason already: 409."
        ),
        request=PauseInputSerializer,
        responses=WorkItemSerializer,
        examples=[
            OpenApiExample(
                "A question is open",
                {"reason": "waiting_on_student", "note": "Asked which host the log is from."},
                request_only=True,
            ),
            OpenApiExample("Paused", examples.PAUSED, response_only=True),
        ],
    )
    def pause(self, request: Request, item_id: UUID) -> Response:
        given = PauseInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        reason, note = PauseReason(given.validated_data["reason"]), given.validated_data["note"]
        item = pause_work_item(item_id=item_id, reason=reason, note=note, by=signed_in(request), at=self.at)
        return Response(represent(WorkItemSerializer, item, at=self.at))

    @extend_schema(
        operation_id="mentor_workqueue_resume",
        tags=TAGS,
        summary="End a pause",
        description=(
            "The clock runs on when no other pause is open, with what was left of the budget. "
            "Finished, or not paused for this reason: 409."
        ),
        request=ResumeInputSerializer,
        responses=WorkItemSerializer,
        examples=[
            OpenApiExample("The student has answered", {"reason": "waiting_on_student"}, request_only=True),
            OpenApiExample("Running again", examples.RESUMED, response_only=True),
        ],
    )
    def resume(self, request: Request, item_id: UUID) -> Response:
        given = ResumeInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        reason = PauseReason(given.validated_data["reason"])
        item = resume_work_item(item_id=item_id, reason=reason, by=signed_in(request), at=self.at)
        return Response(represent(WorkItemSerializer, item, at=self.at))

    @extend_schema(
        operation_id="mentor_workqueue_sla",
        tags=TAGS,
        summary="How an item's due time comes about",
        description="Budget, calendar, every span that counts or is skipped, and their sum.",
        responses=SlaSerializer,
        examples=[OpenApiExample("Friday afternoon to Monday morning", examples.SLA, response_only=True)],
    )
    def sla(self, request: Request, item_id: UUID) -> Response:
        item = get_item_of_mentor(item_id, signed_in(request).pk)
        return Response(represent(SlaSerializer, explain_sla(item, self.at)))


ITEM = "mentor/workqueue/<uuid:item_id>"
urlpatterns = [
    path("mentor/workqueue", WorkQueueViewSet.as_view({"get": "list"}), name="mentor-workqueue"),
    path(ITEM, WorkQueueViewSet.as_view({"get": "retrieve"}), name="mentor-work-item"),
    path(f"{ITEM}/claim", WorkQueueViewSet.as_view({"post": "claim"}), name="mentor-work-item-claim"),
    path(f"{ITEM}/release", WorkQueueViewSet.as_view({"post": "release"}), name="mentor-work-item-release"),
    path(f"{ITEM}/complete", WorkQueueViewSet.as_view({"post": "complete"}), name="mentor-work-item-complete"),
    path(f"{ITEM}/snooze", WorkQueueViewSet.as_view({"post": "snooze"}), name="mentor-work-item-snooze"),
    path(f"{ITEM}/pause", WorkQueueViewSet.as_view({"post": "pause"}), name="mentor-work-item-pause"),
    path(f"{ITEM}/resume", WorkQueueViewSet.as_view({"post": "resume"}), name="mentor-work-item-resume"),
    path(f"{ITEM}/sla", WorkQueueViewSet.as_view({"get": "sla"}), name="mentor-work-item-sla"),
]
