"""The rules of the matching in words, for whoever reads why somebody still waits. Source: product.md §10."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: What blocks every mentor alike; to count them would say nothing.
BLOCKS_EVERYBODY: Final = {
    "no_mentors": "no mentor at all",
    "no_availability_told": "the student has told no hours",
}
WORDS: Final = BLOCKS_EVERYBODY | {
    "same_person": "the same person",
    "excluded": "kept apart",
    "unwanted": "not wanted in this run",
    "no_language_in_common": "no language in common",
    "too_few_shared_hours": "too few shared hours",
    "full": "full",
    "mentor_full": "full",
    "mentor_away": "away when the pair was to begin",
    "mentor_not_available": "not taking mentees",
    "student_not_active": "not to begin, the student was not active",
    "already_assigned": "not to begin, the student had a mentor",
    "another_mentor_by_now": "not to begin, the student had another mentor",
    "pinned_twice": "given to two mentors at once",
}


def counts_in_words(counts: Mapping[str, int]) -> str:
    """ "230 no language in common, 32 full", the commonest rule first."""
    ranked = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    return ", ".join(f"{count} {WORDS.get(rule, rule.replace('_', ' '))}" for rule, count in ranked)


def blocked_in_words(blocked: Mapping[str, int]) -> str:
    """What keeps one student waiting: the counts of mentors, or what blocks them all; "" when nothing is counted."""
    for rule, words in BLOCKS_EVERYBODY.items():
        if rule in blocked:
            return words
    return counts_in_words(blocked)


def blocked_of_all_in_words(blocked: Mapping[str, int], alike: Mapping[str, int]) -> str:
    """Of all who wait in one run: `alike` counts students whom one thing keeps from every mentor, `blocked` mentors."""
    sentences = []
    if "no_mentors" in alike:
        sentences.append("There is no mentor at all.")
    if hidden := alike.get("no_availability_told", 0):
        sentences.append(f"{hidden} {'student has' if hidden == 1 else 'students have'} told no hours.")
    counts = {rule: count for rule, count in blocked.items() if rule not in BLOCKS_EVERYBODY}
    if counts:
        sentences.append(f"Mentors, counted for each student under the first rule: {counts_in_words(counts)}.")
    return " ".join(sentences)


def mentors_blocked_in_words(blocked: Mapping[str, int]) -> str:
    """The same after the sum of its counts: "262 mentors: 230 no language in common, 32 full"."""
    words = blocked_in_words(blocked)
    return words if BLOCKS_EVERYBODY.keys() & blocked.keys() else f"{sum(blocked.values())} mentors: {words}"
