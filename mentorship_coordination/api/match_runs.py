"""A director asks for a matching, looks at the draft and its reasons, adjusts, compares and publishes it."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.urls import path, reverse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock
from core.api.etags import EntityTags
from core.api.filters import StrictFilterBackend, StrictFilterSet
from core.api.idempotency import IdempotentCreates
from core.api.keyset import RowKeysetPagination
from core.api.representation import represent, represent_each
from core.errors import InvalidInput, NotVisible
from core.tenancy.identity import Role
from mentorship_coordination.actions.match_runs import (
    adjust_match_run,
    discard_match_run,
    mark_compared,
    request_match_run,
    request_publication,
)
from mentorship_coordination.api import match_examples as examples
from mentorship_coordination.api.match_serializers import (
    AdjustmentsSerializer,
    CompareInputSerializer,
    ComparisonSerializer,
    MatchFillingSerializer,
    MatchProposalSerializer,
    MatchRunInputSerializer,
    MatchRunSerializer,
    MatchWeightsSerializer,
    WhatIfInputSerializer,
)
from mentorship_coordination.enums import MatchRunKind, MatchRunState, ProposalState
from mentorship_coordination.models.matching import MatchFilling, MatchProposal, MatchRun, MatchWeights
from mentorship_coordination.selectors.flags import list_directed_cohorts
from mentorship_coordination.selectors.match_reading import (
    compare_runs,
    get_match_run,
    list_fillings,
    list_match_runs,
    list_proposals,
    list_unknown_mentors,
)
from users.people import signed_in

TAGS: Final = ["director: matching"]


class MatchRunFilters(StrictFilterSet):
    state = django_filters.ChoiceFilter(choices=MatchRunState.choices)
    kind = django_filters.ChoiceFilter(choices=MatchRunKind.choices)
    cohort = django_filters.UUIDFilter(field_name="cohort_id")


class ProposalFilters(StrictFilterSet):
    state = django_filters.ChoiceFilter(choices=ProposalState.choices)
    cohort = django_filters.UUIDFilter(field_name="cohort_id")
    mentor = django_filters.UUIDFilter(field_name="mentor_id")
    min_score = django_filters.NumberFilter(field_name="score", lookup_expr="gte")
    max_score = django_filters.NumberFilter(field_name="score", lookup_expr="lte")


class NewestFirst(RowKeysetPagination):
    ordering = ("-created_at", "-id")


class InOrder(RowKeysetPagination):
    ordering = ("id",)


class MatchRunViewSet(IdempotentCreates, EntityTags, viewsets.GenericViewSet[MatchRun]):
    acts_as = Role.DIRECTOR
    queryset = MatchRun.objects.none()
    serializer_class = MatchRunSerializer
    pagination_class = NewestFirst
    filter_backends = (StrictFilterBackend,)
    filterset_class = MatchRunFilters

    def get_queryset(self) -> QuerySet[MatchRun]:
        return list_match_runs()

    @extend_schema(
        operation_id="director_match_runs_list",
        tags=TAGS,
        summary="Runs of the matching over your cohorts, newest first",
        responses=MatchRunSerializer(many=True),
        examples=[OpenApiExample("A draft", examples.DRAFT, response_only=True)],
    )
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(represent_each(MatchRunSerializer, page or ()))

    @extend_schema(
        operation_id="director_match_runs_request",
        tags=TAGS,
        summary="Ask for a matching of one cohort, or of all of yours",
        description="It is solved by a job: `state` and `progress` tell how far it is, and so does your stream "
        "(`match_run`). Nobody is paired before the draft is published. One run of a scope is open at a time.",
        request=MatchRunInputSerializer,
        responses={202: MatchRunSerializer},
        examples=[
            OpenApiExample("One cohort, evenly", examples.ASKED, request_only=True),
            OpenApiExample("Asked for", examples.REQUESTED, response_only=True, status_codes=["202"]),
        ],
    )
    def create(self, request: Request) -> Response:
        given = MatchRunInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        _check_cohort(request, asked["cohort"])
        run = request_match_run(
            cohort_id=asked["cohort"],
            kind=MatchRunKind(asked["kind"]),
            policy=asked["policy"],
            by=signed_in(request),
            at=clock.now(),
        )
        return _accepted(request, run.pk)

    @extend_schema(
        operation_id="director_match_runs_read",
        tags=TAGS,
        summary="One run: how far it is, its figures and its proof",
        responses=MatchRunSerializer,
        examples=[OpenApiExample("A draft", examples.DRAFT, response_only=True)],
    )
    def retrieve(self, request: Request, run_id: UUID) -> Response:
        return Response(_shown(run_id))

    @extend_schema(
        operation_id="director_match_runs_publish",
        tags=TAGS,
        summary="Start the proposed pairs",
        description="A job checks every hard rule again under locks; what was lost meanwhile is in the summary.",
        request=None,
        responses={202: MatchRunSerializer},
        examples=[OpenApiExample("Under way", examples.PUBLISHING, response_only=True, status_codes=["202"])],
    )
    def publish(self, request: Request, run_id: UUID) -> Response:
        request_publication(run_id=run_id, by=signed_in(request), at=clock.now())
        return _accepted(request, run_id)

    @extend_schema(
        operation_id="director_match_runs_discard",
        tags=TAGS,
        summary="Put a run aside",
        request=None,
        responses=MatchRunSerializer,
        examples=[OpenApiExample("Put aside", examples.DISCARDED, response_only=True)],
    )
    def discard(self, request: Request, run_id: UUID) -> Response:
        discard_match_run(run_id=run_id, by=signed_in(request), at=clock.now())
        return Response(_shown(run_id))

    @extend_schema(
        operation_id="director_match_runs_adjust",
        tags=TAGS,
        summary="Solve a draft anew with some pairs in it and others out",
        description="Both lists replace the former ones. A wanted pair that breaks a hard rule leaves the draft as it "
        "was, and `failure` says which rule.",
        request=AdjustmentsSerializer,
        responses={202: MatchRunSerializer},
        examples=[
            OpenApiExample("Keep these two", examples.WISHES, request_only=True),
            OpenApiExample("Asked for again", examples.REQUESTED, response_only=True, status_codes=["202"]),
        ],
    )
    def adjust(self, request: Request, run_id: UUID) -> Response:
        given = AdjustmentsSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        adjust_match_run(run_id=run_id, by=signed_in(request), at=clock.now(), **given.validated_data)
        return _accepted(request, run_id)

    @extend_schema(
        operation_id="director_match_runs_compare",
        tags=TAGS,
        summary="What a draft does otherwise than another run",
        request=CompareInputSerializer,
        responses=ComparisonSerializer,
        examples=[
            OpenApiExample("With last week's", {"other": examples.RUN_ID}, request_only=True),
            OpenApiExample("Two changed", examples.COMPARISON, response_only=True),
        ],
    )
    def compare(self, request: Request, run_id: UUID) -> Response:
        given = CompareInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        other = get_match_run(given.validated_data["other"])
        run = mark_compared(run_id=run_id, by=signed_in(request), at=clock.now())
        return Response(represent(ComparisonSerializer, compare_runs(other, run)))


class ProposalViewSet(EntityTags, viewsets.GenericViewSet[MatchProposal]):
    acts_as = Role.DIRECTOR
    queryset = MatchProposal.objects.none()
    serializer_class = MatchProposalSerializer
    pagination_class = InOrder
    filter_backends = (StrictFilterBackend,)
    filterset_class = ProposalFilters

    @extend_schema(
        operation_id="director_match_proposals_list",
        tags=TAGS,
        summary="Whom a run gives to whom, and why",
        description="Of each unmatched student: how many mentors each rule blocked, and the least that would have to "
        "change. Students of your cohorts only.",
        responses=MatchProposalSerializer(many=True),
        examples=[OpenApiExample("Second best", examples.PROPOSAL, response_only=True)],
    )
    def list(self, request: Request, run_id: UUID) -> Response:
        get_match_run(run_id)
        page = self.paginate_queryset(self.filter_queryset(list_proposals(run_id)))
        return self.get_paginated_response(represent_each(MatchProposalSerializer, page or ()))


class FillingViewSet(EntityTags, viewsets.GenericViewSet[MatchFilling]):
    acts_as = Role.DIRECTOR
    queryset = MatchFilling.objects.none()
    serializer_class = MatchFillingSerializer
    pagination_class = InOrder

    @extend_schema(
        operation_id="director_match_mentors_list",
        tags=TAGS,
        summary="How full a run makes each mentor, and why not fuller",
        responses=MatchFillingSerializer(many=True),
        examples=[OpenApiExample("Places left", examples.FILLING, response_only=True)],
    )
    def list(self, request: Request, run_id: UUID) -> Response:
        get_match_run(run_id)
        page = self.paginate_queryset(list_fillings(run_id))
        return self.get_paginated_response(represent_each(MatchFillingSerializer, page or ()))


class WhatIfViewSet(IdempotentCreates, viewsets.GenericViewSet[MatchRun]):
    acts_as = Role.DIRECTOR
    serializer_class = MatchRunSerializer
    queryset = MatchRun.objects.none()

    @extend_schema(
        operation_id="director_match_what_ifs_request",
        tags=TAGS,
        summary="What would be if",
        description="Solves the pool as it is and as it would be; `summary.difference` of the run says what changes. "
        "Nothing else is written, and nothing of it can be published.",
        request=WhatIfInputSerializer,
        responses={202: MatchRunSerializer},
        examples=[
            OpenApiExample("A mentor leaves, 40 join", examples.WHAT_IF, request_only=True),
            OpenApiExample("Asked for", examples.REQUESTED, response_only=True, status_codes=["202"]),
        ],
    )
    def create(self, request: Request) -> Response:
        given = WhatIfInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        _check_cohort(request, asked["cohort"])
        _check_changes(request, asked["cohort"], asked["changes"])
        run = request_match_run(
            cohort_id=asked["cohort"],
            kind=MatchRunKind.WHAT_IF,
            policy=asked["policy"],
            changes=asked["changes"],
            by=signed_in(request),
            at=clock.now(),
        )
        return _accepted(request, run.pk)


class MatchWeightsViewSet(EntityTags, viewsets.GenericViewSet[MatchWeights]):
    acts_as = Role.DIRECTOR
    queryset = MatchWeights.objects.all()
    serializer_class = MatchWeightsSerializer

    class Pages(RowKeysetPagination):
        ordering = ("-version",)

    pagination_class = Pages

    @extend_schema(
        operation_id="director_match_weights_list",
        tags=TAGS,
        summary="What the parts of a score are worth, the newest version first",
        responses=MatchWeightsSerializer(many=True),
        examples=[OpenApiExample("The first", examples.WEIGHTS, response_only=True)],
    )
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(represent_each(MatchWeightsSerializer, page or ()))


def _check_cohort(request: Request, cohort_id: UUID | None) -> None:
    if cohort_id is not None and cohort_id not in list_directed_cohorts(signed_in(request).pk):
        raise NotVisible


def _check_changes(request: Request, cohort_id: UUID | None, changes: dict[str, Any]) -> None:
    """People named in a what-if are there; whoever joins, joins a cohort that it is over."""
    wrong: dict[str, list[str]] = {}
    for name in ("without_mentors", "places"):
        unknown = list_unknown_mentors(UUID(each) for each in changes.get(name) or ())
        if unknown:
            wrong[name] = [f"There is no mentor {each}." for each in unknown]
    over = list_directed_cohorts(signed_in(request).pk) if cohort_id is None else [cohort_id]
    foreign = [each for each in changes.get("joining") or () if UUID(each) not in over]
    if foreign:
        wrong["joining"] = [f"This is not over a cohort {each}." for each in foreign]
    if wrong:
        raise InvalidInput(fields=wrong)


def _shown(run_id: UUID) -> dict[str, Any]:
    return represent(MatchRunSerializer, get_match_run(run_id))


def _accepted(request: Request, run_id: UUID) -> Response:
    answer = Response(_shown(run_id), status=status.HTTP_202_ACCEPTED)
    answer["Location"] = request.build_absolute_uri(reverse("director-match-run", args=[run_id]))
    return answer


RUN = "director/match-runs/<uuid:run_id>"
urlpatterns = [
    path(
        "director/match-runs",
        MatchRunViewSet.as_view({"get": "list", "post": "create"}),
        name="director-match-runs",
    ),
    path(RUN, MatchRunViewSet.as_view({"get": "retrieve"}), name="director-match-run"),
    path(f"{RUN}/publish", MatchRunViewSet.as_view({"post": "publish"}), name="director-match-run-publish"),
    path(f"{RUN}/discard", MatchRunViewSet.as_view({"post": "discard"}), name="director-match-run-discard"),
    path(f"{RUN}/adjustments", MatchRunViewSet.as_view({"post": "adjust"}), name="director-match-run-adjustments"),
    path(f"{RUN}/compare", MatchRunViewSet.as_view({"post": "compare"}), name="director-match-run-compare"),
    path(f"{RUN}/proposals", ProposalViewSet.as_view({"get": "list"}), name="director-match-proposals"),
    path(f"{RUN}/mentors", FillingViewSet.as_view({"get": "list"}), name="director-match-mentors"),
    path("director/match-what-ifs", WhatIfViewSet.as_view({"post": "create"}), name="director-match-what-ifs"),
    path("director/match-weights", MatchWeightsViewSet.as_view({"get": "list"}), name="director-match-weights"),
]
