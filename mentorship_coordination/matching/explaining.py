"""Why each pair, why nobody, why a mentor has places left; the words are in `words`. Source: product.md §10."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np

from mentorship_coordination.matching.hours import QUARTERS_A_WEEK
from mentorship_coordination.matching.market import NOBODY, UNITS, Ints, Market, Solution
from mentorship_coordination.matching.pairs import AllowedPairs
from mentorship_coordination.matching.scoring import EXCLUDED, FULL, HOURS, LANGUAGE, RULES, UNWANTED, Rules, Scorer
from mentorship_coordination.matching.tables import Mask, Tables
from mentorship_coordination.matching.weights import LEAST_QUARTERS


@dataclass(frozen=True)
class Ranks:
    """Each (M,), of matched students; 0 and `NOBODY` elsewhere.

    `rank` among `choices`, the mentors with places whom no rule forbids, by score; `best` the mentor who scores most
    and `gain` her points beyond the given one. `others_lose`: what it would cost the others at least, by the prices,
    to give the student that mentor; `NOBODY` when somebody would be left without a mentor.
    """

    rank: Ints
    choices: Ints
    best: Ints
    gain: Ints
    others_lose: Ints

    def numbered(self, students: Ints, mentors: Ints, count: int) -> Ranks:
        """The same in the numbers of all `count` students and of all mentors."""
        spread = {}
        for name in ("rank", "choices", "gain", "others_lose"):
            spread[name] = np.zeros(count, np.int64)
            spread[name][students] = getattr(self, name)
        best = np.full(count, NOBODY, np.int64)
        known = self.best != NOBODY
        best[students[known]] = mentors[self.best[known]]
        return Ranks(best=best, **spread)


def rank_pairs(market: Market, pairs: AllowedPairs, solution: Solution) -> Ranks:
    """Where each given mentor stands among the student's choices. `pairs` without what a policy adds. One pass."""
    count = market.students
    rank, gain, others = (np.zeros(count, np.int64) for _ in range(3))
    best = np.full(count, NOBODY, np.int64)
    matched, given = market.positions_of(solution.assignment)
    own = np.full(count, np.iinfo(np.int16).max, np.int64)
    own[matched] = pairs.points[given]
    best_at = np.zeros(count, np.int64)
    for start, stop in pairs.blocks():
        begin, end = int(pairs.first[start]), int(pairs.first[stop])
        rows, points = pairs.rows(start, stop), pairs.points[begin:end]
        rank[start:stop] = 1 + rows.count(points > rows.spread(own[start:stop]))
        tops = np.flatnonzero(points == rows.spread(rows.highest(points)))
        row, nth = np.unique(np.searchsorted(rows.first, tops, side="right") - 1, return_index=True)
        best_at[start + row] = begin + tops[nth]
    rank[solution.assignment == NOBODY] = 0
    choices = np.where(solution.assignment == NOBODY, 0, np.diff(pairs.first))
    best[matched] = pairs.mentor[best_at[matched]]
    gain[matched] = pairs.points[best_at[matched]].astype(np.int64) - own[matched]
    others[matched] = _others_lose(market, solution, given, best_at[matched])
    return Ranks(rank, choices, best, gain, others)


