"""The best assignment of a whole market, with its proof: a flow on few pairs, then a look at all of them, again.

Students begin with the mentors who look best at guessed prices. The flow is exact on the pairs it has; its prices then
tell which of all the other pairs could do better, and those join. When none is left, the bound that the prices give
equals the objective, and that is the proof. Pure: arrays in, a solution out. Source: architecture.md §10.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from mentorship_coordination.matching.flow import best_assignment_on
from mentorship_coordination.matching.market import FORBIDDEN, NOBODY, UNITS, Ints, Market, Points, Solution
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
#: Spread in points that keeps students who are alike from all beginning with the same mentors.
SPREAD: Final = 4

Progress = Callable[[Solution], None]


@dataclass(frozen=True, slots=True)
class _Pricing:
    """Pairs that would do better at some prices, and the bound that those prices give."""

    students: Ints
    mentors: Ints
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
            students, mentors = np.divmod(pairs, self.market.mentors)
            assignment = best_assignment_on(self.market, students, mentors)
            self._offer(assignment)
            prices = prices_on(self.market, assignment, students, mentors, near)
            better = self._price(prices, assignment)
            if self._prove(prices, better.bound):
                near = prices
            if (better.count > MANY and self.rounds > 1) or self.rounds % PROOF_EVERY == 0:
                self._prove_by_all_pairs(prices)
            self._tell(self.solution)
            pairs = np.union1d(pairs, better.students * self.market.mentors + better.mentors)
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
        """Sorted keys `student * mentors + mentor`: the best at guessed prices, those that exist, a first answer."""
        market = self.market
        count = min(FIRST_PAIRS, market.mentors)
        chosen = [np.empty(0, np.int64)]
        for start, block in market.gains(self.prices / UNITS):
            gains = block + _noise(start, block.shape)
            rows = np.arange(start, start + len(gains))
            best = np.argpartition(gains, market.mentors - count, axis=1)[:, market.mentors - count :]
            allowed = np.take_along_axis(gains, best, axis=1) > -np.inf
            chosen.append((rows[:, None] * market.mentors + best)[allowed])
        matched = np.flatnonzero(self.assignment != NOBODY)
        chosen.append(matched * market.mentors + self.assignment[matched])
        students, mentors = market.staying
        chosen.append(students * market.mentors + mentors)
        return np.unique(np.concatenate(chosen))

    def _price(self, prices: Ints, assignment: Ints) -> _Pricing:
        """The pairs that beat what `assignment` gives at these prices, at most `MORE_PAIRS` for each student."""
        market = self.market
        in_points: Points = prices / UNITS
        own = np.full(market.students, -float(market.match_points))
        matched = np.flatnonzero(assignment != NOBODY)
        own[matched] = market.points_of(matched, assignment[matched]) - in_points[assignment[matched]]
        count = min(MORE_PAIRS, market.mentors)
        worth, better, students, mentors = 0, 0, [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for start, gains in market.gains(in_points):
            best = gains.max(axis=1)
            worth += market.worth(best)
            rows = np.flatnonzero(best > own[start : start + len(gains)])
            if not len(rows):
                continue
            gaining = gains[rows]
            better += int((gaining > own[start + rows, None]).sum())
            top = np.argpartition(gaining, market.mentors - count, axis=1)[:, market.mentors - count :]
            keep = np.take_along_axis(gaining, top, axis=1) > own[start + rows, None]
            students.append(np.broadcast_to((start + rows)[:, None], top.shape)[keep])
            mentors.append(top[keep])
        return _Pricing(np.concatenate(students), np.concatenate(mentors), better, worth + market.rent(prices))


def greedy_at(market: Market, prices: Ints) -> Ints:
    """(M,): the students in a fixed mixed order, each the best at these prices whose mentor has a place."""
    assignment = np.full(market.students, NOBODY, np.int64)
    left = market.places.copy()
    asked = prices / UNITS
    asked[left == 0] = np.inf
    current = market.current
    remaining = int(left.sum())
    for student in np.random.default_rng(0).permutation(market.students).tolist():
        if not remaining:
            break
        scores = market.scores[student]
        gains = np.where(scores == FORBIDDEN, -np.inf, scores - asked)
        if current is not None and current[student] != NOBODY:
            gains[current[student]] += market.stay_points
        mentor = int(gains.argmax())
        if gains[mentor] == -np.inf:
            continue
        assignment[student] = mentor
        left[mentor] -= 1
        remaining -= 1
        if not left[mentor]:
            asked[mentor] = np.inf
    return assignment


def _noise(start: int, shape: tuple[int, int]) -> Points:
    """From 0 to `SPREAD`, fixed for each pair: a hash of the two positions."""
    students = np.arange(start, start + shape[0], dtype=np.uint32)[:, None] * np.uint32(2654435761)
    mentors = np.arange(shape[1], dtype=np.uint32)[None] * np.uint32(2246822519)
    mixed = students ^ mentors
    mixed ^= mixed >> np.uint32(15)
    mixed *= np.uint32(3266489917)
    noise: Points = (mixed >> np.uint32(16)).astype(np.float64) * (SPREAD / (1 << 16))
    return noise
