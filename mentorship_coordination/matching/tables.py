"""A pool as arrays, from which scores are computed; goes to another process as one file. Source: product.md §10."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import numpy as np
import numpy.typing as npt

from mentorship_coordination.matching.hours import Bits, has_told_hours, quarters_of_people, weeks_that_differ
from mentorship_coordination.matching.market import NOBODY, Ints
from mentorship_coordination.matching.people import Candidate, Pairs, Pool, Waiting
from mentorship_coordination.matching.weights import Weights

Mask = npt.NDArray[np.bool_]
Points = npt.NDArray[np.int16]
#: A wanted skill counts as many times a skill of the track.
WANTED, OF_TRACK = 2, 1


@dataclass(frozen=True)
class Tables:
    """M students, K mentors; W weeks, S skills, C cohorts, L and N different sets of languages."""

    weights: Weights
    #: (M, W, 84) and (K, W, 84)
    student_hours: Bits
    mentor_hours: Bits
    #: (M,) and (K,) indices into `speaks` (L, N)
    student_languages: Ints
    mentor_languages: Ints
    speaks: Mask
    #: (M, S) points for each skill; (K, S)
    student_skills: Points
    mentor_skills: Mask
    #: (M,) index into `same_cohort` (C, K) and `experience` (C, K), students counted up to the most that counts
    cohort: Ints
    same_cohort: Mask
    experience: Points
    #: (M,) points
    waiting: Points
    #: (M,) whether she has told hours at all
    has_hours: Mask
    #: (K,)
    places: Ints
    load: Ints
    #: (n, 2) student and mentor
    same_person: Ints
    excluded: Ints
    unwanted: Ints
    pinned: Ints
    #: (M,) the mentor each has, or NOBODY
    current: Ints

    @property
    def students(self) -> int:
        return len(self.cohort)

    @property
    def mentors(self) -> int:
        return len(self.places)

    def of_students(self, chosen: Ints) -> Tables:
        """The same with these students only, ascending, numbered anew."""
        number = np.full(self.students, NOBODY)
        number[chosen] = np.arange(len(chosen))
        changed: dict[str, Any] = {name: getattr(self, name)[chosen] for name in OF_STUDENTS}
        changed |= {name: _renumbered(getattr(self, name), 0, number) for name in PAIRS}
        return replace(self, **changed)

    def of_mentors(self, chosen: Ints) -> Tables:
        """The same with these mentors only, ascending, numbered anew."""
        number = np.full(self.mentors + 1, NOBODY)
        number[chosen] = np.arange(len(chosen))
        changed: dict[str, Any] = {name: getattr(self, name)[chosen] for name in OF_MENTORS}
        changed |= {name: getattr(self, name)[:, chosen] for name in OF_BOTH}
        changed |= {name: _renumbered(getattr(self, name), 1, number) for name in PAIRS}
        return replace(self, current=number[self.current], **changed)

    def save(self, path: Path) -> None:
        arrays = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "weights"}
        np.savez(path, allow_pickle=False, **arrays | {"weights": np.array(json.dumps(asdict(self.weights)))})

    @classmethod
    def load_from(cls, path: Path) -> Self:
        with np.load(path, allow_pickle=False) as stored:
            arrays: dict[str, Any] = {name: stored[name] for name in stored.files if name != "weights"}
            return cls(weights=Weights(**json.loads(str(stored["weights"]))), **arrays)


OF_STUDENTS = ("student_hours", "student_languages", "student_skills", "cohort", "waiting", "has_hours", "current")
OF_MENTORS = ("mentor_hours", "mentor_languages", "mentor_skills", "places", "load")
OF_BOTH = ("same_cohort", "experience")
PAIRS = ("same_person", "excluded", "unwanted", "pinned")


def _renumbered(pairs: Ints, side: int, number: Ints) -> Ints:
    renumbered = pairs.copy()
    renumbered[:, side] = number[pairs[:, side]]
    still_here: Ints = renumbered[renumbered[:, side] != NOBODY]
    return still_here


def tables_of(pool: Pool, weights: Weights) -> Tables:
    """Encode a pool; students and mentors keep their order."""
    waiting, candidates = pool.waiting, pool.candidates
    weeks = weeks_that_differ(
        {*(each.timezone for each in waiting), *(each.timezone for each in candidates)}, pool.first_week
    )
    student_languages, mentor_languages, speaks = _languages(waiting, candidates)
    student_skills, mentor_skills = _skills(waiting, candidates, weights)
    cohort, same_cohort, experience = _cohorts(waiting, candidates, weights)
    of_mentor = {each.id: index for index, each in enumerate(candidates)}
    of_student = {each.mentee_id: index for index, each in enumerate(waiting)}
    themselves = frozenset((person, person) for person in of_mentor.keys() & of_student.keys())
    return Tables(
        weights=weights,
        student_hours=_hours(waiting, weeks),
        mentor_hours=_hours(candidates, weeks),
        student_languages=student_languages,
        mentor_languages=mentor_languages,
        speaks=speaks,
        student_skills=student_skills,
        mentor_skills=mentor_skills,
        cohort=cohort,
        same_cohort=same_cohort,
        experience=experience,
        waiting=_days_waited(pool, weights),
        has_hours=np.array([has_told_hours(each.availability) for each in waiting], bool),
        places=np.array([each.places for each in candidates], np.int64),
        load=np.array([each.load for each in candidates], np.int64),
        current=np.array(
            [of_mentor.get(each.current, NOBODY) if each.current else NOBODY for each in waiting], np.int64
        ),
        **{
            name: _indices(pairs, of_student, of_mentor)
            for name, pairs in zip(PAIRS, (themselves, pool.forbidden, pool.unwanted, pool.pinned), strict=True)
        },
    )


def _hours(people: Sequence[Waiting | Candidate], weeks: Sequence[date]) -> Bits:
    return quarters_of_people([each.availability for each in people], [each.timezone for each in people], weeks)


def _languages(waiting: Sequence[Waiting], candidates: Sequence[Candidate]) -> tuple[Ints, Ints, Mask]:
    """People with the same languages share a number, so that each combination is compared once."""
    of_students = {each: nth for nth, each in enumerate(dict.fromkeys(each.languages for each in waiting))}
    of_mentors = {each: nth for nth, each in enumerate(dict.fromkeys(each.languages for each in candidates))}
    speaks = np.array([[bool(one & other) for other in of_mentors] for one in of_students], bool)
    return (
        np.array([of_students[each.languages] for each in waiting], np.int64),
        np.array([of_mentors[each.languages] for each in candidates], np.int64),
        speaks.reshape(len(of_students), len(of_mentors)),
    )


def _skills(waiting: Sequence[Waiting], candidates: Sequence[Candidate], weights: Weights) -> tuple[Points, Mask]:
    kinds = dict.fromkeys((each.wanted_skills, each.track_skills) for each in waiting)
    names = sorted({skill for wanted, of_track in kinds for skill in wanted | of_track})
    column = {skill: nth for nth, skill in enumerate(names)}
    points = np.zeros((len(kinds), len(names)), np.int16)
    for row, (wanted, of_track) in enumerate(kinds):
        counts = {skill: WANTED if skill in wanted else OF_TRACK for skill in wanted | of_track}
        total = sum(counts.values())
        for skill, count in counts.items():
            points[row, column[skill]] = weights.skills * count // total
    kind = {each: nth for nth, each in enumerate(kinds)}
    rows = np.array([kind[each.wanted_skills, each.track_skills] for each in waiting], np.int64)
    known = np.zeros((len(candidates), len(names)), bool)
    for row, each in enumerate(candidates):
        known[row, [column[skill] for skill in each.specialties if skill in column]] = True
    return points[rows].reshape(len(waiting), len(names)), known


def _cohorts(
    waiting: Sequence[Waiting], candidates: Sequence[Candidate], weights: Weights
) -> tuple[Ints, Mask, Points]:
    cohorts = dict.fromkeys((each.cohort_id, each.track_id) for each in waiting)
    number = {each: nth for nth, each in enumerate(cohorts)}
    same = np.array([[cohort in each.cohorts for each in candidates] for cohort, _ in cohorts], bool)
    had = [[min(each.experience.get(track, 0), weights.most_experience) for each in candidates] for _, track in cohorts]
    shape = len(cohorts), len(candidates)
    of_students = np.array([number[each.cohort_id, each.track_id] for each in waiting], np.int64)
    return of_students, same.reshape(shape), np.array(had, np.int16).reshape(shape)


def _days_waited(pool: Pool, weights: Weights) -> Points:
    days = [max((pool.at - each.since) // timedelta(days=1), 0) for each in pool.waiting]
    points = [weights.waiting_day * min(each, weights.most_waiting_days) for each in days]
    return np.array(points, np.int16)


def _indices(
    pairs: Pairs | Iterable[tuple[UUID, UUID]], of_student: dict[UUID, int], of_mentor: dict[UUID, int]
) -> Ints:
    """(n, 2) of student and mentor, sorted; (mentor, mentee) pairs of people who are not here fall out."""
    here = sorted(
        {
            (of_student[mentee], of_mentor[mentor])
            for mentor, mentee in pairs
            if mentee in of_student and mentor in of_mentor
        }
    )
    return np.array(here, np.int64).reshape(len(here), 2)
