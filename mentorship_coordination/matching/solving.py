"""From tables to an assignment with its proof and its ranks: what the solving process does. No Django, no database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from mentorship_coordination.matching.explaining import Ranks, rank_pairs
from mentorship_coordination.matching.market import NOBODY, Ints, Market, Solution
from mentorship_coordination.matching.pairs import AllowedPairs
from mentorship_coordination.matching.policy import Policy
from mentorship_coordination.matching.scoring import Scorer
from mentorship_coordination.matching.solver import solve
from mentorship_coordination.matching.tables import Tables

Tell = Callable[["Solved"], None]


@dataclass(frozen=True)
class Solved:
    """`assignment` (M,) counts all mentors of the tables; `prices` (K,) in units, 0 for those without a place."""

    assignment: Ints
    prices: Ints
    objective: int
    bound: int
    rounds: int
    match_points: int
    ranks: Ranks | None = None

    @property
    def is_proved(self) -> bool:
        return self.objective == self.bound


def solve_tables(
    tables: Tables, policy: Policy, *, prices: Ints | None = None, tell: Tell | None = None, explains: bool = True
) -> Solved:
    """The best assignment of the students in `tables`; the pinned pairs are part of it. Raises SolverFailed.

    A pinned pair takes its place before the others are looked at; whether its rules hold is the caller's to check.
    """
    pinned = tables.pinned
    fixed = np.full(tables.students, NOBODY, np.int64)
    fixed[pinned[:, 0]] = pinned[:, 1]
    taken = np.bincount(pinned[:, 1], minlength=tables.mentors)
    left = np.maximum(tables.places - taken, 0)
    students, mentors = np.flatnonzero(fixed == NOBODY), np.flatnonzero(left > 0)
    part = tables.of_students(students).of_mentors(mentors)
    pairs = Scorer(part).allowed_pairs()
    market = market_of(part, pairs, policy, left[mentors], (tables.load + taken)[mentors])

    def whole(solution: Solution, ranks: Ranks | None = None) -> Solved:
        assignment, all_prices = fixed.copy(), np.zeros(tables.mentors, np.int64)
        matched = solution.assignment != NOBODY
        assignment[students[matched]] = mentors[solution.assignment[matched]]
        all_prices[mentors] = solution.prices
        return Solved(
            assignment, all_prices, solution.objective, solution.bound, solution.rounds, market.match_points, ranks
        )

    heard = None if tell is None else lambda solution: tell(whole(solution))
    solution = solve(market, prices=None if prices is None else prices[mentors], tell=heard)
    if not explains:
        return whole(solution)
    return whole(solution, rank_pairs(market, pairs, solution).numbered(students, mentors, tables.students))


def market_of(tables: Tables, pairs: AllowedPairs, policy: Policy, places: Ints, load: Ints) -> Market:
    worth = replace(pairs, points=policy.worth(pairs.points))
    current = tables.current if (tables.current != NOBODY).any() else None
    highest = int(worth.points.max(initial=0))
    # To stay outweighs whatever one cycle through the mentors could bring in score, unless the policy names points.
    stay = (tables.mentors + 1) * highest + 2 if policy.stay is None else policy.stay
    return Market(worth, places, load, current, stay, policy.evenness)
