"""The solver against every other way to find the best assignment."""

from __future__ import annotations

from contextlib import nullcontext
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from mentorship_coordination.matching import solver
from mentorship_coordination.matching.market import (
    FORBIDDEN,
    NOBODY,
    UNITS,
    InfeasibleAssignment,
    Ints,
    Market,
    Solution,
)
from mentorship_coordination.matching.pairs import NOWHERE, AllowedPairs
from mentorship_coordination.matching.prices import guess_prices
from mentorship_coordination.matching.residual import prices_on_all
from mentorship_coordination.matching.solver import greedy_at, solve


def market(scores: Any, places: Any, load: Any = None, **more: Any) -> Market:
    taken = np.zeros(len(places), np.int64) if load is None else np.array(load, np.int64)
    pairs = AllowedPairs.of_matrix(np.array(scores, np.int16))
    return Market(pairs, np.array(places, np.int64), taken, **more)


def small(seed: int) -> Market:
    """At most six students and four mentors, some pairs forbidden, some students with a mentor already."""
    random = np.random.default_rng(seed)
    students, mentors = int(random.integers(1, 7)), int(random.integers(1, 5))
    scores = random.integers(0, 6, (students, mentors)) * random.choice([1, 150])
    scores[random.random((students, mentors)) < 0.3] = FORBIDDEN
    stays = random.random() < 0.4
    return market(
        scores,
        random.integers(0, 3, mentors),
        random.integers(0, 3, mentors),
        current=random.integers(-1, mentors, students) if stays else None,
        stay_points=int(random.choice([3, 5000])) if stays else 0,
    )


