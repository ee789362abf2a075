"""What a director sees of her cohorts in figures, and of the mentors in them."""

from __future__ import annotations

from typing import Any, Final

from django.urls import path
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock
from core.api.etags import EntityTags
from core.api.filters import PAGING
from core.api.representation import represent, represent_each
from core.api.sorted_pages import SORT, SortedPages
from core.tenancy.identity import Role
from mentorship_coordination.selectors.director_figures import (
    DirectorFigures,
    WorkFigures,
    get_director_figures,
)
from mentorship_coordination.selectors.flags import list_directed_cohorts
from mentorship_coordination.selectors.mentor_loads import MentorLoad, list_mentor_loads
from mentorship_coordination.selectors.overview import Unmatched
from users.people import signed_in

TAGS: Final = ["director: overview"]
LOAD: Final[dict[str, Any]] = {
    "id": "019b8f41-6c55-7e9b-b1f0-92d3b8c4e7a5",
    "name": "Tomas Berg",
    "mentees": 21,
    "max_mentees": 20,
    "sessions_this_week": 8,
    "weekly_limit": 10,
    "open_items": 14,
    "late_items": 3,
    "about_to_breach": 4,
    "is_overloaded": True,
}
OVERVIEW: Final[dict[str, Any]] = {
    "cohorts": 2,
    "unassigned_students": 1,
    "unassigned": [
        {
            "name": "Mina Okafor",
            "cohort": "Digital forensics, spring",
            "since": "2026-02-23T08:00:00Z",
            "blocked": {"language": 230, "hours": 150, "full": 32},
        }
    ],
    "work": {"open": 61, "unassigned": 4, "overdue": 9, "about_to_breach": 12, "paused": 2},
    "overloaded_mentors": [LOAD],
    "open_flags": {"critical": 1, "high": 3, "medium": 5, "low": 0},
}
SORTS: Final = (
    "-late_items", "about_to_breach", "open_items", "mentees", "sessions", "name"
)  # fmt: skip


class MentorLoadSerializer(serializers.Serializer[MentorLoad]):
    """Three limits, never compared with each other; counted over all cohorts."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    mentees = serializers.IntegerField(help_text="Pending, active and paused pairs.")
    max_mentees = serializers.IntegerField()
    sessions_this_week = serializers.IntegerField(source="sessions", help_text="In the week of the mentor's zone.")
    weekly_limit = serializers.IntegerField()
    open_items = serializers.IntegerField()
    late_items = serializers.IntegerField()
    about_to_breach = serializers.IntegerField(help_text="Past 75 % of their time, not late yet.")
    is_overloaded = serializers.BooleanField(help_text="More mentees or more sessions than the limit.")


class UnassignedSerializer(serializers.Serializer[Unmatched]):
    name = serializers.CharField()
    cohort = serializers.CharField()
    since = serializers.DateTimeField()
    blocked = serializers.DictField(
        child=serializers.IntegerField(), help_text="Mentors per rule that kept them out, by the last matching."
    )


class WorkFiguresSerializer(serializers.Serializer[WorkFigures]):
    open = serializers.IntegerField()
    unassigned = serializers.IntegerField(help_text="In the pool: no mentor has them.")
    overdue = serializers.IntegerField()
    about_to_breach = serializers.IntegerField(help_text="Past 75 % of their time, not late yet.")
    paused = serializers.IntegerField()


class OpenFlagsSerializer(serializers.Serializer[Any]):
    critical = serializers.IntegerField()
    high = serializers.IntegerField()
    medium = serializers.IntegerField()
    low = serializers.IntegerField()


class DirectorOverviewSerializer(serializers.Serializer[DirectorFigures]):
    cohorts = serializers.IntegerField()
    unassigned_students = serializers.IntegerField(source="unmatched_count")
    unassigned = UnassignedSerializer(source="unmatched", many=True, help_text="The 50 who wait longest.")
    work = WorkFiguresSerializer()
    overloaded_mentors = MentorLoadSerializer(source="overloaded", many=True)
    open_flags = serializers.SerializerMethodField()

    @extend_schema_field(OpenFlagsSerializer)
    def get_open_flags(self, figures: DirectorFigures) -> dict[str, int]:
        return figures.flags


class OverviewViewSet(EntityTags, viewsets.ViewSet):
    acts_as = Role.DIRECTOR

    @extend_schema(
        operation_id="director_overview_read",
        tags=TAGS,
        summary="Your cohorts in figures",
        responses=DirectorOverviewSerializer,
        examples=[OpenApiExample("Two cohorts", OVERVIEW, response_only=True)],
    )
    def retrieve(self, request: Request) -> Response:
        figures = get_director_figures(list_directed_cohorts(signed_in(request).pk), clock.now())
        return Response(represent(DirectorOverviewSerializer, figures))


class MentorLoadViewSet(EntityTags, viewsets.GenericViewSet[Any]):
    acts_as = Role.DIRECTOR
    serializer_class = MentorLoadSerializer
    pagination_class = SortedPages
    sorts = SORTS

    @extend_schema(
        operation_id="director_mentors_list",
        tags=TAGS,
        summary="The mentors of your cohorts, and how full they are",
        parameters=[
            OpenApiParameter(
                SORT,
                str,
                enum=sorted({f"{minus}{name.removeprefix('-')}" for name in SORTS for minus in ("", "-")}),
                description="With a minus: the highest first. Without: most late items first.",
            )
        ],
        responses=MentorLoadSerializer(many=True),
        examples=[OpenApiExample("Over her limit", LOAD, response_only=True)],
    )
    def list(self, request: Request) -> Response:
        unknown = set(request.query_params) - PAGING - {SORT}
        if unknown:
            raise ValidationError({name: ["There is no such filter."] for name in sorted(unknown)})
        page: Any = self.paginate_queryset(list_mentor_loads(clock.now())) or []
        return self.get_paginated_response(represent_each(MentorLoadSerializer, page))


urlpatterns = [
    path("director/overview", OverviewViewSet.as_view({"get": "retrieve"}), name="director-overview"),
    path("director/mentors", MentorLoadViewSet.as_view({"get": "list"}), name="director-mentors"),
]
