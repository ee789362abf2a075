"""Habits and goals stand for so much readiness and so many points of risk …"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching.standing import PARTS, SIGNALS, consistency_value, goals_value, overdue_points, streak_points

counts = st.integers(0, 10_000)


def broken(*lengths: int) -> dict[str, Any]:
    return {"habits": [{"length": length} for length in lengths]}


def test_by_name_weight_and_limit() -> None:
    assert [(part.name, part.weight) for part in PARTS] == [("consistency", 15), ("goals", 10)]
    assert [(signal.name, signal.most) for signal in SIGNALS] == [("streak_broken", 14), ("goals_overdue", 12)]


@pytest.mark.parametrize(("kept", "due", "value"), [(0, 0, None), (0, 4, 0.0), (3, 4, 0.75), (4, 4, 1.0)])
def test_consistency_is_the_share_that_was_kept(kept: int, due: int, value: float | None) -> None:
    assert consistency_value({"kept": kept, "due": due}) == value


@pytest.mark.parametrize(("on_time", "due", "value"), [(0, 0, None), (0, 2, 0.0), (1, 2, 0.5), (2, 2, 1.0)])
def test_goals_are_the_share_that_was_closed_in_time(on_time: int, due: int, value: float | None) -> None:
    assert goals_value({"on_time": on_time, "due": due}) == value


@pytest.mark.parametrize(
    ("lengths", "points"), [((), 0), ((3,), 7), ((9,), 13), ((10,), 14), ((11,), 14), ((700,), 14), ((3, 5), 9)]
)
def test_a_broken_streak_gives_four_and_its_length(lengths: tuple[int, ...], points: int) -> None:
    assert streak_points(broken(*lengths)) == points


@pytest.mark.parametrize(("goals", "points"), [(0, 0), (1, 4), (2, 8), (3, 12), (4, 12), (50, 12)])
def test_an_overdue_goal_gives_four(goals: int, points: int) -> None:
    assert overdue_points({"goals": [{}] * goals}) == points


@given(counts, counts, st.lists(st.integers(3, 10_000)), st.integers(0, 100))
def test_never_more_than_they_may(kept: int, missed: int, lengths: list[int], overdue: int) -> None:
    for value in (
        consistency_value({"kept": kept, "due": kept + missed}),
        goals_value({"on_time": kept, "due": kept + missed}),
    ):
        assert value is None or 0 <= value <= 1
    assert 0 <= streak_points(broken(*lengths)) <= 14
    assert 0 <= overdue_points({"goals": [{}] * overdue}) <= 12
