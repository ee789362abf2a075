"""The three capacities of a mentor, never compared with each other. Source: product.md §6."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from mentorship_coordination.enums import LIVE_ASSIGNMENTS

#: What counts against the week: held, planned, and lost through the mentee (product.md §6 "Weekly count").
COUNTED = ("scheduled", "completed", "no_show_mentee")

OVERLOADED = """
SELECT u.id, u.name, u.revision, u.mentor_max_mentees, u.mentor_capacity_weekly,
       coalesce(pairs.live, 0), coalesce(week.held, 0),
       to_char(date_trunc('week', %(at)s AT TIME ZONE u.timezone), 'IYYY-"W"IW')
FROM users_user u
LEFT JOIN (
  SELECT mentor_id, count(*) AS live FROM mentorship_coordination_menteementorassignment
  WHERE state = ANY (%(live)s) GROUP BY mentor_id) pairs ON pairs.mentor_id = u.id
LEFT JOIN LATERAL (
  SELECT count(*) AS held FROM mentorship_coordination_mentorsession s
  WHERE s.mentor_id = u.id
    AND s.starts_at >= date_trunc('week', %(at)s AT TIME ZONE u.timezone) AT TIME ZONE u.timezone
    AND s.starts_at < (date_trunc('week', %(at)s AT TIME ZONE u.timezone) + interval '7 days') AT TIME ZONE u.timezone
    AND (s.status = ANY (%(counted)s) OR (s.status = 'cancelled_by_mentee' AND s.is_late_cancel))) week ON true
WHERE u.is_mentor AND u.is_active
  AND (coalesce(pairs.live, 0) > u.mentor_max_mentees OR coalesce(week.held, 0) > u.mentor_capacity_weekly)
ORDER BY u.id
"""


@dataclass(frozen=True, slots=True)
class Overload:
    """One mentor beyond a limit. `week` is the ISO week of her own zone; `revision` that of her profile."""

    mentor_id: UUID
    name: str
    revision: int
    max_mentees: int
    weekly_sessions: int
    mentees: int
    sessions: int
    week: str

    @property
    def has_too_many_mentees(self) -> bool:
        return self.mentees > self.max_mentees

    @property
    def has_too_many_sessions(self) -> bool:
        return self.sessions > self.weekly_sessions


def list_overloads(at: datetime) -> list[Overload]:
    """Every active mentor with more mentees, or more sessions in her current week, than her limit. One query."""
    parameters: dict[str, Any] = {
        "at": at,
        "live": [str(state) for state in LIVE_ASSIGNMENTS],
        "counted": list(COUNTED),
    }
    with connection.cursor() as cursor:
        cursor.execute(OVERLOADED, parameters)
        return [Overload(*row) for row in cursor.fetchall()]
