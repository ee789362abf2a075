"""What a student's missions say about her: parts of readiness, a signal of risk, and what to do next.

Pure functions of plain values. Source: product.md §5, §8, §9.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from core.clock import rfc3339
from missions.enums import SubmissionState
from student_dashboard.readiness import ReadinessPart
from student_dashboard.risk import RiskSignal

#: As if each student had this many scores at the cohort's mean besides her own: two good days make no expert.
SHRINKAGE = 3
HIGHEST_SCORE = 100
NOT_STARTED = "not_started"
STATES = (NOT_STARTED, *SubmissionState.values)
#: Plain texts: an enum's members are looked up for every line of every student.
APPROVED, DRAFT = SubmissionState.APPROVED.value, SubmissionState.DRAFT.value
CHANGES_REQUESTED, REJECTED = SubmissionState.CHANGES_REQUESTED.value, SubmissionState.REJECTED.value
#: A refusal that is older is history.
REFUSALS_COUNT_FOR = timedelta(days=28)
REFUSAL_POINTS = {CHANGES_REQUESTED: 5, REJECTED: 10}
MOST_FOR_REFUSALS = 15


@dataclass(frozen=True, slots=True)
class Line:
    """One published mission as it stands for one student; `state` is `not_started` without a submission."""

    mission_id: str
    number: int
    title: str
    weight: int
    level: int
    expected_after_days: int
    state: str
    score: int | None
    submission_id: str | None
    version: int | None
    submitted_at: datetime | None
    decided_at: datetime | None

    @property
    def is_approved(self) -> bool:
        return self.state == APPROVED


def missions_value(inputs: Mapping[str, Any]) -> float | None:
    """Approved weight over the weight expected by now, at most 1; None before anything is expected or approved."""
    approved, expected = int(inputs["approved_weight"]), int(inputs["expected_weight"])
    if not expected:
        return 1.0 if approved else None
    return min(1.0, approved / expected)


def quality_value(inputs: Mapping[str, Any]) -> float | None:
    """Mean of the current scores, shrunk to the cohort's mean where one is stored; 0 to 1, None without a score."""
    scores, mean = inputs["scores"], inputs["cohort_mean"]
    if not scores:
        return None
    weight = inputs["shrinkage"] if mean is not None else 0
    return float((sum(scores) + weight * (mean or 0)) / (len(scores) + weight) / HIGHEST_SCORE)


def refusal_points(evidence: Mapping[str, Any]) -> int:
    """Five points for each mission sent back, ten for each refused for good."""
    points = sum(REFUSAL_POINTS[each["decision"]] for each in evidence["missions"])
    return min(MOST_FOR_REFUSALS, points)


PARTS = (ReadinessPart("missions", 35, missions_value), ReadinessPart("quality", 25, quality_value))
SIGNALS = (RiskSignal("failed_reviews", MOST_FOR_REFUSALS, refusal_points),)


def readiness_inputs(lines: Iterable[Line], *, days: int, cohort_mean: float | None) -> dict[str, dict[str, Any]]:
    """`days` have passed since the cohort began: what was to be approved by now, and what the verdicts that stand say.

    A score stands until the student hands in again: readiness knows the current review of each mission alone (§5).
    """
    lines = list(lines)
    return {
        "missions": {
            "approved_weight": sum(line.weight for line in lines if line.is_approved),
            "expected_weight": sum(line.weight for line in lines if line.expected_after_days <= days),
            "days_since_start": days,
        },
        "quality": {
            "scores": [line.score for line in lines if line.score is not None],
            "cohort_mean": cohort_mean,
            "shrinkage": SHRINKAGE,
        },
    }


def refusals(lines: Iterable[Line], at: datetime) -> dict[str, Any]:
    """Missions whose current verdict is a refusal of the last 28 days."""
    return {
        "missions": [
            {
                "mission_id": line.mission_id,
                "title": line.title,
                "decision": line.state,
                "at": rfc3339(line.decided_at),
            }
            for line in lines
            if line.state in REFUSAL_POINTS and line.decided_at and line.decided_at > at - REFUSALS_COUNT_FOR
        ]
    }


def open_level(lines: Sequence[Line]) -> int:
    """The highest level that is open to her: the next one opens when two thirds of the weight below are approved."""
    total: dict[int, int] = defaultdict(int)
    approved: dict[int, int] = defaultdict(int)
    for line in lines:
        total[line.level] += line.weight
        approved[line.level] += line.weight if line.is_approved else 0
    for level in sorted(total):
        if 3 * approved[level] < 2 * total[level]:
            return level
    return max(total, default=1)


def recommended(lines: Sequence[Line]) -> dict[str, Any] | None:
    """What to do next, and why: what came back, what is begun, then the first new one of an open level.

    Where everything of the open levels waits for its review, the next one of the track. None when nothing is left.
    """
    level = open_level(lines)
    best = min(((_urgency(line, level), line.number, line) for line in lines), key=itemgetter(0, 1), default=None)
    if best is None or best[0] == len(NEXT):
        return None
    place, _, found = best
    return {
        "mission_id": found.mission_id,
        "number": found.number,
        "title": found.title,
        "level": found.level,
        "reason": NEXT[place],
    }


#: Why a mission is recommended, most pressing first.
NEXT = ("changes_requested", "begun", "next_in_level", "while_you_wait")


def _urgency(line: Line, level: int) -> int:
    """The place of the line's reason in `NEXT`; beyond the last for what needs nothing."""
    if line.state == CHANGES_REQUESTED:
        return 0
    if line.state == DRAFT:
        return 1
    if line.state == NOT_STARTED:
        return 2 if line.level <= level else 3
    return len(NEXT)
