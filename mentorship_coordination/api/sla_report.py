"""How well service levels were kept in a director's cohorts, as JSON and as a spreadsheet's CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import clock
from core.api.representation import represent
from core.clock import local_date, midnight
from core.errors import NotVisible
from core.tenancy.identity import Role
from mentorship_coordination.selectors.flags import list_directed_cohorts
from mentorship_coordination.selectors.sla_report import (
    EARLIEST,
    LATEST,
    MOST_DAYS,
    Cause,
    SlaLine,
    SlaReport,
    get_sla_report,
)
from users.people import signed_in

TAGS: Final = ["director: overview"]
USUAL_DAYS: Final = 28
LINE: Final[dict[str, Any]] = {
    "id": "019b8f41-6c55-7e9b-b1f0-92d3b8c4e7a5",
    "name": "Tomas Berg",
    "finished": 40,
    "on_time": 36,
    "on_time_share": 0.9,
    "median_hours": 20.5,
    "p90_hours": 44.1,
    "breached": 5,
    "breaches": {"no_mentor": 0, "mentor_away": 3, "over_capacity": 0, "not_reached": 2},
}
REPORT: Final[dict[str, Any]] = {
    "since": "2026-02-02T05:00:00Z",
    "until": "2026-03-02T05:00:00Z",
    "total": LINE | {"id": None, "name": "All"},
    "cohorts": [LINE | {"id": "019b8f40-7d3c-7b1a-8f5e-2c9d4a6b1e03", "name": "Digital forensics, spring"}],
    "mentors": [LINE],
}
#: A cell that begins so is a formula to a spreadsheet.
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


class ReportQuerySerializer(serializers.Serializer[Any]):
    """`from` is a word of Python: the fields are declared by their names in the address."""

    vars()["from"] = serializers.DateField(
        required=False, help_text="First day, in your zone; 28 days back if left out."
    )
    to = serializers.DateField(required=False, help_text="Last day, in your zone; today when left out.")
    cohort = serializers.UUIDField(required=False)
    mentor = serializers.UUIDField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        unknown = set(self.initial_data) - set(self.fields)
        if unknown:
            raise serializers.ValidationError({name: ["There is no such filter."] for name in sorted(unknown)})
        last = attrs.setdefault("to", self.context["today"])
        if not EARLIEST < min(last, attrs.get("from", last)) <= max(last, attrs.get("from", last)) < LATEST:
            raise serializers.ValidationError({"from": ["Ask for days that were."]})
        first = attrs.setdefault("from", last - timedelta(days=USUAL_DAYS - 1))
        if last < first:
            raise serializers.ValidationError({"to": ["This is before `from`."]})
        if (last - first).days >= MOST_DAYS:
            raise serializers.ValidationError({"from": [f"Ask for at most {MOST_DAYS} days at once."]})
        return attrs


class BreachesSerializer(serializers.Serializer[Mapping[str, int]]):
    """Items that ran out of time, by the first cause that holds."""

    no_mentor = serializers.IntegerField(help_text="The student had no mentor.")
    mentor_away = serializers.IntegerField(help_text="The mentor was away.")
    over_capacity = serializers.IntegerField(help_text="The mentor was over one of her limits.")
    not_reached = serializers.IntegerField(help_text="Nothing of these: it was not reached in time.")


class SlaLineSerializer(serializers.Serializer[SlaLine]):
    id = serializers.UUIDField(allow_null=True)
    name = serializers.CharField()
    finished = serializers.IntegerField(help_text="Items finished in the period.")
    on_time = serializers.IntegerField(help_text="Of these, by their due time.")
    on_time_share = serializers.FloatField(allow_null=True, help_text="0 to 1; null when nothing was finished.")
    median_hours = serializers.SerializerMethodField(help_text="From the start of the clock to the end, all hours.")
    p90_hours = serializers.SerializerMethodField()
    breached = serializers.IntegerField(help_text="Items that ran out of time in the period, open ones too.")
    breaches = BreachesSerializer()

    def get_median_hours(self, line: SlaLine) -> float | None:
        return _hours(line.median_seconds)

    def get_p90_hours(self, line: SlaLine) -> float | None:
        return _hours(line.p90_seconds)


class SlaReportSerializer(serializers.Serializer[SlaReport]):
    since = serializers.DateTimeField()
    until = serializers.DateTimeField(help_text="The period ends before this instant.")
    total = SlaLineSerializer()
    cohorts = SlaLineSerializer(many=True)
    mentors = SlaLineSerializer(many=True, help_text="The smallest share on time first.")


class CsvRenderer(JSONRenderer):
    """Lets a client ask for `text/csv`; a refusal is still a problem document."""

    media_type = "text/csv"
    format = "csv"


@dataclass(frozen=True, slots=True)
class Asked:
    """Of `[since, until)`; `mentor_id` None: of all."""

    cohort_ids: list[UUID]
    since: datetime
    until: datetime
    mentor_id: UUID | None


class PeriodReportView(APIView):
    acts_as = Role.DIRECTOR

    def asked(self, request: Request) -> Asked:
        """What the address asks for. Raises ValidationError, NotVisible."""
        person = signed_in(request)
        today = local_date(clock.now(), person.timezone)
        given = ReportQuerySerializer(data=request.query_params.dict(), context={"today": today})
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        cohorts = list_directed_cohorts(person.pk)
        if "cohort" in asked:
            if asked["cohort"] not in cohorts:
                raise NotVisible
            cohorts = [asked["cohort"]]
        return Asked(
            cohorts,
            midnight(asked["from"], person.timezone),
            midnight(asked["to"] + timedelta(days=1), person.timezone),
            asked.get("mentor"),
        )


class _SlaReportView(PeriodReportView):
    def report_for(self, request: Request) -> SlaReport:
        asked = self.asked(request)
        return get_sla_report(asked.cohort_ids, since=asked.since, until=asked.until, mentor_id=asked.mentor_id)


class SlaReportView(_SlaReportView):
    @extend_schema(
        operation_id="director_sla_report_read",
        tags=TAGS,
        summary="How well service levels were kept, per cohort and mentor",
        parameters=[ReportQuerySerializer],
        responses=SlaReportSerializer,
        examples=[OpenApiExample("Four weeks", REPORT, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        return Response(represent(SlaReportSerializer, self.report_for(request)))


class SlaReportCsvView(_SlaReportView):
    renderer_classes = (CsvRenderer, JSONRenderer)

    @extend_schema(
        operation_id="director_sla_report_csv",
        tags=TAGS,
        summary="The same for a spreadsheet",
        description="Names that a spreadsheet would take for a formula begin with an apostrophe.",
        parameters=[ReportQuerySerializer],
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> HttpResponse:
        report = self.report_for(request)
        name = f"sla-{report.since:%Y-%m-%d}.csv"
        return HttpResponse(
            as_csv(report),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


def as_csv(report: SlaReport) -> str:
    """RFC 4180: a line each for all, every cohort and every mentor."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        ["of", "name", "finished", "on_time", "on_time_share", "median_hours", "p90_hours", "breached", *Cause]
    )
    for kind, line in _lines(report):
        figures = [
            line.finished,
            line.on_time,
            line.on_time_share,
            _hours(line.median_seconds),
            _hours(line.p90_seconds),
        ]
        row = [kind, cell(line.name), *figures, line.breached, *(line.breaches[cause] for cause in Cause)]
        writer.writerow(["" if value is None else value for value in row])
    return out.getvalue()


def _lines(report: SlaReport) -> Iterator[tuple[str, SlaLine]]:
    yield "all", report.total
    for cohort in report.cohorts:
        yield "cohort", cohort
    for mentor in report.mentors:
        yield "mentor", mentor


def cell(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _hours(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds / 3600, 2)


urlpatterns = [
    path("director/sla-report", SlaReportView.as_view(), name="director-sla-report"),
    path("director/sla-report.csv", SlaReportCsvView.as_view(), name="director-sla-report-csv"),
]
