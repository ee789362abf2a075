"""Locks, reads and writes the snapshot rows of many students at once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from core.sql import as_texts, fetch_planned
from student_dashboard.figures import Figures
from student_dashboard.readiness import FORMULA_VERSION

#: The place that a dashboard is about: the active enrolment, else the one that is still open, else the last.
ENROLMENT = """
JOIN LATERAL (
  SELECT e.id, e.cohort_id FROM users_enrolment e WHERE e.student_id = wanted.student_id
  ORDER BY e.state = 'active' DESC, e.ended_at IS NULL DESC, e.enrolled_at DESC, e.id DESC LIMIT 1
) AS enrolment ON true
"""

#: A row that is not there cannot be locked: until it is, the enrolment stands for it.
LOCK_NEWCOMERS = """
SELECT app.lock_enrolment(newcomer.id) FROM (
  SELECT e.id FROM users_enrolment e WHERE e.student_id = ANY (%(students)s::uuid[]) AND e.state = 'active'
    AND NOT EXISTS (SELECT FROM student_dashboard_studentdashboard d WHERE d.student_id = e.student_id)
  ORDER BY e.id) AS newcomer
"""

CREATE_MISSING = f"""
INSERT INTO student_dashboard_studentdashboard (student_id, enrolment_id, cohort_id, risk_parts, is_watched, sections,
  inputs, formula_version, revision)
SELECT wanted.student_id, enrolment.id, enrolment.cohort_id, '[]', false, '{{}}', '{{}}', 0, 0
FROM unnest(%(students)s::uuid[]) AS wanted(student_id) {ENROLMENT}
WHERE NOT EXISTS (
  SELECT FROM student_dashboard_studentdashboard d WHERE d.student_id = wanted.student_id)
ORDER BY wanted.student_id ON CONFLICT (student_id) DO NOTHING
"""  # noqa: S608 - composed of the constants above

LOCK = """
SELECT student_id FROM student_dashboard_studentdashboard WHERE student_id = ANY (%(students)s::uuid[])
ORDER BY student_id FOR NO KEY UPDATE
"""

SUBJECTS = """
SELECT d.student_id, local.today, app.day_begins(local.today + 1, u.timezone), e.id,
  greatest(e.enrolled_at, app.day_begins(c.start_date, c.timezone)), r.id, r.enrolment_id, r.opened_at, past.readiness
FROM student_dashboard_studentdashboard d
JOIN users_user u ON u.id = d.student_id
CROSS JOIN LATERAL (SELECT (%(at)s AT TIME ZONE u.timezone)::date AS today) AS local
LEFT JOIN users_enrolment e ON e.student_id = d.student_id AND e.state = 'active'
LEFT JOIN users_cohort c ON c.id = e.cohort_id
LEFT JOIN student_dashboard_riskepisode r ON r.student_id = d.student_id AND r.closed_at IS NULL
LEFT JOIN student_dashboard_readinesssnapshot past ON past.student_id = d.student_id
  AND past.local_date = local.today - 7 AND past.formula_version = %(version)s
WHERE d.student_id = ANY (%(students)s::uuid[]) ORDER BY d.student_id
"""

#: A trigger fills `mentor_id` of the proposed row: `excluded` has the mentor of now.
WRITE = f"""
INSERT INTO student_dashboard_studentdashboard AS d (student_id, enrolment_id, cohort_id, readiness,
  readiness_coverage, trend_7d, risk_score, risk_parts, risk_since, is_watched, sections, inputs, formula_version,
  computed_at, fresh_until, revision)
SELECT wanted.student_id, enrolment.id, enrolment.cohort_id, wanted.readiness, wanted.coverage, wanted.trend,
  wanted.risk, wanted.risk_parts::jsonb, wanted.risk_since, wanted.is_watched, wanted.sections::jsonb,
  wanted.inputs::jsonb, %(version)s, %(at)s, wanted.fresh_until, 1
FROM unnest(%(students)s::uuid[], %(readiness)s::numeric[], %(coverage)s::numeric[], %(trend)s::numeric[],
  %(risk)s::numeric[], %(risk_parts)s::text[], %(risk_since)s::timestamptz[], %(is_watched)s::boolean[],
  %(sections)s::text[], %(inputs)s::text[], %(fresh_until)s::timestamptz[])
  AS wanted(student_id, readiness, coverage, trend, risk, risk_parts, risk_since, is_watched, sections, inputs,
    fresh_until) {ENROLMENT}
