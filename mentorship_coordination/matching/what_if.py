"""A pool with some inputs changed, and the difference between two matchings. Source: product.md §10."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Final
from uuid import UUID

from mentorship_coordination.matching.engine import Matching
from mentorship_coordination.matching.people import Candidate, Pool, Waiting

#: Pairs that a difference lists; the counts count them all.
MOST_LISTED: Final = 200
MOST_JOINING: Final = 1000


@dataclass(frozen=True, slots=True)
class Changes:
    """`places`: mentees at once of some mentors, from now on; `joining`: how many new students by cohort."""

    without_mentors: frozenset[UUID] = frozenset()
    places: Mapping[UUID, int] = field(default_factory=dict)
    joining: Mapping[UUID, int] = field(default_factory=dict)
    new_mentors: tuple[Candidate, ...] = ()


def changed_pool(pool: Pool, changes: Changes, alike: Mapping[UUID, list[Waiting]]) -> Pool:
    """The pool as it would be. Who joins is like somebody of her cohort, drawn from `alike`; the same every time."""
    candidates = [
        replace(each, places=max(changes.places[each.id] - each.load, 0)) if each.id in changes.places else each
        for each in (*pool.candidates, *changes.new_mentors)
        if each.id not in changes.without_mentors
    ]
    joining = [
        joined
        for cohort_id, count in sorted(changes.joining.items())
        for joined in _joining(pool, alike.get(cohort_id, []), cohort_id, count)
    ]
    return replace(pool, waiting=(*pool.waiting, *joining), candidates=tuple(candidates))


def _joining(pool: Pool, alike: list[Waiting], cohort_id: UUID, count: int) -> Iterable[Waiting]:
    random = Random(str(cohort_id))  # noqa: S311 - the same every time, nothing secret
    for nth in range(count if alike else 0):
        made_up = UUID(int=random.getrandbits(128))
        yield replace(
            random.choice(alike),
            enrolment_id=made_up,
            mentee_id=made_up,
            since=pool.at,
            name=f"Joining {nth + 1}",
            current=None,
        )


def difference(before: Matching, after: Matching) -> dict[str, Any]:
    """Plain JSON: the figures of both, and the students for whom something changed."""
    old = {each.waiting.enrolment_id: each for each in before.pairings}
    new = {each.waiting.enrolment_id: each for each in after.pairings}
    names = {each.candidate.id: each.candidate.name for matching in (before, after) for each in matching.fillings}
    changed, counts = [], {"same": 0, "other_mentor": 0, "newly_matched": 0, "newly_unmatched": 0, "joining": 0}
    for enrolment_id, pairing in new.items():
        was = old.get(enrolment_id)
        kind = _kind(was.mentor_id if was else None, pairing.mentor_id, is_new=was is None)
        counts[kind] += 1
        if kind not in ("same", "joining"):
            changed.append(
                {
                    "enrolment": str(enrolment_id),
                    "mentee": pairing.waiting.name,
                    "kind": kind,
                    "before": names.get(was.mentor_id) if was and was.mentor_id else None,
                    "after": names.get(pairing.mentor_id) if pairing.mentor_id else None,
                }
            )
    return {"counts": counts, "changed": changed[:MOST_LISTED], "before": _figures(before), "after": _figures(after)}


def _kind(before: UUID | None, after: UUID | None, *, is_new: bool) -> str:
    if is_new:
        return "joining"
    if before == after:
        return "same"
    if before is None:
        return "newly_matched"
    return "newly_unmatched" if after is None else "other_mentor"


def _figures(matching: Matching) -> dict[str, Any]:
    scores = [each.score for each in matching.pairings if each.score is not None]
    return {
        "waiting": len(matching.pairings),
        "matched": len(scores),
        "unmatched": len(matching.pairings) - len(scores),
        "total_score": sum(scores),
        "is_proved": matching.solved.is_proved,
    }
