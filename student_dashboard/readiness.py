"""The readiness formula: `R = 100 · Σ w·x / Σ w` over the parts that have data. Source: product.md §9.

A part is a pure function of its inputs, and the inputs are stored with the figure: whoever has the row can compute it
again (product.md §12, invariant 13). Change a weight, a part or a rounding, and raise `FORMULA_VERSION`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

FORMULA_VERSION = 1
#: With less of the weight than this behind it, a figure would be a guess.
LEAST_COVERAGE = Decimal("0.5")
VALUE_PLACES = 6
WHOLE = 10**VALUE_PLACES
FIGURE, SHARE = Decimal("0.01"), Decimal("0.001")


@dataclass(frozen=True, slots=True)
class ReadinessPart:
    """`value_of(inputs)` is in 0..1, or None where the inputs say nothing yet; `weight` is relative to the others'."""

    name: str
    weight: int
    value_of: Callable[[Mapping[str, Any]], float | None]


@dataclass(frozen=True, slots=True)
class ValuedPart:
    """A part of one student: `value` in 0..1 with six decimals, None without data."""

    name: str
    weight: int
    value: float | None
    inputs: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "weight": self.weight, "value": self.value, "inputs": self.inputs}


@dataclass(frozen=True, slots=True)
class Readiness:
    """`figure` is 0 to 100 with two decimals, None with too little data; `coverage` the share of the weight with data.

    `coverage` is None where no part is registered at all.
    """

    figure: Decimal | None
    coverage: Decimal | None
    parts: tuple[ValuedPart, ...]


def evaluate(parts: Iterable[ReadinessPart], inputs: Mapping[str, Mapping[str, Any]]) -> Readiness:
    """The readiness of one student from the inputs of each part by its name; a part without inputs has no data.

    Raises `ValueError` when a part's value is outside 0..1.
    """
    valued = tuple(_valued(part, inputs.get(part.name)) for part in parts)
    return Readiness(*weigh(valued), valued)


def weigh(parts: Sequence[ValuedPart]) -> tuple[Decimal | None, Decimal | None]:
    """Figure and coverage of parts whose values are known."""
    total = sum(part.weight for part in parts)
    if not total:
        return None, None
    # In whole millionths, which the values are: exact, whatever order they are added in.
    known = [(part.weight, round(part.value * WHOLE)) for part in parts if part.value is not None]
    weight = sum(each for each, _ in known)
    coverage = Decimal(weight) / total
    if coverage < LEAST_COVERAGE:
        return None, _rounded(coverage, SHARE)
    figure = Decimal(100 * sum(each * millionths for each, millionths in known)) / (weight * WHOLE)
    return _rounded(figure, FIGURE), _rounded(coverage, SHARE)


def _valued(part: ReadinessPart, inputs: Mapping[str, Any] | None) -> ValuedPart:
    value = part.value_of(inputs) if inputs else None
    if value is not None and not 0 <= value <= 1:
        raise ValueError(f"the part {part.name!r} has the value {value}")
    return ValuedPart(part.name, part.weight, None if value is None else round(value, VALUE_PLACES), inputs or {})


def _rounded(number: Decimal, step: Decimal) -> Decimal:
    return number.quantize(step, rounding=ROUND_HALF_EVEN)
