"""What the forecast reads of mentors: work of all cohorts, of which a director's own alone is named."""

from core.tenancy.identity import Role
from core.tenancy.spec import DEFINER, IS_STAFF, UID
from mentorship_coordination.sql_loads import CALLERS_MENTORS
from mentorship_coordination.sql_relations import ASSIGNMENT, LIVE

ITEM = "public.mentorship_coordination_mentorworkqueue"
THEIRS = "ANY (ARRAY(SELECT m.id FROM mentors m))"

#: `(SELECT … LIMIT 1) IS NULL` asks mentor by mentor; NOT EXISTS would be planned as a join with all pairs.
#: Rows of several kinds, of the mentors of `app.mentor_loads` and, for a director, of those without any mentee:
#: mentor (number: free places, words: name, zone and weekly hours), item (open and running, `came_at`: since when it is
#: hers; ids of the caller's own cohorts only), done (finished since `p_since`), busy (sessions), away, date (hours of
#: one date).
MENTOR_OUTLOOK = f"""
CREATE OR REPLACE FUNCTION app.mentor_outlook(p_at timestamptz, p_since timestamptz, p_until timestamptz)
RETURNS TABLE(kind text, mentor_id uuid, item_id uuid, enrolment_id uuid, starts_at timestamptz, ends_at timestamptz,
  came_at timestamptz, number int, words text) LANGUAGE sql STABLE {DEFINER} AS $$
  WITH mine AS (SELECT d.cohort_id FROM public.users_cohortdirector d WHERE d.user_id = {UID}),
  mentors AS (
    SELECT u.id, u.name, u.timezone, u.mentor_availability, u.mentor_max_mentees, u.leaving_at FROM public.users_user u
    WHERE u.is_mentor AND u.is_active AND u.id = ANY (ARRAY({CALLERS_MENTORS}
      UNION SELECT f.id FROM public.users_user f WHERE f.is_mentor AND f.is_active
        AND current_setting('role') = 'app_director' AND (
          SELECT true FROM {ASSIGNMENT} a WHERE a.mentor_id = f.id AND a.state IN {LIVE} LIMIT 1) IS NULL)))
  SELECT 'mentor', m.id, NULL::uuid, NULL::uuid, NULL::timestamptz, NULL::timestamptz, NULL::timestamptz,
    (CASE WHEN m.leaving_at IS NULL THEN greatest(m.mentor_max_mentees - (
      SELECT count(*) FROM {ASSIGNMENT} a WHERE a.mentor_id = m.id AND a.state IN {LIVE}), 0) ELSE 0 END)::int,
    jsonb_build_object('name', m.name, 'zone', m.timezone, 'hours', m.mentor_availability)::text
  FROM mentors m
  UNION ALL
  SELECT 'item', i.mentor_id, CASE WHEN o.is_mine THEN i.id END, CASE WHEN o.is_mine THEN i.enrolment_id END,
    i.created_at, i.due_at, (SELECT max(a.started_at) FROM {ASSIGNMENT} a WHERE a.enrolment_id = i.enrolment_id
      AND a.mentor_id = i.mentor_id AND a.state = 'active'), i.rank, CASE WHEN o.is_mine THEN i.type END
  FROM {ITEM} i CROSS JOIN LATERAL (
    SELECT {IS_STAFF} OR i.cohort_id IN (SELECT cohort_id FROM mine) AS is_mine) o
  WHERE i.status IN ('pending', 'in_progress') AND i.due_at IS NOT NULL AND i.mentor_id = {THEIRS}
  UNION ALL
  SELECT 'done', i.mentor_id, NULL, NULL, i.created_at, i.completed_at, NULL, NULL, NULL FROM {ITEM} i
  WHERE i.status IN ('completed', 'cancelled') AND i.status = 'completed' AND i.completed_at >= p_since
    AND i.completed_at < p_at AND i.mentor_id = {THEIRS}
  UNION ALL
  SELECT 'busy', p.person_id, NULL, NULL, lower(p.during), upper(p.during), NULL, NULL, NULL
  FROM public.mentorship_coordination_sessionparticipant p
  WHERE p.is_active AND p.during && tstzrange(p_at, p_until) AND p.person_id = {THEIRS}
  UNION ALL
  SELECT 'away', b.mentor_id, NULL, NULL, b.starts_at, b.ends_at, NULL, NULL, NULL
  FROM public.mentorship_coordination_mentorabsence b
  WHERE b.starts_at < p_until AND b.ends_at > p_since AND b.mentor_id = {THEIRS}
  UNION ALL
  SELECT 'date', v.person_id, NULL, NULL, v.local_date::timestamp AT TIME ZONE 'UTC', NULL, NULL, NULL, v.windows::text
  FROM public.mentorship_coordination_availabilityoverride v
  WHERE v.local_date BETWEEN p_since::date - 1 AND p_until::date + 1 AND v.person_id = {THEIRS} $$"""  # noqa: S608 - composed of our own words

FUNCTIONS = (MENTOR_OUTLOOK,)
EXECUTE: dict[str, tuple[Role, ...]] = {
    "app.mentor_outlook(timestamptz, timestamptz, timestamptz)": (Role.DIRECTOR, Role.ADMIN, Role.SYSTEM)
}
