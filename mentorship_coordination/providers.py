"""What this app answers when the layers below ask: snapshots of the streams, sections of students' dashboards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from core import clock
from core.clock import rfc3339
from core.enums import Audience
from core.sql import as_texts, fetch_planned
from core.stream.snapshots import register_snapshot
from mentorship_coordination import attendance
from mentorship_coordination.api.section_serializers import MentorSectionSerializer, SessionsSectionSerializer
from mentorship_coordination.attendance import Attendance, attendance_of
from mentorship_coordination.selectors.flags import list_gravely_flagged
from mentorship_coordination.selectors.mentees import PresentMentor, list_present_mentors
from mentorship_coordination.selectors.queue import count_for_director, count_queue
from mentorship_coordination.selectors.sessions import (
    NextSession,
    SessionBudget,
    list_next_sessions,
    session_budget,
)
from student_dashboard.sections import Section, register_section
from users.models import User

ENROLMENTS = """
SELECT student_id, id FROM users_enrolment WHERE student_id = ANY (%(students)s::uuid[]) AND state = 'active'
"""


def mentor_snapshot(mentor_id: UUID) -> dict[str, Any]:
    """The counters of the mentor's page; "today" is that of her zone."""
    zone = User.objects.values_list("timezone", flat=True).get(pk=mentor_id)
    return {"work_queue": asdict(count_queue(mentor_id, zone, clock.now()))}


def director_snapshot(director_id: UUID) -> dict[str, Any]:
    return {"work_queue": asdict(count_for_director(director_id, clock.now()))}


def session_sections(student_ids: Sequence[UUID], at: datetime) -> Mapping[UUID, Section]:
    """Student → her next or running session, the budget and the attendance of her active enrolment.

    Four queries for any number of students.
    """
    enrolments: dict[UUID, UUID] = dict(fetch_planned(ENROLMENTS, students=as_texts(student_ids)))
    budgets = session_budget(enrolments.values())
    following = list_next_sessions(student_ids, at)
    present = attendance_of(enrolments.values(), at)
    return {
        student: _sessions(
            following.get(student),
            budgets[enrolments[student]] if student in enrolments else None,
            present.get(student, Attendance()),
        )
        for student in student_ids
    }


def _sessions(following: NextSession | None, budget: SessionBudget | None, present: Attendance) -> Section:
    return Section(
        content={
            "next": _session(following),
            "budget": _budget(budget) if budget else None,
            "attended": present.attended,
            "missed": present.missed,
            "late_cancellations": present.late_cancellations,
        },
        inputs={"attendance": present.inputs()},
        evidence={"missed_sessions": present.evidence()},
        active_at=present.last_at,
    )


def _budget(budget: SessionBudget) -> dict[str, int]:
    return {"used": budget.used, "reserved": budget.reserved, "max_sessions": budget.max_sessions}


def mentor_sections(student_ids: Sequence[UUID], at: datetime) -> Mapping[UUID, Section]:
    """Student → her present mentor, None without one; and whether somebody worries gravely. Two queries.

    Of a flag that it is there, and nothing else, may reach her (product.md §8).
    """
    mentors, flagged = list_present_mentors(student_ids), list_gravely_flagged(student_ids)
    return {student: Section(_mentor(mentors.get(student)), is_watched=student in flagged) for student in student_ids}


def _mentor(mentor: PresentMentor | None) -> dict[str, Any] | None:
    if mentor is None:
        return None
    return {
        "mentor_id": mentor.mentor_id,
        "name": mentor.name,
        "state": mentor.state,
        "since": rfc3339(mentor.since) if mentor.since else None,
    }


def _session(session: NextSession | None) -> dict[str, Any] | None:
    if session is None:
        return None
    return {
        "id": str(session.id),
        "title": session.title,
        "type": session.type,
        "mentor_name": session.mentor_name,
        "start_time": rfc3339(session.starts_at),
        "end_time": rfc3339(session.ends_at),
        "zoom_url": session.meeting_url,
    }


register_snapshot(Audience.MENTOR, mentor_snapshot)
register_snapshot(Audience.DIRECTOR, director_snapshot)
register_section(
    "sessions",
    session_sections,
    shape=SessionsSectionSerializer,
    parts=attendance.PARTS,
    signals=attendance.SIGNALS,
)
register_section("mentor", mentor_sections, shape=MentorSectionSerializer)
