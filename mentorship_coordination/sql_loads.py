"""How full mentors are, over all cohorts: a director sees the sum and none of the other directors' rows."""

from core.tenancy.identity import Role
from core.tenancy.spec import DEFINER, IS_STAFF, UID
from mentorship_coordination.sql_relations import ASSIGNMENT

ITEM = "public.mentorship_coordination_mentorworkqueue"
SESSION = "public.mentorship_coordination_mentorsession"

LIVE = "('pending', 'active', 'paused')"

#: Every active mentor, or, for a director, those with a live pair in her cohorts. What is read of them is asked by
#: arrays: a planner who cannot know who calls would else read everybody's rows for the forty mentors of a director.
CALLERS_MENTORS = f"""
      SELECT s.id FROM public.users_user s WHERE s.is_mentor AND s.is_active AND {IS_STAFF}
      UNION SELECT a.mentor_id FROM {ASSIGNMENT} a
      WHERE current_setting('role') = 'app_director' AND a.state IN {LIVE} AND a.cohort_id = ANY (ARRAY(
        SELECT d.cohort_id FROM public.users_cohortdirector d WHERE d.user_id = {UID}))"""  # noqa: S608 - composed of our own words
THEIRS = "ANY (ARRAY(SELECT m.id FROM mentors m))"

#: The week is that of the mentor's zone (product.md §6).
MENTOR_LOADS = f"""
CREATE OR REPLACE FUNCTION app.mentor_loads(p_at timestamptz)
RETURNS TABLE(mentor_id uuid, name text, max_mentees int, mentees int, weekly_limit int, sessions int, open_items int,
  late_items int, about_to_breach int) LANGUAGE sql STABLE {DEFINER} AS $$
  WITH mentors AS (
    SELECT u.id, u.name, u.mentor_max_mentees AS most, u.mentor_capacity_weekly AS weekly,
      date_trunc('week', p_at AT TIME ZONE u.timezone) AS monday, u.timezone AS zone
    FROM public.users_user u
    WHERE u.is_mentor AND u.is_active AND u.id = ANY (ARRAY({CALLERS_MENTORS}))),
  pairs AS (
    SELECT a.mentor_id, count(*) AS live FROM {ASSIGNMENT} a
    WHERE a.state IN {LIVE} AND a.mentor_id = {THEIRS}
    GROUP BY a.mentor_id),
  weeks AS (
    SELECT m.id, count(*) AS held FROM mentors m JOIN {SESSION} s ON s.mentor_id = m.id
      AND s.starts_at >= m.monday AT TIME ZONE m.zone
      AND s.starts_at < (m.monday + interval '7 days') AT TIME ZONE m.zone
    WHERE s.status IN ('scheduled', 'completed', 'no_show_mentee')
      OR s.status = 'cancelled_by_mentee' AND s.is_late_cancel
    GROUP BY m.id),
  work AS (
    SELECT i.mentor_id, count(*) AS open, count(*) FILTER (WHERE i.due_at < p_at) AS late,
      count(*) FILTER (WHERE i.warn_75_at <= p_at AND i.due_at >= p_at) AS soon
    FROM {ITEM} i WHERE i.status IN ('pending', 'in_progress')
      AND i.mentor_id = {THEIRS}
    GROUP BY i.mentor_id)
  SELECT m.id, m.name, m.most::int, coalesce(p.live, 0)::int, m.weekly::int, coalesce(w.held, 0)::int,
    coalesce(k.open, 0)::int, coalesce(k.late, 0)::int, coalesce(k.soon, 0)::int
  FROM mentors m LEFT JOIN pairs p ON p.mentor_id = m.id LEFT JOIN weeks w ON w.id = m.id
  LEFT JOIN work k ON k.mentor_id = m.id ORDER BY m.id $$"""  # noqa: S608 - composed of our own words

FUNCTIONS = (MENTOR_LOADS,)
EXECUTE: dict[str, tuple[Role, ...]] = {"app.mentor_loads(timestamptz)": (Role.DIRECTOR, Role.ADMIN, Role.SYSTEM)}
