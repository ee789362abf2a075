"""Which mentees of a mentor with too many could go to whom; nothing is broken by itself. Source: product.md §6."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace
from uuid import UUID

from mentorship_coordination.matching.engine import pair_all
from mentorship_coordination.matching.people import Pool
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.selectors.forecast import Outlooks
from mentorship_coordination.selectors.match_runs import get_weights
from mentorship_coordination.selectors.matching import (
    list_away,
    list_candidates,
    list_forbidden_pairs,
    list_waiting_of,
)
from mentorship_coordination.selectors.mentor_loads import list_mentor_loads


@dataclass(frozen=True, slots=True)
class ProposedTransfer:
    """A pair that could end so that another mentor, who has room, takes the student."""

    assignment_id: UUID
    mentee: str
    from_id: UUID
    from_name: str
    to_id: UUID
    to_name: str


def list_transfers(outlooks: Outlooks, of: Set[UUID] | None = None) -> list[ProposedTransfer]:
    """For each mentor over her limit of mentees (or of those named), her newest pairs that fit elsewhere.

    As many queries whatever the number of mentors; one when nobody is over it.
    """
    at = outlooks.at
    surplus = {
        each.id: each.mentees - each.max_mentees
        for each in list_mentor_loads(at)
        if each.mentees > each.max_mentees and each.id in outlooks.of and (of is None or each.id in of)
    }
    if not surplus:
        return []
    pairs = _newest_pairs(surplus)
    away = list_away(at)
    candidates = list_candidates(away, among=outlooks.of.keys() - surplus.keys())
    pool = Pool(
        tuple(list_waiting_of(pairs)),
        tuple(replace(each, places=outlooks.of[each.id].places) for each in candidates),
        list_forbidden_pairs(),
        at,
        away,
    )
    return [
        ProposedTransfer(
            pair.pk,
            pair.mentee.name,
            pair.mentor_id,
            outlooks.of[pair.mentor_id].name,
            pairing.mentor_id,
            outlooks.of[pairing.mentor_id].name,
        )
        for pairing in pair_all(pool, get_weights())
        if pairing.mentor_id is not None
        for pair in [pairs[pairing.waiting.enrolment_id]]
    ]


def _newest_pairs(surplus: dict[UUID, int]) -> dict[UUID, MenteeMentorAssignment]:
    """Of each mentor as many of her newest pairs as she has too many, by enrolment. One query."""
    left = dict(surplus)
    pairs = MenteeMentorAssignment.objects.primary().active().filter(mentor__in=list(surplus)).select_related("mentee")
    found = {}
    for pair in pairs.order_by("-created_at", "-id"):
        if left[pair.mentor_id] > 0:
            left[pair.mentor_id] -= 1
            found[pair.enrolment_id] = pair
    return found