ORDER BY wanted.student_id
ON CONFLICT (student_id) DO UPDATE SET
  enrolment_id = excluded.enrolment_id, cohort_id = excluded.cohort_id, mentor_id = excluded.mentor_id,
  readiness = excluded.readiness, readiness_coverage = excluded.readiness_coverage, trend_7d = excluded.trend_7d,
  risk_score = excluded.risk_score, risk_parts = excluded.risk_parts, risk_since = excluded.risk_since,
  is_watched = excluded.is_watched,
  sections = excluded.sections, inputs = excluded.inputs, formula_version = excluded.formula_version,
  computed_at = excluded.computed_at, fresh_until = excluded.fresh_until, revision = d.revision + 1
RETURNING d.student_id, d.mentor_id, d.revision
"""  # noqa: S608 - composed of the constants above

#: The row of a day stands for its end once the next day has begun; until then every refresh writes over it.
KEEP_DAY = """
INSERT INTO student_dashboard_readinesssnapshot AS s (student_id, local_date, readiness, formula_version, parts)
SELECT day.student_id, day.local_date, day.readiness, %(version)s, day.parts::jsonb
FROM unnest(%(students)s::uuid[], %(days)s::date[], %(readiness)s::numeric[], %(parts)s::text[])
  AS day(student_id, local_date, readiness, parts)
ORDER BY day.student_id
ON CONFLICT (student_id, local_date) DO UPDATE SET
  readiness = excluded.readiness, formula_version = excluded.formula_version, parts = excluded.parts
WHERE (s.readiness, s.formula_version, s.parts)
  IS DISTINCT FROM (excluded.readiness, excluded.formula_version, excluded.parts)
"""


#: Nothing but plain values, in whatever order: PostgreSQL sorts the keys itself.
_as_json = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


class Subject(NamedTuple):
    """One student as a refresh finds her. Without an active enrolment there is nothing to judge.

    `today` is her local day and `next_day_at` its end; `began_at` is when she could have begun: the enrolment, or the
    cohort's first day. The episode is the one that is open, of whichever enrolment. `week_ago` is the readiness of
    seven days ago by the formula of now, if there is one.
    """

    student_id: UUID
    today: date
    next_day_at: datetime
    enrolment_id: UUID | None
    began_at: datetime | None
    episode_id: UUID | None
    episode_enrolment_id: UUID | None
    episode_since: datetime | None
    week_ago: Decimal | None

    @property
    def risk_since(self) -> datetime | None:
        """Since when she is at risk in this enrolment. What was in another one is over with it."""
        return self.episode_since if self.episode_enrolment_id == self.enrolment_id else None


class Written(NamedTuple):
    student_id: UUID
    mentor_id: UUID | None
    revision: int


def lock_dashboards(student_ids: Sequence[UUID]) -> list[UUID]:
    """Lock the students' rows, in order, making those that are missing; returns whose rows there are.

    Facts are read after this: of two drains of one student the later one then has the newer facts, and
    wins. Somebody who was never enrolled has no dashboard.
    """
    students = as_texts(sorted(student_ids))
    fetch_planned(LOCK_NEWCOMERS, students=students)
    fetch_planned(CREATE_MISSING, students=students)
    return [student_id for (student_id,) in fetch_planned(LOCK, students=students)]


def read_subjects(student_ids: Sequence[UUID], at: datetime) -> list[Subject]:
    """The students whose rows are locked, by id."""
    rows = fetch_planned(SUBJECTS, students=as_texts(student_ids), at=at, version=FORMULA_VERSION)
    return [Subject(*row) for row in rows]


def write_dashboards(figures: Sequence[Figures], at: datetime) -> list[Written]:
    """Write everything as of `at` by one statement. Raises `TypeError`, `ValueError` (not JSON)."""
    values: dict[str, Any] = {
        "students": [str(each.student_id) for each in figures],
        "readiness": [each.readiness.figure for each in figures],
        "coverage": [each.readiness.coverage for each in figures],
        "trend": [each.trend_7d for each in figures],
        "risk": [each.risk.score if each.risk else None for each in figures],
        "risk_parts": [_as_json(each.risk_parts()) for each in figures],
        "risk_since": [each.risk_since for each in figures],
        "is_watched": [each.is_watched for each in figures],
        "sections": [_as_json(each.sections) for each in figures],
        "inputs": [_as_json(each.inputs()) for each in figures],
        "fresh_until": [each.fresh_until for each in figures],
        "at": at,
        "version": FORMULA_VERSION,
    }
    return [Written(*row) for row in fetch_planned(WRITE, **values)]


def keep_day(figures: Sequence[Figures]) -> None:
    """Write today's row of each student who is judged, by one statement."""
    judged = [each for each in figures if each.is_judged]
    if not judged:
        return
    values: dict[str, Any] = {
        "students": [str(each.student_id) for each in judged],
        "days": [each.today for each in judged],
        "readiness": [each.readiness.figure for each in judged],
        "parts": [_as_json({part.name: part.value for part in each.readiness.parts}) for each in judged],
        "version": FORMULA_VERSION,
    }
    fetch_planned(KEEP_DAY, **values)
