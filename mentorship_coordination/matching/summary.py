"""The figures of a matching: how many, how good, how even, and for whom. Source: product.md §10."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from uuid import UUID

import numpy as np

from mentorship_coordination.matching.engine import Matching
from mentorship_coordination.matching.people import Pairing, Waiting
from mentorship_coordination.matching.words import BLOCKS_EVERYBODY

#: Groups of fewer students are not shown: their figures would speak of persons.
SMALLEST_GROUP: Final = 5


def summary_of(matching: Matching, tracks: Mapping[UUID, str]) -> dict[str, Any]:
    """Plain JSON. Scores in points; `utilisation` in percent of the mentors' places, taken and given.

    `blocked` counts mentors over all unmatched students; `blocked_alike` students whom one thing keeps from them all.
    """
    pairings = matching.pairings
    matched = [each for each in pairings if each.mentor_id is not None]
    scores = np.array([each.score for each in matched], np.int64)
    blocked: Counter[str] = Counter()
    alike: Counter[str] = Counter()
    for each in pairings:
        if each.mentor_id is None:
            blocked.update(each.blocked)
            alike.update(BLOCKS_EVERYBODY.keys() & each.blocked.keys())
    return {
        "waiting": len(pairings),
        "matched": len(matched),
        "unmatched": len(pairings) - len(matched),
        "total_score": int(scores.sum()),
        "mean_score": round(float(scores.mean()), 1) if len(scores) else None,
        "worst_score": int(scores.min()) if len(scores) else None,
        "fifth_percentile": round(float(np.percentile(scores, 5)), 1) if len(scores) else None,
        "first_choice": sum(each.explanation.get("rank") == 1 for each in matched),
        "utilisation": _utilisation(matching),
        "blocked": dict(blocked),
        "blocked_alike": dict(alike),
        "groups": {
            "track": _groups(pairings, lambda each: [tracks.get(each.track_id, str(each.track_id))]),
            "language": _groups(pairings, lambda each: sorted(each.languages)),
            "timezone": _groups(pairings, lambda each: [each.timezone]),
        },
    }


def _utilisation(matching: Matching) -> dict[str, float] | None:
    """Over the mentors who take mentees at all; `spread` is the standard deviation."""
    percents = [
        100 * (each.candidate.load + each.taken) / (each.candidate.load + each.candidate.places)
        for each in matching.fillings
        if each.candidate.load + each.candidate.places
    ]
    if not percents:
        return None
    values = np.array(percents)
    return {
        "mean": round(float(values.mean()), 1),
        "spread": round(float(values.std()), 1),
        "lowest": round(float(values.min()), 1),
        "highest": round(float(values.max()), 1),
    }


def _groups(pairings: Iterable[Pairing], names: Callable[[Waiting], list[str]]) -> dict[str, Any]:
    """By name; one who speaks two languages is counted in both. `hidden`: students in groups too small to show."""
    groups: dict[str, list[Pairing]] = defaultdict(list)
    for each in pairings:
        for name in names(each.waiting):
            groups[name].append(each)
    shown = {name: _group(members) for name, members in sorted(groups.items()) if len(members) >= SMALLEST_GROUP}
    hidden = sum(len(members) for members in groups.values() if len(members) < SMALLEST_GROUP)
    return {"shown": shown, "hidden": hidden}


def _group(members: list[Pairing]) -> dict[str, Any]:
    scores = [each.score for each in members if each.score is not None]
    return {
        "waiting": len(members),
        "matched": len(scores),
        "mean_score": round(sum(scores) / len(scores), 1) if scores else None,
    }
