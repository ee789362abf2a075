"""Solving what was asked for: claim, read, solve, store, each durable on its own. Run as the system.

Nothing but the run itself is written; whoever fails says so in it. Source: product.md §10.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from django.db import transaction

from core import clock
from core.actions import action
from core.errors import NotVisible
from core.identifiers import new_id
from mentorship_coordination.actions.match_runs import request_match_run, tell_run
from mentorship_coordination.enums import MatchRunKind, MatchRunState, ProposalState
from mentorship_coordination.matching.advice import where_one_more_helps
from mentorship_coordination.matching.engine import BUDGET, METHOD, Matching, PinBroken, match
from mentorship_coordination.matching.flow import SolverFailed
from mentorship_coordination.matching.people import Pairing
from mentorship_coordination.matching.summary import summary_of
from mentorship_coordination.matching.what_if import Changes, changed_pool, difference
from mentorship_coordination.matching.words import WORDS
from mentorship_coordination.models.matching import MatchFilling, MatchProposal, MatchRun
from mentorship_coordination.selectors.match_runs import Inputs, get_inputs
from users.models import User

#: A worker that has not answered by then is taken for dead.
LEASE: Final = timedelta(seconds=BUDGET + 60)
MOST_ATTEMPTS: Final = 3
LONGEST_FAILURE: Final = 500
ROWS_AT_ONCE: Final = 2000

logger = structlog.get_logger(__name__)


class _NoLongerWanted(Exception):
    """The run was discarded while it was being solved."""


def solve_match_run(*, run_id: UUID, at: datetime) -> bool:
    """Solve one run that was asked for; is it a draft now? Outside of a transaction.

    A pool that cannot be solved leaves the run failed, with the reason in it, and changes nothing else.
    """
    if not _claim(run_id=run_id, at=at):
        return False
    try:
        with transaction.atomic():
            run = MatchRun.objects.select_related("weights", "requested_by").get(pk=run_id)
            inputs = get_inputs(run, at)
        if run.kind == MatchRunKind.WHAT_IF:
            _keep_difference(run_id=run_id, **_what_if(run_id, inputs), at=clock.now())
        else:
            matching = _match(run_id, inputs)
            keep_answer(run_id=run_id, matching=matching, inputs=inputs, at=clock.now())
    except PinBroken as broken:
        _refuse_pin(run_id=run_id, inputs=inputs, broken=broken)
    except SolverFailed as failure:
        logger.exception("a matching could not be solved", run=str(run_id))
        _fail(run_id=run_id, reason=f"The solver gave no answer: {failure}")
    except _NoLongerWanted:
        return False
    else:
        return True
    return False


@action
def draft_match_run(
    *,
    cohort_id: UUID | None,
    by: User | None,
    at: datetime,
    kind: MatchRunKind = MatchRunKind.MATCH,
    policy: Mapping[str, Any] | None = None,
    is_automatic: bool = False,
) -> MatchRun:
    """Ask and solve in one step, in the caller's transaction. Raises DraftExists, SolverFailed."""
    run = request_match_run(
        cohort_id=cohort_id, kind=kind, policy=policy, by=by, at=at, is_over_everybody=True, is_woken=False
    )
    inputs = get_inputs(run, at)
    matching = match(inputs.pool, weights=inputs.weights, policy=inputs.policy)
    return keep_answer(run_id=run.pk, matching=matching, inputs=inputs, at=at, is_automatic=is_automatic)


@action
def _claim(*, run_id: UUID, at: datetime) -> bool:
    run = MatchRun.objects.select_for_update(of=("self",)).filter(pk=run_id).first()
    if run is None:
        raise NotVisible
    is_orphan = run.state == MatchRunState.RUNNING and run.lease_until is not None and run.lease_until < at
    if run.state != MatchRunState.REQUESTED and not is_orphan:
        return False
    if run.attempts >= MOST_ATTEMPTS:
        _close_failed(run, "It was begun several times and never came to an end.")
        return False
    run.state, run.started_at, run.lease_until = MatchRunState.RUNNING, at, at + LEASE
    run.attempts += 1
    run.progress, run.failure = {"step": "reading"}, ""
    run.save(update_fields=["state", "started_at", "lease_until", "attempts", "progress", "failure"])
    tell_run(run, step="reading")
    return True


def _match(run_id: UUID, inputs: Inputs) -> Matching:
    def tell(turn: int, gap: float) -> None:
        _note_progress(run_id=run_id, turn=turn, gap=gap)

    _note_progress(run_id=run_id, turn=None, gap=None)
    return match(inputs.pool, weights=inputs.weights, policy=inputs.policy, tell=tell)


@action
def _note_progress(*, run_id: UUID, turn: int | None, gap: float | None) -> None:
    """`gap` in points: how far the best answer so far may be from the optimum."""
    run = MatchRun.objects.select_for_update(of=("self",)).get(pk=run_id)
    if run.state != MatchRunState.RUNNING:
        raise _NoLongerWanted
    run.progress = (
        {"step": "solving"} if turn is None else {"step": "solving", "round": turn, "gap": round(gap or 0, 1)}
    )
    run.save(update_fields=["progress"])
    tell_run(run, **run.progress)


def _what_if(run_id: UUID, inputs: Inputs) -> dict[str, Any]:
    before = _match(run_id, inputs)
    pool = changed_pool(inputs.pool, inputs.changes or Changes(), inputs.alike or {})
    known = {each.id for each in pool.candidates}
    pool = replace(pool, pinned=frozenset(each for each in pool.pinned if each[0] in known))
    after = _match(
        run_id,
        replace(
            inputs,
            pool=pool,
            weights=inputs.changed_weights or inputs.weights,
            policy=inputs.changed_policy or inputs.policy,
        ),
    )
    summary = summary_of(after, inputs.tracks) | {"difference": difference(before, after)}
    return {"summary": summary, "certificate": after.certificate}


