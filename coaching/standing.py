"""What habits and goals say about a student: parts of readiness and signals of risk.

Pure functions of plain values. Source: product.md §8, §9.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from student_dashboard.readiness import ReadinessPart
from student_dashboard.risk import RiskSignal

MOST_FOR_STREAKS, MOST_FOR_GOALS = 14, 12
POINTS_OF_A_BREAK, POINTS_OF_A_GOAL = 4, 4
#: A break that is older says nothing about now.
BREAKS_COUNT_FOR = timedelta(days=14)


def consistency_value(inputs: Mapping[str, Any]) -> float | None:
    """Periods kept over periods due in the last 28 days; None while nothing was due."""
    kept, due = inputs["kept"], inputs["due"]
    return kept / due if due else None


def goals_value(inputs: Mapping[str, Any]) -> float | None:
    """Goals closed in time over goals that were due or closed; None while there are none."""
    on_time, due = inputs["on_time"], inputs["due"]
    return on_time / due if due else None


def streak_points(evidence: Mapping[str, Any]) -> int:
    """Four points and one for each period of the longest streak that broke and was not taken up again."""
    longest = max((each["length"] for each in evidence["habits"]), default=0)
    return min(MOST_FOR_STREAKS, POINTS_OF_A_BREAK + longest) if longest else 0


def overdue_points(evidence: Mapping[str, Any]) -> int:
    """Four points for each overdue goal."""
    return min(MOST_FOR_GOALS, POINTS_OF_A_GOAL * len(evidence["goals"]))


PARTS = (ReadinessPart("consistency", 15, consistency_value), ReadinessPart("goals", 10, goals_value))
SIGNALS = (
    RiskSignal("streak_broken", MOST_FOR_STREAKS, streak_points),
    RiskSignal("goals_overdue", MOST_FOR_GOALS, overdue_points),
)
