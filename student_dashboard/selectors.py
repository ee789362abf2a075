"""Reads of the snapshots, under the caller's rights."""

from __future__ import annotations

from uuid import UUID

from core.sql import columns_of, fetch_instances, fetch_planned
from student_dashboard.models import StudentDashboard
from users.models import User

FOUND = f"""
SELECT {columns_of(StudentDashboard, "d")}, student.name AS student_name, mentor.name AS mentor_name
FROM student_dashboard_studentdashboard d
JOIN users_user student ON student.id = d.student_id LEFT JOIN users_user mentor ON mentor.id = d.mentor_id
WHERE d.student_id = %(student)s
"""  # noqa: S608 - columns of our own model


def find_dashboard(student_id: UUID) -> StudentDashboard | None:
    """The student's snapshot with the names of her and her mentor, or None before the first refresh. One query."""
    found = next(iter(fetch_instances(StudentDashboard, FOUND, student=student_id)), None)
    if found is not None:
        found.student = _named(found.student_id, found.student_name)  # type: ignore[attr-defined]
        # A mentor whom the reader may not see has no name.
        found.mentor = _named(found.mentor_id, found.mentor_name) if found.mentor_name else None  # type: ignore[attr-defined]
    return found


def _named(person_id: UUID | None, name: str) -> User:
    """A person of whom no more is known: anything else is read when it is asked for."""
    return User.from_db("default", ("id", "name"), (person_id, name))


def has_pending_refresh() -> bool:
    """Whether a refresh of the acting student's own dashboard waits or is being computed. One query."""
    [(is_pending,)] = fetch_planned("SELECT app.refresh_pending()")
    return bool(is_pending)
