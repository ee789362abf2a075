"""What a mentor sees first: the queue in figures, today, who is at risk, the week, what happened lately.

A constant number of queries, whatever the number of mentees. They are written out: the mapper would take longer to
compose them than PostgreSQL to answer. Source: product.md §1.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mentorship_coordination.models.sessions import MentorSession
from mentorship_coordination.selectors.activity import Activity, list_recent_activity
from mentorship_coordination.selectors.at_risk import MenteeAtRisk, list_mentees_at_risk
from mentorship_coordination.selectors.queue import QueueCounters, count_queue, day_of
from mentorship_coordination.selectors.session_figures import Satisfaction, SessionFigures, get_session_figures
from mentorship_coordination.selectors.sessions import list_held_sessions
from mentorship_coordination.selectors.slots import WeekCapacity, get_week_capacity
from users.models import User


@dataclass(frozen=True, slots=True)
class MentorDashboard:
    work_queue: QueueCounters
    today_sessions: list[MentorSession]
    at_risk_mentees: list[MenteeAtRisk]
    capacity: WeekCapacity
    satisfaction: Satisfaction
    session_figures: SessionFigures
    recent_activity: list[Activity]


def get_mentor_dashboard(mentor: User, at: datetime) -> MentorDashboard:
    """The mentor's own dashboard; "today" and the week are those of her zone."""
    satisfaction, session_figures = get_session_figures(mentor.pk, at)
    return MentorDashboard(
        work_queue=count_queue(mentor.pk, mentor.timezone, at),
        today_sessions=list_held_sessions(mentor.pk, day_of(mentor.timezone, at)),
        at_risk_mentees=list_mentees_at_risk(mentor.pk, at),
        capacity=get_week_capacity(mentor, at),
        satisfaction=satisfaction,
        session_figures=session_figures,
        recent_activity=list_recent_activity(mentor.pk, at),
    )
