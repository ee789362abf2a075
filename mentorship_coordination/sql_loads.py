"""How full mentors are, over all cohorts: a director sees the sum and none of the other directors' rows."""

from core.tenancy.identity import Role
from core.tenancy.spec import DEFINER, IS_STAFF, UID
from mentorship_coordination.sql_relations import ASSIGNMENT, LIVE

ITEM = "public.mentorship_coordination_mentorworkqueue"
SESSION = "public.mentorship_coordination_mentorsession"


#: Every active mentor, or, for a director, whoever has a live pair in her cohorts, active or not. What is read of them
#: is asked by an array or mentor by mentor: who plans cannot know who calls, and would else read everybody's rows for
#: the forty of a director, or compare each of a thousand with each.
CALLERS_MENTORS = f"""
      SELECT s.id FROM public.users_user s WHERE s.is_mentor AND s.is_active AND {IS_STAFF}
      UNION SELECT a.mentor_id FROM {ASSIGNMENT} a
      WHERE current_setting('role') = 'app_director' AND a.state IN {LIVE} AND a.cohort_id = ANY (ARRAY(
        SELECT d.cohort_id FROM public.users_cohortdirector d WHERE d.user_id = {UID}))"""  # noqa: S608 - composed of our own words

#: The week is that of the mentor's zone (product.md §6).
MENTOR_LOADS = f"""
CREATE OR REPLACE FUNCTION app.mentor_loads(p_at timestamptz)
RETURNS TABLE(mentor_id uuid, name text, max_mentees int, mentees int, weekly_limit int, sessions int, open_items int,
  late_items int, about_to_breach int) LANGUAGE sql STABLE {DEFINER} AS $$
  SELECT u.id, u.name, u.mentor_max_mentees::int, pairs.live::int, u.mentor_capacity_weekly::int, sessions.held::int,
    work.open::int, work.late::int, work.soon::int
  FROM public.users_user u
  CROSS JOIN LATERAL (SELECT date_trunc('week', p_at AT TIME ZONE u.timezone) AS monday) AS week
  CROSS JOIN LATERAL (
    SELECT count(*) AS live FROM {ASSIGNMENT} a WHERE a.mentor_id = u.id AND a.state IN {LIVE}) AS pairs
  CROSS JOIN LATERAL (
    SELECT count(*) AS held FROM {SESSION} s
    WHERE s.mentor_id = u.id AND s.starts_at >= week.monday AT TIME ZONE u.timezone
      AND s.starts_at < (week.monday + interval '7 days') AT TIME ZONE u.timezone
      AND (s.status IN ('scheduled', 'completed', 'no_show_mentee')
        OR s.status = 'cancelled_by_mentee' AND s.is_late_cancel)) AS sessions
  CROSS JOIN LATERAL (
    SELECT count(*) AS open, count(*) FILTER (WHERE i.due_at < p_at) AS late,
      count(*) FILTER (WHERE i.warn_75_at <= p_at AND i.due_at >= p_at) AS soon
    FROM {ITEM} i WHERE i.mentor_id = u.id AND i.status IN ('pending', 'in_progress')) AS work
  WHERE u.is_mentor AND u.is_active AND u.id = ANY (ARRAY({CALLERS_MENTORS}))
  ORDER BY u.id $$"""  # noqa: S608 - composed of our own words

FUNCTIONS = (MENTOR_LOADS,)
EXECUTE: dict[str, tuple[Role, ...]] = {"app.mentor_loads(timestamptz)": (Role.DIRECTOR, Role.ADMIN, Role.SYSTEM)}
