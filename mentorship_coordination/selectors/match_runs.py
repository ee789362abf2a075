"""What a run of the matching works on: its cohorts, its pool, its weights, what is to be changed. Run as the system.

Source: product.md §10.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import Q

from mentorship_coordination.enums import OPEN_RUNS, MatchRunKind, MatchRunState, MatchScope
from mentorship_coordination.matching.people import Candidate, Pairs, Pool, Waiting
from mentorship_coordination.matching.policy import Policy
from mentorship_coordination.matching.recheck import RuleBook
from mentorship_coordination.matching.weights import Weights
from mentorship_coordination.matching.what_if import Changes
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.matching import MatchRun, MatchWeights
from mentorship_coordination.selectors.matching import (
    get_pool,
    list_away,
    list_candidates,
    list_forbidden_pairs,
    list_waiting_of,
)
from users.models import Cohort, CohortDirector, Track, User

#: Who was moved is not moved again before this has passed.
SETTLES: Final = timedelta(weeks=4)


@dataclass(frozen=True)
class Inputs:
    """`changes` and `alike` are of what-ifs alone: `alike` holds whom joining students are like, by cohort."""

    pool: Pool
    weights: Weights
    policy: Policy
    tracks: Mapping[UUID, str]
    changes: Changes | None = None
    changed_weights: Weights | None = None
    changed_policy: Policy | None = None
    alike: Mapping[UUID, list[Waiting]] | None = None


def find_newest_weights() -> MatchWeights | None:
    return MatchWeights.objects.first()


def get_weights() -> Weights:
    """The newest, which a run that is asked for now would have."""
    newest = find_newest_weights()
    return Weights.of(newest.values) if newest else Weights()


def list_runs_to_carry_out(at: datetime) -> list[tuple[UUID, str]]:
    """(id, state) of runs that were asked for or are to be published, and of those whose worker is gone."""
    orphans = Q(state=MatchRunState.RUNNING, lease_until__lt=at)
    runs = MatchRun.objects.filter(Q(state__in=(MatchRunState.REQUESTED, MatchRunState.PUBLISHING)) | orphans)
    return list(runs.order_by("created_at", "id").values_list("id", "state"))


def cohorts_of(run: MatchRun) -> list[UUID] | None:
    """The run's cohort, those of the director who asked, or None for all that there are."""
    if run.cohort_id is not None:
        return [run.cohort_id]
    if run.options.get("scope") == MatchScope.ALL:
        return None
    return list(
        CohortDirector.objects.filter(user=run.requested_by).order_by("cohort_id").values_list("cohort_id", flat=True)
    )


def get_inputs(run: MatchRun, at: datetime) -> Inputs:
    """Everything that a run computes from. The number of queries does not depend on the pool."""
    cohort_ids, options = cohorts_of(run), run.options
    pool = _rematch_pool(cohort_ids, at) if run.kind == MatchRunKind.REMATCH else get_pool(cohort_ids=cohort_ids, at=at)
    pool = _with_wishes(pool, options)
    weights = Weights.of(run.weights.values) if run.weights else Weights()
    policy = Policy.of(options.get("policy") or {})
    tracks = dict(Track.objects.values_list("pk", "name"))
    if run.kind != MatchRunKind.WHAT_IF:
        return Inputs(pool, weights, policy, tracks)
    wished = options.get("changes") or {}
    joining = {UUID(cohort): count for cohort, count in (wished.get("joining") or {}).items()}
    if not pool.waiting and joining:
        pool = replace(pool, candidates=tuple(list_candidates(list_away(at))), forbidden=list_forbidden_pairs())
    return Inputs(
        pool,
        weights,
        policy,
        tracks,
        changes=_changes(wished, joining),
        changed_weights=Weights.of(weights.as_values() | (wished.get("weights") or {})),
        changed_policy=Policy.of(options.get("policy", {}) | (wished.get("policy") or {})),
        alike=_alike(joining),
    )


def _with_wishes(pool: Pool, options: Mapping[str, Any]) -> Pool:
    """What the director says of a pair goes before its having begun a short while ago."""
    pinned, unwanted = _pairs(options.get("pinned")), _pairs(options.get("unwanted"))
    given = {mentee for _, mentee in pinned}
    settled = frozenset(each for each in pool.pinned if each not in unwanted and each[1] not in given)
    return replace(pool, pinned=settled | pinned, unwanted=unwanted)


