"""Writes the snapshot rows of many students at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from core.stream.snapshots import as_json

#: The place that a dashboard is about: the active enrolment, else the one that is still open, else the last.
ENROLMENT = """
JOIN LATERAL (
  SELECT e.id, e.cohort_id FROM users_enrolment e WHERE e.student_id = wanted.student_id
  ORDER BY e.state = 'active' DESC, e.ended_at IS NULL DESC, e.enrolled_at DESC, e.id DESC LIMIT 1
) AS enrolment ON true
"""
COLUMNS = """student_id, enrolment_id, cohort_id, risk_parts, sections, inputs, formula_version, computed_at,
  revision"""

CREATE_MISSING = f"""
INSERT INTO student_dashboard_studentdashboard ({COLUMNS})
SELECT wanted.student_id, enrolment.id, enrolment.cohort_id, '[]', '{{}}', '{{}}', 0, NULL, 0
FROM unnest(%(students)s::uuid[]) AS wanted(student_id) {ENROLMENT}
WHERE NOT EXISTS (
  SELECT FROM student_dashboard_studentdashboard d WHERE d.student_id = wanted.student_id)
ORDER BY wanted.student_id ON CONFLICT (student_id) DO NOTHING
"""  # noqa: S608 - composed of the constants above

LOCK = """
SELECT student_id FROM student_dashboard_studentdashboard WHERE student_id = ANY (%(students)s::uuid[])
ORDER BY student_id FOR NO KEY UPDATE
"""

#: A trigger fills `mentor_id` of the proposed row: `excluded` has the mentor of now.
WRITE = f"""
INSERT INTO student_dashboard_studentdashboard AS d ({COLUMNS})
SELECT wanted.student_id, enrolment.id, enrolment.cohort_id, '[]', wanted.sections::jsonb, '{{}}', 0,
  %(at)s, 1
FROM unnest(%(students)s::uuid[], %(sections)s::text[]) AS wanted(student_id, sections) {ENROLMENT}
ORDER BY wanted.student_id
ON CONFLICT (student_id) DO UPDATE SET
  enrolment_id = excluded.enrolment_id, cohort_id = excluded.cohort_id, mentor_id = excluded.mentor_id,
  sections = excluded.sections, computed_at = excluded.computed_at, revision = d.revision + 1
RETURNING d.student_id, d.mentor_id, d.revision
"""  # noqa: S608 - composed of the constants above


class Written(NamedTuple):
    student_id: UUID
    mentor_id: UUID | None
    revision: int


def lock_dashboards(student_ids: Sequence[UUID]) -> list[UUID]:
    """Lock the students' rows, in order, making those that are missing; returns whose rows there are.

    Facts are read after this: of two drains of one student the later one then has the newer facts, and
    wins. Somebody who was never enrolled has no dashboard.
    """
    students = [str(student_id) for student_id in sorted(student_ids)]
    with connection.cursor() as cursor:
        cursor.execute(CREATE_MISSING, {"students": students})
        cursor.execute(LOCK, {"students": students})
        return [student_id for (student_id,) in cursor.fetchall()]


def write_dashboards(sections: Mapping[UUID, dict[str, Any]], at: datetime) -> list[Written]:
    """Write all sections as of `at` by one statement. Raises `TypeError`, `ValueError` (not JSON)."""
    values: dict[str, Any] = {
        "students": [str(student_id) for student_id in sections],
        "sections": [as_json(named) for named in sections.values()],
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(WRITE, values)
        return [Written(*row) for row in cursor.fetchall()]
