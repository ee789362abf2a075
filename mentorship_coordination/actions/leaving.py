"""A mentor leaves: nothing is left pointing at her. Source: product.md §6."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.actions import action
from mentorship_coordination.actions.assignments import end_assignment
from mentorship_coordination.actions.session_outcomes import cancel_session
from mentorship_coordination.enums import AssignmentState
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.sessions import MentorSession
from users.models import User

REASON = "The mentor has left."


@action
def release_mentor(*, mentor_id: UUID, by: User | None, at: datetime) -> int:
    """End every live pair of a mentor and call her future sessions off, uncharged; returns how many pairs ended.

    Her mentees wait for the next matching; their open items wait in the pool, clocks unchanged, by the trigger that
    follows assignments. Acts as an admin or the system.
    """
    mentor = User.objects.get(pk=mentor_id)
    upcoming = MentorSession.objects.scheduled().of_mentor(mentor_id).filter(starts_at__gt=at)
    for session_id in upcoming.order_by("id").values_list("id", flat=True):
        cancel_session(session_id=session_id, by=mentor, at=at, reason=REASON)
    pairs = MenteeMentorAssignment.objects.of_mentor(mentor_id).live().order_by("enrolment_id")
    ended = [
        end_assignment(assignment_id=pair, state=AssignmentState.CANCELLED, reason=REASON, by=by, at=at)
        for pair in pairs.values_list("id", flat=True)
    ]
    return len(ended)
