"""What would be if: asked from a run's page. And two runs held against each other."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from core import clock
from core.api.problems import status_of
from core.errors import Conflict, InvalidInput
from core.tenancy.identity import Role
from core.web import add_refusal, page
from mentorship_coordination.actions.match_runs import mark_compared, request_match_run
from mentorship_coordination.enums import MatchRunKind
from mentorship_coordination.matching.weights import Weights
from mentorship_coordination.models.matching import MatchRun
from mentorship_coordination.selectors.match_reading import (
    compare_runs,
    get_match_run,
    is_hers,
    list_match_runs,
    list_mentor_names,
    list_own_cohorts,
)
from mentorship_coordination.web import match_words
from mentorship_coordination.web.match_forms import WEIGHT_WORDS, WhatIfForm
from mentorship_coordination.web.people import person_of

MOST_OTHERS = 20


@page(Role.DIRECTOR)
@require_http_methods(["GET", "HEAD", "POST"])
def what_if_page(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Over the scope of the run, with its policy."""
    run, director = get_match_run(run_id), person_of(request)
    weights = Weights.of(run.weights.values) if run.weights else Weights()
    cohorts = [each for each in list_own_cohorts(director.pk) if run.cohort_id in (None, each[0])]
    sent = request.POST if request.method == "POST" else None
    form = WhatIfForm(sent, cohorts=cohorts, mentors=list_mentor_names(), weights=weights)
    status = 200 if sent is None else 400
    if sent is not None and form.is_valid():
        try:
            asked = request_match_run(
                cohort_id=run.cohort_id,
                kind=MatchRunKind.WHAT_IF,
                policy={name: value for name, value in (run.options.get("policy") or {}).items() if value},
                changes=form.changes(),
                by=director,
                at=clock.now(),
            )
        except InvalidInput as refusal:
            add_refusal(form, refusal)
            status = status_of(refusal)
        else:
            return redirect("director-match-page", asked.pk)
    context = {
        "run": run,
        "scope": match_words.scope_in_words(run),
        "form": form,
        "weight_names": list(WEIGHT_WORDS),
    }
    return render(request, "mentorship_coordination/director_what_if.html", context, status=status)


@page(Role.DIRECTOR)
@require_http_methods(["GET", "HEAD", "POST"])
def comparison_page(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """With `other`: what this run does otherwise than that. Without: the runs to choose from.

    Sent, a draft is noted as compared; read again, nothing is written.
    """
    run = get_match_run(run_id)
    if request.method == "POST":
        return _compare(request, run)
    solved = list_match_runs().filter(solved_at__isnull=False).exclude(pk=run_id).exclude(kind=MatchRunKind.WHAT_IF)
    context = {
        "run": run,
        "scope": match_words.scope_in_words(run),
        "others": [(each, match_words.scope_in_words(each)) for each in solved[:MOST_OTHERS]],
    }
    if request.GET.get("other"):
        other = _other(request.GET["other"])
        compared = compare_runs(other, run)
        context |= {
            "other": other,
            "compared": compared,
            "counts": match_words.counts_in_words(compared.counts),
            "changed": [(each, match_words.CHANGES[each["kind"]]) for each in compared.changed],
        }
    return render(request, "mentorship_coordination/director_comparison.html", context)


def _compare(request: HttpRequest, run: MatchRun) -> HttpResponse:
    other = _other(request.POST.get("other", ""))
    director = person_of(request)
    if is_hers(run, director.pk):
        # Closed meanwhile, it can still be looked at.
        with suppress(Conflict):
            mark_compared(run_id=run.pk, by=director, at=clock.now())
    return redirect(f"{reverse('director-comparison-page', args=[run.pk])}?{urlencode({'other': other.pk})}")


def _other(given: str) -> MatchRun:
    try:
        return get_match_run(UUID(given))
    except ValueError as error:
        raise BadRequest("This is no id.") from error