def _pairs(entries: Iterable[Mapping[str, str]] | None) -> Pairs:
    return frozenset((UUID(each["mentor"]), UUID(each["mentee"])) for each in entries or ())


def _changes(wished: Mapping[str, Any], joining: Mapping[UUID, int]) -> Changes:
    return Changes(
        without_mentors=frozenset(UUID(each) for each in wished.get("without_mentors") or ()),
        places={UUID(mentor): limit for mentor, limit in (wished.get("places") or {}).items()},
        joining=joining,
        new_mentors=tuple(_new_mentor(nth, each) for nth, each in enumerate(wished.get("new_mentors") or ())),
    )


def _new_mentor(nth: int, wished: Mapping[str, Any]) -> Candidate:
    return Candidate(
        id=UUID(int=nth),
        languages=frozenset(wished["languages"]),
        specialties=frozenset(wished["specialties"]),
        timezone=wished["timezone"],
        availability=json.dumps(wished["availability"], sort_keys=True),
        places=wished["places"],
        load=0,
        cohorts=frozenset(),
        name=f"New mentor {nth + 1}",
    )


def _alike(joining: Mapping[UUID, int]) -> dict[UUID, list[Waiting]]:
    """Students of the cohorts that somebody joins."""
    enrolments = Cohort.objects.filter(pk__in=list(joining)).values_list("enrolments", flat=True)
    alike: dict[UUID, list[Waiting]] = {}
    for each in list_waiting_of(enrolment for enrolment in enrolments if enrolment):
        alike.setdefault(each.cohort_id, []).append(each)
    return alike


def _rematch_pool(cohort_ids: list[UUID] | None, at: datetime) -> Pool:
    """Everybody with an active mentor, to be matched anew where that cannot go on.

    Pairs of mentors who are away rest as they are; a pair that began less than four weeks ago is pinned while the rules
    hold. A mentor's places are what her other mentees leave.
    """
    away = list_away(at)
    pairs = MenteeMentorAssignment.objects.primary().active().exclude(mentor__in=away)
    if cohort_ids is not None:
        pairs = pairs.filter(cohort__in=cohort_ids)
    of_enrolment = {
        enrolment: (mentor, started)
        for enrolment, mentor, started in pairs.values_list("enrolment_id", "mentor_id", "started_at")
    }
    waiting = tuple(replace(each, current=of_enrolment[each.enrolment_id][0]) for each in list_waiting_of(of_enrolment))
    in_pool = Counter(each.current for each in waiting)
    limits = dict(User.objects.filter(is_mentor=True).values_list("pk", "mentor_max_mentees"))
    candidates = []
    for each in list_candidates(away):
        others = each.load - in_pool[each.id]
        candidates.append(replace(each, load=others, places=max(limits[each.id] - others, 0)))
    pool = Pool(waiting, tuple(candidates), list_forbidden_pairs(), at, away)
    return replace(pool, pinned=_settling(pool, of_enrolment))


def _settling(pool: Pool, of_enrolment: Mapping[UUID, tuple[UUID, datetime | None]]) -> Pairs:
    rules, left = RuleBook(pool), {each.id: each.places for each in pool.candidates}
    pinned = set()
    for each in pool.waiting:
        mentor_id, started_at = of_enrolment[each.enrolment_id]
        is_new = started_at is not None and pool.at - started_at < SETTLES
        if is_new and left.get(mentor_id, 0) > 0 and rules.may_meet(each.enrolment_id, mentor_id):
            left[mentor_id] -= 1
            pinned.add((mentor_id, each.mentee_id))
    return frozenset(pinned)


def find_open_run(cohort_id: UUID | None, asker_id: UUID | None) -> MatchRun | None:
    """The run that keeps another one of the same scope from being asked for."""
    runs = MatchRun.objects.filter(state__in=OPEN_RUNS).exclude(kind=MatchRunKind.WHAT_IF)
    if cohort_id is not None:
        return runs.filter(cohort=cohort_id).first()
    return runs.filter(cohort__isnull=True, requested_by=asker_id).first()


def find_publisher(run_id: UUID) -> User | None:
    """Who asked for the publication."""
    options = MatchRun.objects.values_list("options", flat=True).filter(pk=run_id).first() or {}
    return User.objects.filter(pk=options["published_by"]).first() if options.get("published_by") else None
