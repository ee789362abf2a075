"""Parts of the risk score in words, with what they rest on. Source: product.md §8."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

REASONS = {
    "silence": "silent",
    "missed_sessions": "sessions missed",
    "streak_broken": "a habit broken off",
    "goals_overdue": "goals overdue",
    "failed_reviews": "missions sent back",
    "falling_readiness": "readiness falling",
}


@dataclass(frozen=True, slots=True)
class RiskReason:
    """One part of the score: its name, its points, and a sentence that names the evidence."""

    name: str
    points: int
    text: str
    evidence: Mapping[str, Any]


def reason_words(name: str) -> str:
    """A part of the score in two or three words."""
    return REASONS.get(name, name.replace("_", " "))


def reasons_of(parts: list[dict[str, Any]]) -> list[RiskReason]:
    """The stored parts of a score, most points first."""
    return [RiskReason(part["name"], part["points"], _sentence(part), part["evidence"]) for part in parts]


def _sentence(part: Mapping[str, Any]) -> str:
    evidence: Any = part["evidence"]
    match part["name"]:
        case "silence":
            return f"Nothing heard for {evidence['days']} days."
        case "missed_sessions":
            return f"Missed {_count(evidence['sessions'], 'session')} in four weeks."
        case "streak_broken":
            worst = max(evidence["habits"], key=lambda habit: habit["length"])
            return f"“{worst['name']}” broke off after {worst['length']} in a row."
        case "goals_overdue":
            return f"{_count(evidence['goals'], 'goal')} overdue."
        case "failed_reviews":
            return f"{_count(evidence['missions'], 'mission')} sent back or refused."
        case "falling_readiness":
            return f"Readiness fell by {int(-evidence['trend_7d'])} points in a week."
    return f"{reason_words(part['name'])}.".capitalize()


def _count(found: list[Any], noun: str) -> str:
    return f"{len(found)} {noun}{'' if len(found) == 1 else 's'}"
