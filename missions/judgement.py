"""What a review may say. Source: product.md §5."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.errors import InvalidInput
from missions.enums import Decision
from missions.plain_text import can_be_stored

HIGHEST_SCORE = 100
LONGEST_FEEDBACK = 20_000
LONGEST_REASON = 2_000
LONGEST_WORD = 100
MOST_ENTRIES = 50


@dataclass(frozen=True, slots=True)
class Judgement:
    decision: Decision
    score: int
    feedback: str
    competencies: list[str]
    rubric_scores: dict[str, int]


def checked(
    *,
    decision: str,
    score: int,
    feedback: str,
    competencies: Sequence[str],
    rubric_scores: Mapping[str, int],
) -> Judgement:
    """Score and rubric scores in 0..100; feedback wherever the answer is not yes.

    Raises `InvalidInput` with messages per field.
    """
    errors = {
        "decision": [] if decision in Decision.values else [f"Give one of {', '.join(Decision.values)}."],
        "score": [] if _is_score(score) else [f"Give a whole number from 0 to {HIGHEST_SCORE}."],
        "feedback": _feedback_errors(feedback, decision),
        "competencies": _word_errors(competencies),
        "rubric_scores": _rubric_errors(rubric_scores),
    }
    found = {field: messages for field, messages in errors.items() if messages}
    if found:
        raise InvalidInput(fields=found)
    unique = list(dict.fromkeys(word.strip() for word in competencies))
    return Judgement(Decision(decision), score, feedback.strip(), unique, dict(rubric_scores))


def checked_reason(reason: str) -> str:
    """Why a director decides instead of the mentor. Raises `InvalidInput` when there is none."""
    given = reason.strip()
    if not given or len(given) > LONGEST_REASON or not can_be_stored(given):
        raise InvalidInput(fields={"reason": [f"Say why, in 1 to {LONGEST_REASON} characters."]})
    return given


def _is_score(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= HIGHEST_SCORE


def _feedback_errors(feedback: str, decision: str) -> list[str]:
    if not can_be_stored(feedback) or len(feedback) > LONGEST_FEEDBACK:
        return [f"Give at most {LONGEST_FEEDBACK} characters that can be stored."]
    if decision != Decision.APPROVED and not feedback.strip():
        return ["Tell the student what is missing."]
    return []


def _word_errors(words: Sequence[str]) -> list[str]:
    if len(words) > MOST_ENTRIES or not all(is_word(word) for word in words):
        return [f"Give at most {MOST_ENTRIES} words of 1 to {LONGEST_WORD} characters."]
    return []


def _rubric_errors(scores: Mapping[str, int]) -> list[str]:
    fine = all(is_word(criterion) and _is_score(score) for criterion, score in scores.items())
    if len(scores) > MOST_ENTRIES or not fine:
        return [f"Give at most {MOST_ENTRIES} criteria, each with a whole number from 0 to {HIGHEST_SCORE}."]
    return []


def is_word(word: str) -> bool:
    return bool(word.strip()) and len(word) <= LONGEST_WORD and can_be_stored(word)
