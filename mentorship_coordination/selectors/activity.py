"""What happened around a mentor lately."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from core.sql import fetch_planned

ACTIVITY_FOR = timedelta(days=7)
ACTIVITY_ROWS = 20
#: Sessions that began longer ago than this before the activity's span are not looked through.
SESSIONS_CLOSED_WITHIN = timedelta(days=30)

#: Each part finds no more than can be shown, newest first, by an index of its own. A review touches its submission: the
#: submission's index by mentor and time finds them all. Finished reviews are told by the reviews themselves.
ACTIVITY = f"""
SELECT h.action, h.time, h.mentee_id::text, u.name, h.title, h.reference::text FROM (
  (SELECT 'submitted' AS action, s.submitted_at AS time, s.student_id AS mentee_id, m.title, s.id AS reference
   FROM missions_missionsubmission s JOIN missions_mission m ON m.id = s.mission_id
   WHERE s.mentor_id = %(mentor)s AND s.updated_at >= %(since)s AND s.submitted_at >= %(since)s
   ORDER BY s.submitted_at DESC LIMIT {ACTIVITY_ROWS})
  UNION ALL
  (SELECT r.decision, r.created_at, s.student_id, m.title, s.id
   FROM missions_missionsubmission s JOIN missions_missionreview r ON r.submission_id = s.id
   JOIN missions_mission m ON m.id = s.mission_id
   WHERE s.mentor_id = %(mentor)s AND s.updated_at >= %(since)s AND r.created_at >= %(since)s
   ORDER BY r.created_at DESC LIMIT {ACTIVITY_ROWS})
  UNION ALL
  (SELECT 'session_' || s.status, coalesce(s.closed_at, s.created_at), s.mentee_id, s.title, s.id
   FROM mentorship_coordination_mentorsession s
   WHERE s.mentor_id = %(mentor)s AND s.starts_at >= %(begun_since)s
     AND coalesce(s.closed_at, s.created_at) >= %(since)s
   ORDER BY 2 DESC LIMIT {ACTIVITY_ROWS})
  UNION ALL
  (SELECT 'completed_' || i.type, i.completed_at, i.mentee_id, i.title, i.id
   FROM mentorship_coordination_mentorworkqueue i
   WHERE i.mentor_id = %(mentor)s AND i.status = 'completed' AND i.completed_at >= %(since)s
     AND i.type <> 'mission_review'
   ORDER BY i.completed_at DESC LIMIT {ACTIVITY_ROWS})
  UNION ALL
  (SELECT 'goal_' || g.state, g.closed_at, g.student_id, g.title, g.id
   FROM coaching_goal g
   WHERE g.student_id IN (
       SELECT a.mentee_id FROM mentorship_coordination_menteementorassignment a
       WHERE a.mentor_id = %(mentor)s AND a.state IN ('active', 'paused'))
     AND g.state = 'completed' AND g.closed_at >= %(since)s
   ORDER BY g.closed_at DESC LIMIT {ACTIVITY_ROWS})
  ORDER BY time DESC, reference LIMIT {ACTIVITY_ROWS}
) h LEFT JOIN users_user u ON u.id = h.mentee_id
ORDER BY h.time DESC, h.reference
"""  # noqa: S608 - a number of our own


@dataclass(frozen=True, slots=True)
class Activity:
    """One line of what happened. `mentee` is her name, None when the caller may not see her any more.

    Ids as text: they are shown, and making UUIDs of forty of them takes a twentieth of the page.
    """

    action: str
    time: datetime
    mentee_id: str | None
    mentee: str | None
    title: str
    reference_id: str


def list_recent_activity(mentor_id: UUID, at: datetime) -> list[Activity]:
    """Hand-ins, reviews, sessions, goals that present mentees reached, and finished items of the last 7 days.

    Newest first, at most `ACTIVITY_ROWS`. One query.
    """
    since = at - ACTIVITY_FOR
    rows = fetch_planned(ACTIVITY, mentor=mentor_id, since=since, begun_since=since - SESSIONS_CLOSED_WITHIN)
    return [Activity(*row) for row in rows]
