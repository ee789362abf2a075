"""How sessions went in a director's cohorts, as JSON and as a spreadsheet's CSV."""

from __future__ import annotations

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
from mentorship_coordination.selectors.session_report import SessionLine, SessionReport, get_session_report

COUNTS: Final = (
    "held",
    "mentee_no_shows",
    "mentor_no_shows",
    "mentee_late_cancellations",
    "mentor_late_cancellations",
)
LINE: Final[dict[str, Any]] = {
    "id": "019b8f41-6c55-7e9b-b1f0-92d3b8c4e7a5",
    "name": "Tomas Berg",
    "held": 18,
    "mentee_no_shows": 1,
    "mentor_no_shows": 0,
    "mentee_late_cancellations": 1,
    "mentor_late_cancellations": 0,
    "attendance_rate": 0.9,
}
REPORT: Final[dict[str, Any]] = {
    "since": "2026-02-02T05:00:00Z",
    "until": "2026-03-02T05:00:00Z",
    "total": LINE | {"id": None, "name": "All"},
    "cohorts": [LINE | {"id": "019b8f40-7d3c-7b1a-8f5e-2c9d4a6b1e03", "name": "Digital forensics, spring"}],
    "mentors": [LINE],
}
REPORT_AS_CSV: Final = """\
of,name,held,mentee_no_shows,mentor_no_shows,mentee_late_cancellations,mentor_late_cancellations,attendance_rate
all,All,18,1,0,1,0,0.9
cohort,"Digital forensics, spring",18,1,0,1,0,0.9
mentor,Tomas Berg,18,1,0,1,0,0.9
"""


class SessionLineSerializer(serializers.Serializer[SessionLine]):
    id = serializers.UUIDField(allow_null=True)
    name = serializers.CharField()
    held = serializers.IntegerField(help_text="A group counts once.")
    mentee_no_shows = serializers.IntegerField(help_text="Of a group: nobody came.")
    mentor_no_shows = serializers.IntegerField()
    mentee_late_cancellations = serializers.IntegerField(help_text="Less than 24 hours ahead.")
    mentor_late_cancellations = serializers.IntegerField(help_text="By the mentor, less than 24 hours ahead.")
    attendance_rate = serializers.FloatField(
        allow_null=True,
        help_text="0 to 1: held, of held, mentee no-shows and late cancellations by mentees. Null without any.",
    )


class SessionReportSerializer(serializers.Serializer[SessionReport]):
    since = serializers.DateTimeField()
    until = serializers.DateTimeField(help_text="Sessions that were to begin before this instant.")
    total = SessionLineSerializer()
    cohorts = SessionLineSerializer(many=True)
    mentors = SessionLineSerializer(many=True, help_text="The lowest attendance first.")


class _SessionReportView(PeriodReportView):
    def report_for(self, request: Request) -> SessionReport:
        asked = self.asked(request)
        return get_session_report(asked.cohort_ids, since=asked.since, until=asked.until, mentor_id=asked.mentor_id)


class SessionReportView(_SessionReportView):
    @extend_schema(
        operation_id="director_session_report_read",
        tags=TAGS,
        summary="How sessions went, per cohort and mentor",
        parameters=[ReportQuerySerializer],
        responses=SessionReportSerializer,
        examples=[OpenApiExample("Four weeks", REPORT, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        return Response(represent(SessionReportSerializer, self.report_for(request)))


class SessionReportCsvView(_SessionReportView):
    renderer_classes = (CsvRenderer, JSONRenderer)

    @csv_schema("director_session_report_csv", REPORT_AS_CSV)
    def get(self, request: Request) -> HttpResponse:
        report = self.report_for(request)
        return csv_answer(as_csv(report), name="sessions", since=report.since)


def as_csv(report: SessionReport) -> str:
    return csv_text([*COUNTS, "attendance_rate"], ((kind, line.name, _figures(line)) for kind, line in report.lines()))


def _figures(line: SessionLine) -> list[float | None]:
    return [*(getattr(line, name) for name in COUNTS), line.attendance_rate]


urlpatterns = [
    path("director/session-report", SessionReportView.as_view(), name="director-session-report"),
    path("director/session-report.csv", SessionReportCsvView.as_view(), name="director-session-report-csv"),
]
