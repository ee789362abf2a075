"""Readiness of the days before, so that the first cohort's curves and trends do not begin today."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Final
from uuid import UUID

from core.clock import local_date
from mentorship_coordination.seed.world import SeedStudent, World
from student_dashboard.models import ReadinessSnapshot
from student_dashboard.readiness import FORMULA_VERSION, evaluate
from student_dashboard.sections import collect_facts, readiness_parts

_DAYS: Final = 14
#: Points a day: most get better slowly, nobody jumps.
_RISE, _SWING = 0.3, 0.9


def add_history(world: World) -> None:
    """A gentle walk back from what the figure is now, for each student of the first cohort who has one."""
    cohort = world.cohorts[0]
    facts = collect_facts([UUID(each.id) for each in cohort.students], world.at)
    random, parts = world.options.random(f"history of {cohort.id}"), readiness_parts()
    for student in cohort.students:
        figure = evaluate(parts, facts[UUID(student.id)].inputs).figure
        if figure is not None:
            _walk_back(world, student, float(figure), random)


def _walk_back(world: World, student: SeedStudent, figure: float, random: Random) -> None:
    today = local_date(world.at, student.timezone)
    days_here = (today - local_date(student.enrolled_at, student.timezone)).days
    for days in range(1, min(_DAYS, days_here) + 1):
        figure = min(100.0, max(0.0, figure - random.gauss(_RISE, _SWING)))
        world.writer.add(
            ReadinessSnapshot,
            student_id=student.id,
            local_date=today - timedelta(days=days),
            readiness=round(figure, 2),
            formula_version=FORMULA_VERSION,
        )
