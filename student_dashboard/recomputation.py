"""Figures computed again from what is stored with them. Source: product.md §12, invariant 13."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from student_dashboard.models import StudentDashboard
from student_dashboard.readiness import FORMULA_VERSION, evaluate
from student_dashboard.risk import OWN_SIGNALS, assess
from student_dashboard.sections import readiness_parts, risk_signals

CHUNK = 2000


def find_unexplained() -> Iterator[UUID]:
    """Students whose stored readiness, coverage, parts or risk are not what the stored inputs give. Run as the system.

    Figures of an older formula are left out: they are renewed, not explained. So is who has no active enrolment.
    """
    judged = StudentDashboard.objects.filter(formula_version=FORMULA_VERSION, risk_score__isnull=False)
    rows = judged.order_by("pk").values_list(
        "pk", "readiness", "readiness_coverage", "inputs", "risk_score", "risk_parts"
    )
    for student_id, figure, coverage, stored, score, risk in rows.iterator(chunk_size=CHUNK):
        if not (_is_explained(figure, coverage, stored.get("parts", [])) and _is_risk_explained(score, risk)):
            yield student_id


def _is_explained(figure: Any, coverage: Any, parts: list[dict[str, Any]]) -> bool:
    again = evaluate(readiness_parts(), {part["name"]: part["inputs"] for part in parts})
    stored = {(part["name"], part["weight"], part["value"]) for part in parts}
    computed = {(part.name, part.weight, part.value) for part in again.parts}
    return (figure, coverage, stored) == (again.figure, again.coverage, computed)


def _is_risk_explained(score: Any, parts: list[dict[str, Any]]) -> bool:
    """Whether each part's evidence gives its points, and the points their sum."""
    try:
        again = assess([*OWN_SIGNALS, *risk_signals()], {part["name"]: part["evidence"] for part in parts})
    except (KeyError, TypeError, ValueError):
        return False
    stored = {part["name"]: part["points"] for part in parts}
    return stored == {part.name: part.points for part in again.parts} and score == again.score
