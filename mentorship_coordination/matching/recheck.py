"""Do the rules still hold for pairs that were proposed before? Values in, names of rules out; no Django."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import replace
from uuid import UUID

import numpy as np

from mentorship_coordination.matching.people import Candidate, Pool, Waiting
from mentorship_coordination.matching.scoring import RULES, Rules, rules_of
from mentorship_coordination.matching.tables import tables_of
from mentorship_coordination.matching.weights import Weights

#: The rules do not look at weights.
ANY_WEIGHTS = Weights()


def find_broken_rule(pool: Pool, waiting: Waiting, candidate: Candidate) -> str | None:
    """The first hard rule that keeps these two apart, as the matching itself would count it; None when all hold.

    Source: product.md §10.
    """
    alone = replace(pool, waiting=(waiting,), candidates=(candidate,), pinned=frozenset(), unwanted=frozenset())
    only = np.zeros(1, np.int64)
    rule = RULES[int(rules_of(tables_of(alone, ANY_WEIGHTS), only, only)[0])]
    return rule or ("full" if candidate.places <= 0 else None)


def find_broken_rules(pool: Pool, pairs: Sequence[tuple[UUID, UUID]], assigned: Set[UUID]) -> list[str | None]:
    """For each (enrolment, mentor) the first rule that keeps it from beginning, in this order; None for good ones.

    `assigned`: enrolments that have a primary mentor by now. Who left the pool is named first, then the rules of the
    matching; a pair that may begin takes one of its mentor's places from those after it.
    """
    students = {each.enrolment_id: nth for nth, each in enumerate(pool.waiting)}
    mentors = {each.id: nth for nth, each in enumerate(pool.candidates)}
    gone = [_who_left(pool, enrolment, mentor, assigned, students, mentors) for enrolment, mentor in pairs]
    here = [nth for nth, rule in enumerate(gone) if rule is None]
    rows = np.array([students[pairs[nth][0]] for nth in here], np.int64)
    columns = np.array([mentors[pairs[nth][1]] for nth in here], np.int64)
    rules = rules_of(tables_of(pool, ANY_WEIGHTS), rows, columns)
    taken: Counter[int] = Counter()
    for nth, column, rule in zip(here, columns.tolist(), rules.tolist(), strict=True):
        if rule:
            gone[nth] = RULES[rule]
        elif taken[column] >= pool.candidates[column].places:
            gone[nth] = "full"
        else:
            taken[column] += 1
    return gone


def _who_left(
    pool: Pool,
    enrolment_id: UUID,
    mentor_id: UUID,
    assigned: Set[UUID],
    students: dict[UUID, int],
    mentors: dict[UUID, int],
) -> str | None:
    if enrolment_id in assigned:
        return "already_assigned"
    if enrolment_id not in students:
        return "student_not_active"
    if mentor_id in pool.away:
        return "mentor_away"
    return None if mentor_id in mentors else "mentor_not_available"


class RuleBook:
    """The rules between the people of a pool, asked for one pair after the other; places are not looked at."""

    def __init__(self, pool: Pool) -> None:
        self._tables = tables_of(pool, ANY_WEIGHTS)
        self._students = {each.enrolment_id: nth for nth, each in enumerate(pool.waiting)}
        self._mentors = {each.id: nth for nth, each in enumerate(pool.candidates)}
        self._of_student: dict[int, Rules] = {}

    def may_meet(self, enrolment_id: UUID, mentor_id: UUID) -> bool:
        """False, too, when one of them is not in the pool."""
        student, mentor = self._students.get(enrolment_id), self._mentors.get(mentor_id)
        if student is None or mentor is None:
            return False
        if student not in self._of_student:
            everybody = np.arange(self._tables.mentors)
            self._of_student[student] = rules_of(self._tables, np.full(len(everybody), student), everybody)
        return not self._of_student[student][mentor]
