"""The rows that pages show, read by plain SQL: one statement for each part of a page, as few as that takes.

Parameters: `mentor`, `mentee`, `enrolment`, `at`, `today` and `tomorrow` (the mentor's local day), `week_from`,
`days_from` (a date), and spans before and after `at` by their names.
"""

from __future__ import annotations

PEOPLE_OF_SESSIONS = """
SELECT s.*, mentee.name AS mentee_name, mentor.name AS mentor_name, p.person_id, person.name AS person_name, p.role,
  p.is_active, p.attended, p.disputed_at, p.dispute_settled_at
FROM mentorship_coordination_mentorsession s
LEFT JOIN users_user mentee ON mentee.id = s.mentee_id LEFT JOIN users_user mentor ON mentor.id = s.mentor_id
JOIN mentorship_coordination_sessionparticipant p ON p.session_id = s.id
LEFT JOIN users_user person ON person.id = p.person_id
WHERE s.mentor_id = %(mentor)s AND s.status IN ('scheduled', 'completed', 'no_show_mentee', 'no_show_mentor')
  AND s.starts_at < %(tomorrow)s AND s.ends_at > %(today)s
ORDER BY s.starts_at, s.id, p.role DESC, p.id
"""
COUNTERS = """
SELECT count(*) FILTER (WHERE due_at < %(at)s), count(*) FILTER (WHERE due_at >= %(today)s AND due_at < %(tomorrow)s),
  count(*) FILTER (WHERE rank <= 1), count(*)
FROM mentorship_coordination_mentorworkqueue WHERE mentor_id = %(mentor)s AND status IN ('pending', 'in_progress')
"""
AT_RISK = """
WITH flags AS (
  SELECT DISTINCT ON (mentee_id) f.*, count(*) OVER (PARTITION BY mentee_id) AS unresolved
  FROM mentorship_coordination_mentorflag f WHERE mentor_id = %(mentor)s AND state <> 'resolved'
  ORDER BY mentee_id, severity DESC, created_at, id
), late AS (
  SELECT mentee_id, count(*) AS items FROM mentorship_coordination_mentorworkqueue
  WHERE mentor_id = %(mentor)s AND status IN ('pending', 'in_progress') AND due_at < %(at)s GROUP BY mentee_id
)
SELECT a.mentee_id, u.name, d.readiness, d.trend_7d, d.sections->'habits'->>'current_streak', d.risk_score,
  d.risk_since, d.risk_parts, f.*, late.items
FROM mentorship_coordination_menteementorassignment a JOIN users_user u ON u.id = a.mentee_id
LEFT JOIN student_dashboard_studentdashboard d ON d.student_id = a.mentee_id
LEFT JOIN flags f ON f.mentee_id = a.mentee_id LEFT JOIN late ON late.mentee_id = a.mentee_id
WHERE a.mentor_id = %(mentor)s AND a.state IN ('active', 'paused')
  AND (d.risk_since IS NOT NULL OR f.id IS NOT NULL OR late.items > 0)
ORDER BY coalesce(f.severity, 0) DESC, CASE WHEN d.risk_since IS NOT NULL THEN d.risk_score END DESC NULLS LAST,
  late.items DESC NULLS LAST, u.name
"""
TIME_FACTS = """
SELECT 'busy', lower(during), upper(during), NULL::jsonb FROM mentorship_coordination_sessionparticipant
WHERE is_active AND person_id = %(mentor)s AND during && tstzrange(%(at)s, %(month_ahead)s)
UNION ALL SELECT 'away', starts_at, ends_at, NULL FROM mentorship_coordination_mentorabsence
WHERE mentor_id = %(mentor)s AND starts_at < %(month_ahead)s AND ends_at > %(at)s
UNION ALL SELECT 'date', local_date, NULL, windows FROM mentorship_coordination_availabilityoverride
WHERE person_id = %(mentor)s AND local_date BETWEEN %(at)s::date - 2 AND %(month_ahead)s::date + 2
UNION ALL SELECT 'counted', starts_at, NULL, NULL FROM mentorship_coordination_mentorsession
WHERE mentor_id = %(mentor)s AND starts_at >= %(week_from)s AND starts_at < %(month_ahead)s
  AND (status IN ('scheduled', 'completed', 'no_show_mentee') OR status = 'cancelled_by_mentee' AND is_late_cancel)
"""
SESSION_FIGURES = """
SELECT * FROM (
  SELECT round(avg(r.rating), 2), count(*) FROM mentorship_coordination_sessionrating r
  JOIN mentorship_coordination_mentorsession s ON s.id = r.session_id
  WHERE s.mentor_id = %(mentor)s AND s.starts_at > %(quarter_ago)s) r
CROSS JOIN (
  SELECT count(*) FILTER (WHERE status = 'completed'), count(*) FILTER (WHERE status = 'no_show_mentee'),
    count(*) FILTER (WHERE status = 'no_show_mentor'),
    count(*) FILTER (WHERE status = 'cancelled_by_mentee' AND is_late_cancel),
    count(*) FILTER (WHERE status = 'cancelled_by_mentor' AND closed_by_id = mentor_id
      AND closed_at > starts_at - interval '24 hours')
  FROM mentorship_coordination_mentorsession
  WHERE mentor_id = %(mentor)s AND starts_at >= %(month_ago)s AND starts_at < %(at)s) o
CROSS JOIN (
  SELECT count(*), count(*) FILTER (WHERE completed_at <= due_at) FROM mentorship_coordination_mentorworkqueue
  WHERE mentor_id = %(mentor)s AND type = 'session_notes' AND status = 'completed'
    AND completed_at >= %(month_ago)s AND completed_at < %(at)s) n
"""
ACTIVITY = """
SELECT * FROM (
  (SELECT 'submitted', s.submitted_at AS time, s.student_id, u.name, m.title, s.id FROM missions_missionsubmission s
   JOIN missions_mission m ON m.id = s.mission_id LEFT JOIN users_user u ON u.id = s.student_id
   WHERE s.mentor_id = %(mentor)s AND s.updated_at >= %(week_ago)s AND s.submitted_at >= %(week_ago)s
   ORDER BY 2 DESC LIMIT 20)
  UNION ALL
  (SELECT r.decision, r.created_at, s.student_id, u.name, m.title, s.id FROM missions_missionsubmission s
   JOIN missions_missionreview r ON r.submission_id = s.id JOIN missions_mission m ON m.id = s.mission_id
   LEFT JOIN users_user u ON u.id = s.student_id
   WHERE s.mentor_id = %(mentor)s AND s.updated_at >= %(week_ago)s AND r.created_at >= %(week_ago)s
   ORDER BY 2 DESC LIMIT 20)
  UNION ALL
  (SELECT 'session_' || s.status, coalesce(s.closed_at, s.created_at), s.mentee_id, u.name, s.title, s.id
   FROM mentorship_coordination_mentorsession s LEFT JOIN users_user u ON u.id = s.mentee_id
   WHERE s.mentor_id = %(mentor)s AND s.starts_at >= %(five_weeks_ago)s
     AND coalesce(s.closed_at, s.created_at) >= %(week_ago)s
   ORDER BY 2 DESC LIMIT 20)
  UNION ALL
  (SELECT 'completed_' || i.type, i.completed_at, i.mentee_id, u.name, i.title, i.id
   FROM mentorship_coordination_mentorworkqueue i LEFT JOIN users_user u ON u.id = i.mentee_id
   WHERE i.mentor_id = %(mentor)s AND i.status = 'completed' AND i.completed_at >= %(week_ago)s
     AND i.type <> 'mission_review'
   ORDER BY 2 DESC LIMIT 20)
  UNION ALL
  (SELECT 'goal_completed', g.closed_at, g.student_id, u.name, g.title, g.id
   FROM mentorship_coordination_menteementorassignment a JOIN coaching_goal g ON g.student_id = a.mentee_id
   JOIN users_user u ON u.id = g.student_id
   WHERE a.mentor_id = %(mentor)s AND a.state IN ('active', 'paused') AND g.state = 'completed'
     AND g.closed_at >= %(week_ago)s
   ORDER BY 2 DESC LIMIT 20)
) happened ORDER BY time DESC LIMIT 20
"""
QUEUE = """
SELECT i.*, u.* FROM mentorship_coordination_mentorworkqueue i LEFT JOIN users_user u ON u.id = i.mentee_id
WHERE i.mentor_id = %(mentor)s AND i.status IN ('pending', 'in_progress')
ORDER BY i.is_paused, i.rank, i.order_due_at, i.created_at, i.id LIMIT 51
"""
PUT_OFF = """
SELECT snoozed_until FROM mentorship_coordination_mentorworkqueue
WHERE mentor_id = %(mentor)s AND status IN ('pending', 'in_progress') AND snoozed_until > %(at)s
"""
LINE = """
SELECT (SELECT last_number FROM core_streamcounter WHERE recipient_id = %(mentor)s AND audience = 1),
  (SELECT count(*) FROM (SELECT FROM mentorship_coordination_notification
   WHERE recipient_id = %(mentor)s AND read_at IS NULL LIMIT 100) n)
"""
PAIR = """
SELECT a.*, u.*, d.*, c.*, t.*, e.max_sessions,
  (SELECT count(*) FROM missions_mission m WHERE m.track_id = t.id AND m.is_published)
FROM mentorship_coordination_menteementorassignment a JOIN users_user u ON u.id = a.mentee_id
JOIN users_enrolment e ON e.id = a.enrolment_id JOIN users_cohort c ON c.id = a.cohort_id
JOIN users_track t ON t.id = c.track_id
LEFT JOIN student_dashboard_studentdashboard d ON d.student_id = a.mentee_id
WHERE a.mentor_id = %(mentor)s AND a.mentee_id = %(mentee)s AND a.state IN ('active', 'paused')
"""
DAYS = """
SELECT local_date, readiness FROM student_dashboard_readinesssnapshot
WHERE student_id = %(mentee)s AND local_date >= %(days_from)s ORDER BY local_date
"""
SUBMISSIONS = """
SELECT s.*, m.* FROM missions_missionsubmission s JOIN missions_mission m ON m.id = s.mission_id
WHERE s.enrolment_id = %(enrolment)s ORDER BY m.number
"""
SESSIONS = """
SELECT s.* FROM mentorship_coordination_mentorsession s
WHERE s.mentor_id = %(mentor)s AND (s.enrolment_id = %(enrolment)s OR s.id IN (
  SELECT p.session_id FROM mentorship_coordination_sessionparticipant p
  WHERE p.enrolment_id = %(enrolment)s AND p.is_active))
ORDER BY s.starts_at DESC
"""
BUDGET = """
SELECT count(*) FILTER (WHERE p.is_active AND s.status IN ('completed', 'no_show_mentee')
  OR s.status = 'cancelled_by_mentee' AND s.is_late_cancel),
  count(*) FILTER (WHERE p.is_active AND s.status = 'scheduled')
FROM mentorship_coordination_sessionparticipant p JOIN mentorship_coordination_mentorsession s ON s.id = p.session_id
WHERE p.enrolment_id = %(enrolment)s AND p.role = 'mentee'
"""
FLAGS = """
SELECT * FROM mentorship_coordination_mentorflag WHERE mentor_id = %(mentor)s AND mentee_id = %(mentee)s
"""
GOALS = """
SELECT g.*, f.* FROM coaching_goal g LEFT JOIN coaching_goalfeedback f ON f.goal_id = g.id
WHERE g.student_id = %(mentee)s ORDER BY g.due_date, g.id, f.created_at
"""
OPEN_ITEMS = """
SELECT * FROM mentorship_coordination_mentorworkqueue
WHERE mentor_id = %(mentor)s AND mentee_id = %(mentee)s AND status IN ('pending', 'in_progress')
ORDER BY is_paused, rank, order_due_at, created_at, id
"""
HAPPENED = """
SELECT 'submitted', v.created_at, v.number::text, v.submission_id FROM missions_missionsubmission s
JOIN missions_submissionversion v ON v.submission_id = s.id
WHERE s.enrolment_id = %(enrolment)s AND v.created_at > %(quarter_ago)s
UNION ALL SELECT r.decision, r.created_at, r.score::text, r.submission_id FROM missions_missionsubmission s
JOIN missions_missionreview r ON r.submission_id = s.id
WHERE s.enrolment_id = %(enrolment)s AND r.created_at > %(quarter_ago)s
UNION ALL SELECT 'streak_broken', b.noticed_at, h.name, h.id FROM coaching_streakbreak b
JOIN coaching_habit h ON h.id = b.habit_id WHERE b.student_id = %(mentee)s AND b.noticed_at > %(quarter_ago)s
UNION ALL SELECT 'goal_overdue', d.noticed_at, g.title, g.id FROM coaching_misseddeadline d
JOIN coaching_goal g ON g.id = d.goal_id WHERE d.student_id = %(mentee)s AND d.noticed_at > %(quarter_ago)s
"""
STUDENT_DASHBOARD = """
SELECT d.*, u.*, m.*, EXISTS (SELECT FROM student_dashboard_dashboardupdatequeue q WHERE q.student_id = %(mentee)s)
FROM student_dashboard_studentdashboard d JOIN users_user u ON u.id = d.student_id
LEFT JOIN users_user m ON m.id = d.mentor_id WHERE d.student_id = %(mentee)s
"""
