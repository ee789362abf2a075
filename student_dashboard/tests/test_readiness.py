"""Readiness …"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stream.snapshots import as_json
from student_dashboard.readiness import Readiness, ReadinessPart, evaluate

Known = dict[str, tuple[int, float | None]]


def readiness_of(known: Known) -> Readiness:
    """From the weight and the value of each part."""
    return evaluate(parts_of(known), inputs_of(known))


def parts_of(known: Known) -> list[ReadinessPart]:
    return [ReadinessPart(name, weight, lambda inputs: inputs["value"]) for name, (weight, _) in known.items()]


def inputs_of(known: Known) -> dict[str, dict[str, Any]]:
    return {name: {"value": value} for name, (_, value) in known.items()}


@pytest.mark.parametrize(
    ("known", "figure", "coverage"),
    [
        ({"missions": (35, 0.75), "quality": (25, 0.8), "goals": (40, 0.25)}, "56.25", "1"),
        ({"missions": (35, 0.75), "quality": (25, 0.8), "goals": (40, None)}, "77.08", "0.600"),
        ({"missions": (35, 0.0), "quality": (25, 0.0)}, "0", "1"),
        ({"missions": (35, 1), "quality": (25, 1.0)}, "100", "1"),
        ({"missions": (1, 0.5)}, "50", "1"),
    ],
)
def test_is_the_weighted_mean_of_the_parts_that_have_data(known: Known, figure: str, coverage: str) -> None:
    found = readiness_of(known)
    assert (found.figure, found.coverage) == (Decimal(figure), Decimal(coverage))


@pytest.mark.parametrize(
    ("known", "figure", "coverage"), [(49, None, "0.49"), (50, Decimal(80), "0.5"), (51, Decimal(80), "0.51")]
)
def test_needs_half_of_the_weight(known: int, figure: Decimal | None, coverage: str) -> None:
    found = readiness_of({"known": (known, 0.8), "unknown": (100 - known, None)})
    assert (found.figure, found.coverage) == (figure, Decimal(coverage))


def test_compares_the_coverage_before_it_is_rounded() -> None:
    found = readiness_of({"known": (4999, 0.8), "unknown": (5001, None)})
    assert (found.figure, found.coverage) == (None, Decimal("0.500"))


def test_is_none_and_never_zero_without_data() -> None:
    found = readiness_of({"missions": (35, None), "quality": (25, None)})
    assert (found.figure, found.coverage) == (None, Decimal(0))


def test_has_no_coverage_where_no_part_is_registered() -> None:
    assert evaluate([], {}) == Readiness(None, None, ())


@pytest.mark.parametrize(
    ("value", "stored", "figure"),
    [
        (0.12345, 0.12345, "12.34"),
        (0.12355, 0.12355, "12.36"),
        (2 / 3, 0.666667, "66.67"),
        (0.1234549, 0.123455, "12.35"),
        (0.99999999, 1.0, "100.00"),
    ],
)
def test_rounds_values_to_six_places_and_the_figure_to_two_half_to_even(
    value: float, stored: float, figure: str
) -> None:
    found = readiness_of({"missions": (35, value)})
    assert (found.parts[0].value, str(found.figure)) == (stored, figure)


@pytest.mark.parametrize("value", [-0.0001, 1.0001, 75, float("nan")])
def test_refuses_a_value_outside_of_its_range(value: float) -> None:
    with pytest.raises(ValueError, match="the part 'missions' has the value"):
        readiness_of({"missions": (35, value)})


def test_does_not_ask_a_part_that_has_no_inputs() -> None:
    part = ReadinessPart("missions", 35, lambda inputs: inputs["no such key"])
    assert evaluate([part], {}).parts[0].as_json() == {"name": "missions", "weight": 35, "value": None, "inputs": {}}


weights = st.integers(1, 100)
values = st.floats(0, 1)
some_parts = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.tuples(weights, st.none() | values))


@given(some_parts)
def test_is_between_0_and_100_and_its_coverage_between_0_and_1(known: Known) -> None:
    found = readiness_of(known)
    assert found.figure is None or 0 <= found.figure <= 100
    assert found.coverage is None if not known else found.coverage is not None and 0 <= found.coverage <= 1


@given(some_parts)
def test_is_the_same_when_computed_again_from_what_is_stored(known: Known) -> None:
    found = readiness_of(known)
    stored = json.loads(as_json([part.as_json() for part in found.parts]))
    again = evaluate(parts_of(known), {part["name"]: part["inputs"] for part in stored})
    assert again == found


@given(some_parts, weights)
def test_is_not_changed_by_a_part_without_data_unless_too_little_is_known_then(known: Known, weight: int) -> None:
    before, after = readiness_of(known), readiness_of({**known, "another": (weight, None)})
    has_data = sum(each for each, value in known.values() if value is not None)
    total = sum(each for each, _ in known.values()) + weight
    assert after.figure == (before.figure if 2 * has_data >= total else None)


@given(some_parts)
def test_is_none_once_all_data_is_gone(known: Known) -> None:
    assert readiness_of({name: (weight, None) for name, (weight, _) in known.items()}).figure is None


@given(st.dictionaries(st.sampled_from("abc"), st.tuples(weights, values), min_size=1), st.data())
def test_never_falls_when_a_part_rises(known: Known, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(known)))
    weight, value = known[name]
    assert value is not None
    raised = readiness_of({**known, name: (weight, data.draw(st.floats(value, 1)))})
    before = readiness_of(known)
    assert before.figure is not None
    assert raised.figure is not None
    assert raised.figure >= before.figure