def aims(of: Market, assignments: Ints) -> list[tuple[int, ...]]:
    """(matched, points with those for staying, minus the units of load) of each row; the more the better."""
    scores, students = of.pairs.as_matrix().astype(np.int64), np.arange(of.students)
    is_matched = assignments != NOBODY
    points = np.where(is_matched, scores[students, assignments], 0).sum(axis=1)
    if of.current is not None:
        points += of.stay_points * (is_matched & (assignments == of.current)).sum(axis=1)
    load = np.zeros(len(assignments), np.int64)
    for mentor, (has, free) in enumerate(zip(of.load.tolist(), of.places.tolist(), strict=True)):
        costs = [1000 * (2 * (has + nth) + 1) // (2 * (has + free)) for nth in range(free)]
        load += np.cumsum([0, *costs])[(assignments == mentor).sum(axis=1)]
    return [tuple(row) for row in np.stack([is_matched.sum(axis=1), points, -load], axis=1).tolist()]


def everything(of: Market) -> Ints:
    """Every assignment that keeps the rules, one a row."""
    each = np.array(list(product(range(NOBODY, of.mentors), repeat=of.students)), np.int64)
    is_allowed = (each == NOBODY) | (of.pairs.as_matrix()[np.arange(of.students), each] != FORBIDDEN)
    taken = np.stack([(each == mentor).sum(axis=1) for mentor in range(of.mentors)], axis=1)
    feasible: Ints = each[is_allowed.all(axis=1) & (taken <= of.places).all(axis=1)]
    return feasible


def check(of: Market, solution: Solution) -> None:
    """The proof holds for whoever has the scores and the prices."""
    assert solution.is_proved
    assert of.objective(solution.assignment) == solution.objective
    assert of.upper_bound(solution.prices) == solution.bound


@pytest.mark.parametrize("pairs", [10, 1])
@pytest.mark.parametrize("block", range(4))
def test_finds_what_trying_everything_finds(monkeypatch: pytest.MonkeyPatch, pairs: int, block: int) -> None:
    """200 small markets. With one pair for each student to begin with, the other pairs have to be found."""
    monkeypatch.setattr(solver, "FIRST_PAIRS", pairs)
    monkeypatch.setattr(solver, "MORE_PAIRS", pairs)
    for seed in range(50 * block, 50 * block + 50):
        of = small(seed)
        solution = solve(of)
        check(of, solution)
        assert aims(of, solution.assignment[None]) == [max(aims(of, everything(of)))], seed


@pytest.mark.parametrize("seed", range(30))
def test_refuses_what_breaks_a_rule_and_nothing_else(seed: int) -> None:
    of = small(seed)
    allowed = {tuple(row) for row in everything(of).tolist()}
    every = list(product(range(NOBODY, of.mentors), repeat=of.students))
    for each in every[:: 1 + len(every) // 200]:
        with nullcontext() if each in allowed else pytest.raises(InfeasibleAssignment):
            of.objective(np.array(each, np.int64))


def middle(seed: int, tightness: float = 1.0) -> Market:
    random = np.random.default_rng(seed)
    scores = random.integers(0, 900, (300, 30))
    scores[random.random(scores.shape) < 0.4] = FORBIDDEN
    return market(scores, random.integers(1, int(2 * 300 / 30 / tightness), 30))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("tightness", [0.8, 1.3])
def test_agrees_with_dense_assignment(seed: int, tightness: float) -> None:
    of = middle(seed, tightness)
    columns = np.repeat(np.arange(of.mentors), of.places)
    most = 10 * of.students * 1000
    scores = of.pairs.as_matrix().astype(np.int64)
    worth = np.where(scores < 0, -most, scores + most // 10)[:, columns]
    # One column of its own for each student: to stay unmatched.
    worth = np.hstack([worth, np.where(np.eye(of.students, dtype=bool), 0, -most)])
    rows, chosen = linear_sum_assignment(worth, maximize=True)
    real = chosen < len(columns)
    matched, points = int(real.sum()), int(scores[rows[real], columns[chosen[real]]].sum())
    solution = solve(of)
    check(of, solution)
    assert aims(of, solution.assignment[None])[0][:2] == (matched, points)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), data=st.data())
def test_no_prices_give_a_bound_below_the_best(seed: int, data: st.DataObject) -> None:
    of = small(seed)
    highest = 2 * UNITS * of.match_points
    prices = [data.draw(st.integers(-highest, highest)) for _ in range(of.mentors)]
    assert of.upper_bound(np.array(prices, np.int64)) >= solve(of).objective


@pytest.mark.parametrize("seed", range(20))
def test_the_first_answer_is_feasible_and_the_guess_harmless(seed: int) -> None:
    of = small(seed)
    prices = guess_prices(of)
    assert (prices >= 0).all()
    assert of.objective(greedy_at(of, prices)) <= solve(of).objective <= of.upper_bound(prices)


@pytest.mark.parametrize("seed", range(20))
def test_prices_over_all_pairs_prove_the_best_and_nothing_else(seed: int) -> None:
    of = small(seed)
    near = np.zeros(of.mentors, np.int64)
    best = solve(of)
    prices = prices_on_all(of, best.assignment, near)
    assert prices is not None
    assert of.upper_bound(prices) == best.objective
    worse = [each for each in everything(of) if of.objective(each) < best.objective]
    assert all(prices_on_all(of, each, near) is None for each in worse[::7])


def test_the_same_market_gets_the_same_answer() -> None:
    one, other = solve(middle(7)), solve(middle(7))
    assert (one.assignment == other.assignment).all()
    assert (one.prices == other.prices).all()


def test_known_prices_change_nothing_but_the_time() -> None:
    of = middle(3)
    cold = solve(of)
    warm = solve(of, prices=cold.prices)
    check(of, warm)
    assert warm.objective == cold.objective
    assert warm.rounds <= cold.rounds


def test_tells_of_feasible_answers_that_get_better_and_bounds_that_come_down() -> None:
    of, heard = middle(5), list[Solution]()
    final = solve(of, tell=heard.append)
    assert heard[-1].objective == final.objective
    for earlier, later in pairwise(heard):
        assert earlier.objective <= later.objective <= later.bound <= earlier.bound


class TestOddMarkets:
    @pytest.mark.parametrize(("students", "mentors"), [(0, 3), (3, 0), (0, 0)])
    def test_without_students_or_mentors(self, students: int, mentors: int) -> None:
        solution = solve(market(np.zeros((students, mentors)), [1] * mentors))
        assert solution.assignment.tolist() == [NOBODY] * students
        assert solution.is_proved

    def test_without_any_place(self) -> None:
        of = market([[5, 5], [5, 5]], [0, 0])
        solution = solve(of)
        check(of, solution)
        assert solution.assignment.tolist() == [NOBODY, NOBODY]

    def test_without_any_pair_that_is_allowed(self) -> None:
        of = market([[-1, -1], [-1, -1]], [3, 3])
        solution = solve(of)
        check(of, solution)
        assert solution.assignment.tolist() == [NOBODY, NOBODY]

    def test_with_one_place_the_better_student_has_it(self) -> None:
        of = market([[5], [6], [5]], [1])
        solution = solve(of)
        check(of, solution)
        assert solution.assignment.tolist() == [NOBODY, 0, NOBODY]

    def test_with_equal_scores_the_load_is_spread_by_capacity(self) -> None:
        of = market(np.full((30, 3), 7), [20, 20, 20], [10, 0, 0])
        solution = solve(of)
        check(of, solution)
        # Forty mentees on 30, 20 and 20 places: as near to four sevenths everywhere as whole students allow.
        assert np.bincount(solution.assignment).tolist() == [7, 11, 12]

    def test_more_students_matched_comes_before_any_score(self) -> None:
        of = market([[1000, 0], [1000, -1]], [1, 1])
        solution = solve(of)
        check(of, solution)
        assert solution.assignment.tolist() == [1, 0]

    def test_a_point_more_comes_before_even_load(self) -> None:
        of = market([[6, 5]] * 4, [4, 4])
        assert solve(of).assignment.tolist() == [0, 0, 0, 0]

    def test_evenness_may_be_bought_with_points(self) -> None:
        of = market([[6, 5]] * 4, [4, 4], load_points=100)
        solution = solve(of)
        check(of, solution)
        assert np.bincount(solution.assignment).tolist() == [2, 2]


def test_only_forced_moves_and_the_fewest_of_them() -> None:
    """One mentor lost a place. Of her three the one moves whose move costs least, and a chain only when it must."""
    current = np.array([0, 0, 0, 1])
    of = market([[9, 8, -1], [9, 2, -1], [9, 3, -1], [4, 9, 9]], [2, 1, 1], current=current, stay_points=40_000)
    solution = solve(of)
    check(of, solution)
    # Nobody can take a student of mentor 0 but mentor 1, who has to let hers go to mentor 2.
    assert solution.assignment.tolist() == [1, 0, 0, 2]


def test_refuses_to_value_what_breaks_the_rules() -> None:
    of = market([[5, -1], [5, 5]], [1, 1])
    for wrong in ([1, 0], [0, 0]):
        with pytest.raises(InfeasibleAssignment):
            of.objective(np.array(wrong))


@pytest.mark.parametrize("seed", range(10))
def test_pairs_are_found_where_the_matrix_has_them(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mentorship_coordination.matching.pairs.PAIRS_A_BLOCK", 5)
    of = middle(seed) if seed % 2 else small(seed)
    pairs, scores = of.pairs, of.pairs.as_matrix()
    students, mentors = np.divmod(np.arange(scores.size), scores.shape[1])
    positions = pairs.find(students, mentors)
    assert ((positions == NOWHERE) == (scores.ravel() == FORBIDDEN)).all()
    there = positions[positions != NOWHERE]
    assert there.tolist() == list(range(len(pairs.mentor)))
    assert (pairs.student_at(there) == students[positions != NOWHERE]).all()
    blocks = list(pairs.blocks())
    assert [start for start, _ in blocks] == [0, *(stop for _, stop in blocks[:-1])]
    assert blocks[-1][1] == pairs.students
    for start, stop in blocks:
        rows = pairs.rows(start, stop)
        points = pairs.points[pairs.first[start] : pairs.first[stop]]
        highest = np.where((scores[start:stop] == FORBIDDEN).all(axis=1), -np.inf, scores[start:stop].max(axis=1))
        assert (rows.highest(points) == highest).all()
        assert rows.count(points > 2).tolist() == (scores[start:stop] > 2).sum(axis=1).tolist()
