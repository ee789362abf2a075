"""Runs of the matching as directors and admins handle them: asked for, adjusted, compared, published, discarded.

The solving itself is a job that sees everybody: see `match_solving` and `match_publishing`. Source: product.md §10.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction

from core.actions import action
from core.enums import Audience, StreamEventName
from core.errors import Conflict, InvalidInput, NotVisible, RuleBroken
from core.stream.publish import emit
from core.wakeup import wake
from mentorship_coordination.enums import DRAFT_RUNS, OPEN_RUNS, MatchRunKind, MatchRunState, MatchScope, PairWish
from mentorship_coordination.matching.policy import Policy
from mentorship_coordination.matching.weights import Weights
from mentorship_coordination.models.matching import MatchRun, MatchWeights
from mentorship_coordination.selectors.match_reading import list_mentees_not_in, list_unknown_mentors
from mentorship_coordination.selectors.match_runs import find_newest_weights, find_open_run
from users.models import User

MATCH_RUNS: Final = "mentorship_coordination.carry_out_match_runs"
#: Pairs that a director may pin or forbid in one run.
MOST_WISHES: Final = 500


class DraftExists(Conflict):
    code = "draft_exists"
    message = "There is a run for this scope already: publish or discard it first."


class RunClosed(Conflict):
    code = "run_closed"
    message = "This run is no draft any more."


class RunUnderWay(Conflict):
    code = "run_under_way"
    message = "This run is being worked on: wait until it is a draft."


class NothingToPublish(RuleBroken):
    code = "what_if_only"
    message = "This run only answers what would be; it can not be published."


#: Tries to publish a run before it is a draft again.
MOST_PUBLICATIONS = 5
NOT_PUBLISHED = "It could not be published: no pair has begun. The log says why."


@action
def request_match_run(
    *,
    cohort_id: UUID | None,
    by: User | None,
    at: datetime,
    kind: MatchRunKind = MatchRunKind.MATCH,
    policy: Mapping[str, Any] | None = None,
    changes: Mapping[str, Any] | None = None,
    is_over_everybody: bool = False,
    is_woken: bool = True,
) -> MatchRun:
    """Ask for a run over one cohort, all of the asker's, or all there are, which is for admins. A job solves it.

    `changes` are a what-if's. Raises InvalidInput, DraftExists while another run of the same scope is open.
    """
    Policy.of(policy or {})
    if kind == MatchRunKind.WHAT_IF:
        _check_changes(changes or {}, policy or {})
    elif find_open_run(cohort_id, by.pk if by else None):
        raise DraftExists
    run = MatchRun(
        cohort_id=cohort_id,
        kind=kind,
        state=MatchRunState.REQUESTED,
        weights=find_newest_weights(),
        options={
            "scope": scope_of(cohort_id, is_over_everybody=is_over_everybody),
            "policy": dict(policy or {}),
            "changes": dict(changes or {}),
        },
        requested_by=by,
        created_at=at,
    )
    try:
        with transaction.atomic():
            run.save(force_insert=True)
    except IntegrityError as error:
        raise DraftExists from error
    if is_woken:
        wake(MATCH_RUNS)
    return run


def scope_of(cohort_id: UUID | None, *, is_over_everybody: bool) -> MatchScope:
    if cohort_id is not None:
        return MatchScope.COHORT
    return MatchScope.ALL if is_over_everybody else MatchScope.MINE


def _check_changes(changes: Mapping[str, Any], policy: Mapping[str, Any]) -> None:
    Weights.of(Weights().as_values() | dict(changes.get("weights") or {}))
    Policy.of(dict(policy) | dict(changes.get("policy") or {}))
    if not any(changes.values()):
        raise InvalidInput(fields={"changes": ["Say what would be otherwise."]})


@action
def adjust_match_run(
    *,
    run_id: UUID,
    pinned: Sequence[Mapping[str, str]],
    unwanted: Sequence[Mapping[str, str]],
    by: User | None,
    at: datetime,
) -> MatchRun:
    """Solve a draft anew with some pairs (`mentor` and `mentee`) in it and others out. Both lists replace the old ones.

    Raises NotVisible, RunClosed, RunUnderWay, NothingToPublish, InvalidInput.
    """
    return _solve_anew(locked_draft(run_id), pinned, unwanted)


@action
def wish_for_pair(
    *, run_id: UUID, mentor_id: UUID, mentee_id: UUID, wish: PairWish, by: User | None, at: datetime
) -> MatchRun:
    """Solve a draft anew with one pair in it, out of it, or as it comes; the other wishes stay as they are.

    A student given to one mentor is no longer wanted for another. Raises as `adjust_match_run`.
    """
    run = locked_draft(run_id)
    pair = {"mentor": str(mentor_id), "mentee": str(mentee_id)}
    pinned = [each for each in run.options.get("pinned") or () if each != pair]
    unwanted = [each for each in run.options.get("unwanted") or () if each != pair]
    if wish == PairWish.KEEP:
        pinned = [*(each for each in pinned if each["mentee"] != pair["mentee"]), pair]
    elif wish == PairWish.REFUSE:
        unwanted.append(pair)
    return _solve_anew(run, pinned, unwanted)


def _solve_anew(run: MatchRun, pinned: Sequence[Mapping[str, str]], unwanted: Sequence[Mapping[str, str]]) -> MatchRun:
    if run.kind == MatchRunKind.WHAT_IF:
        raise NothingToPublish
    if len(pinned) + len(unwanted) > MOST_WISHES:
        raise InvalidInput(f"At most {MOST_WISHES} pairs.")
    mentees = [each["mentee"] for each in pinned]
    if len(set(mentees)) < len(mentees):
        raise InvalidInput(fields={"pinned": ["A student can be given one mentor only."]})
    both = {(each["mentor"], each["mentee"]) for each in pinned} & {(e["mentor"], e["mentee"]) for e in unwanted}
    if both:
        raise InvalidInput(fields={"unwanted": ["A pair cannot be wanted and unwanted."]})
    _check_people(run, pinned, unwanted)
    run.options |= {
        "pinned": [dict(each) for each in pinned],
        "unwanted": [dict(each) for each in unwanted],
        "before": {name: run.options.get(name, []) for name in ("pinned", "unwanted")},
    }
    run.state = MatchRunState.REQUESTED
    run.save(update_fields=["state", "options"])
    wake(MATCH_RUNS)
    return run


def _check_people(run: MatchRun, pinned: Sequence[Mapping[str, str]], unwanted: Sequence[Mapping[str, str]]) -> None:
    """Wishes that the run has already are let be: their people may have gone since."""
    wrong: dict[str, list[str]] = {}
    for name, pairs in (("pinned", pinned), ("unwanted", unwanted)):
        new = [each for each in pairs if each not in (run.options.get(name) or ())]
        strangers = list_mentees_not_in(run, (UUID(each["mentee"]) for each in new))
        reasons = [f"The run has no student {each}." for each in strangers]
        reasons += [f"There is no mentor {each}." for each in list_unknown_mentors(UUID(e["mentor"]) for e in new)]
        if reasons:
            wrong[name] = reasons
    if wrong:
        raise InvalidInput(fields=wrong)


@action
def note_failed_publication(*, run_id: UUID) -> None:
    """After some it is a draft again, with the reason: nothing else could be matched beside one that never ends."""
    run = _locked(run_id)
    if run.state != MatchRunState.PUBLISHING:
        return
    run.attempts += 1
    if run.attempts >= MOST_PUBLICATIONS:
        run.state, run.attempts, run.failure = MatchRunState.DRAFT, 0, NOT_PUBLISHED
    run.save(update_fields=["state", "attempts", "failure"])
    tell_run(run)


@action
def request_publication(*, run_id: UUID, by: User | None, at: datetime) -> MatchRun:
    """Let a job start the proposed pairs. Raises NotVisible, RunClosed, RunUnderWay, NothingToPublish."""
    run = locked_draft(run_id)
    if run.kind == MatchRunKind.WHAT_IF:
        raise NothingToPublish
    run.state = MatchRunState.PUBLISHING
    run.options |= {"published_by": str(by.pk) if by else None}
    run.save(update_fields=["state", "options"])
    wake(MATCH_RUNS)
    return run


@action
def discard_match_run(*, run_id: UUID, by: User | None, at: datetime) -> MatchRun:
    """Put a run aside; it stays readable. Raises NotVisible, RunClosed."""
    run = _locked(run_id)
    if run.state not in OPEN_RUNS or run.state == MatchRunState.PUBLISHING:
        raise RunClosed
    run.state = MatchRunState.DISCARDED
    run.save(update_fields=["state"])
    return run


@action
def mark_compared(*, run_id: UUID, by: User | None, at: datetime) -> MatchRun:
    """Note that a draft was held against another answer. Raises NotVisible, RunClosed, RunUnderWay."""
    run = locked_draft(run_id)
    if run.state == MatchRunState.DRAFT:
        run.state = MatchRunState.COMPARED
        run.save(update_fields=["state"])
    return run


@action
def set_match_weights(*, values: Mapping[str, Any], note: str, by: User | None, at: datetime) -> MatchWeights:
    """A new version of the weights, for all runs from now on. Raises InvalidInput."""
    weights = Weights.of(values)
    newest = find_newest_weights()
    if not note.strip():
        raise InvalidInput(fields={"note": ["Say why they are changed."]})
    return MatchWeights.objects.create(
        version=newest.version + 1 if newest else 1,
        values=weights.as_values(),
        note=note.strip(),
        created_at=at,
        created_by=by,
    )


def locked_draft(run_id: UUID) -> MatchRun:
    """Raises NotVisible, RunUnderWay, RunClosed."""
    run = _locked(run_id)
    if run.state in DRAFT_RUNS:
        return run
    raise RunUnderWay if run.state in OPEN_RUNS else RunClosed


def _locked(run_id: UUID) -> MatchRun:
    run = MatchRun.objects.select_for_update(of=("self",)).filter(pk=run_id).first()
    if run is None:
        raise NotVisible
    return run


def tell_run(run: MatchRun, **more: Any) -> None:
    """Say on the asker's stream how far the run is."""
    if run.requested_by_id is not None:
        emit(
            recipient_id=run.requested_by_id,
            audience=Audience.DIRECTOR,
            event=StreamEventName.MATCH_RUN,
            data={"kind": run.state, "run": str(run.pk), **more},
        )
