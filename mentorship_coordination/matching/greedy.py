"""The first matching: hard rules as masks, then, longest waiting first, the best mentor who has a place.

Simple and quick, and not optimal: what one student takes may be worth more to a later one. Arrays in, pairings out; no
Django. Source: product.md §10.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import numpy as np
import numpy.typing as npt

from mentorship_coordination.matching.hours import Bits, has_told_hours, open_quarters, shared_quarters
from mentorship_coordination.matching.people import Candidate, Pairing, Pool, Waiting

METHOD = "greedy-1"
MIN_SHARED_HOURS = 3
#: Weights of the score, version 1: points for each skill in common, each shared hour (up to 20), the same cohort, and
#: each tenth of the mentor's places that is still free.
WEIGHTS = {"skills": 12, "shared_hours": 2, "same_cohort": 10, "free_places": 1}
MOST_HOURS = 20

Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


@dataclass
class _Mentors:
    """The candidates as arrays, with the places that are left."""

    people: tuple[Candidate, ...]
    row: dict[UUID, int]
    hours: Bits
    places: Ints
    capacity: Ints

    @classmethod
    def of(cls, pool: Pool) -> _Mentors:
        people = pool.candidates
        rows = [open_quarters(each.availability, each.timezone, pool.first_week) for each in people]
        places = np.array([each.places for each in people], dtype=np.int64)
        load = np.array([each.load for each in people], dtype=np.int64)
        return cls(people, {each.id: index for index, each in enumerate(people)}, np.stack(rows), places, places + load)

    def mask(self, holds: list[bool]) -> Mask:
        return np.array(holds, dtype=bool)


class Matcher:
    """One run over one pool. `pairings()` is deterministic for the same pool."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._mentors = _Mentors.of(pool) if pool.candidates else None
        self._hours: dict[tuple[str, str], Ints] = {}
        self._languages: dict[frozenset[str], Mask] = {}
        self._skills: dict[frozenset[str], Ints] = {}
        self._cohorts: dict[UUID, Mask] = {}
        self._forbidden: dict[UUID, list[int]] = {}
        for mentor_id, mentee_id in pool.forbidden:
            if self._mentors is not None and mentor_id in self._mentors.row:
                self._forbidden.setdefault(mentee_id, []).append(self._mentors.row[mentor_id])

    def pairings(self) -> list[Pairing]:
        ordered = sorted(self._pool.waiting, key=lambda each: (each.since, each.enrolment_id))
        return [self._pair(each) for each in ordered]

    def _pair(self, waiting: Waiting) -> Pairing:
        mentors = self._mentors
        if mentors is None:
            return Pairing(waiting, None, None, {}, {"no_mentors": 1})
        hours = self._shared_hours(waiting)
        blocked, allowed = self._blocks(mentors, waiting, hours)
        if not allowed.any():
            return Pairing(waiting, None, None, {}, blocked)
        parts = self._parts(mentors, waiting, hours)
        total = sum(parts.values(), start=np.zeros(len(mentors.people), dtype=np.int64))
        best = int(np.argmax(np.where(allowed, total, -1)))
        mentors.places[best] -= 1
        chosen = {name: int(values[best]) for name, values in parts.items()}
        return Pairing(waiting, mentors.people[best].id, int(total[best]), chosen, blocked)

    def _blocks(self, mentors: _Mentors, waiting: Waiting, hours: Ints) -> tuple[dict[str, int], Mask]:
        """Each candidate is counted under the first rule that blocks her, so that the counts add up."""
        rules = {
            "no_availability_told": np.full(len(mentors.people), not has_told_hours(waiting.availability)),
            "same_person": mentors.mask([each.id == waiting.mentee_id for each in mentors.people])
            if waiting.mentee_id in mentors.row
            else np.zeros(len(mentors.people), dtype=bool),
            "excluded": self._excluded(mentors, waiting.mentee_id),
            "no_language_in_common": ~self._speaks(mentors, waiting.languages),
            "too_few_shared_hours": hours < MIN_SHARED_HOURS * 4,
            "full": mentors.places <= 0,
        }
        allowed = np.ones(len(mentors.people), dtype=bool)
        counts: dict[str, int] = {}
        for name, blocks in rules.items():
            counts[name] = int((blocks & allowed).sum())
            allowed &= ~blocks
        return {name: count for name, count in counts.items() if count}, allowed

    def _parts(self, mentors: _Mentors, waiting: Waiting, hours: Ints) -> dict[str, Ints]:
        free = mentors.places * 10 // np.maximum(mentors.capacity, 1)
        return {
            "skills": WEIGHTS["skills"] * self._common_skills(mentors, waiting.skills),
            "shared_hours": WEIGHTS["shared_hours"] * np.minimum(hours // 4, MOST_HOURS),
            "same_cohort": WEIGHTS["same_cohort"] * self._knows(mentors, waiting.cohort_id).astype(np.int64),
            "free_places": WEIGHTS["free_places"] * free,
        }

    def _shared_hours(self, waiting: Waiting) -> Ints:
        key = waiting.availability, waiting.timezone
        if key not in self._hours and self._mentors is not None:
            bits = open_quarters(*key, self._pool.first_week)
            self._hours[key] = shared_quarters(self._mentors.hours, bits)
        return self._hours[key]

    def _excluded(self, mentors: _Mentors, mentee_id: UUID) -> Mask:
        mask = np.zeros(len(mentors.people), dtype=bool)
        mask[self._forbidden.get(mentee_id, [])] = True
        return mask

    def _speaks(self, mentors: _Mentors, languages: frozenset[str]) -> Mask:
        if languages not in self._languages:
            self._languages[languages] = mentors.mask([bool(each.languages & languages) for each in mentors.people])
        return self._languages[languages]

    def _common_skills(self, mentors: _Mentors, skills: frozenset[str]) -> Ints:
        if skills not in self._skills:
            counts = [len(each.specialties & skills) for each in mentors.people]
            self._skills[skills] = np.array(counts, dtype=np.int64)
        return self._skills[skills]

    def _knows(self, mentors: _Mentors, cohort_id: UUID) -> Mask:
        if cohort_id not in self._cohorts:
            self._cohorts[cohort_id] = mentors.mask([cohort_id in each.cohorts for each in mentors.people])
        return self._cohorts[cohort_id]
