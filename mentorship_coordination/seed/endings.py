"""How seeded sessions end, and what is said of the ending."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from mentorship_coordination.enums import ParticipantRole, SessionStatus, SessionType
from mentorship_coordination.seed.world import SeedMentor, SeedStudent

CANCELLED: Final = (SessionStatus.CANCELLED_BY_MENTEE, SessionStatus.CANCELLED_BY_MENTOR)
#: Of so many missed sessions one is disputed; and so long a director takes to settle it.
_DISPUTED: Final = 4
_SETTLED_AFTER: Final = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Meeting:
    """What a session's rows are made of."""

    mentor: SeedMentor
    students: tuple[SeedStudent, ...]
    type: SessionType
    status: SessionStatus
    starts_at: datetime
    ends_at: datetime


def attended(status: SessionStatus, role: ParticipantRole) -> bool | None:
    missing = {
        SessionStatus.NO_SHOW_MENTEE: ParticipantRole.MENTEE,
        SessionStatus.NO_SHOW_MENTOR: ParticipantRole.MENTOR,
    }
    if status == SessionStatus.COMPLETED:
        return True
    return role != missing[status] if status in missing else None


def closing_of(meeting: Meeting, random: Random, booked_at: datetime) -> dict[str, object]:
    """Who closed the session and when; a mentee's cancel less than 24 hours before is a late one (product.md §7)."""
    mentor, student = meeting.mentor.id, meeting.students[0].id
    if meeting.status == SessionStatus.SCHEDULED:
        return {}
    if meeting.status in CANCELLED:
        closed_at = max(meeting.starts_at - timedelta(hours=random.uniform(2, 70)), booked_at)
        notice, is_by_mentee = meeting.starts_at - closed_at, meeting.status == SessionStatus.CANCELLED_BY_MENTEE
        return {
            "closed_at": closed_at,
            "closed_by_id": student if is_by_mentee else mentor,
            "close_reason": "Something came up at work.",
            "is_late_cancel": is_by_mentee and notice < timedelta(hours=24),
        }
    return {"closed_at": meeting.ends_at + timedelta(minutes=random.randint(1, 90)), "closed_by_id": mentor}


def dispute_of(session_id: str, status: SessionStatus, closed_at: Any, at: datetime) -> dict[str, object]:
    """Some students were there after all; who, follows from the session's id."""
    if status != SessionStatus.NO_SHOW_MENTEE or int(session_id[-2:], 16) % _DISPUTED:
        return {}
    disputed_at = closed_at + timedelta(hours=5)
    if disputed_at >= at:
        return {}
    said = {
        "disputed_at": disputed_at,
        "dispute_reason": "I was in the room from the start.",
    }
    if disputed_at + _SETTLED_AFTER >= at:
        return said
    return said | {
        "dispute_settled_at": disputed_at + _SETTLED_AFTER,
        "dispute_answer": "The room shows nobody; the session stays as it was told.",
    }
