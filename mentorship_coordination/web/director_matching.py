"""The director's matching: runs that there are, and one more asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from core import clock
from core.api.problems import status_of
from core.enums import Audience
from core.errors import DomainError, InvalidInput
from core.tenancy.identity import Role
from core.web import add_refusal, page
from mentorship_coordination.actions.match_runs import DraftExists, request_match_run
from mentorship_coordination.enums import MatchRunKind
from mentorship_coordination.models.matching import MatchRun
from mentorship_coordination.selectors.match_reading import list_match_runs, list_own_cohorts
from mentorship_coordination.selectors.match_runs import find_open_run
from mentorship_coordination.web import match_words
from mentorship_coordination.web.live import stream_of
from mentorship_coordination.web.match_forms import RunForm
from mentorship_coordination.web.people import person_of

RUNS_A_PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class RunLine:
    run: MatchRun
    scope: str
    kind: str
    state: str
    matched: str


def line_of(run: MatchRun) -> RunLine:
    return RunLine(
        run,
        match_words.scope_in_words(run),
        match_words.kind_in_words(run),
        match_words.state_in_words(run),
        match_words.matched_in_words(run),
    )


@page(Role.DIRECTOR)
@require_http_methods(["GET", "HEAD", "POST"])
def matching_page(request: HttpRequest) -> HttpResponse:
    director = person_of(request)
    stream = stream_of(Audience.DIRECTOR)
    asked = {"scope": request.GET.get("cohort", "")}
    form = RunForm(
        request.POST if request.method == "POST" else None, initial=asked, cohorts=list_own_cohorts(director.pk)
    )
    in_the_way, status = None, 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            answer = _start(request, form)
            if isinstance(answer, MatchRun):
                return redirect("director-match-page", answer.pk)
            status = status_of(answer)
            if isinstance(answer, DraftExists):
                in_the_way = find_open_run(form.cohort_id(), director.pk)
    shown = Paginator(list_match_runs(), RUNS_A_PAGE).get_page(request.GET.get("page", "1"))
    context = {
        **stream,
        "form": form,
        "in_the_way": in_the_way,
        "lines": [line_of(each) for each in shown],
        "page": shown,
    }
    return render(request, "mentorship_coordination/director_matching.html", context, status=status)


def _start(request: HttpRequest, form: RunForm) -> MatchRun | DomainError:
    """The run, or why there is none, which the form tells."""
    try:
        return request_match_run(
            cohort_id=form.cohort_id(),
            kind=MatchRunKind(form.cleaned_data["kind"]),
            policy=form.policy(),
            by=person_of(request),
            at=clock.now(),
        )
    except (DraftExists, InvalidInput) as refusal:
        add_refusal(form, refusal)
        return refusal
