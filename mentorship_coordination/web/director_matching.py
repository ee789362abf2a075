"""The director's matching: runs asked for, looked at with their reasons, adjusted, published or put aside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import clock
from core.enums import Audience
from core.errors import Conflict, InvalidInput, RuleBroken
from core.tenancy.identity import Role
from core.web import add_refusal, page, stream_of
from mentorship_coordination.actions.match_runs import (
    DraftExists,
    adjust_match_run,
    discard_match_run,
    request_match_run,
    request_publication,
)
from mentorship_coordination.enums import DRAFT_RUNS, OPEN_RUNS, MatchRunKind, MatchRunState
from mentorship_coordination.matching.reasons import advice_in_words, filling_in_words, proof_in_words
from mentorship_coordination.matching.words import blocked_in_words
from mentorship_coordination.models.matching import MatchProposal, MatchRun
from mentorship_coordination.selectors.match_reading import (
    get_match_run,
    list_fillings,
    list_match_runs,
    list_own_cohorts,
    list_proposals,
    list_wishes,
)
from mentorship_coordination.web import match_words
from mentorship_coordination.web.director_forms import DIRECTOR_PAGES
from mentorship_coordination.web.match_forms import ProposalFilterForm, RunForm, WishForm
from mentorship_coordination.web.people import person_of

MOST_RUNS: Final = 50
ROWS_A_PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class RunLine:
    run: MatchRun
    scope: str
    kind: str
    state: str
    matched: str


@dataclass(frozen=True, slots=True)
class ProposalLine:
    proposal: MatchProposal
    reason: str
    parts: str


@page(Role.DIRECTOR)
@require_http_methods(["GET", "HEAD", "POST"])
def matching_page(request: HttpRequest) -> HttpResponse:
    director = person_of(request)
    stream = stream_of(Audience.DIRECTOR)
    form = RunForm(request.POST if request.method == "POST" else None, cohorts=list_own_cohorts(director.pk))
    if request.method == "POST" and form.is_valid():
        run = _start(request, form)
        if run is not None:
            return redirect("director-match-page", run.pk)
    context = {
        **stream,
        "director_pages": DIRECTOR_PAGES,
        "form": form,
        "lines": [_line(each) for each in list_match_runs()[:MOST_RUNS]],
    }
    return render(request, "mentorship_coordination/director_matching.html", context)


def _start(request: HttpRequest, form: RunForm) -> MatchRun | None:
    scope = form.cleaned_data["scope"]
    try:
        return request_match_run(
            cohort_id=UUID(scope) if scope else None,
            kind=MatchRunKind(form.cleaned_data["kind"]),
            policy=form.policy(),
            by=person_of(request),
            at=clock.now(),
        )
    except DraftExists as refusal:
        form.add_error(None, f"{refusal.message} It is in the list below.")
    except InvalidInput as refusal:
        add_refusal(form, refusal)
    return None


def _line(run: MatchRun) -> RunLine:
    return RunLine(
        run,
        match_words.scope_in_words(run),
        match_words.kind_in_words(run),
        match_words.state_in_words(run),
        match_words.matched_in_words(run),
    )


@page(Role.DIRECTOR)
@require_safe
def run_page(request: HttpRequest, run_id: UUID) -> HttpResponse:
    stream = stream_of(Audience.DIRECTOR)
    run = get_match_run(run_id)
    form = ProposalFilterForm(request.GET)
    if not form.is_valid():
        raise BadRequest("An unknown filter value.")
    rows = Paginator(_filtered(list_proposals(run_id), form.cleaned_data), ROWS_A_PAGE)
    shown = rows.get_page(form.cleaned_data["page"] or 1)
    address = request.GET.copy()
    address.pop("page", None)
    summary = run.summary
    context = {
        **stream,
        "director_pages": DIRECTOR_PAGES,
        "line": _line(run),
        "run": run,
        "is_draft": run.state in DRAFT_RUNS and run.kind != MatchRunKind.WHAT_IF,
        "can_discard": run.state in OPEN_RUNS and run.state != MatchRunState.PUBLISHING,
        "is_under_way": run.state in (MatchRunState.REQUESTED, MatchRunState.RUNNING, MatchRunState.PUBLISHING),
        "proof": proof_in_words(run.certificate),
        "groups": match_words.groups_of(summary),
        "blocked": blocked_in_words(summary.get("blocked") or {}),
        "advice": [advice_in_words(each) for each in summary.get("advice") or ()],
        "difference": summary.get("difference"),
        "counts": match_words.counts_in_words((summary.get("difference") or {}).get("counts") or {}),
        "changed": [(each, match_words.CHANGES[each["kind"]]) for each in _changed(summary)],
        "lost": blocked_in_words(summary.get("lost_reasons") or {}),
        "wishes": list_wishes(run),
        "form": form,
        "rows": [ProposalLine(each, match_words.reason_of(each), match_words.parts_of(each)) for each in shown],
        "page": shown,
        "filters": address.urlencode(),
    }
    return render(request, "mentorship_coordination/director_match_run.html", context)


def _changed(summary: dict[str, Any]) -> list[dict[str, Any]]:
    return list((summary.get("difference") or {}).get("changed") or ())


def _filtered(proposals: QuerySet[MatchProposal], wanted: dict[str, Any]) -> QuerySet[MatchProposal]:
    if wanted["state"]:
        proposals = proposals.filter(state=wanted["state"])
    if wanted["mentor"]:
        proposals = proposals.filter(mentor=wanted["mentor"])
    return proposals.filter(score__lt=wanted["under"]) if wanted["under"] is not None else proposals


@page(Role.DIRECTOR)
@require_safe
def mentors_page(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """How full the run makes each mentor, and why not fuller."""
    run = get_match_run(run_id)
    pages = Paginator(list_fillings(run_id), ROWS_A_PAGE)
    shown = pages.get_page(request.GET.get("page", "1"))
    lines = [(each, filling_in_words(each.places, each.taken, each.blocked, each.elsewhere)) for each in shown]
    context = {"director_pages": DIRECTOR_PAGES, "line": _line(run), "run": run, "lines": lines, "page": shown}
    return render(request, "mentorship_coordination/director_match_mentors.html", context)


@page(Role.DIRECTOR)
@require_safe
def student_page(request: HttpRequest, run_id: UUID, mentee_id: UUID) -> HttpResponse:
    """One student of a draft, to be given to a mentor of the director's choice."""
    run = get_match_run(run_id)
    proposal = list_proposals(run_id).filter(mentee=mentee_id).first()
    if proposal is None:
        return redirect("director-match-page", run_id)
    mentors = list_fillings(run_id).filter(places__gt=0).order_by("mentor__name", "id")
    context = {
        "director_pages": DIRECTOR_PAGES,
        "run": run,
        "proposal": proposal,
        "reason": match_words.reason_of(proposal),
        "parts": match_words.parts_of(proposal),
        "is_draft": run.state in DRAFT_RUNS,
        "mentors": list(mentors),
    }
    return render(request, "mentorship_coordination/director_match_student.html", context)


