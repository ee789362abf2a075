"""Times at which a pair can meet, as mentor and student ask for them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import path
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import clock
from core.api.instants import InstantField
from core.clock import rfc3339
from core.errors import NotVisible
from core.tenancy.identity import Role
from mentorship_coordination.actions.session_time import LONGEST_MINUTES, SHORTEST_MINUTES
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.selectors.mentees import find_asked_assignment
from mentorship_coordination.selectors.sessions import Span
from mentorship_coordination.selectors.slots import get_pair_of_mentor, list_slots_of_pair
from mentorship_coordination.slots.finder import DEFAULT_MINUTES, Refusal, Slots
from mentorship_coordination.slots.words import WORDS
from users.models import User
from users.people import signed_in

SPAN_DAYS: Final = 14
LONGEST_SPAN: Final = timedelta(days=62)


class SlotQuerySerializer(serializers.Serializer[Any]):
    """`from` is a word of Python: the fields are declared by their names in the address."""

    vars()["from"] = InstantField(required=False, help_text="First start, with an offset; now when left out.")
    to = InstantField(required=False, help_text="Starts before; 14 days after `from` when left out, at most 62.")
    duration = serializers.IntegerField(
        default=DEFAULT_MINUTES, min_value=SHORTEST_MINUTES, max_value=LONGEST_MINUTES, help_text="Minutes."
    )
    order = serializers.ChoiceField(
        choices=("time", "fairness"), default="time", help_text="`fairness`: the best local hours for both first."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        unknown = set(self.initial_data) - set(self.fields)
        if unknown:
            raise serializers.ValidationError({name: ["There is no such filter."] for name in sorted(unknown)})
        at: datetime = self.context["at"]
        first = attrs.setdefault("from", at)
        last = attrs.setdefault("to", first + timedelta(days=SPAN_DAYS))
        if last <= first:
            raise serializers.ValidationError({"to": ["This is not after `from`."]})
        if last - first > LONGEST_SPAN:
            raise serializers.ValidationError({"to": [f"Ask for at most {LONGEST_SPAN.days} days at once."]})
        if not at - LONGEST_SPAN <= first <= at + timedelta(days=366):
            raise serializers.ValidationError({"from": ["Ask for times near today."]})
        return attrs


class MentorSlotQuerySerializer(SlotQuerySerializer):
    mentee = serializers.UUIDField(help_text="One of your mentees.")


class SlotSerializer(serializers.Serializer[Any]):
    start_time = serializers.DateTimeField()
    end_time = serializers.DateTimeField()
    mentor_time = serializers.CharField(help_text="The start on the mentor's wall clock, with its offset.")
    mentee_time = serializers.CharField(help_text="The start on the student's wall clock, with its offset.")
    rank = serializers.IntegerField(help_text="1 is the fairest local hour for both.")
    off_hours_minutes = serializers.IntegerField(
        help_text="Minutes outside 09:00 to 18:00 local time, of the person who has more of them."
    )


class RefusedDaySerializer(serializers.Serializer[Any]):
    date = serializers.DateField(help_text="In your zone.")
    reason = serializers.ChoiceField(choices=[reason.value for reason in Refusal])
    explanation = serializers.CharField(help_text="A sentence, for people.")


class FreeTimesSerializer(serializers.Serializer[Any]):
    duration_minutes = serializers.IntegerField()
    mentor_timezone = serializers.CharField()
    mentee_timezone = serializers.CharField()
    slots = SlotSerializer(many=True, help_text="Each can be booked at once; quarter hours.")
    refused_days = RefusedDaySerializer(many=True, help_text="Days of the asked span without a slot.")


EXAMPLE: Final = {
    "duration_minutes": 45,
    "mentor_timezone": "Europe/Oslo",
    "mentee_timezone": "Africa/Nairobi",
    "slots": [
        {
            "start_time": "2026-03-02T12:00:00Z",
            "end_time": "2026-03-02T12:45:00Z",
            "mentor_time": "2026-03-02T13:00:00+01:00",
            "mentee_time": "2026-03-02T15:00:00+03:00",
            "rank": 1,
            "off_hours_minutes": 0,
        }
    ],
    "refused_days": [
        {"date": "2026-03-03", "reason": "busy", "explanation": WORDS[Refusal.BUSY]},
        {"date": "2026-03-07", "reason": "mentor_has_no_hours", "explanation": WORDS[Refusal.MENTOR_CLOSED]},
    ],
}
DESCRIPTION: Final = (
    "Both people's weekly hours in their own zones, dates that differ, absences, holidays of the program, sessions of "
    "either and the mentor's sessions a week are taken into account. A day without a slot says why."
)


class MentorSlotsView(APIView):
    acts_as = Role.MENTOR

    @extend_schema(
        operation_id="mentor_slots",
        tags=["mentor: sessions"],
        summary="Times at which you can meet a mentee",
        description=DESCRIPTION,
        parameters=[MentorSlotQuerySerializer],
        responses=FreeTimesSerializer,
        examples=[OpenApiExample("One time in two days", EXAMPLE, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        at, mentor = clock.now(), signed_in(request)
        asked = MentorSlotQuerySerializer(data=request.query_params.dict(), context={"at": at})
        asked.is_valid(raise_exception=True)
        pair = get_pair_of_mentor(mentor.pk, asked.validated_data["mentee"])
        return Response(slots_document(pair, asked.validated_data, at=at, viewer=mentor, notice=timedelta()))


class StudentSlotsView(APIView):
    acts_as = Role.STUDENT
    may_be_absent = True

    @extend_schema(
        operation_id="student_slots",
        tags=["student: sessions"],
        summary="Times at which your mentor can meet you",
        description=f"{DESCRIPTION} 404 while you have no mentor.",
        parameters=[SlotQuerySerializer],
        responses=FreeTimesSerializer,
        examples=[OpenApiExample("One time in two days", EXAMPLE, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        at, student = clock.now(), signed_in(request)
        asked = SlotQuerySerializer(data=request.query_params.dict(), context={"at": at})
        asked.is_valid(raise_exception=True)
        pair = find_asked_assignment(student.pk)
        if pair is None:
            raise NotVisible
        notice = timedelta(minutes=settings.SESSION_NOTICE_MINUTES)
        return Response(slots_document(pair, asked.validated_data, at=at, viewer=student, notice=notice))


def slots_document(
    pair: MenteeMentorAssignment, asked: dict[str, Any], *, at: datetime, viewer: User, notice: timedelta
) -> dict[str, Any]:
    """The answer in the shape of `FreeTimesSerializer`. Written by hand: there may be two thousand slots."""
    between = Span(asked["from"].astimezone(UTC), asked["to"].astimezone(UTC))
    found = list_slots_of_pair(pair, between=between, minutes=asked["duration"], at=at, viewer=viewer, notice=notice)
    return {
        "duration_minutes": asked["duration"],
        "mentor_timezone": pair.mentor.timezone,
        "mentee_timezone": pair.mentee.timezone,
        "slots": _slot_rows(found, asked["order"], ZoneInfo(pair.mentor.timezone), ZoneInfo(pair.mentee.timezone)),
        "refused_days": [
            {"date": day.day.isoformat(), "reason": day.reason.value, "explanation": WORDS[day.reason]}
            for day in found.refused_days
        ],
    }


def _slot_rows(found: Slots, order: str, mentor: ZoneInfo, mentee: ZoneInfo) -> list[dict[str, Any]]:
    slots = sorted(found.slots, key=lambda slot: slot.rank) if order == "fairness" else found.slots
    return [
        {
            "start_time": rfc3339(slot.starts_at),
            "end_time": rfc3339(slot.ends_at),
            "mentor_time": slot.starts_at.astimezone(mentor).isoformat(),
            "mentee_time": slot.starts_at.astimezone(mentee).isoformat(),
            "rank": slot.rank,
            "off_hours_minutes": slot.off_hours,
        }
        for slot in slots
    ]


urlpatterns = [
    path("mentor/slots", MentorSlotsView.as_view(), name="mentor-slots"),
    path("student/slots", StudentSlotsView.as_view(), name="student-slots"),
]
