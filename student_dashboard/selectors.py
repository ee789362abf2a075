"""Reads of the snapshots, under the caller's rights."""

from __future__ import annotations

from uuid import UUID

from django.db import connection

from student_dashboard.models import StudentDashboard


def find_dashboard(student_id: UUID) -> StudentDashboard | None:
    """The student's snapshot with her and her mentor, or None before the first refresh. One query."""
    return StudentDashboard.objects.select_related("student", "mentor").filter(pk=student_id).first()


def has_pending_refresh() -> bool:
    """Whether a refresh of the acting student's own dashboard waits or is being computed. One query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app.refresh_pending()")
        return bool(cursor.fetchone()[0])
