"""The matching of a pool of people: who gets whom and why, with the proof that none is better.

Large pools are solved in a process of their own, which has a budget of seconds: when it runs out, the best answer so
far is returned with its gap, and the memory is given back either way. Source: product.md §10, architecture.md §9.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import numpy as np

from mentorship_coordination.matching.explaining import (
    LeftOut,
    MentorFigures,
    Ranks,
    explain_left_out,
    explain_mentors,
)
from mentorship_coordination.matching.market import NOBODY
from mentorship_coordination.matching.people import Candidate, Pairing, Pool
from mentorship_coordination.matching.policy import Policy
from mentorship_coordination.matching.process import solve_apart
from mentorship_coordination.matching.scoring import RULES, parts_of, rules_of
from mentorship_coordination.matching.solving import Solved, solve_tables
from mentorship_coordination.matching.tables import Tables, tables_of
from mentorship_coordination.matching.weights import Weights

METHOD: Final = "priced-flow-1"
#: Pairs up to which the caller's own process solves: milliseconds, and less than starting another takes.
SMALL: Final = 300_000
#: Seconds of a large pool.
BUDGET: Final = 90.0

Tell = Callable[[int, float], None]


class PinBroken(ValueError):
    """A pinned pair breaks a hard rule: `mentor_id`, `mentee_id`, `rule`."""

    def __init__(self, mentor_id: UUID, mentee_id: UUID, rule: str) -> None:
        super().__init__(rule)
        self.mentor_id, self.mentee_id, self.rule = mentor_id, mentee_id, rule


@dataclass(frozen=True, slots=True)
class Filling:
    """Why a mentor is filled or not: students per rule that keeps them from her, and those who fit better elsewhere."""

    candidate: Candidate
    taken: int
    blocked: dict[str, int]
    elsewhere: int


@dataclass(frozen=True)
class Matching:
    """`pairings` in the order of the pool's students, `fillings` in that of its mentors. Prices are the certificate."""

    pool: Pool
    weights: Weights
    policy: Policy
    pairings: list[Pairing]
    fillings: list[Filling]
    solved: Solved

    @property
    def certificate(self) -> dict[str, Any]:
        """Numbers in units of 1/1024 point; equal `objective` and `bound` are the proof."""
        solved = self.solved
        return {
            "objective": solved.objective,
            "bound": solved.bound,
            "is_proved": solved.is_proved,
            "rounds": solved.rounds,
            "match_points": solved.match_points,
        }


def match(
    pool: Pool,
    *,
    weights: Weights | None = None,
    policy: Policy | None = None,
    budget: float = BUDGET,
    tell: Tell | None = None,
) -> Matching:
    """The best matching there is, explained. The same for the same pool.

    `tell` hears (round, gap in points) while a large pool is solved. Raises PinBroken, SolverFailed; SolverStopped
    when the budget ran out before any answer.
    """
    weights, policy = weights or Weights(), policy or Policy()
    tables = tables_of(pool, weights)
    _check_pins(pool, tables)
    if tables.students * tables.mentors <= SMALL:
        solved = solve_tables(tables, policy)
    else:
        solved = solve_apart(tables, policy, budget=budget, tell=tell)
    return Matching(pool, weights, policy, _pairings(pool, tables, solved), _fillings(pool, tables, solved), solved)


def pair_all(pool: Pool, weights: Weights) -> list[Pairing]:
    """The pairings alone, with the aims as they are by default."""
    return match(pool, weights=weights).pairings


def _check_pins(pool: Pool, tables: Tables) -> None:
    waiting, candidates = {each.mentee_id for each in pool.waiting}, {each.id for each in pool.candidates}
    for mentor_id, mentee_id in sorted(pool.pinned):
        if mentee_id in waiting and mentor_id not in candidates:
            raise PinBroken(mentor_id, mentee_id, "mentor_not_available")
    pinned = tables.pinned
    rules = rules_of(tables, pinned[:, 0], pinned[:, 1])
    over = np.bincount(pinned[:, 1], minlength=tables.mentors) > tables.places
    students, twice = np.unique(pinned[:, 0], return_counts=True)
    for (student, mentor), rule in zip(pinned.tolist(), rules.tolist(), strict=True):
        name = RULES[rule] or ("full" if over[mentor] else "")
        if student in students[twice > 1]:
            name = "pinned_twice"
        if name:
            raise PinBroken(pool.candidates[mentor].id, pool.waiting[student].mentee_id, name)


def _pairings(pool: Pool, tables: Tables, solved: Solved) -> list[Pairing]:
    matched = np.flatnonzero(solved.assignment != NOBODY)
    given = solved.assignment[matched]
    parts = parts_of(tables, matched, given)
    pinned = set(tables.pinned[:, 0].tolist())
    answers: dict[int, Pairing] = {}
    names = list(parts)
    rows = np.stack([parts[name] for name in names], axis=1).tolist() if len(matched) else []
    for student, mentor, points in zip(matched.tolist(), given.tolist(), rows, strict=True):
        own = dict(zip(names, points, strict=True))
        explanation = {"pinned": True} if student in pinned else _standing(pool, solved.ranks, student, mentor)
        waiting = pool.waiting[student]
        if waiting.current is not None:
            explanation["stays"] = pool.candidates[mentor].id == waiting.current
        answers[student] = Pairing(waiting, pool.candidates[mentor].id, sum(points), own, {}, explanation)
    for each in explain_left_out(tables, solved.assignment):
        answers[each.student] = Pairing(pool.waiting[each.student], None, None, {}, each.blocked, _change(pool, each))
    return [answers[student] for student in range(tables.students)]


def _standing(pool: Pool, ranks: Ranks | None, student: int, mentor: int) -> dict[str, Any]:
    if ranks is None:
        return {}
    standing: dict[str, Any] = {"rank": int(ranks.rank[student]), "choices": int(ranks.choices[student])}
    best = int(ranks.best[student])
    if ranks.gain[student] > 0 and best not in (mentor, NOBODY):
        others = int(ranks.others_lose[student])
        standing["best"] = {
            "mentor": str(pool.candidates[best].id),
            "name": pool.candidates[best].name,
            "gain": int(ranks.gain[student]),
            # None: somebody else would be left without a mentor.
            "others_lose": None if others == NOBODY else others,
        }
    return standing


def _change(pool: Pool, left_out: LeftOut) -> dict[str, Any]:
    change: dict[str, Any] = {"kind": left_out.change.value, "mentors": left_out.mentors}
    if left_out.mentor is not None:
        candidate = pool.candidates[left_out.mentor]
        change |= {"mentor": str(candidate.id), "name": candidate.name}
    if left_out.quarters:
        change["minutes"] = 15 * left_out.quarters
    return {"change": change}


def _fillings(pool: Pool, tables: Tables, solved: Solved) -> list[Filling]:
    if not tables.students:
        return [Filling(each, 0, {}, 0) for each in pool.candidates]
    figures: MentorFigures = explain_mentors(tables, solved.assignment)
    return [Filling(each, **figures.of(nth)) for nth, each in enumerate(pool.candidates)]
