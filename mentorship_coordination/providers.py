"""What this app answers when the layers below ask: snapshots of the streams, sections of students' dashboards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from core import clock
from core.enums import Audience
from core.stream.snapshots import register_snapshot
from mentorship_coordination.selectors.queue import count_for_director, count_queue
from mentorship_coordination.selectors.sessions import NextSession, list_next_sessions, session_budget
from student_dashboard.sections import register_section
from users.enums import EnrolmentState
from users.models import Enrolment, User


def mentor_snapshot(mentor_id: UUID) -> dict[str, Any]:
    """The counters of the mentor's page; "today" is that of her zone."""
    zone = User.objects.values_list("timezone", flat=True).get(pk=mentor_id)
    return {"work_queue": asdict(count_queue(mentor_id, zone, clock.now()))}


def director_snapshot(director_id: UUID) -> dict[str, Any]:
    return {"work_queue": asdict(count_for_director(director_id, clock.now()))}


def session_sections(student_ids: Sequence[UUID], at: datetime) -> Mapping[UUID, dict[str, Any]]:
    """Student → her next or running session and the budget of her active enrolment; three queries for any number."""
    enrolments = dict(
        Enrolment.objects.filter(student__in=student_ids, state=EnrolmentState.ACTIVE).values_list("student_id", "pk")
    )
    budgets = session_budget(enrolments.values())
    following = list_next_sessions(student_ids, at)
    return {
        student: {
            "next": _session(following.get(student)),
            "budget": asdict(budgets[enrolments[student]]) if student in enrolments else None,
        }
        for student in student_ids
    }


def _session(session: NextSession | None) -> dict[str, Any] | None:
    if session is None:
        return None
    return {
        "id": str(session.id),
        "title": session.title,
        "type": session.type,
        "mentor_name": session.mentor_name,
        "start_time": _instant(session.starts_at),
        "end_time": _instant(session.ends_at),
        "zoom_url": session.meeting_url,
    }


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


register_snapshot(Audience.MENTOR, mentor_snapshot)
register_snapshot(Audience.DIRECTOR, director_snapshot)
register_section("sessions", session_sections)