@page(Role.DIRECTOR)
@require_POST
def wish(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """A pair is to be in the draft, or not, or either: it is solved anew."""
    form = WishForm(request.POST)
    if not form.is_valid():
        raise BadRequest("Words that this page did not send.")
    run, given = get_match_run(run_id), form.cleaned_data
    pair = {"mentor": str(given["mentor"]), "mentee": str(given["mentee"])}
    pinned = [each for each in run.options.get("pinned", ()) if each["mentee"] != pair["mentee"]]
    unwanted = [each for each in run.options.get("unwanted", ()) if each != pair]
    if given["wish"] == "keep":
        pinned.append(pair)
    elif given["wish"] == "refuse":
        unwanted.append(pair)
    try:
        adjust_match_run(run_id=run_id, pinned=pinned, unwanted=unwanted, by=person_of(request), at=clock.now())
    except (Conflict, RuleBroken, InvalidInput) as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "The draft is solved anew.")
    return redirect("director-match-page", run_id)


@page(Role.DIRECTOR)
@require_POST
def publish(request: HttpRequest, run_id: UUID) -> HttpResponse:
    try:
        request_publication(run_id=run_id, by=person_of(request), at=clock.now())
    except (Conflict, RuleBroken) as refusal:
        messages.error(request, refusal.message)
    return redirect("director-match-page", run_id)


@page(Role.DIRECTOR)
@require_POST
def discard(request: HttpRequest, run_id: UUID) -> HttpResponse:
    try:
        discard_match_run(run_id=run_id, by=person_of(request), at=clock.now())
    except Conflict as refusal:
        messages.error(request, refusal.message)
        return redirect("director-match-page", run_id)
    messages.success(request, "The run is put aside. Nobody was paired.")
    return redirect("director-matching-page")