def _others_lose(market: Market, solution: Solution, given: Ints, best: Ints) -> Ints:
    """By positions of both pairs. By weak duality one with a reduced cost of r units costs the whole r at least."""
    mentor = market.pairs.mentor
    more = market.points_at(best) - market.points_at(given)
    reduced = solution.prices[mentor[best]] - solution.prices[mentor[given]] - UNITS * more
    lost = more + np.maximum(reduced, 0) // UNITS
    return np.where(reduced >= UNITS * (market.match_points // 2), NOBODY, lost)


class Change(StrEnum):
    """The least that would have to change for an unmatched student, the cheapest first."""

    TELL_HOURS = "tell_hours"
    ONE_MORE_PLACE = "one_more_place"
    MORE_SHARED_HOURS = "more_shared_hours"
    LANGUAGE = "language"
    EXCLUSION = "exclusion"
    ANOTHER_MENTOR = "another_mentor"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Of one unmatched student: mentors per first blocking rule, and the least that would have to change.

    `mentor` is whom the change is about; `quarters` the quarter hours that are missing; `mentors` how many it opens.
    """

    student: int
    blocked: dict[str, int]
    change: Change
    mentor: int | None = None
    quarters: int = 0
    mentors: int = 0


def explain_left_out(tables: Tables, assignment: Ints) -> list[LeftOut]:
    """Reasons of everybody whom `assignment` (M,) leaves out, in the order of the students."""
    left_out = np.flatnonzero(assignment == NOBODY)
    if not tables.mentors:
        return [LeftOut(int(student), {"no_mentors": 1}, Change.ANOTHER_MENTOR) for student in left_out]
    part = tables.of_students(left_out)
    search = _ChangeSearch(part, tables.places > _taken(tables, assignment))
    scorer = Scorer(part)
    answers = []
    for start, block in scorer.rules():
        shared = scorer.quarters(start, start + len(block)).astype(np.int64)
        for row, rules in enumerate(block):
            blocked = counts_by_rule(np.where(rules == 0, np.int8(FULL), rules))
            least = search.least(start + row, rules, shared[row])
            answers.append(replace(least, student=int(left_out[start + row]), blocked=blocked))
    return answers


class _ChangeSearch:
    """The least that would have to change, for one student after the other."""

    def __init__(self, students: Tables, has_place: Mask) -> None:
        self._students = students
        self._has_place = has_place
        own = np.bitwise_count(students.mentor_hours).sum(axis=2, dtype=np.int64).min(axis=1, initial=QUARTERS_A_WEEK)
        # Who is there too little for anybody would have to change herself.
        self._may_share = has_place & (own >= LEAST_QUARTERS)

    def least(self, row: int, rules: Rules, shared: Ints) -> LeftOut:
        """`rules` and `shared` (K,) of this student with each mentor; whose and how many blocked is the caller's."""
        if not self._students.has_hours[row]:
            return LeftOut(row, {}, Change.TELL_HOURS)
        allowed = np.flatnonzero(rules == 0)
        if len(allowed):
            only = self._students.of_students(np.array([row])).of_mentors(allowed)
            best = int(allowed[Scorer(only).scores()[0].argmax()])
            return LeftOut(row, {}, Change.ONE_MORE_PLACE, best, mentors=len(allowed))
        short = np.flatnonzero((rules == HOURS) & self._may_share)
        if len(short):
            best = int(short[shared[short].argmax()])
            missing = LEAST_QUARTERS - int(shared[best])
            return LeftOut(row, {}, Change.MORE_SHARED_HOURS, best, missing, len(short))
        for rule, change in ((LANGUAGE, Change.LANGUAGE), (EXCLUDED, Change.EXCLUSION), (UNWANTED, Change.EXCLUSION)):
            enough = np.flatnonzero((rules == rule) & self._has_place & (shared >= LEAST_QUARTERS))
            if len(enough):
                return LeftOut(row, {}, change, int(enough[shared[enough].argmax()]), mentors=len(enough))
        return LeftOut(row, {}, Change.ANOTHER_MENTOR)


def _taken(tables: Tables, assignment: Ints) -> Ints:
    taken: Ints = np.bincount(assignment[assignment != NOBODY], minlength=tables.mentors)
    return taken


def counts_by_rule(rules: Rules) -> dict[str, int]:
    counts = np.bincount(rules, minlength=len(RULES))
    return {RULES[rule]: int(count) for rule, count in enumerate(counts) if rule and count}


@dataclass(frozen=True)
class MentorFigures:
    """Of each mentor: `taken` (K,) of her places; `blocked` (rules, K) students by first blocking rule; `elsewhere`."""

    taken: Ints
    blocked: Ints
    elsewhere: Ints

    def of(self, mentor: int) -> dict[str, Any]:
        counts = {RULES[rule]: int(n) for rule, n in enumerate(self.blocked[:, mentor]) if rule and n}
        return {"taken": int(self.taken[mentor]), "blocked": counts, "elsewhere": int(self.elsewhere[mentor])}


def explain_mentors(tables: Tables, assignment: Ints) -> MentorFigures:
    """Why each mentor is filled or not: how many students each rule keeps from her, how many fit better elsewhere."""
    taken = _taken(tables, assignment)
    blocked = np.zeros((len(RULES), tables.mentors), np.int64)
    for _, rules in Scorer(tables).rules():
        for rule in np.unique(rules):
            blocked[rule] += (rules == rule).sum(axis=0)
    return MentorFigures(taken, blocked, blocked[0] - taken)
