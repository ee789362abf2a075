"""One run of the matching: looked at with its reasons, adjusted, published or put aside."""

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
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from core import clock
from core.enums import Audience
from core.errors import Conflict, InvalidInput, RuleBroken
from core.tenancy.identity import Role
from core.web import page
from mentorship_coordination.actions.match_runs import discard_match_run, request_publication, wish_for_pair
from mentorship_coordination.enums import DRAFT_RUNS, OPEN_RUNS, MatchRunKind, MatchRunState, PairWish
from mentorship_coordination.matching.reasons import advice_in_words, filling_in_words, proof_in_words
from mentorship_coordination.matching.words import blocked_of_all_in_words, counts_in_words
from mentorship_coordination.models.matching import MatchProposal, MatchRun
from mentorship_coordination.selectors.match_reading import (
    get_match_run,
    is_hers,
    list_fillings,
    list_own_cohorts,
    list_proposals,
    list_wishes,
)
from mentorship_coordination.web import match_words
from mentorship_coordination.web.director_matching import line_of
from mentorship_coordination.web.live import stream_of
from mentorship_coordination.web.match_forms import ProposalFilterForm, WishForm
from mentorship_coordination.web.people import person_of

ROWS_A_PAGE: Final = 50
UNDER_WAY: Final = (MatchRunState.REQUESTED, MatchRunState.RUNNING, MatchRunState.PUBLISHING)


@dataclass(frozen=True, slots=True)
class ProposalLine:
    proposal: MatchProposal
    reason: str
    parts: str


@page(Role.DIRECTOR)
@require_safe
def run_page(request: HttpRequest, run_id: UUID) -> HttpResponse:
    director = person_of(request)
    stream = stream_of(Audience.DIRECTOR)
    run = get_match_run(run_id)
    form = _filters(request, run)
    proposals = list_proposals(run_id)
    shown = Paginator(_filtered(proposals, form.cleaned_data), ROWS_A_PAGE).get_page(form.cleaned_data["page"] or 1)
    summary, hers = run.summary, is_hers(run, director.pk)
    mentor_id = form.cleaned_data["mentor"]
    context = {
        **stream,
        "line": line_of(run),
        "run": run,
        "is_anothers": not hers and run.state in OPEN_RUNS,
        "is_draft": hers and _is_draft(run),
        "can_discard": hers and run.state in OPEN_RUNS and run.state != MatchRunState.PUBLISHING,
        "is_under_way": run.state in UNDER_WAY,
        "proof": proof_in_words(run.certificate),
        "groups": match_words.groups_of(summary),
        "blocked": blocked_of_all_in_words(summary.get("blocked") or {}, summary.get("blocked_alike") or {}),
        "advice": [advice_in_words(each) for each in summary.get("advice") or ()],
        "difference": summary.get("difference"),
        "counts": match_words.counts_in_words((summary.get("difference") or {}).get("counts") or {}),
        "changed": [(each, match_words.CHANGES[each["kind"]]) for each in _changed(summary)],
        "lost": counts_in_words(summary.get("lost_reasons") or {}),
        "wishes": list_wishes(run),
        "form": form,
        "mentor": list_fillings(run_id).filter(mentor=mentor_id).first() if mentor_id else None,
        "rows": [ProposalLine(each, match_words.reason_of(each), match_words.parts_of(each)) for each in shown],
        "page": shown,
        "filters": _without(request, "page"),
        "without_mentor": _without(request, "page", "mentor"),
    }
    return render(request, "mentorship_coordination/director_match_run.html", context)


def _is_draft(run: MatchRun) -> bool:
    return run.state in DRAFT_RUNS and run.kind != MatchRunKind.WHAT_IF


def _filters(request: HttpRequest, run: MatchRun) -> ProposalFilterForm:
    cohorts = list_own_cohorts(person_of(request).pk) if run.cohort_id is None else []
    form = ProposalFilterForm(request.GET, cohorts=cohorts)
    if not form.is_valid():
        raise BadRequest("An unknown filter value.")
    return form


def _without(request: HttpRequest, *names: str) -> str:
    """The page's filters but for these, as they stand in an address."""
    filters = request.GET.copy()
    for name in names:
        filters.pop(name, None)
    return filters.urlencode()


def _changed(summary: dict[str, Any]) -> list[dict[str, Any]]:
    return list((summary.get("difference") or {}).get("changed") or ())


def _filtered(proposals: QuerySet[MatchProposal], wanted: dict[str, Any]) -> QuerySet[MatchProposal]:
    named = {name: wanted[name] for name in ("state", "cohort", "mentor") if wanted.get(name)}
    proposals = proposals.filter(**named)
    return proposals.filter(score__lt=wanted["under"]) if wanted["under"] is not None else proposals


@page(Role.DIRECTOR)
@require_safe
def mentors_page(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """How full the run makes each mentor, and why not fuller."""
    run = get_match_run(run_id)
    shown = Paginator(list_fillings(run_id), ROWS_A_PAGE).get_page(request.GET.get("page", "1"))
    lines = [(each, filling_in_words(each.places, each.taken, each.blocked, each.elsewhere)) for each in shown]
    context = {"line": line_of(run), "run": run, "lines": lines, "page": shown}
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
        "run": run,
        "proposal": proposal,
        "reason": match_words.reason_of(proposal),
        "parts": match_words.parts_of(proposal),
        "is_draft": is_hers(run, person_of(request).pk) and _is_draft(run),
        "mentors": list(mentors),
        "filters": request.GET.urlencode(),
    }
    return render(request, "mentorship_coordination/director_match_student.html", context)


@page(Role.DIRECTOR)
@require_POST
def wish(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """A pair is to be in the draft, or not, or either: it is solved anew. The filters of the page stay."""
    form = WishForm(request.POST)
    if not form.is_valid():
        raise BadRequest("Words that this page did not send.")
    given = form.cleaned_data
    try:
        wish_for_pair(
            run_id=run_id,
            mentor_id=given["mentor"],
            mentee_id=given["mentee"],
            wish=PairWish(given["wish"]),
            by=person_of(request),
            at=clock.now(),
        )
    except InvalidInput as refusal:
        reasons = [reason for reasons in refusal.fields.values() for reason in reasons]
        messages.error(request, " ".join(reasons) or refusal.message)
    except (Conflict, RuleBroken) as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "The draft is solved anew.")
    filters = request.GET.urlencode()
    address = reverse("director-match-page", args=[run_id])
    return redirect(f"{address}?{filters}" if filters else address)


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
