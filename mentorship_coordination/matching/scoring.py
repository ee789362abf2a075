"""The hard rules and the soft score of pairs, all of them in blocks or a chosen few. Source: product.md §10.

Shared hours are a matrix product: neighbouring quarter hours in which nobody opens or closes are one column that weighs
as much as they are many. All sums are of whole numbers below 2**24, so single precision is exact.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from mentorship_coordination.matching.hours import QUARTERS_A_WEEK, Bits
from mentorship_coordination.matching.pairs import AllowedPairs, Ints, Points
from mentorship_coordination.matching.tables import Mask, Tables
from mentorship_coordination.matching.weights import LEAST_QUARTERS

Floats = npt.NDArray[np.float32]
Rules = npt.NDArray[np.int8]
STUDENTS_AT_ONCE: Final = 4096
PAIRS_A_BLOCK: Final = 1 << 19

#: The hard rules in the order in which a pair is counted under the first that blocks it; 0 is none.
RULES: Final = (
    "",
    "no_availability_told",
    "same_person",
    "excluded",
    "unwanted",
    "no_language_in_common",
    "too_few_shared_hours",
    "full",
)
NO_HOURS, SAME_PERSON, EXCLUDED, UNWANTED, LANGUAGE, HOURS, FULL = range(1, len(RULES))
SPARSE: Final = (("unwanted", UNWANTED), ("excluded", EXCLUDED), ("same_person", SAME_PERSON))


@dataclass(frozen=True, slots=True)
class _Week:
    """Columns of one week: the quarter hours that stand for their neighbours, and the mentors' side, weighted."""

    columns: npt.NDArray[np.int64]
    mentors: Floats


@dataclass(frozen=True, slots=True)
class _Found:
    """Allowed pairs of some students; those of the nth of them stand from `first[n]`."""

    students: Ints
    first: Ints
    mentor: npt.NDArray[np.int32]
    points: Points


