"""What will be late in a director's cohorts, and what could be moved."""

from __future__ import annotations

from typing import Any, Final

from django.urls import path
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock
from core.api.representation import represent
from core.tenancy.identity import Role
from mentorship_coordination.enums import WorkType
from mentorship_coordination.selectors.forecast import (
    ForeseenItem,
    MentorForecast,
    ProposedMove,
    get_forecast,
    read_outlooks,
)
from mentorship_coordination.selectors.transfers import ProposedTransfer, list_transfers
from users.people import signed_in

ITEM_ID: Final = "0199f3a2-5c1e-7b44-9d0e-3f1b6a7c8d90"
FORECAST: Final[dict[str, Any]] = {
    "summary": "One item will be late by Friday 6 March; moving 1 to one mentor avoids 1.",
    "from": "2026-03-02T09:00:00Z",
    "to": "2026-03-09T09:00:00Z",
    "late": [
        {
            "id": ITEM_ID,
            "type": "mission_review",
            "title": "Review: Triage a suspicious host",
            "mentee_name": "Mina Okafor",
            "mentor": "019b8f41-6c55-7e9b-b1f0-92d3b8c4e7a5",
            "due_at": "2026-03-06T09:00:00Z",
        }
    ],
    "unassigned": 0,
    "mentors": [
        {
            "id": "019b8f41-6c55-7e9b-b1f0-92d3b8c4e7a5",
            "name": "Tomas Berg",
            "open_items": 14,
            "late": 1,
            "handling_seconds": 32400,
            "each_seconds": 5400,
            "free_places": 0,
        }
    ],
    "moves": [
        {
            "mentee_name": "Mina Okafor",
            "from_mentor": "019b8f41-6c55-7e9b-b1f0-92d3b8c4e7a5",
            "from_mentor_name": "Tomas Berg",
            "to_mentor": "019b8f41-7d66-7f0c-82a1-a3e4c9d5f8b6",
            "to_mentor_name": "Olga Brandt",
            "items": [ITEM_ID],
            "avoids": 1,
        }
    ],
    "avoided": 1,
    "transfers": [],
}


class ForeseenItemSerializer(serializers.Serializer[ForeseenItem]):
    id = serializers.UUIDField(source="item_id")
    type = serializers.ChoiceField(choices=WorkType.choices)
    title = serializers.CharField()
    mentee_name = serializers.CharField(source="mentee")
    mentor = serializers.UUIDField(source="mentor_id")
    due_at = serializers.DateTimeField()


class MentorForecastSerializer(serializers.Serializer[MentorForecast]):
    """Counted over all cohorts."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    open_items = serializers.IntegerField(help_text="Those whose clock runs.")
    late = serializers.IntegerField(help_text="Due within seven days and not finished by then.")
    handling_seconds = serializers.IntegerField(
        allow_null=True,
        help_text="Time of her own hours from the opening of an item to its end, as a median of 28 days.",
    )
    each_seconds = serializers.IntegerField(
        allow_null=True,
        help_text="Time of her own hours per item when many wait, as on the busiest quarter of her days.",
    )
    free_places = serializers.IntegerField(source="places", help_text="Students she could take besides.")


class ProposedMoveSerializer(serializers.Serializer[ProposedMove]):
    """One student's open work. `POST director/workqueue/moves` with `items` and `to_mentor` makes it."""

    mentee_name = serializers.CharField(source="mentee")
    from_mentor = serializers.UUIDField(source="from_id")
    from_mentor_name = serializers.CharField(source="from_name")
    to_mentor = serializers.UUIDField(source="to_id")
    to_mentor_name = serializers.CharField(source="to_name")
    items = serializers.ListField(child=serializers.UUIDField(), source="item_ids")
    avoids = serializers.IntegerField(help_text="Items fewer that will be late, the moves before made.")


class ProposedTransferSerializer(serializers.Serializer[ProposedTransfer]):
    """A pair of a mentor with too many mentees. `POST director/assignments/{id}/transfer` makes it."""

    assignment = serializers.UUIDField(source="assignment_id")
    mentee_name = serializers.CharField(source="mentee")
    from_mentor = serializers.UUIDField(source="from_id")
    from_mentor_name = serializers.CharField(source="from_name")
    to_mentor = serializers.UUIDField(source="to_id")
    to_mentor_name = serializers.CharField(source="to_name")


class ForecastSerializer(serializers.Serializer[Any]):
    """`from` is a word of Python: the field is declared by its name."""

    summary = serializers.CharField(help_text="The whole in a sentence, dates in your zone.")
    vars()["from"] = serializers.DateTimeField(source="at")
    to = serializers.DateTimeField(source="until")
    late = ForeseenItemSerializer(many=True, help_text="Of your cohorts; what is late already is not here.")
    unassigned = serializers.IntegerField(help_text="Items due by then that nobody has.")
    mentors = MentorForecastSerializer(many=True, help_text="With something that will be late, the most first.")
    moves = ProposedMoveSerializer(many=True, help_text="At most 50, each counted with those before it made.")
    avoided = serializers.IntegerField(help_text="By all the moves together.")
    transfers = ProposedTransferSerializer(many=True, help_text="For mentors with more mentees than their limit.")


class ForecastViewSet(viewsets.ViewSet):
    acts_as = Role.DIRECTOR

    @extend_schema(
        operation_id="director_forecast_read",
        tags=["director: overview"],
        summary="What will be late in the next seven days, and what could move",
        description=(
            "Every mentor works her open items off in their order, in her hours less sessions and absences. An item is "
            "done when she has turned to it as in her last 28 days, and when what comes before it is done. Work that "
            "is not open yet is not in it."
        ),
        responses=ForecastSerializer,
        examples=[OpenApiExample("One late item", FORECAST, response_only=True)],
    )
    def retrieve(self, request: Request) -> Response:
        at, person = clock.now(), signed_in(request)
        outlooks = read_outlooks(at)
        forecast = get_forecast(outlooks)
        shown = {
            "summary": forecast.in_words(person.timezone),
            "at": forecast.at,
            "until": forecast.until,
            "late": forecast.late,
            "unassigned": forecast.unassigned,
            "mentors": forecast.mentors,
            "moves": forecast.moves,
            "avoided": forecast.avoided,
            "transfers": list_transfers(outlooks),
        }
        return Response(represent(ForecastSerializer, shown))


urlpatterns = [path("director/forecast", ForecastViewSet.as_view({"get": "retrieve"}), name="director-forecast")]
