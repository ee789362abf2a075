"""A mentor's mentees, the cockpit of one, and the mentor as her student sees her."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock
from core.api.etags import EntityTags
from core.api.keyset import KeptFirstPage, RowKeysetPagination
from core.api.representation import represent
from core.errors import NotVisible
from core.tenancy.identity import Role
from mentorship_coordination.api import mentee_examples
from mentorship_coordination.api.mentee_serializers import (
    CockpitSerializer,
    MenteeSerializer,
    StudentMentorSerializer,
)
from mentorship_coordination.enums import WorkType
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.selectors.cockpit import Cockpit, get_cockpit
from mentorship_coordination.selectors.mentees import fetch_mentees, find_current_assignment, list_mentees
from users.people import signed_in


class MenteePages(RowKeysetPagination):
    ordering = ("started_at", "id")


@extend_schema_view(
    list=extend_schema(
        operation_id="mentor_mentees_list",
        tags=["mentor"],
        summary="The mentor's current mentees, with what is open for each",
        examples=[OpenApiExample("A mentee", mentee_examples.MENTEES, response_only=True)],
    )
)
class MenteeViewSet(EntityTags, KeptFirstPage, viewsets.GenericViewSet[MenteeMentorAssignment]):
    acts_as = Role.MENTOR
    serializer_class = MenteeSerializer
    pagination_class = MenteePages
    queryset = MenteeMentorAssignment.objects.none()

    def get_queryset(self) -> QuerySet[MenteeMentorAssignment]:
        return list_mentees(signed_in(self.request).pk, clock.now())

    def fetch_first(self, most: int) -> Sequence[MenteeMentorAssignment]:
        return fetch_mentees(signed_in(self.request).pk, clock.now(), order=MenteePages.ordering, most=most)


def cockpit_document(cockpit: Cockpit) -> dict[str, Any]:
    """The cockpit as the API shows it; figures without data are None."""
    pair, dashboard = cockpit.assignment, cockpit.dashboard
    return {
        "profile": {
            "mentee_id": pair.mentee_id,
            "name": pair.mentee.name,
            "timezone": pair.mentee.timezone,
            "languages": pair.mentee.languages,
            "track": pair.cohort.track.name,
            "cohort": pair.cohort.name,
            "mentored_since": pair.started_at,
            "readiness": dashboard.readiness if dashboard else None,
            "trend_7d": dashboard.trend_7d if dashboard else None,
            "risk_score": dashboard.risk_score if dashboard else None,
            "risk_since": dashboard.risk_since if dashboard else None,
            "computed_at": dashboard.computed_at if dashboard else None,
        },
        "quick_actions": quick_actions(cockpit),
        "metrics": {
            "habit_completion": cockpit.practice.get("completion"),
            "habit_streak": cockpit.practice.get("current_streak"),
            "missions_completed": cockpit.missions_completed,
            "missions_total": cockpit.missions_published,
            "mean_score": cockpit.mean_score,
            "sessions_used": cockpit.session_use.used,
            "sessions_reserved": cockpit.session_use.reserved,
            "sessions_limit": cockpit.session_use.max_sessions,
            "attendance": cockpit.attendance,
            "late_cancellations": cockpit.late_cancellations,
            "open_items": len(cockpit.open_items),
        },
        "missions": cockpit.submissions,
        "sessions": cockpit.sessions,
        "flags": cockpit.flags,
        "goals": cockpit.goals,
        "habits": cockpit.habits,
        "readiness": {"parts": cockpit.readiness_parts, "days": cockpit.days},
        "risk": cockpit.risk_reasons,
        "timeline": cockpit.timeline,
    }


def quick_actions(cockpit: Cockpit) -> list[dict[str, str]]:
    """What can be done for this mentee now, most pressing first."""
    reviews = [
        {
            "type": "review",
            "title": item.title,
            "url": f"/api/v1/mentor/missions/{item.reference_id}/review",
        }
        for item in cockpit.open_items
        if item.type == WorkType.MISSION_REVIEW
    ]
    answers = [
        {
            "type": "answer_goal",
            "title": item.title,
            "url": f"/api/v1/mentor/goals/{item.reference_id}/feedback",
        }
        for item in cockpit.open_items
        if item.type == WorkType.GOAL_FEEDBACK
    ]
    booking = (
        []
        if cockpit.session_use.is_exhausted
        else [{"type": "book_session", "title": "Book a session", "url": "/api/v1/mentor/sessions"}]
    )
    return [
        *reviews,
        *answers,
        *booking,
        {"type": "raise_flag", "title": "Raise a flag", "url": "/api/v1/mentor/flags"},
    ]


class CockpitViewSet(EntityTags, viewsets.ViewSet):
    acts_as = Role.MENTOR

    @extend_schema(
        operation_id="mentor_mentee_cockpit",
        tags=["mentor"],
        summary="Everything the mentor sees of one mentee",
        responses=CockpitSerializer,
        examples=[OpenApiExample("A cockpit", mentee_examples.COCKPIT, response_only=True)],
    )
    def retrieve(self, request: Request, mentee_id: UUID) -> Response:
        at = clock.now()
        cockpit = get_cockpit(mentor_id=signed_in(request).pk, mentee_id=mentee_id, at=at)
        return Response(represent(CockpitSerializer, cockpit_document(cockpit), at=at))


class StudentMentorViewSet(EntityTags, viewsets.ViewSet):
    acts_as = Role.STUDENT
    may_be_absent = True

    @extend_schema(
        operation_id="student_mentor",
        tags=["student"],
        summary="The student's mentor; 404 while she waits for one",
        responses=StudentMentorSerializer,
        examples=[OpenApiExample("A mentor", mentee_examples.MENTOR, response_only=True)],
    )
    def retrieve(self, request: Request) -> Response:
        assignment = find_current_assignment(signed_in(request).pk)
        if assignment is None:
            raise NotVisible("You have no mentor yet. The next matching will look for one.", code="no_mentor_yet")
        return Response(represent(StudentMentorSerializer, assignment))


urlpatterns = [
    path("mentor/mentees", MenteeViewSet.as_view({"get": "list"}), name="mentor-mentees"),
    path("mentor/mentees/<uuid:mentee_id>/cockpit", CockpitViewSet.as_view({"get": "retrieve"}), name="mentor-cockpit"),
    path("student/mentor", StudentMentorViewSet.as_view({"get": "retrieve"}), name="student-mentor"),
]
