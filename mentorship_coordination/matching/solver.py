"""The best assignment of a whole market, with its proof: a flow on few pairs, then a look at all of them, again.

Students begin with the mentors who look best at guessed prices. The flow is exact on the pairs it has; its prices then
tell which of all the other pairs could do better, and those join. When none is left, the bound that the prices give
equals the objective, and that is the proof. Pure: arrays in, a solution out. Source: architecture.md §9.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from mentorship_coordination.matching.flow import best_assignment_on
from mentorship_coordination.matching.market import NOBODY, UNITS, Ints, Market, Solution
from mentorship_coordination.matching.pairs import Floats, Rows, unique
from mentorship_coordination.matching.prices import guess_prices
from mentorship_coordination.matching.residual import prices_on, prices_on_all

#: Pairs that each student begins with, and that join for a student at once.
FIRST_PAIRS: Final = 10
MORE_PAIRS: Final = 6
MOST_ROUNDS: Final = 60
#: So many better pairs after the first round come of prices that tell little: then all pairs are asked for a proof.
MANY: Final = 20_000
#: And for good measure every so many rounds.
PROOF_EVERY: Final = 10
#: Points by which a pair may fall short of its student's best and stay, once the prices tell much.
NEAR: Final = 32
#: Spread in points that keeps students who are alike from all beginning with the same mentors.
SPREAD: Final = 4

Progress = Callable[[Solution], None]


@dataclass(frozen=True, slots=True)
class _Pricing:
    """Pairs that would do better at some prices, and the bound that those prices give."""

    positions: Ints
    count: int
    bound: int


def solve(market: Market, *, prices: Ints | None = None, tell: Progress | None = None) -> Solution:
    """The best assignment. `prices` (K,) in units, if known from a similar market, save time and change nothing else.

    `tell` hears of each solution on the way: always feasible, with a true bound. Raises SolverFailed.
    """
    if market.students == 0 or market.mentors == 0:
        return Solution(np.full(market.students, NOBODY, np.int64), np.zeros(market.mentors, np.int64), 0, 0, 0)
    return _Search(market, guess_prices(market) if prices is None else prices, tell).run()


class _Search:
    def __init__(self, market: Market, prices: Ints, tell: Progress | None) -> None:
        self.market = market
        self.prices = prices
        self.bound = market.upper_bound(prices)
        self.assignment = greedy_at(market, prices)
        self.objective = market.objective(self.assignment)
        self.rounds = 0
        self._tell = tell or (lambda solution: None)

    def run(self) -> Solution:
        pairs = self._first_pairs()
        near = self.prices
        self._tell(self.solution)
        while self.objective < self.bound and self.rounds < MOST_ROUNDS:
            self.rounds += 1
            assignment = best_assignment_on(self.market, pairs)
            self._offer(assignment)
            prices = prices_on(self.market, assignment, pairs, near)
            better = self._price(prices, assignment)
            if self._prove(prices, better.bound):
                near = prices
            if (better.count > MANY and self.rounds > 1) or self.rounds % PROOF_EVERY == 0:
                self._prove_by_all_pairs(prices)
            self._tell(self.solution)
            if better.count <= MANY and self.rounds < PROOF_EVERY:
                pairs = self._near_the_best(pairs, prices)
            pairs = unique(np.concatenate([pairs, better.positions]))
        return self.solution

    @property
    def solution(self) -> Solution:
        return Solution(self.assignment, self.prices, self.objective, self.bound, self.rounds)

    def _offer(self, assignment: Ints) -> None:
        objective = self.market.objective(assignment)
        if objective > self.objective:
            self.assignment, self.objective = assignment, objective

    def _prove(self, prices: Ints, bound: int) -> bool:
        if bound >= self.bound:
            return False
        self.prices, self.bound = prices, bound
        return True

    def _prove_by_all_pairs(self, near: Ints) -> None:
        if self.objective < self.bound:
            prices = prices_on_all(self.market, self.assignment, near)
            if prices is not None:
                self._prove(prices, self.market.upper_bound(prices))

    def _first_pairs(self) -> Ints:
        """Positions, ascending: the best at guessed prices, those that exist, a first answer."""
        market = self.market
        chosen = [market.staying, market.positions_of(self.assignment)[1]]
        for start, begin, rows, gains in market.gains(self.prices / UNITS):
            students = rows.spread(np.arange(start, start + len(rows.lengths)))
            noisy = gains + _noise(students, market.pairs.mentor[begin : begin + len(gains)])
            for row in np.flatnonzero(rows.lengths > FIRST_PAIRS):
                first, last = rows.first[row], rows.first[row + 1]
                chosen.append(begin + first + np.argpartition(noisy[first:last], -FIRST_PAIRS)[-FIRST_PAIRS:])
            chosen.append(begin + np.flatnonzero(rows.spread(rows.lengths <= FIRST_PAIRS)))
        return unique(np.concatenate(chosen))

    def _near_the_best(self, pairs: Ints, prices: Ints) -> Ints:
        """Of pairs (positions, ascending) those that fall short of their student's best by `NEAR` points at most.

        An answer hardly ever needs the others any more; one that it does comes back as a better one.
        """
        market = self.market
        gains = market.points_at(pairs) - prices[market.pairs.mentor[pairs]] / UNITS
        rows = Rows(np.searchsorted(pairs, market.pairs.first))
        return pairs[gains >= rows.spread(rows.highest(gains)) - NEAR]

    def _price(self, prices: Ints, assignment: Ints) -> _Pricing:
        """The pairs that beat what `assignment` gives at these prices, at most `MORE_PAIRS` for each student."""
        market = self.market
        in_points: Floats = prices / UNITS
        own = np.full(market.students, -float(market.match_points))
        matched, positions = market.positions_of(assignment)
        own[matched] = market.points_at(positions) - in_points[assignment[matched]]
        worth, count, found = 0, 0, [np.empty(0, np.int64)]
        for start, begin, rows, gains in market.gains(in_points):
            worth += market.worth(rows.highest(gains))
            better = np.flatnonzero(gains > rows.spread(own[start : start + len(rows.lengths)]))
            if len(better):
                count += len(better)
                found.append(begin + _best_of_each(rows, better, gains[better]))
        return _Pricing(np.concatenate(found), count, worth + market.rent(prices))


def _best_of_each(rows: Rows, positions: Ints, gains: Floats) -> Ints:
    """Of each row the positions with the highest gains, at most `MORE_PAIRS`."""
    row = np.searchsorted(rows.first, positions, side="right")
    order = np.lexsort((-gains, row))
    begins = np.flatnonzero(np.diff(row[order], prepend=-1))
    nth = np.arange(len(order)) - np.repeat(begins, np.diff(begins, append=len(order)))
    return positions[order[nth < MORE_PAIRS]]


def greedy_at(market: Market, prices: Ints) -> Ints:
    """(M,): the students in a fixed mixed order, each the best at these prices whose mentor has a place."""
    pairs = market.pairs
    assignment = np.full(market.students, NOBODY, np.int64)
    left = market.places.copy()
    asked = prices / UNITS
    asked[left == 0] = np.inf
    stays_at = dict(zip(pairs.student_at(market.staying).tolist(), market.staying.tolist(), strict=True))
    remaining = int(left.sum())
    for student in np.random.default_rng(0).permutation(market.students).tolist():
        if not remaining:
            break
        begin, end = pairs.first[student], pairs.first[student + 1]
        gains = pairs.points[begin:end] - asked[pairs.mentor[begin:end]]
        if student in stays_at:
            gains[stays_at[student] - begin] += market.stay_points
        best = int(gains.argmax()) if len(gains) else NOBODY
        if best == NOBODY or gains[best] == -np.inf:
            continue
        mentor = int(pairs.mentor[begin + best])
        assignment[student] = mentor
        left[mentor] -= 1
        remaining -= 1
        if not left[mentor]:
            asked[mentor] = np.inf
    return assignment


def _noise(students: Ints, mentors: npt.NDArray[np.int32]) -> Floats:
    """From 0 to `SPREAD`, fixed for each pair: a hash of the two positions."""
    mixed = students.astype(np.uint32) * np.uint32(2654435761)
    mixed ^= mentors.astype(np.uint32) * np.uint32(2246822519)
    mixed ^= mixed >> np.uint32(15)
    mixed *= np.uint32(3266489917)
    noise: Floats = (mixed >> np.uint32(16)).astype(np.float64) * (SPREAD / (1 << 16))
    return noise
