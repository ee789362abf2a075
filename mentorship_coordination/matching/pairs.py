"""The pairs that no hard rule forbids, student by student: of twenty million a few, so that a look at all is quick.

Source: architecture.md §9.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Self, TypeVar

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Points = npt.NDArray[np.int16]
Floats = npt.NDArray[np.float64]
Number = TypeVar("Number", bound=np.generic)

#: A pair that a hard rule forbids, in a matrix of scores; a position that is none.
FORBIDDEN: Final = -1
NOWHERE: Final = -1
#: Pairs looked at together: a block of them stays in the processor's cache.
PAIRS_A_BLOCK: Final = 1 << 18


def unique(values: Ints) -> Ints:
    """Ascending, each once. `np.unique` hashes whole numbers, which takes ten times as long for millions."""
    ordered = np.sort(values, kind="stable")
    is_new = np.ones(len(ordered), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=is_new[1:])
    return ordered[is_new]


@dataclass(frozen=True)
class AllowedPairs:
    """Pairs of student r stand at positions `first[r]` to before `first[r + 1]`, by mentor.

    Shapes: `first` (students + 1,); `mentor` and `points` (pairs,). `mentors` counts all, also those in no pair.
    """

    first: Ints
    mentor: npt.NDArray[np.int32]
    points: Points
    mentors: int

    @classmethod
    def of_matrix(cls, scores: npt.NDArray[np.int16]) -> Self:
        """From (students, mentors) points with `FORBIDDEN` in it."""
        students, mentor = np.nonzero(scores != FORBIDDEN)
        first = np.searchsorted(students, np.arange(len(scores) + 1))
        points = scores[students, mentor].astype(np.int16)
        return cls(first.astype(np.int64), mentor.astype(np.int32), points, scores.shape[1])

    def as_matrix(self) -> npt.NDArray[np.int16]:
        scores = np.full((self.students, self.mentors), FORBIDDEN, np.int16)
        scores[self.student_at(np.arange(len(self.mentor))), self.mentor] = self.points
        return scores

    @property
    def students(self) -> int:
        return len(self.first) - 1

    def student_at(self, positions: Ints) -> Ints:
        """(n,) whose pair stands at each position."""
        return np.searchsorted(self.first, positions, side="right") - 1

    def find(self, students: Ints, mentors: Ints) -> Ints:
        """(n,) positions of these pairs, `NOWHERE` for forbidden ones."""
        low, end = self.first[students], self.first[students + 1]
        high = end
        while (open_ := low < high).any():
            middle = (low + high) // 2
            before = np.zeros(len(low), bool)
            before[open_] = self.mentor[middle[open_]] < mentors[open_]
            low = np.where(before, middle + 1, low)
            high = np.where(open_ & ~before, middle, high)
        there = low < end
        there[there] = self.mentor[low[there]] == mentors[there]
        return np.where(there, low, NOWHERE)

    def blocks(self) -> Iterator[tuple[int, int]]:
        """(first student, student after the last), of about `PAIRS_A_BLOCK` pairs each; nobody is left out."""
        start = 0
        while start < self.students:
            stop = int(np.searchsorted(self.first, self.first[start] + PAIRS_A_BLOCK, side="right")) - 1
            stop = min(max(stop, start + 1), self.students)
            yield start, stop
            start = stop

    def rows(self, start: int, stop: int) -> Rows:
        return Rows(self.first[start : stop + 1] - self.first[start])


@dataclass(frozen=True, slots=True)
class Rows:
    """Neighbouring rows of pairs: row r of them holds `first[r]` to before `first[r + 1]`."""

    first: Ints

    @property
    def lengths(self) -> Ints:
        return np.diff(self.first)

    def highest(self, values: Floats | Points) -> Floats:
        """(rows,) the highest value of each row; -inf of an empty one."""
        highest = np.full(len(self.first) - 1, -np.inf)
        filled = self.first[1:] > self.first[:-1]
        if filled.any():
            highest[filled] = np.maximum.reduceat(values, self.first[:-1][filled])
        return highest

    def spread(self, values: npt.NDArray[Number]) -> npt.NDArray[Number]:
        """(pairs,) each row's value at each of its pairs."""
        spread: npt.NDArray[Number] = np.repeat(values, self.lengths)
        return spread

    def count(self, mask: npt.NDArray[np.bool_]) -> Ints:
        """(rows,) how many of each row's pairs."""
        sums = np.concatenate([[0], np.cumsum(mask)])
        counts: Ints = sums[self.first[1:]] - sums[self.first[:-1]]
        return counts