@action
def _keep_difference(*, run_id: UUID, summary: dict[str, Any], certificate: dict[str, Any], at: datetime) -> None:
    run = _running(run_id)
    run.state, run.method, run.solved_at = MatchRunState.COMPARED, METHOD, at
    run.summary, run.certificate, run.progress = summary, certificate, {}
    run.save(update_fields=["state", "method", "solved_at", "summary", "certificate", "progress"])
    tell_run(run)


@action
def keep_answer(
    *, run_id: UUID, matching: Matching, inputs: Inputs, at: datetime, is_automatic: bool = False
) -> MatchRun:
    """Store pairs, reasons, mentors' figures and the proof; an earlier answer of the run is replaced.

    Of an automatic run only the mentors who got somebody are noted, and no advice is sought: it comes every minute.
    """
    run = _running(run_id)
    summary = summary_of(matching, inputs.tracks)
    if run.kind == MatchRunKind.REMATCH:
        summary["stay"] = sum(bool(each.explanation.get("stays")) for each in matching.pairings)
    if not is_automatic:
        summary["advice"] = _advice(matching, inputs)
    run.state, run.method, run.solved_at = MatchRunState.DRAFT, METHOD, at
    run.options |= {"policy": inputs.policy.as_values(), "weights": inputs.weights.as_values()}
    run.summary, run.certificate, run.progress = summary, matching.certificate, {}
    # What counts is how often one solution was begun, not how often a draft was adjusted.
    run.attempts = 0
    run.save(
        update_fields=["state", "method", "solved_at", "options", "summary", "certificate", "progress", "attempts"]
    )
    run.proposals.all().delete()
    run.fillings.all().delete()
    MatchProposal.objects.bulk_create(_proposals(run, matching.pairings), batch_size=ROWS_AT_ONCE)
    MatchFilling.objects.bulk_create(_fillings(run, matching, only_filled=is_automatic), batch_size=ROWS_AT_ONCE)
    tell_run(run)
    return run


def _running(run_id: UUID) -> MatchRun:
    run = MatchRun.objects.select_for_update(of=("self",)).get(pk=run_id)
    if run.state not in (MatchRunState.RUNNING, MatchRunState.REQUESTED):
        raise _NoLongerWanted
    return run


def _advice(matching: Matching, inputs: Inputs) -> list[dict[str, Any]]:
    with suppress(SolverFailed):
        found = where_one_more_helps(
            matching.pool,
            matching.solved.assignment,
            matching.solved.prices,
            matching.weights,
            matching.policy,
        )
        return [
            asdict(each) | {"track_id": str(each.track_id), "track": inputs.tracks.get(each.track_id, "")}
            for each in found
        ]
    return []


def _proposals(run: MatchRun, pairings: Iterable[Pairing]) -> Iterable[MatchProposal]:
    """In a rematch whoever stays is not listed."""
    for each in pairings:
        if not each.explanation.get("stays"):
            yield MatchProposal(
                id=new_id(),
                run=run,
                enrolment_id=each.waiting.enrolment_id,
                cohort_id=each.waiting.cohort_id,
                mentee_id=each.waiting.mentee_id,
                mentor_id=each.mentor_id,
                former_mentor_id=each.waiting.current,
                state=ProposalState.UNMATCHED if each.mentor_id is None else ProposalState.PROPOSED,
                score=each.score,
                parts=each.parts,
                blocked=each.blocked,
                explanation=each.explanation,
            )


def _fillings(run: MatchRun, matching: Matching, *, only_filled: bool) -> Iterable[MatchFilling]:
    prices = matching.solved.prices.tolist()
    for each, price in zip(matching.fillings, prices, strict=True):
        if each.taken or not only_filled:
            yield MatchFilling(
                id=new_id(),
                run=run,
                mentor_id=each.candidate.id,
                load=each.candidate.load,
                places=each.candidate.places,
                taken=each.taken,
                blocked=each.blocked,
                elsewhere=each.elsewhere,
                price=price,
            )


@action
def _fail(*, run_id: UUID, reason: str) -> None:
    _close_failed(MatchRun.objects.select_for_update(of=("self",)).get(pk=run_id), reason)


def _close_failed(run: MatchRun, reason: str) -> None:
    """A draft whose adjustment failed is the draft again that it was."""
    if run.state not in (MatchRunState.RUNNING, MatchRunState.REQUESTED):
        return
    run.state, run.failure, run.progress = MatchRunState.FAILED, reason[:LONGEST_FAILURE], {}
    if run.solved_at is not None:
        run.state = MatchRunState.DRAFT
        run.options |= run.options.get("before") or {}
    run.save(update_fields=["state", "failure", "progress", "options"])
    tell_run(run)


@action
def _refuse_pin(*, run_id: UUID, inputs: Inputs, broken: PinBroken) -> None:
    students = {each.mentee_id: each.name for each in inputs.pool.waiting}
    mentor = User.objects.values_list("name", flat=True).filter(pk=broken.mentor_id).first() or "that mentor"
    rule = WORDS.get(broken.rule, broken.rule.replace("_", " "))
    reason = f"{students[broken.mentee_id]} cannot be given to {mentor}: {rule}."
    _close_failed(MatchRun.objects.select_for_update(of=("self",)).get(pk=run_id), reason)
