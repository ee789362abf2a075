"""Simpler ways to match: each gives (M,) of mentors or `NOBODY`; all but the first fit keep the rules."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import linear_sum_assignment

from mentorship_coordination.matching.market import FORBIDDEN, NOBODY, Market
from mentorship_coordination.matching.tables import Tables

BEST_LOOKED_AT = 64


def first_fit(tables: Tables, market: Market, points: np.ndarray) -> np.ndarray:
    """The first free mentor who has all skills that most of the student's points are for, else the first free one."""
    assignment, left = np.full(market.students, NOBODY), market.places.copy()
    wanted = tables.student_skills == tables.student_skills.max(axis=1, keepdims=True)
    for student in range(market.students):
        free = np.flatnonzero(left > 0)
        if not len(free):
            break
        fits = free[tables.mentor_skills[free][:, wanted[student]].any(axis=1)]
        mentor = int(fits[0] if len(fits) else free[0])
        assignment[student] = mentor
        left[mentor] -= 1
    return assignment


def longest_waiting_first(tables: Tables, market: Market, points: np.ndarray) -> np.ndarray:
    """One after the other, each the best mentor who has a place."""
    assignment, left = np.full(market.students, NOBODY), market.places.copy()
    for student in np.argsort(-tables.waiting, kind="stable"):
        scores = np.where(left > 0, points[student], FORBIDDEN)
        mentor = int(scores.argmax())
        if scores[mentor] != FORBIDDEN:
            assignment[student] = mentor
            left[mentor] -= 1
    return assignment


def best_pair_first(tables: Tables, market: Market, points: np.ndarray) -> np.ndarray:
    """The best pair that is left, again and again."""
    assignment, left = np.full(market.students, NOBODY), market.places.copy()
    todo = np.arange(market.students)
    while len(todo):
        free = np.flatnonzero(left > 0)
        if not len(free):
            break
        scores = points[np.ix_(todo, free)]
        count = min(BEST_LOOKED_AT, len(free))
        best = np.argpartition(scores, len(free) - count, axis=1)[:, len(free) - count :]
        rows, columns = np.repeat(todo, count), free[best.ravel()]
        found = np.take_along_axis(scores, best, axis=1).ravel()
        order = np.argsort(-found, kind="stable")
        order = order[found[order] != FORBIDDEN]
        for student, mentor in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
            if assignment[student] == NOBODY and left[mentor]:
                assignment[student] = mentor
                left[mentor] -= 1
        before, todo = len(todo), np.flatnonzero(assignment == NOBODY)
        if len(todo) == before:
            break
    return assignment


def stable(tables: Tables, market: Market, points: np.ndarray) -> np.ndarray:
    """Students propose, mentors keep the best by the same scores: nobody finds a pair that both like better."""
    assignment = np.full(market.students, NOBODY)
    held: list[list[tuple[int, int]]] = [[] for _ in range(market.mentors)]
    lists: dict[int, list[int]] = {}
    free = list(range(market.students - 1, -1, -1))
    while free:
        student = free.pop()
        if student not in lists:
            order = np.argsort(points[student], kind="stable")
            lists[student] = order[points[student][order] != FORBIDDEN].astype(np.int32).tolist()
        while lists[student]:
            mentor = lists[student].pop()
            holding, mine = held[mentor], (int(points[student, mentor]), -student)
            if len(holding) < market.places[mentor]:
                holding.append(mine)
                assignment[student] = mentor
                break
            worst = min(holding, default=mine)
            if worst < mine:
                holding[holding.index(worst)] = mine
                assignment[student], assignment[-worst[1]] = mentor, NOBODY
                free.append(-worst[1])
                break
    return assignment


def dense(tables: Tables, market: Market, points: np.ndarray) -> np.ndarray:
    """The optimum of matched and points by a full matrix, a column a place."""
    columns = np.repeat(np.arange(market.mentors), market.places)
    most = float(market.match_points)
    worth = np.where(points == FORBIDDEN, -4 * most * market.students, points + most)[:, columns]
    # Columns of nobody's: one for each student, so that everybody may stay unmatched.
    worth = np.hstack([worth, np.zeros((market.students, market.students))])
    rows, chosen = linear_sum_assignment(worth, maximize=True)
    assignment = np.full(market.students, NOBODY)
    real = chosen < len(columns)
    assignment[rows[real]] = columns[chosen[real]]
    return assignment


RIVALS: dict[str, Callable[[Tables, Market, np.ndarray], np.ndarray]] = {
    "best pair first": best_pair_first,
    "longest waiting first": longest_waiting_first,
    "first fit": first_fit,
    "stable matching": stable,
    "dense assignment": dense,
}
