"""Why a pair, why nobody, why a mentor has places left: the stored numbers as sentences. Source: product.md §10."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mentorship_coordination.matching.explaining import Change
from mentorship_coordination.matching.words import mentors_blocked_in_words
from users.languages import language_name

#: The parts of a score, in the order in which they are told.
PARTS: Final = {
    "skills": "skills",
    "shared_hours": "shared hours",
    "same_cohort": "knows the cohort",
    "experience": "experience with the track",
    "waiting": "waiting time",
}
ENDINGS: Final = {1: "st", 2: "nd", 3: "rd"}


def points(count: int) -> str:
    return f"{count} point" if count == 1 else f"{count} points"


def parts_in_words(parts: Mapping[str, int]) -> str:
    """ "skills 320, shared hours 150": what brings nothing is left out."""
    return ", ".join(f"{words} {parts[name]}" for name, words in PARTS.items() if parts.get(name))


def pair_in_words(explanation: Mapping[str, Any]) -> str:
    """Where the mentor stands among the student's choices, and why it is not the best of them."""
    if explanation.get("pinned"):
        return "Wanted by the director."
    rank, choices = explanation.get("rank"), explanation.get("choices")
    if not rank:
        return "The best answer found in the time there was."
    if choices == 1:
        return "The only mentor whom the rules allow."
    sentences = [f"{_place(rank)} of {choices} choices."]
    best = explanation.get("best")
    if best:
        others = best["others_lose"]
        cost = "leave somebody without a mentor" if others is None else f"cost the others at least {points(others)}"
        sentences.append(f"{best['name']} would bring {points(best['gain'])} more, and {cost}.")
    return " ".join(sentences)


def _place(rank: int) -> str:
    """ "Best", "2nd best", "11th best", "21st best"."""
    if rank == 1:
        return "Best"
    ending = "th" if rank % 100 in (11, 12, 13) else ENDINGS.get(rank % 10, "th")
    return f"{rank}{ending} best"


def left_out_in_words(blocked: Mapping[str, int], explanation: Mapping[str, Any]) -> str:
    """How many mentors each rule blocked, and the least that would have to change."""
    counts = mentors_blocked_in_words(blocked)
    change = change_in_words(explanation.get("change") or {})
    return f"{counts[:1].upper()}{counts[1:]}. {change}".strip()


def change_in_words(change: Mapping[str, Any]) -> str:
    name, many = change.get("name", ""), change.get("mentors", 0)
    match change.get("kind"):
        case Change.TELL_HOURS:
            return "With hours told, a match may be found."
        case Change.ONE_MORE_PLACE:
            others = f", or at one of {many - 1} others" if many > 1 else ""
            return f"One more place at {name}{others} would do."
        case Change.MORE_SHARED_HOURS:
            return f"{_duration(change['minutes'])} more in common each week with {name} would do."
        case Change.LANGUAGE:
            mentors = "mentor has" if many == 1 else "mentors have"
            return f"A language in common would do: {many} {mentors} hours and a place, {name} first."
        case Change.EXCLUSION:
            return f"Only being kept apart from {name} stands between them."
        case Change.ANOTHER_MENTOR:
            return "No single change at the mentors there are would do: it takes another mentor."
    return ""


def _duration(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return " ".join(part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest else "") if part)


def filling_in_words(places: int, taken: int, blocked: Mapping[str, int], elsewhere: int) -> str:
    """Why a mentor is full, or what keeps students from her."""
    if not places:
        return "She had no free place."
    if taken >= places:
        return "All her free places are filled."
    left = places - taken
    kept = ", ".join(
        f"{count} {STUDENTS_BLOCKED[rule]}"
        for rule, count in sorted(blocked.items(), key=lambda entry: (-entry[1], entry[0]))
    )
    free = f"{left} {'place' if left == 1 else 'places'} left."
    fit = f" {elsewhere} more would be allowed and fit others as well or better." if elsewhere else ""
    return f"{free} Students: {kept}.{fit}" if kept else f"{free}{fit}"


STUDENTS_BLOCKED: Final = {
    "no_availability_told": "who told no hours",
    "same_person": "who is she herself",
    "excluded": "kept apart from her",
    "unwanted": "not wanted in this run",
    "no_language_in_common": "without a language in common",
    "too_few_shared_hours": "with too few shared hours",
}


def proof_in_words(certificate: Mapping[str, Any]) -> str:
    """What is known of how good an answer is."""
    if not certificate:
        return ""
    if certificate["is_proved"]:
        return "Proved: no other assignment of these students is better."
    gap = (certificate["bound"] - certificate["objective"]) / 1024
    return f"Not proved: time ran out, and the best may be better by {gap:.0f} points."


def advice_in_words(advice: Mapping[str, Any]) -> str:
    extra = advice["extra"]
    language = language_name(advice["language"])
    who = f"One more mentor for {advice['track']} who speaks {language}, with hours in {advice['timezone']}"
    return f"{who}: {extra} more {'student' if extra == 1 else 'students'} matched."
