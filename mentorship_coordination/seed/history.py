"""Readiness of the days before, from the rows as they were, so that the first cohort's curves do not begin today.

Day by day, what came after a day's end is taken back, and the registered providers are asked as they are at every
refresh. All of it happens within a savepoint that is given up: the academy keeps its rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from core.clock import local_date
from mentorship_coordination.seed.goals import day_after
from mentorship_coordination.seed.world import SeedCohort, SeedStudent, World
from student_dashboard.models import ReadinessSnapshot
from student_dashboard.readiness import FORMULA_VERSION, evaluate
from student_dashboard.sections import collect_facts, readiness_parts

_DAYS: Final = 14
_MOMENT: Final = timedelta(microseconds=1)

#: A submission stands as its last version of that day does. One that was not begun counts as little as a draft, a goal
#: that was not set yet as little as an open one that is not due, a habit as little as its missing logs.
_TAKE_BACK: Final = """
WITH day AS (
  SELECT * FROM unnest(%(students)s::uuid[], %(ends)s::timestamptz[]) AS given(student_id, ends_at)
), logs AS (
  DELETE FROM coaching_habitlog l USING day WHERE l.student_id = day.student_id AND l.created_at >= day.ends_at
), goals AS (
  UPDATE coaching_goal g SET state = 'open', closed_at = NULL, closed_date = NULL
  FROM day WHERE g.student_id = day.student_id AND g.closed_at >= day.ends_at
), sessions AS (
  UPDATE mentorship_coordination_sessionparticipant p SET attended = NULL
  FROM day, mentorship_coordination_mentorsession s
  WHERE p.person_id = day.student_id AND s.id = p.session_id AND s.closed_at >= day.ends_at
)
UPDATE missions_missionsubmission s
SET state = CASE WHEN last.id IS NULL THEN 'draft' ELSE coalesce(r.decision, 'submitted') END, score = r.score
FROM missions_missionsubmission whose
JOIN day ON day.student_id = whose.student_id AND whose.updated_at >= day.ends_at
LEFT JOIN LATERAL (SELECT v.id FROM missions_submissionversion v
  WHERE v.submission_id = whose.id AND v.created_at < day.ends_at ORDER BY v.number DESC LIMIT 1) AS last ON true
LEFT JOIN missions_missionreview r ON r.version_id = last.id AND r.created_at < day.ends_at
WHERE s.id = whose.id
"""


class _Day(NamedTuple):
    """A student's local day, over at `ends_at`."""

    student: SeedStudent
    date: date
    ends_at: datetime


def add_history(world: World) -> None:
    """Two weeks of the first cohort's readiness: each day since a student's enrolment as it was at the day's end."""
    cohort = world.cohorts[0]
    with transaction.atomic():
        _prefer_indexes()
        for back in range(1, _DAYS + 1):
            days = [_day(world, student, back) for student in cohort.students]
            _take_back(days)
            _remember(world, cohort, days)
        transaction.set_rollback(True)


def _prefer_indexes() -> None:
    """Nobody has counted the rows yet, and the planner takes large tables for small ones. Until the savepoint's end."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off"
        )


def _day(world: World, student: SeedStudent, back: int) -> _Day:
    day = local_date(world.at, student.timezone) - timedelta(days=back)
    return _Day(student, day, day_after(day, student.timezone))


def _take_back(days: list[_Day]) -> None:
    values: dict[str, Any] = {
        "students": [day.student.id for day in days],
        "ends": [day.ends_at for day in days],
    }
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_BACK, values)


def _remember(world: World, cohort: SeedCohort, days: list[_Day]) -> None:
    parts = readiness_parts()
    for over in _asked_together(cohort, days):
        at = min(day.ends_at for day in over) - _MOMENT
        facts = collect_facts([UUID(day.student.id) for day in over], at)
        for day in over:
            found = evaluate(parts, facts[UUID(day.student.id)].inputs)
            world.writer.add(
                ReadinessSnapshot,
                student_id=day.student.id,
                local_date=day.date,
                readiness=found.figure,
                formula_version=FORMULA_VERSION,
                parts={part.name: part.value for part in found.parts},
            )


def _asked_together(cohort: SeedCohort, days: list[_Day]) -> Iterable[list[_Day]]:
    """The days of those who were here, by the student's date and by that of the cohort when the day is over.

    Of the instant itself parts read these two dates alone, and the first end of a group has them for all of it: sixty
    zones cost a few questions a day.
    """
    groups: dict[tuple[date, date], list[_Day]] = defaultdict(list)
    for day in days:
        if day.ends_at > day.student.enrolled_at:
            groups[day.date, local_date(day.ends_at - _MOMENT, cohort.timezone)].append(day)
    return groups.values()
