"""Where one more mentor would help most: for each kind of student left out one is made up, and the pool solved anew.

Each claim is the difference of two solved pools: anybody can check it by adding such a mentor. Source: product.md §10.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median_low
from typing import Any, Final
from uuid import UUID

import numpy as np

from mentorship_coordination.matching.hours import DAYS, local_quarters
from mentorship_coordination.matching.market import NOBODY, Ints
from mentorship_coordination.matching.people import Candidate, Pool, Waiting
from mentorship_coordination.matching.policy import Policy
from mentorship_coordination.matching.solving import solve_tables
from mentorship_coordination.matching.tables import tables_of
from mentorship_coordination.matching.weights import Weights

#: Groups tried, the largest first.
MOST_TRIED: Final = 5
#: The made-up mentor is there in this many quarter hours of the week: ten hours.
QUARTERS: Final = 40
USUAL_PLACES: Final = 10
MADE_UP: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Advice:
    """`extra` more students would have a mentor with one who knows the track and speaks the language in the zone."""

    track_id: UUID
    language: str
    timezone: str
    availability: dict[str, list[list[str]]]
    places: int
    left_out: int
    extra: int


def where_one_more_helps(pool: Pool, assignment: Ints, prices: Ints, weights: Weights, policy: Policy) -> list[Advice]:
    """Most extra matches first; groups that one more mentor would not help are left out."""
    groups: dict[tuple[UUID, str, str], list[Waiting]] = defaultdict(list)
    for student in np.flatnonzero(assignment == NOBODY):
        each = pool.waiting[student]
        for language in each.languages:
            groups[each.track_id, language, each.timezone].append(each)
    largest = sorted(groups.items(), key=lambda entry: (-len(entry[1]), str(entry[0])))[:MOST_TRIED]
    matched = int((assignment != NOBODY).sum())
    places = median_low([each.places + each.load for each in pool.candidates] or [USUAL_PLACES]) or USUAL_PLACES
    found = [_try(pool, key, people, places, matched, prices, weights, policy) for key, people in largest]
    return sorted((each for each in found if each.extra), key=lambda each: -each.extra)


def _try(
    pool: Pool,
    key: tuple[UUID, str, str],
    people: Sequence[Waiting],
    places: int,
    matched: int,
    prices: Ints,
    weights: Weights,
    policy: Policy,
) -> Advice:
    track, language, zone = key
    hours = popular_hours([each.availability for each in people])
    mentor = made_up_mentor(people[0], language=language, timezone=zone, availability=hours, places=places)
    larger = replace(pool, candidates=(*pool.candidates, mentor))
    solved = solve_tables(tables_of(larger, weights), policy, prices=np.append(prices, 0), explains=False)
    extra = int((solved.assignment != NOBODY).sum()) - matched
    return Advice(track, language, zone, hours, places, len(people), extra)


def made_up_mentor(
    student: Waiting, *, language: str, timezone: str, availability: dict[str, Any], places: int
) -> Candidate:
    """One who has the skills of the student's track."""
    return Candidate(
        id=MADE_UP,
        languages=frozenset({language}),
        specialties=student.track_skills,
        timezone=timezone,
        availability=json.dumps(availability, sort_keys=True),
        places=places,
        load=0,
        cohorts=frozenset(),
    )


def popular_hours(availabilities: Sequence[str]) -> dict[str, list[list[str]]]:
    """Weekly windows of the quarter hours that most of these people have open, the earlier of two equals."""
    counts: Counter[int] = Counter()
    for availability in availabilities:
        counts.update(np.flatnonzero(local_quarters(availability)).tolist())
    chosen = sorted(quarter for quarter, _ in sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:QUARTERS])
    windows: dict[str, list[list[int]]] = defaultdict(list)
    for quarter in chosen:
        day, nth = DAYS[quarter // 96], quarter % 96
        if windows[day] and windows[day][-1][1] == nth:
            windows[day][-1][1] = nth + 1
        else:
            windows[day].append([nth, nth + 1])
    return {day: [[_clock(first), _clock(last)] for first, last in spans] for day, spans in windows.items()}


def _clock(quarter: int) -> str:
    return f"{quarter // 4:02}:{quarter % 4 * 15:02}"
