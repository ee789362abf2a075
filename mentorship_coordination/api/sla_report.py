"""How well service levels were kept in a director's cohorts, as JSON and as a spreadsheet's CSV."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpResponse
from django.urls import path
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.representation import represent
from mentorship_coordination.api.period_reports import (
    TAGS,
    CsvRenderer,
    PeriodReportView,
    ReportQuerySerializer,
    csv_answer,
    csv_schema,
    csv_text,
)
from mentorship_coordination.selectors.sla_report import Cause, SlaLine, SlaReport, get_sla_report

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
REPORT_AS_CSV: Final = """\
of,name,finished,on_time,on_time_share,median_hours,p90_hours,breached,no_mentor,mentor_away,over_capacity,not_reached
all,All,40,36,0.9,20.5,44.1,5,0,3,0,2
cohort,"Digital forensics, spring",40,36,0.9,20.5,44.1,5,0,3,0,2
mentor,Tomas Berg,40,36,0.9,20.5,44.1,5,0,3,0,2
"""


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

    @csv_schema("director_sla_report_csv", REPORT_AS_CSV)
    def get(self, request: Request) -> HttpResponse:
        report = self.report_for(request)
        return csv_answer(as_csv(report), name="sla", since=report.since)


def as_csv(report: SlaReport) -> str:
    head = ["finished", "on_time", "on_time_share", "median_hours", "p90_hours", "breached", *Cause]
    return csv_text(head, ((kind, line.name, _figures(line)) for kind, line in report.lines()))


def _figures(line: SlaLine) -> list[float | None]:
    times = [_hours(line.median_seconds), _hours(line.p90_seconds)]
    causes = [line.breaches[cause] for cause in Cause]
    return [line.finished, line.on_time, line.on_time_share, *times, line.breached, *causes]


def _hours(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds / 3600, 2)


urlpatterns = [
    path("director/sla-report", SlaReportView.as_view(), name="director-sla-report"),
    path("director/sla-report.csv", SlaReportCsvView.as_view(), name="director-sla-report-csv"),
]
