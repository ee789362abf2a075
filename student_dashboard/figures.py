"""What one refresh finds out about one student: plain values, nothing written yet. Source: product.md §8, §9."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from student_dashboard.readiness import Readiness, ReadinessPart, evaluate
from student_dashboard.risk import OWN_SIGNALS, Risk, RiskSignal, assess, is_at_risk, own_evidence
from student_dashboard.sections import Facts, readiness_parts, risk_signals


@dataclass(frozen=True, slots=True)
class Figures:
    """`risk` is None without an active enrolment; `risk_since` while an episode runs, from its beginning."""

    student_id: UUID
    today: date
    fresh_until: datetime
    sections: Mapping[str, Any]
    readiness: Readiness
    trend_7d: Decimal | None
    risk: Risk | None
    risk_since: datetime | None
    is_watched: bool

    @property
    def is_judged(self) -> bool:
        return self.risk is not None

    def inputs(self) -> dict[str, Any]:
        """What the figure was computed from, as it is stored and explained."""
        return {"parts": [part.as_json() for part in self.readiness.parts]}

    def risk_parts(self) -> list[dict[str, Any]]:
        return [part.as_json() for part in self.risk.parts] if self.risk else []


@dataclass(frozen=True, slots=True)
class Formula:
    """What everybody is judged by: all registered parts and signals, and this app's own."""

    parts: tuple[ReadinessPart, ...]
    signals: tuple[RiskSignal, ...]

    @classmethod
    def current(cls) -> Formula:
        return cls(readiness_parts(), (*risk_signals(), *OWN_SIGNALS))


def figures_of(
    *,
    student_id: UUID,
    today: date,
    fresh_until: datetime,
    began_at: datetime | None,
    risk_since: datetime | None,
    week_ago: Decimal | None,
    facts: Facts,
    formula: Formula,
    at: datetime,
) -> Figures:
    """The figures of a student who could begin at `began_at`; None, without an active enrolment: nothing is judged."""
    if began_at is None:
        nothing = Readiness(None, None, evaluate(formula.parts, {}).parts)
        return Figures(student_id, today, fresh_until, facts.sections, nothing, None, None, None, facts.is_watched)
    readiness = evaluate(formula.parts, facts.inputs)
    known = readiness.figure is not None and week_ago is not None
    trend = readiness.figure - week_ago if known else None  # type: ignore[operator]
    own = own_evidence(active_at=facts.active_at, since=began_at, at=at, trend_7d=trend)
    risk = assess(formula.signals, {**facts.evidence, **own})
    is_open = is_at_risk(risk.score, was_at_risk=risk_since is not None)
    since = (risk_since or at) if is_open else None
    return Figures(student_id, today, fresh_until, facts.sections, readiness, trend, risk, since, facts.is_watched)
