"""The risk score: points with their evidence, at most 100 in all. Source: product.md §8.

Parts sum up to the score, and a part without evidence is not there. An episode begins when the score reaches `LIMIT`
and ends when it falls below `CLEAR_BELOW`: between the two nothing changes, so that a score that swings around the
limit makes one case. No signal alone makes a case, nor keeps one open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.clock import rfc3339

LIMIT = 35
CLEAR_BELOW = 25

SILENCE = "silence"
SILENT_AFTER_DAYS, POINTS_OF_A_SILENT_DAY, MOST_FOR_SILENCE = 7, 2, 24
FALLING = "falling_readiness"
FALLS_FROM, MOST_FOR_FALLING = 5, 15


@dataclass(frozen=True, slots=True)
class RiskSignal:
    """`points_of(evidence)` is a whole number from 0 to `most`."""

    name: str
    most: int
    points_of: Callable[[Mapping[str, Any]], int]


@dataclass(frozen=True, slots=True)
class RiskPart:
    name: str
    points: int
    evidence: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "points": self.points, "evidence": self.evidence}


@dataclass(frozen=True, slots=True)
class Risk:
    """`score` is the sum of the parts' points, 0 to 100; parts with most points first."""

    parts: tuple[RiskPart, ...]

    @property
    def score(self) -> int:
        return sum(part.points for part in self.parts)


def silence_points(evidence: Mapping[str, Any]) -> int:
    """Two points a day, once seven days have passed without any work."""
    days = int(evidence["days"])
    return min(MOST_FOR_SILENCE, POINTS_OF_A_SILENT_DAY * days) if days >= SILENT_AFTER_DAYS else 0


def falling_points(evidence: Mapping[str, Any]) -> int:
    """A point for each whole point that readiness fell by in 7 days, from five on."""
    fall = -float(evidence["trend_7d"])
    return min(MOST_FOR_FALLING, int(fall)) if fall >= FALLS_FROM else 0


#: What this app sees by itself; the other signals are registered with the sections.
OWN_SIGNALS = (
    RiskSignal(SILENCE, MOST_FOR_SILENCE, silence_points),
    RiskSignal(FALLING, MOST_FOR_FALLING, falling_points),
)


def assess(signals: Iterable[RiskSignal], evidence: Mapping[str, Mapping[str, Any]]) -> Risk:
    """The risk of one student from the evidence of each signal by its name.

    Raises `ValueError` when a signal gives more points than it may.
    """
    parts = []
    for signal in signals:
        found = evidence.get(signal.name)
        points = signal.points_of(found) if found is not None else 0
        if not 0 <= points <= signal.most:
            raise ValueError(f"the signal {signal.name!r} gives {points} points")
        if found is not None and points:
            parts.append(RiskPart(signal.name, points, found))
    return Risk(tuple(sorted(parts, key=lambda part: (-part.points, part.name))))


def own_evidence(
    *, active_at: datetime | None, since: datetime, at: datetime, trend_7d: Decimal | None
) -> dict[str, dict[str, Any]]:
    """The evidence of silence and falling readiness. Who was never seen is silent since `since`, when she could
    have begun."""
    last = max(active_at, since) if active_at else since
    evidence: dict[str, dict[str, Any]] = {SILENCE: {"days": max(0, (at - last).days), "since": rfc3339(last)}}
    if trend_7d is not None:
        evidence[FALLING] = {"trend_7d": float(trend_7d)}
    return evidence


def is_at_risk(score: int, *, was_at_risk: bool) -> bool:
    """Whether an episode begins or goes on at this score."""
    return score >= (CLEAR_BELOW if was_at_risk else LIMIT)