class Scorer:
    """Scores the pairs of `tables`. Places are not looked at: a full mentor may fit well."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._weeks = [_week(tables, nth) for nth in range(tables.student_hours.shape[1])]
        self._skills = np.ascontiguousarray(tables.mentor_skills.T.astype(np.float32))
        weights = tables.weights
        self._of_cohort = (
            weights.same_cohort * tables.same_cohort.astype(np.int64) + weights.experience * tables.experience
        ).astype(np.int16)

    def scores(self) -> Points:
        """(M, K) points, `FORBIDDEN` where a hard rule says so."""
        return self.allowed_pairs().as_matrix()

    def allowed_pairs(self) -> AllowedPairs:
        """All pairs that no hard rule forbids, with their points.

        Students of the same languages go together, and only the mentors who speak one of them are looked at. The first
        week is a matrix product; the other weeks are counted for the pairs that are left.
        """
        tables = self._tables
        counts = np.zeros(tables.students, np.int64)
        found: list[_Found] = []
        for kind in range(len(tables.speaks)):
            students = np.flatnonzero((tables.student_languages == kind) & tables.has_hours)
            mentors = np.flatnonzero(~self._strangers[kind])
            rows = max(1, min(STUDENTS_AT_ONCE, PAIRS_A_BLOCK // max(1, len(mentors))))
            for start in range(0, len(students) if len(mentors) else 0, rows):
                part = self._allowed(students[start : start + rows], mentors)
                counts[part.students] = np.diff(part.first)
                found.append(part)
        first = np.concatenate([[0], np.cumsum(counts)])
        mentor, points = np.empty(first[-1], np.int32), np.empty(first[-1], np.int16)
        for part in found:
            begins = part.first.tolist()
            for row, place in enumerate(first[part.students].tolist()):
                begin, end = begins[row], begins[row + 1]
                mentor[place : place + end - begin] = part.mentor[begin:end]
                points[place : place + end - begin] = part.points[begin:end]
        return AllowedPairs(first, mentor, points, tables.mentors)

    def _allowed(self, students: Ints, mentors: Ints) -> _Found:
        """Of these students with these mentors, all of whom they can speak with."""
        tables, weights = self._tables, self._tables.weights
        shared = self._shared(students, mentors, 0)
        allowed = shared >= LEAST_QUARTERS
        self._part(allowed, students, mentors)
        at = np.flatnonzero(allowed)
        rows = np.repeat(np.arange(len(students)), np.count_nonzero(allowed, axis=1))
        columns = at - rows * len(mentors)
        quarters = shared.take(at).astype(np.int16)
        for week in range(1, tables.student_hours.shape[1]):
            self._count_week(week, (students, rows), (mentors, columns), quarters)
            left = np.flatnonzero(quarters >= LEAST_QUARTERS)
            if len(left) < len(rows):
                at, rows, columns, quarters = at[left], rows[left], columns[left], quarters[left]
        # The whole block is summed before the pairs are picked out of it: once, and not part by part.
        other = (tables.student_skills[students].astype(np.float32) @ self._skills[:, mentors]).astype(np.int16)
        other += self._of_cohort[tables.cohort[students]][:, mentors]
        other += tables.waiting[students, None]
        np.minimum(quarters, weights.most_quarter_hours, out=quarters)
        quarters *= np.int16(weights.quarter_hour)
        quarters += other.take(at)
        first = np.searchsorted(rows, np.arange(len(students) + 1))
        return _Found(students, first, mentors[columns].astype(np.int32), quarters)

    def _part(self, allowed: Mask, students: Ints, mentors: Ints) -> None:
        """Take the pairs out that are forbidden one by one."""
        for name, _ in SPARSE:
            pairs = getattr(self._tables, name)
            rows = np.searchsorted(students, pairs[:, 0])
            columns = np.searchsorted(mentors, pairs[:, 1])
            here = (rows < len(students)) & (columns < len(mentors))
            here[here] = (students[rows[here]] == pairs[here, 0]) & (mentors[columns[here]] == pairs[here, 1])
            allowed[rows[here], columns[here]] = False

    def _count_week(self, week: int, students: tuple[Ints, Ints], mentors: tuple[Ints, Ints], quarters: Points) -> None:
        """Lower `quarters` of pairs to what they share in `week`; only who has other hours then is looked at.

        Of either side: who they are, and which of them each pair has.
        """
        (students_, rows), (mentors_, columns) = students, mentors
        tables = self._tables
        others = np.flatnonzero(self._changes[0][students_, week][rows] | self._changes[1][mentors_, week][columns])
        if len(others):
            left, right = students_[rows[others]], mentors_[columns[others]]
            common = tables.student_hours[left, week] & tables.mentor_hours[right, week]
            counted = np.bitwise_count(common).sum(axis=1, dtype=np.int16)
            quarters[others] = np.minimum(quarters[others], counted)

    @cached_property
    def _changes(self) -> tuple[Mask, Mask]:
        """(M, W) and (K, W): whose hours of a week are other than those of the first."""
        hours = self._tables.student_hours, self._tables.mentor_hours
        students, mentors = ((each != each[:, :1]).any(axis=2) for each in hours)
        return students, mentors

    def _shared(self, students: Ints, mentors: Ints, nth: int) -> Floats:
        week = self._weeks[nth]
        hours = _unpacked(self._tables.student_hours[students, nth])[:, week.columns]
        shared: Floats = hours.astype(np.float32) @ week.mentors[:, mentors]
        return shared

    def rules(self) -> Iterator[tuple[int, Rules]]:
        """Blocks (first student, the number in `RULES` of what blocks each pair first). `full` is not looked at."""
        for start, stop in self._blocks():
            yield start, self._rules(start, stop, self.quarters(start, stop))

    def quarters(self, start: int, stop: int) -> Floats:
        """(stop - start, K): quarter hours both have open in the worst week."""
        shared: Floats | None = None
        for nth, week in enumerate(self._weeks):
            students = _unpacked(self._tables.student_hours[start:stop, nth])[:, week.columns]
            common = students.astype(np.float32) @ week.mentors
            shared = common if shared is None else np.minimum(shared, common, out=shared)
        return np.zeros((stop - start, self._tables.mentors), np.float32) if shared is None else shared

    def _blocks(self) -> Iterator[tuple[int, int]]:
        rows = max(1, min(STUDENTS_AT_ONCE, PAIRS_A_BLOCK // max(1, self._tables.mentors)))
        for start in range(0, self._tables.students, rows):
            yield start, min(start + rows, self._tables.students)

    def _rules(self, start: int, stop: int, shared: Floats) -> Rules:
        tables = self._tables
        rules = np.where(shared < LEAST_QUARTERS, np.int8(HOURS), np.int8(0))
        rules[self._strangers[tables.student_languages[start:stop]]] = LANGUAGE
        for name, rule in SPARSE:
            students, mentors = _between(getattr(tables, name), start, stop)
            rules[students - start, mentors] = rule
        rules[~tables.has_hours[start:stop]] = NO_HOURS
        return rules

    @cached_property
    def _strangers(self) -> Mask:
        """(L, K): who has no language in common with students of each kind."""
        strangers: Mask = ~self._tables.speaks[:, self._tables.mentor_languages]
        return strangers


def parts_of(tables: Tables, students: Ints, mentors: Ints) -> dict[str, Ints]:
    """The parts of the scores of these pairs, each (n,) in points; they sum to the score."""
    weights = tables.weights
    quarters = np.minimum(shared_quarters_of(tables, students, mentors), weights.most_quarter_hours)
    cohort = tables.cohort[students]
    skills = np.where(tables.mentor_skills[mentors], tables.student_skills[students], 0)
    return {
        "skills": skills.sum(axis=1, dtype=np.int64),
        "shared_hours": weights.quarter_hour * quarters,
        "same_cohort": weights.same_cohort * tables.same_cohort[cohort, mentors].astype(np.int64),
        "experience": weights.experience * tables.experience[cohort, mentors].astype(np.int64),
        "waiting": tables.waiting[students].astype(np.int64),
    }


def rules_of(tables: Tables, students: Ints, mentors: Ints) -> Rules:
    """(n,) the number in `RULES` of what blocks each of these pairs first; places are counted by the caller."""
    rules = np.where(shared_quarters_of(tables, students, mentors) < LEAST_QUARTERS, np.int8(HOURS), np.int8(0))
    rules[~tables.speaks[tables.student_languages[students], tables.mentor_languages[mentors]]] = LANGUAGE
    keys = students * tables.mentors + mentors
    for name, rule in SPARSE:
        pairs = getattr(tables, name)
        rules[np.isin(keys, pairs[:, 0] * tables.mentors + pairs[:, 1])] = rule
    rules[~tables.has_hours[students]] = NO_HOURS
    return rules


def shared_quarters_of(tables: Tables, students: Ints, mentors: Ints) -> Ints:
    """(n,) quarter hours both have open in the worst week."""
    common = np.bitwise_count(tables.student_hours[students] & tables.mentor_hours[mentors])
    worst: Ints = common.sum(axis=2, dtype=np.int64).min(axis=1, initial=QUARTERS_A_WEEK)
    return worst


def _week(tables: Tables, nth: int) -> _Week:
    """Quarter hours merged where nobody's bit changes; those that nobody has open are left out."""
    changes = np.zeros(QUARTERS_A_WEEK, bool)
    changes[0] = True
    somebody = np.zeros(QUARTERS_A_WEEK, bool)
    for hours in (tables.student_hours, tables.mentor_hours):
        for start in range(0, len(hours), STUDENTS_AT_ONCE):
            bits = _unpacked(hours[start : start + STUDENTS_AT_ONCE, nth])
            changes[1:] |= (bits[:, 1:] != bits[:, :-1]).any(axis=0)
            somebody |= bits.any(axis=0)
    columns = np.flatnonzero(changes)
    width = np.diff(columns, append=QUARTERS_A_WEEK)
    columns, width = columns[somebody[columns]], width[somebody[columns]]
    mentors = _unpacked(tables.mentor_hours[:, nth])[:, columns].T.astype(np.float32)
    return _Week(columns, np.ascontiguousarray(mentors * width[:, None].astype(np.float32)))


def _unpacked(bits: Bits) -> npt.NDArray[np.uint8]:
    return np.unpackbits(bits, axis=-1)


def _between(pairs: Ints, start: int, stop: int) -> tuple[Ints, Ints]:
    """The pairs, sorted by student, of students from `start` to before `stop`."""
    first, last = np.searchsorted(pairs[:, 0], (start, stop))
    return pairs[first:last, 0], pairs[first:last, 1]
