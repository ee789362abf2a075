"""What this app answers when the stream asks what the student's page shows."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from core.enums import Audience
from core.stream.snapshots import register_snapshot
from student_dashboard.selectors import find_dashboard, has_pending_refresh


def student_snapshot(student_id: UUID) -> dict[str, Any]:
    """Which state of her dashboard there is, and its figures; its sections are at `student/dashboard`."""
    dashboard = find_dashboard(student_id)
    return {
        "revision": dashboard.revision if dashboard else 0,
        "computed_at": dashboard.computed_at if dashboard else None,
        "readiness": _number(dashboard.readiness if dashboard else None),
        "trend_7d": _number(dashboard.trend_7d if dashboard else None),
        "refresh_pending": has_pending_refresh(),
    }


def _number(figure: object) -> float | None:
    return None if figure is None else float(str(figure))


register_snapshot(Audience.STUDENT, student_snapshot)
