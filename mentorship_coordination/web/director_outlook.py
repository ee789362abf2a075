"""What will be late in a director's cohorts and what could move; and how well service levels were kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from core import clock
from core.clock import local_date, midnight
from core.tenancy.identity import Role
from core.web import page
from mentorship_coordination.selectors.flags import list_directed_cohorts
from mentorship_coordination.selectors.forecast import ForeseenItem, get_forecast, read_outlooks
from mentorship_coordination.selectors.session_report import get_session_report
from mentorship_coordination.selectors.sla_report import (
    CAUSES_IN_WORDS,
    Cause,
    SlaLine,
    Step,
    get_sla_course,
    get_sla_report,
)
from mentorship_coordination.selectors.transfers import list_transfers
from mentorship_coordination.web.charts import Bar, bars_of, columns_of
from mentorship_coordination.web.director_forms import PeriodForm
from mentorship_coordination.web.people import person_of
from mentorship_coordination.web.words import due_words

USUAL_DAYS = 28
MOST_LINES = 50
MOST_DAYS_BY_DAY = 45


@dataclass(frozen=True, slots=True)
class LateLine:
    item: ForeseenItem
    due: str
    mentor: str


@dataclass(frozen=True, slots=True)
class ReportLine:
    """Words for one line of the report; a dash where nothing was finished."""

    name: str
    finished: int
    share: str
    median: str
    p90: str
    breached: int
    causes: str


@page(Role.DIRECTOR)
@require_safe
def forecast_page(request: HttpRequest) -> HttpResponse:
    director, at = person_of(request), clock.now()
    outlooks = read_outlooks(at)
    forecast = get_forecast(outlooks)
    names = {each.id: each.name for each in forecast.mentors}
    late = [LateLine(each, due_words(each.due_at, at), names[each.mentor_id]) for each in forecast.late[:MOST_LINES]]
    context = {
        "forecast": forecast,
        "summary": forecast.in_words(director.timezone),
        "late": late,
        "transfers": list_transfers(outlooks),
    }
    return render(request, "mentorship_coordination/director_forecast.html", context)


@page(Role.DIRECTOR)
@require_safe
def report_page(request: HttpRequest) -> HttpResponse:
    director = person_of(request)
    today = local_date(clock.now(), director.timezone)
    usual = {"first": today - timedelta(days=USUAL_DAYS - 1), "last": today}
    form = PeriodForm(request.GET if {"first", "last"} & set(request.GET) else usual)
    days = form.cleaned_data if form.is_valid() else usual
    cohorts = list_directed_cohorts(director.pk)
    since = midnight(days["first"], director.timezone)
    until = midnight(days["last"] + timedelta(days=1), director.timezone)
    report = get_sla_report(cohorts, since=since, until=until)
    sessions = get_session_report(cohorts, since=since, until=until)
    step = Step.DAY if (days["last"] - days["first"]).days < MOST_DAYS_BY_DAY else Step.WEEK
    course = get_sla_course(cohorts, since=since, until=until, step=step, zone=director.timezone)
    query = urlencode({"from": days["first"].isoformat(), "to": days["last"].isoformat()})
    context = {
        "form": form,
        "total": _line(report.total),
        "chart": columns_of(course, days["first"], days["last"], step),
        "step": step,
        "causes": bars_of([(CAUSES_IN_WORDS[Cause(cause)], count) for cause, count in report.total.breaches.items()]),
        "shares": [_share(each) for each in report.cohorts if each.finished],
        "groups": [
            ("Cohorts", [_line(each) for each in report.cohorts]),
            ("Mentors, the smallest share on time first", [_line(each) for each in report.mentors]),
        ],
        "csv": f"{reverse('director-sla-report-csv')}?{query}",
        "sessions": [(each, _percent(each.attendance_rate)) for each in (*sessions.cohorts, *sessions.mentors)],
        "sessions_csv": f"{reverse('director-session-report-csv')}?{query}",
    }
    return render(request, "mentorship_coordination/director_report.html", context)


def _share(line: SlaLine) -> Bar:
    return Bar(line.name, line.finished, round(100 * (line.on_time_share or 0), 1))


def _line(line: SlaLine) -> ReportLine:
    share = line.on_time_share
    return ReportLine(
        name=line.name,
        finished=line.finished,
        share=_percent(share),
        median=_hours(line.median_seconds),
        p90=_hours(line.p90_seconds),
        breached=line.breached,
        causes=", ".join(f"{count} {CAUSES_IN_WORDS[Cause(cause)]}" for cause, count in line.breaches.items() if count),
    )


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f} %"


def _hours(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds / 3600:.1f} h"
