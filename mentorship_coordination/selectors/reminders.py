"""Who is to be reminded of which session now. Source: product.md §11."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from core.sql import fetch

#: Who heard of the session's time less than `before` ahead of it knows it: a booking, a confirmed wish, a move.
DUE = """
SELECT s.id, s.sequence, s.title, s.starts_at, p.person_id, p.role = 'mentor', u.timezone, k.key
FROM mentorship_coordination_mentorsession s
JOIN mentorship_coordination_sessionparticipant p ON p.session_id = s.id AND p.is_active
JOIN users_user u ON u.id = p.person_id AND u.is_active
CROSS JOIN LATERAL (SELECT 'reminder:' || s.id || ':' || s.sequence || ':' || %(step)s AS key) k
WHERE s.status = 'scheduled' AND s.starts_at > %(at)s::timestamptz + %(too_late)s
  AND s.starts_at <= %(at)s::timestamptz + %(before)s
  AND s.starts_at - %(before)s >= greatest(s.created_at, (
    SELECT max(n.created_at) FROM mentorship_coordination_sessionparticipant t
    JOIN mentorship_coordination_notification n ON n.recipient_id = t.person_id AND n.dedupe_key IN (
      'session:' || s.id || ':' || s.sequence || ':scheduled', 'session:' || s.id || ':' || s.sequence || ':moved')
    WHERE t.session_id = s.id))
  AND NOT EXISTS (SELECT FROM mentorship_coordination_notification n
    WHERE n.recipient_id = p.person_id AND n.dedupe_key = k.key)
ORDER BY s.starts_at, s.id, p.person_id
"""


@dataclass(frozen=True, slots=True)
class DueReminder:
    """One person of one session. `starts_at` is aware, in UTC; `timezone` the person's."""

    session_id: UUID
    sequence: int
    title: str
    starts_at: datetime
    person_id: UUID
    is_mentor: bool
    timezone: str
    dedupe_key: str


def list_due_reminders(*, step: str, before: timedelta, too_late: timedelta, at: datetime) -> list[DueReminder]:
    """Those of scheduled sessions that begin later than `too_late` and at most `before` from now. One query."""
    return [DueReminder(*row) for row in fetch(DUE, step=step, before=before, too_late=too_late, at=at)]
