"""The private address of a person's own calendar."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import clock
from core.tenancy.identity import Role
from users.actions.feed_tokens import make_feed_address, revoke_feed_address
from users.links import calendar_link
from users.selectors import find_feed_since

TAGS: Final = ["Calendar"]
SINCE: Final = {"since": "2026-03-02T09:00:00Z"}
MADE: Final = {"url": "https://academy.example/calendar/wb6vXn0Zk3yR5hYxw9Ztvq.ics"}


class CalendarOutput(serializers.Serializer[Any]):
    since = serializers.DateTimeField(allow_null=True, help_text="When the address was made; null: there is none.")


class NewCalendarOutput(serializers.Serializer[Any]):
    url = serializers.CharField(help_text="The address, in this answer alone. Calendars subscribe to it.")


class CalendarView(APIView):
    acts_as = Role.PERSON

    @extend_schema(
        operation_id="users_me_calendar_read",
        tags=TAGS,
        summary="Whether your calendar has an address",
        responses=CalendarOutput,
        examples=[OpenApiExample("It has", SINCE, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        return Response(CalendarOutput({"since": find_feed_since(person_id=request._request.user.pk)}).data)

    @extend_schema(
        operation_id="users_me_calendar_create",
        tags=TAGS,
        summary="Make the private address of your calendar, or another one",
        description="Whoever knows it reads your sessions. A former address opens nothing from then on.",
        request=None,
        responses={201: NewCalendarOutput},
        examples=[OpenApiExample("Made", MADE, response_only=True)],
    )
    def post(self, request: Request) -> Response:
        secret = make_feed_address(by=request._request.user, at=clock.now())  # type: ignore[arg-type]
        return Response(
            NewCalendarOutput({"url": calendar_link(secret)}).data,
            status=status.HTTP_201_CREATED,
            headers={"Cache-Control": "no-store"},
        )

    @extend_schema(
        operation_id="users_me_calendar_revoke",
        tags=TAGS,
        summary="Take the address back",
        responses={204: None},
    )
    def delete(self, request: Request) -> Response:
        revoke_feed_address(by=request._request.user, at=clock.now())  # type: ignore[arg-type]
        return Response(status=status.HTTP_204_NO_CONTENT)
