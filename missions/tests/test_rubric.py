"""A mission's rubric …"""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from missions.rubric import Criterion, validate_rubric, weighted_score

CRITERIA = [Criterion("evidence", 40), Criterion("clarity", 60)]


@pytest.mark.parametrize(
    ("scores", "score"),
    [
        ({"evidence": 90, "clarity": 80}, 84),
        ({"evidence": 0, "clarity": 100}, 60),
        ({"evidence": 90}, None),
        ({}, None),
    ],
)
def test_comes_to_the_mean_by_points(scores: dict[str, int], score: int | None) -> None:
    assert weighted_score(CRITERIA, scores) == score


def test_comes_to_nothing_without_criteria() -> None:
    assert weighted_score([], {}) is None


@pytest.mark.parametrize(
    "value",
    [
        {"criterion": "evidence", "points": 40},
        ["evidence"],
        [{"criterion": "evidence"}],
        [{"criterion": " ", "points": 40}],
        [{"criterion": "evidence", "points": 0}],
        [{"criterion": "evidence", "points": True}],
        [{"criterion": "evidence", "points": "40"}],
        [{"criterion": "evidence", "points": 40, "more": 1}],
        [{"criterion": "evidence", "points": 40}, {"criterion": "evidence", "points": 60}],
        [{"criterion": f"evidence {number}", "points": 1} for number in range(51)],
        [{"criterion": "evi\x00dence", "points": 40}],
        [{"criterion": "x" * 100 + " ", "points": 40}],
    ],
)
def test_is_refused_in_another_form(value: Any) -> None:
    with pytest.raises(ValidationError):
        validate_rubric(value)


def test_may_be_empty() -> None:
    validate_rubric([])
    validate_rubric([{"criterion": "evidence", "points": 40}])
