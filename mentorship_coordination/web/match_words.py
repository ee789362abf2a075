"""Runs of the matching in words, for the director's pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from mentorship_coordination.enums import MatchRunKind, MatchRunState, MatchScope
from mentorship_coordination.matching.reasons import left_out_in_words, pair_in_words, parts_in_words
from mentorship_coordination.matching.words import WORDS
from mentorship_coordination.models.matching import MatchProposal, MatchRun
from users.languages import language_name

STATES: Final = {
    MatchRunState.REQUESTED: "Asked for",
    MatchRunState.RUNNING: "Being solved",
    MatchRunState.DRAFT: "Draft",
    MatchRunState.COMPARED: "Draft, compared",
    MatchRunState.PUBLISHING: "Pairs are being started",
    MatchRunState.PUBLISHED: "Published",
    MatchRunState.DISCARDED: "Put aside",
    MatchRunState.FAILED: "Failed",
}
CHANGES: Final = {
    "same": "as before",
    "other_mentor": "another mentor",
    "newly_matched": "matched now",
    "newly_unmatched": "without a mentor now",
    "joining": "joining",
    "gone": "not in it any more",
}
GROUPS: Final = {"track": "By track", "language": "By language", "timezone": "By time zone"}


@dataclass(frozen=True, slots=True)
class GroupTable:
    title: str
    lines: list[tuple[str, dict[str, Any]]]
    hidden: int


def scope_in_words(run: MatchRun) -> str:
    if run.cohort is not None:
        return run.cohort.name
    return "All cohorts" if run.options.get("scope") == MatchScope.ALL else "All my cohorts"


def kind_in_words(run: MatchRun) -> str:
    return {MatchRunKind.REMATCH: "Moves", MatchRunKind.WHAT_IF: "What if"}.get(MatchRunKind(run.kind), "Matching")


def state_in_words(run: MatchRun) -> str:
    state = MatchRunState(run.state)
    if run.kind == MatchRunKind.WHAT_IF and state == MatchRunState.COMPARED:
        return "Answered"
    if state == MatchRunState.RUNNING and "round" in run.progress:
        return f"Being solved: at most {run.progress['gap']:.0f} points from the best"
    return STATES[state]


def matched_in_words(run: MatchRun) -> str:
    summary = run.summary
    return f"{summary['matched']} of {summary['waiting']}" if summary else ""


def groups_of(summary: dict[str, Any]) -> list[GroupTable]:
    groups = summary.get("groups") or {}
    return [
        GroupTable(title, _named(name, groups[name]["shown"]), groups[name]["hidden"])
        for name, title in GROUPS.items()
        if name in groups
    ]


def _named(group: str, shown: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(language_name(name) if group == "language" else name, figures) for name, figures in shown.items()]


def reason_of(proposal: MatchProposal) -> str:
    if proposal.lost_reason:
        return f"Lost: {WORDS.get(proposal.lost_reason, proposal.lost_reason.replace('_', ' '))}."
    if proposal.mentor_id is None:
        return left_out_in_words(proposal.blocked, proposal.explanation)
    return pair_in_words(proposal.explanation)


def parts_of(proposal: MatchProposal) -> str:
    return parts_in_words(proposal.parts)


def counts_in_words(counts: dict[str, int]) -> str:
    """ "2 another mentor, 1 matched now": what happens to nobody is left out."""
    told = [f"{count} {CHANGES[kind]}" for kind, count in counts.items() if count]
    return ", ".join(told) or "Nobody is in it."
