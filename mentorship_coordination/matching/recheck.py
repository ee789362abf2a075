"""Do the rules still hold for a pair that was proposed before? Values in, the name of a rule out; no Django."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from uuid import UUID

from mentorship_coordination.matching.greedy import Matcher
from mentorship_coordination.matching.people import Candidate, Pool, Waiting


def find_broken_rule(pool: Pool, waiting: Waiting, candidate: Candidate) -> str | None:
    """The first hard rule that keeps these two apart, as the matching itself would count it; None when all hold.

    Source: product.md §10.
    """
    pair = candidate.id, waiting.mentee_id
    forbidden = frozenset({pair}) if pair in pool.forbidden else frozenset()
    alone = replace(pool, waiting=(waiting,), candidates=(candidate,), forbidden=forbidden)
    [pairing] = Matcher(alone).pairings()
    return next(iter(pairing.blocked), None)


class Recheck:
    """Proposed pairs against the pool as it is now. A pair that begins takes one of its mentor's places."""

    def __init__(self, pool: Pool, assigned: Set[UUID]) -> None:
        """`assigned`: enrolments that have a primary mentor by now."""
        self._pool = pool
        self._assigned = assigned
        self._waiting = {each.enrolment_id: each for each in pool.waiting}
        self._candidates = {each.id: each for each in pool.candidates}

    def find_broken_rule(self, enrolment_id: UUID, mentor_id: UUID) -> str | None:
        """Who left the pool is named first, then the rules of the matching."""
        if enrolment_id in self._assigned:
            return "already_assigned"
        waiting = self._waiting.get(enrolment_id)
        if waiting is None:
            return "student_not_active"
        if mentor_id in self._pool.away:
            return "mentor_away"
        candidate = self._candidates.get(mentor_id)
        if candidate is None:
            return "mentor_not_available"
        return find_broken_rule(self._pool, waiting, candidate)

    def take_place(self, mentor_id: UUID) -> None:
        candidate = self._candidates[mentor_id]
        self._candidates[mentor_id] = replace(candidate, places=candidate.places - 1)
