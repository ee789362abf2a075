from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import clock
from core.api.etags import EntityTags
from core.api.filters import StrictFilterBackend, StrictFilterSet
from core.api.keyset import RowKeysetPagination
from core.api.representation import represent, represent_each
from core.tenancy.identity import Role
from mentorship_coordination.actions.notifications import mark_all_notifications_read, mark_notification_read
from mentorship_coordination.api.notification_serializers import NotificationSerializer, ReadAllSerializer
from mentorship_coordination.enums import NotificationKind
from mentorship_coordination.models.notifications import Notification
from mentorship_coordination.selectors.notifications import list_notifications
from users.people import signed_in

TAGS = ["notifications"]
EXAMPLE: Final[dict[str, Any]] = {
    "id": "019b9a10-6a02-7c14-9f3b-1d85e07a64c2",
    "kind": "session",
    "title": "Session booked: Reading the timeline together",
    "body": "Monday, 02 March 2026 at 15:00 (Africa/Nairobi)",
    "url": "/student/sessions/019b9a10-5e7f-7b21-8d36-c4a90b17e2f8",
    "created_at": "2026-02-27T09:12:00Z",
    "read_at": None,
    "mail_state": "none",
}


class NotificationFilters(StrictFilterSet):
    kind = django_filters.ChoiceFilter(choices=NotificationKind.choices)
    unread = django_filters.ChoiceFilter(choices=[("true", "true"), ("false", "false")], method="with_unread")

    def with_unread(self, found: QuerySet[Notification], name: str, value: str) -> QuerySet[Notification]:
        return found.filter(read_at__isnull=value == "true")


class NewestFirst(RowKeysetPagination):
    ordering = ("-created_at", "-id")


class NotificationsView(EntityTags, GenericAPIView[Notification]):
    acts_as = Role.PERSON
    queryset = Notification.objects.none()
    serializer_class = NotificationSerializer
    pagination_class = NewestFirst
    filter_backends = (StrictFilterBackend,)
    filterset_class = NotificationFilters

    def get_queryset(self) -> QuerySet[Notification]:
        return list_notifications(signed_in(self.request).pk)

    @extend_schema(
        operation_id="notifications_list",
        tags=TAGS,
        summary="What you were told, newest first",
        responses=NotificationSerializer(many=True),
        examples=[OpenApiExample("A session", EXAMPLE, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(represent_each(NotificationSerializer, page or ()))


class ReadView(APIView):
    acts_as = Role.PERSON

    @extend_schema(
        operation_id="notifications_read",
        tags=TAGS,
        summary="Mark one as read",
        description="Again changes nothing.",
        request=None,
        responses=NotificationSerializer,
        examples=[OpenApiExample("Read", EXAMPLE | {"read_at": "2026-02-27T09:30:00Z"}, response_only=True)],
    )
    def post(self, request: Request, notification_id: UUID) -> Response:
        read = mark_notification_read(notification_id=notification_id, by=signed_in(request), at=clock.now())
        return Response(represent(NotificationSerializer, read))


class ReadAllView(APIView):
    acts_as = Role.PERSON

    @extend_schema(
        operation_id="notifications_read_all",
        tags=TAGS,
        summary="Mark all as read",
        request=None,
        responses=ReadAllSerializer,
        examples=[OpenApiExample("Three", {"read": 3}, response_only=True)],
    )
    def post(self, request: Request) -> Response:
        return Response({"read": mark_all_notifications_read(by=signed_in(request), at=clock.now())})


urlpatterns = [
    path("notifications", NotificationsView.as_view(), name="notifications"),
    path("notifications/read-all", ReadAllView.as_view(), name="notifications-read-all"),
    path("notifications/<uuid:notification_id>/read", ReadView.as_view(), name="notification-read"),
]
