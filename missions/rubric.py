"""What a mission is judged by: criteria, each with points that say how much it weighs. Source: product.md §5."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError

from missions.judgement import MOST_ENTRIES, is_word

MOST_POINTS = 1000


@dataclass(frozen=True, slots=True)
class Criterion:
    words: str
    points: int


def criteria_of(rubric: list[dict[str, Any]]) -> list[Criterion]:
    return [Criterion(each["criterion"], each["points"]) for each in rubric]


def weighted_score(criteria: list[Criterion], scores: Mapping[str, int]) -> int | None:
    """The mean of the scores (0..100) by points, rounded; None while a criterion has none."""
    if not criteria or any(each.words not in scores for each in criteria):
        return None
    total = sum(each.points for each in criteria)
    return round(sum(each.points * scores[each.words] for each in criteria) / total)


def validate_rubric(value: object) -> None:
    """At most 50 of `{"criterion": words, "points": weight}`, no criterion twice. Raises ValidationError."""
    if not isinstance(value, list) or not all(_is_criterion(each) for each in value):
        raise ValidationError('Give a list such as [{"criterion": "evidence", "points": 40}].', code="bad_rubric")
    if len(value) > MOST_ENTRIES:
        raise ValidationError(f"Give at most {MOST_ENTRIES} criteria.", code="bad_rubric")
    if len({each["criterion"] for each in value}) < len(value):
        raise ValidationError("A criterion is named twice.", code="bad_rubric")


def _is_criterion(value: object) -> bool:
    if not isinstance(value, dict) or set(value) != {"criterion", "points"}:
        return False
    words, points = value["criterion"], value["points"]
    is_named = isinstance(words, str) and is_word(words)
    return is_named and isinstance(points, int) and not isinstance(points, bool) and 0 < points <= MOST_POINTS
