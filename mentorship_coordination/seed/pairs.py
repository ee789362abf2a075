"""Who mentors whom: by language, shared hours and skills, unevenly, with spells that rest and spells that ended."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Final

import numpy as np

from mentorship_coordination.enums import AssignmentState
from mentorship_coordination.matching.hours import monday_of, open_quarters, shared_quarters
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.seed.world import SeedCohort, SeedMentor, SeedStudent, Spell, World

_CHANGED_MENTOR: Final = 0.03
_RESTING: Final = 0.015
_END_REASONS: Final = (
    ("The mentor's hours changed and left no evening in common.", False),
    ("Asked for a mentor with more experience in malware.", False),
    ("The mentor took a long leave.", False),
    ("They could not work together after a dispute about a report.", True),
)


def add_pairs(world: World) -> None:
    """A primary mentor for everybody who is not new, within the mentors' places."""
    week = monday_of(world.at)
    for cohort in world.cohorts:
        _pair_cohort(world, cohort, week)
        world.writer.flush()


def _pair_cohort(world: World, cohort: SeedCohort, week: date) -> None:
    random = world.options.random(f"pairs of {cohort.id}")
    hours = np.stack([open_quarters(each.availability, each.timezone, week) for each in cohort.mentors])
    places = np.array([each.max_mentees for each in cohort.mentors], dtype=np.int64)
    for index, student in enumerate(each for each in cohort.students if not each.is_new):
        is_demo = cohort is world.cohorts[0] and index == 0
        best = 0 if is_demo else _best(cohort.mentors, student, hours, places, week)
        places[best] -= 1
        is_settled = is_demo or len(cohort.mentors) == 1
        former = None if is_settled or random.random() >= _CHANGED_MENTOR else random.randrange(len(cohort.mentors) - 1)
        before = None if former is None else cohort.mentors[former + (former >= best)]
        is_resting = not is_demo and random.random() < _RESTING
        student.spells = tuple(_spells(world, student, cohort.mentors[best], before, random, is_resting=is_resting))
        for spell in student.spells:
            _write(world, cohort, student, spell, random)


def _best(mentors: list[SeedMentor], student: SeedStudent, hours: object, places: object, week: date) -> int:
    shared = shared_quarters(hours, open_quarters(student.availability, student.timezone, week))  # type: ignore[arg-type]
    speaks = np.array([bool(each.languages & student.languages) for each in mentors])
    skills = np.array([len(each.specialties & student.skills) for each in mentors], dtype=np.int64)
    score = 200 * speaks + np.minimum(shared, 60) + 8 * skills
    return int(np.argmax(np.where(places > 0, score, -1)))  # type: ignore[operator]


def _spells(
    world: World,
    student: SeedStudent,
    mentor: SeedMentor,
    former: SeedMentor | None,
    random: Random,
    *,
    is_resting: bool,
) -> list[Spell]:
    began = student.enrolled_at + timedelta(hours=random.randint(8, 60))
    spells = []
    if former is not None:
        ended = began + (world.at - began) * random.uniform(0.3, 0.6)
        spells.append(Spell(world.ids.new(), former, began, ended, AssignmentState.CANCELLED))
        began = ended + timedelta(hours=random.randint(2, 20))
    state = AssignmentState.PAUSED if is_resting else AssignmentState.ACTIVE
    return [*spells, Spell(world.ids.new(), mentor, began, None, state)]


def _write(world: World, cohort: SeedCohort, student: SeedStudent, spell: Spell, random: Random) -> None:
    reason, is_harmful = random.choice(_END_REASONS) if spell.ended_at else ("", False)
    world.writer.add(
        MenteeMentorAssignment,
        id=spell.assignment_id,
        enrolment_id=student.enrolment_id,
        cohort_id=cohort.id,
        mentee_id=student.id,
        mentor_id=spell.mentor.id,
        state=spell.state,
        started_at=spell.started_at,
        ended_at=spell.ended_at,
        end_reason=reason,
        ended_harmfully=is_harmful,
        ended_by_id=cohort.directors[0] if spell.ended_at else None,
        created_at=spell.started_at,
    )
