"""The assignment market: scores of all pairs and the mentors' places, what an assignment is worth, what none can beat.

The aims stand strictly in order: most students matched, then (where pairs exist already) most who stay, then the total
score, then even use of the mentors. One whole number holds all four, because two assignments differ by simple cycles
through the mentors: a cycle visits each mentor once, so an aim that outweighs `mentors + 1` steps of the next one
outweighs it always, and a cycle changes the load of two mentors at most.

Values are whole numbers in units of 1/1024 point. Source: product.md §10, architecture.md §9.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from mentorship_coordination.matching.pairs import FORBIDDEN, NOWHERE, AllowedPairs, Floats, Ints, Rows

#: So many units make a point of the score; a power of two, so that prices in points are exact.
UNITS: Final = 1024
#: Units that a mentor's last free place costs; less than a point, so that evenness never buys score.
EVENNESS: Final = 1000
NOBODY: Final = -1

__all__ = ["FORBIDDEN", "NOBODY", "UNITS", "Ints", "Market", "Solution"]


@dataclass(frozen=True)
class Market:
    """Shapes: `places` and `load` (K,), free and taken; `current` (M,).

    `current` is the mentor each student has (`NOBODY`: none), who stays at `stay_points` more; None when nobody has
    one. `load_points`: what a full mentor's last place costs, where evenness may be paid for in points.
    """

    pairs: AllowedPairs
    places: Ints
    load: Ints
    current: Ints | None = None
    stay_points: int = 0
    load_points: int = 0

    @property
    def students(self) -> int:
        return self.pairs.students

    @property
    def mentors(self) -> int:
        return len(self.places)

    @cached_property
    def most_points(self) -> int:
        """No pair is worth more."""
        highest = int(self.pairs.points.max(initial=0))
        return highest + (self.stay_points if self.current is not None else 0)

    @cached_property
    def match_points(self) -> int:
        """What it is worth that a student is matched at all: more than all that one cycle could change."""
        return (self.mentors + 1) * self.most_points + self.load_points + 2

    @cached_property
    def load_costs(self) -> tuple[Ints, Ints]:
        """(mentor, units) of each free place in the order in which they are taken; rising for each mentor."""
        mentor = np.repeat(np.arange(self.mentors), self.places)
        first = np.cumsum(self.places) - self.places
        nth = np.arange(len(mentor)) - first[mentor]
        capacity = (self.load + self.places)[mentor]
        full = EVENNESS + self.load_points * UNITS
        return mentor, full * (2 * (self.load[mentor] + nth) + 1) // (2 * capacity)

    @cached_property
    def staying(self) -> Ints:
        """Positions of the pairs that exist and may go on, ascending."""
        if self.current is None:
            return np.empty(0, np.int64)
        students = np.flatnonzero(self.current != NOBODY)
        positions = self.pairs.find(students, self.current[students])
        going_on: Ints = positions[positions != NOWHERE]
        return going_on

    def points_at(self, positions: Ints) -> Ints:
        """Points of the pairs at these positions, staying included."""
        points = self.pairs.points[positions].astype(np.int64)
        if len(self.staying):
            points += np.where(np.isin(positions, self.staying), self.stay_points, 0)
        return points

    def positions_of(self, assignment: Ints) -> tuple[Ints, Ints]:
        """(students who are matched, positions of their pairs). Raises InfeasibleAssignment for a forbidden pair."""
        students = np.flatnonzero(assignment != NOBODY)
        positions = self.pairs.find(students, assignment[students])
        if (positions == NOWHERE).any():
            raise InfeasibleAssignment
        return students, positions

    def gains(self, prices: Floats) -> Iterator[tuple[int, int, Rows, Floats]]:
        """Blocks (first student, first position, rows, points of all pairs less the mentors' prices)."""
        for start, stop in self.pairs.blocks():
            begin, end = int(self.pairs.first[start]), int(self.pairs.first[stop])
            gains = self.pairs.points[begin:end] - prices[self.pairs.mentor[begin:end]]
            first, last = np.searchsorted(self.staying, (begin, end))
            gains[self.staying[first:last] - begin] += self.stay_points
            yield start, begin, self.pairs.rows(start, stop), gains

    def objective(self, assignment: Ints) -> int:
        """Units that `assignment` (M,) is worth. Raises InfeasibleAssignment when a rule or a capacity is broken."""
        students, positions = self.positions_of(assignment)
        taken = np.bincount(assignment[students], minlength=self.mentors)
        if (taken > self.places).any():
            raise InfeasibleAssignment
        owner, cost = self.load_costs
        nth = np.arange(len(owner)) - (np.cumsum(self.places) - self.places)[owner]
        load = int(cost[nth < taken[owner]].sum())
        return UNITS * (len(students) * self.match_points + int(self.points_at(positions).sum())) - load

    def upper_bound(self, prices: Ints) -> int:
        """Units that no assignment exceeds, whatever `prices` (K,) in units: weak duality. One pass over all pairs."""
        total = 0
        in_points = prices / UNITS
        for _, _, rows, gains in self.gains(in_points):
            total += self.worth(rows.highest(gains))
        return total + self.rent(prices)

    def rent(self, prices: Ints) -> int:
        """Units that the places bring at these prices."""
        owner, cost = self.load_costs
        return int(np.maximum(prices[owner] - cost, 0).sum())

    def worth(self, best: Floats) -> int:
        """Units that students bring whose best pairs gain `best` points, or who stay unmatched."""
        # Fractions of 1/1024 below 2**43 are exact in a float of 53 bits.
        worth = np.maximum(best + self.match_points, 0.0) * UNITS
        return int(worth.astype(np.int64).sum())


class InfeasibleAssignment(ValueError):
    """A pair that is forbidden, or more pairs than a mentor has places."""


@dataclass(frozen=True, slots=True)
class Solution:
    """`assignment` (M,) of mentors or `NOBODY`. With `bound == objective` it is proved that none is better.

    `prices` (K,) in units are the certificate: `market.upper_bound(prices)` gives `bound` again.
    """

    assignment: Ints
    prices: Ints
    objective: int
    bound: int
    rounds: int

    @property
    def is_proved(self) -> bool:
        return self.objective == self.bound
