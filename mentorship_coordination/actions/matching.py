"""Runs of the matching: draft, publish, discard. Source: product.md §10."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from core.actions import action
from core.errors import Conflict, NotVisible
from core.identifiers import new_id
from mentorship_coordination.actions.assignments import start_assignment
from mentorship_coordination.enums import MatchRunState, ProposalState
from mentorship_coordination.matching.greedy import METHOD, MIN_SHARED_HOURS, WEIGHTS, Matcher
from mentorship_coordination.matching.people import Pairing
from mentorship_coordination.matching.recheck import Recheck
from mentorship_coordination.models.matching import MatchProposal, MatchRun
from mentorship_coordination.selectors.matching import find_last_published_answers, get_pool, list_assigned
from users.models import Enrolment, User


class DraftExists(Conflict):
    code = "draft_exists"
    message = "There is a draft for this cohort already: publish or discard it first."


class RunClosed(Conflict):
    code = "run_closed"
    message = "This run is no draft any more."


@action
def draft_match_run(*, cohort_id: UUID | None, by: User | None, at: datetime) -> MatchRun:
    """Solve the pool of a cohort (None: of all) and keep the answer as a draft. Raises DraftExists."""
    return _store(cohort_id, Matcher(get_pool(cohort_id=cohort_id, at=at)).pairings(), by=by, at=at)


@action
def match_cohort_automatically(*, cohort_id: UUID, at: datetime) -> MatchRun | None:
    """What beat does: match whoever waits, with existing pairs as they are, and publish at once.

    Returns None, and writes nothing, when nobody can be matched and the reasons are those of the last run. Raises
    DraftExists when a director has a draft open for this cohort.
    """
    pairings = Matcher(get_pool(cohort_id=cohort_id, at=at)).pairings()
    matched = any(each.mentor_id for each in pairings)
    answers = {each.waiting.enrolment_id: each.blocked for each in pairings}
    if not matched and answers == (find_last_published_answers(cohort_id) or {}):
        return None
    run = _store(cohort_id, pairings, by=None, at=at)
    return publish_match_run(run_id=run.pk, by=None, at=at)


def _store(cohort_id: UUID | None, pairings: list[Pairing], *, by: User | None, at: datetime) -> MatchRun:
    matched = [each for each in pairings if each.mentor_id is not None]
    run = MatchRun(
        cohort_id=cohort_id,
        method=METHOD,
        options={"weights": WEIGHTS, "min_shared_hours": MIN_SHARED_HOURS},
        summary={
            "waiting": len(pairings),
            "matched": len(matched),
            "unmatched": len(pairings) - len(matched),
            "total_score": sum(each.score or 0 for each in matched),
            "blocked": dict(sum((Counter(each.blocked) for each in pairings if not each.mentor_id), Counter())),
        },
        requested_by=by,
        created_at=at,
    )
    try:
        with transaction.atomic():
            run.save(force_insert=True)
    except IntegrityError as error:
        raise DraftExists from error
    MatchProposal.objects.bulk_create(_proposal(run, each) for each in pairings)
    return run


def _proposal(run: MatchRun, pairing: Pairing) -> MatchProposal:
    return MatchProposal(
        id=new_id(),
        run=run,
        enrolment_id=pairing.waiting.enrolment_id,
        cohort_id=pairing.waiting.cohort_id,
        mentee_id=pairing.waiting.mentee_id,
        mentor_id=pairing.mentor_id,
        state=ProposalState.UNMATCHED if pairing.mentor_id is None else ProposalState.PROPOSED,
        score=pairing.score,
        parts=pairing.parts,
        blocked=pairing.blocked,
    )


@action
def publish_match_run(*, run_id: UUID, by: User | None, at: datetime) -> MatchRun:
    """Start every proposed pair whose rules still hold; the others are marked lost, with the rule that broke.

    Raises NotVisible, RunClosed. Source: product.md §10.
    """
    run = _locked_draft(run_id)
    proposals = list(run.proposals.filter(state=ProposalState.PROPOSED).order_by("mentor_id", "id"))
    if proposals:
        _start_pairs(run, proposals, by=by, at=at)
    states = Counter(each.state for each in proposals)
    run.state, run.published_at = MatchRunState.PUBLISHED, at
    run.summary |= {"published": states[ProposalState.PUBLISHED], "lost": states[ProposalState.LOST]}
    run.save(update_fields=["state", "published_at", "summary"])
    return run


def _start_pairs(run: MatchRun, proposals: Sequence[MatchProposal], *, by: User | None, at: datetime) -> None:
    """Locks as everywhere: enrolments by id, then mentors by id, by the trigger that counts their places."""
    enrolment_ids = [each.enrolment_id for each in proposals]
    _lock_enrolments(enrolment_ids)
    recheck = Recheck(get_pool(cohort_id=run.cohort_id, at=at), list_assigned(enrolment_ids))
    for proposal in proposals:
        proposal.lost_reason = _start_pair(run, proposal, recheck, by=by, at=at)
        proposal.state = ProposalState.LOST if proposal.lost_reason else ProposalState.PUBLISHED
    MatchProposal.objects.bulk_update(proposals, ["state", "lost_reason"], batch_size=1000)


def _start_pair(run: MatchRun, proposal: MatchProposal, recheck: Recheck, *, by: User | None, at: datetime) -> str:
    """Why the pair could not begin; "" when it did."""
    mentor_id: UUID = proposal.mentor_id  # type: ignore[assignment]
    broken = recheck.find_broken_rule(proposal.enrolment_id, mentor_id)
    if broken is not None:
        return broken
    try:
        with transaction.atomic():
            start_assignment(enrolment_id=proposal.enrolment_id, mentor_id=mentor_id, by=by, at=at, match_run_id=run.pk)
    except (Conflict, NotVisible) as refusal:
        return refusal.code
    recheck.take_place(mentor_id)
    return ""


def _lock_enrolments(enrolment_ids: Sequence[UUID]) -> None:
    """Those that can be seen, one after the other by id; the database refuses to lock the others."""
    visible = list(Enrolment.objects.filter(pk__in=enrolment_ids).order_by("pk").values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("SELECT app.lock_enrolment(id) FROM unnest(%s::uuid[]) AS id", [visible])


@action
def discard_match_run(*, run_id: UUID, by: User | None, at: datetime) -> MatchRun:
    """Put a draft aside; it stays readable. Raises NotVisible, RunClosed."""
    run = _locked_draft(run_id)
    run.state = MatchRunState.DISCARDED
    run.save(update_fields=["state"])
    return run


def _locked_draft(run_id: UUID) -> MatchRun:
    run = MatchRun.objects.select_for_update().filter(pk=run_id).first()
    if run is None:
        raise NotVisible
    if run.state != MatchRunState.DRAFT:
        raise RunClosed
    return run
