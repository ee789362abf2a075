"""Prices that prove an assignment best: shortest ways between mentors in the residual graph.

A way from one mentor to another moves one of her students there; the last node stands for free places and unmatched
students. Without a negative cycle the assignment is best, and the distances are the prices. The graph has one node a
mentor, whatever the number of students. Source: architecture.md §9.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mentorship_coordination.matching.market import NOBODY, UNITS, Ints, Market

#: Longer than every way. Twice this still fits a whole number of 64 bits.
NO_WAY = np.int64(1) << 61
#: Rounds after which the search among all pairs is given up; few are enough when there is something to find.
PATIENCE = 120
#: Mentors whose ways are looked at together.
WAYS_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class _Ways:
    """The ways by which load is moved into and out of the end, which do not depend on the pairs looked at."""

    tails: Ints
    heads: Ints
    lengths: Ints


def prices_on(market: Market, assignment: Ints, positions: Ints, near: Ints) -> Ints:
    """(K,) in units: prices that prove `assignment` best among these pairs; close to `near` where there is choice.

    Raises NegativeCycle when it is not the best among them.
    """
    own = _own_units(market, assignment)
    node = np.where(assignment == NOBODY, market.mentors, assignment)
    end = _ways_of_load(market, assignment, own)
    students, mentors = market.pairs.student_at(positions), market.pairs.mentor[positions]
    tails = np.concatenate([node[students], end.tails])
    heads = np.concatenate([mentors, end.heads])
    lengths = np.concatenate([own[students] - UNITS * market.points_at(positions), end.lengths])
    distance = _shortest(market.mentors + 1, tails, heads, lengths, np.append(-near, 0), market.mentors + 2)
    if distance is None:
        raise NegativeCycle
    return _as_prices(distance)


def prices_on_all(market: Market, assignment: Ints, near: Ints) -> Ints | None:
    """The same among all pairs, by one pass over them; None when a better assignment exists, or none was found soon."""
    count = market.mentors + 1
    own = _own_units(market, assignment)
    lengths = np.full((count, count), NO_WAY, np.int64)
    _shorten_by_pairs(market, assignment, own, lengths)
    end = _ways_of_load(market, assignment, own)
    np.minimum.at(lengths, (end.tails, end.heads), end.lengths)
    distance = np.append(-near, 0)
    changed = np.arange(count)
    for _ in range(PATIENCE):
        shorter = distance.copy()
        for start in range(0, len(changed), WAYS_AT_ONCE):
            tails = changed[start : start + WAYS_AT_ONCE]
            np.minimum(shorter, (distance[tails, None] + lengths[tails]).min(axis=0), out=shorter)
        changed = np.flatnonzero(shorter < distance)
        if not len(changed):
            return _as_prices(distance)
        distance = shorter
    return None


def _as_prices(distance: Ints) -> Ints:
    prices: Ints = distance[-1] - distance[:-1]
    return prices


class NegativeCycle(ArithmeticError):
    """A better assignment exists on the same pairs: what was to be proved is wrong."""


def _own_units(market: Market, assignment: Ints) -> Ints:
    """What each student's pair is worth to the whole; for the unmatched what being matched would have to beat."""
    own = np.full(market.students, -UNITS * market.match_points, np.int64)
    matched, positions = market.positions_of(assignment)
    own[matched] = UNITS * market.points_at(positions)
    return own


def _ways_of_load(market: Market, assignment: Ints, own: Ints) -> _Ways:
    matched = np.flatnonzero(assignment != NOBODY)
    taken = np.bincount(assignment[matched], minlength=market.mentors)
    first = np.cumsum(market.places) - market.places
    _, cost = market.load_costs
    free, used = np.flatnonzero(taken < market.places), np.flatnonzero(taken > 0)
    end = market.mentors
    return _Ways(
        tails=np.concatenate([assignment[matched], free, np.full(len(used), end)]),
        heads=np.concatenate([np.full(len(matched) + len(free), end), used]),
        lengths=np.concatenate(
            [
                own[matched] + UNITS * market.match_points,
                cost[first[free] + taken[free]],
                -cost[first[used] + taken[used] - 1],
            ]
        ),
    )


def _shorten_by_pairs(market: Market, assignment: Ints, own: Ints, lengths: Ints) -> None:
    node = np.where(assignment == NOBODY, market.mentors, assignment)
    best = np.full((market.mentors + 1) * market.mentors, -np.inf)
    for start, begin, rows, gains in market.gains(np.zeros(market.mentors)):
        stop, end = start + len(rows.lengths), begin + len(gains)
        key = rows.spread(node[start:stop] * market.mentors) + market.pairs.mentor[begin:end]
        np.maximum.at(best, key, gains - rows.spread(own[start:stop] / UNITS))
    shortest = lengths[:, :-1]
    known = (best > -np.inf).reshape(shortest.shape)
    shortest[known] = (-best.reshape(shortest.shape)[known] * UNITS).astype(np.int64)


def _shortest(count: int, tails: Ints, heads: Ints, lengths: Ints, start: Ints, rounds: int) -> Ints | None:
    """Bellman and Ford's distances from a source that reaches every node at `start`; None when `rounds` do not do.

    As many rounds as there are nodes always do, unless a cycle is negative.
    """
    order = np.lexsort((tails, heads))
    tails, heads, lengths = tails[order], heads[order], lengths[order]
    key = heads * count + tails
    begins = np.flatnonzero(np.diff(key, prepend=-1))
    lengths = np.minimum.reduceat(lengths, begins) if len(begins) else lengths
    tails, heads = tails[begins], heads[begins]
    begins = np.flatnonzero(np.diff(heads, prepend=-1))
    reached = heads[begins]
    distance = start.astype(np.int64)
    if not len(begins):
        return distance
    for _ in range(rounds):
        shorter = np.minimum(distance[reached], np.minimum.reduceat(distance[tails] + lengths, begins))
        if (shorter == distance[reached]).all():
            return distance
        distance[reached] = shorter
    return None
