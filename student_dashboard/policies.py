from core.erasure import function_of
from core.tenancy.identity import Role
from core.tenancy.spec import DEFINER, IS_STAFF, MY_COHORTS, MY_MENTEES, SIGNED, UID, Allow, Policies, staff
from student_dashboard.personal_data import ERASURES

QUEUE_UPDATES = f"""
CREATE OR REPLACE FUNCTION app.queue_updates(
  p_students uuid[], p_ranks smallint[], p_reasons text[], p_at timestamptz)
RETURNS int LANGUAGE plpgsql {DEFINER} AS $$
DECLARE v_rows int;
BEGIN
  IF NOT {IS_STAFF} AND EXISTS (SELECT FROM unnest(p_students) s WHERE NOT app.may_tell(s)) THEN
    RAISE EXCEPTION 'no relation to this student' USING ERRCODE = '42501';
  END IF;
  INSERT INTO public.student_dashboard_dashboardupdatequeue AS q
    (student_id, rank, reasons, requested_at, available_at, hits, attempts, last_error, claimed_by)
  SELECT u.s, u.r, string_to_array(u.why, ','), p_at, p_at, 1, 0, '', ''
  FROM unnest(p_students, p_ranks, p_reasons) AS u(s, r, why) ORDER BY u.s
  ON CONFLICT (student_id) WHERE claimed_at IS NULL AND dead_at IS NULL DO UPDATE SET
    rank = least(q.rank, excluded.rank),
    hits = q.hits + 1,
    available_at = least(q.available_at, excluded.available_at),
    reasons = CASE WHEN q.reasons @> excluded.reasons THEN q.reasons
      ELSE (SELECT array_agg(DISTINCT reason) FROM unnest(q.reasons || excluded.reasons) reason) END;
  GET DIAGNOSTICS v_rows = ROW_COUNT;
  RETURN v_rows;
END $$"""

#: Whether the caller's own dashboard is about to change. The rows with their errors are the staff's alone.
REFRESH_PENDING = f"""
CREATE OR REPLACE FUNCTION app.refresh_pending() RETURNS boolean LANGUAGE plpgsql STABLE {DEFINER} AS $$
BEGIN
  RETURN EXISTS (SELECT FROM public.student_dashboard_dashboardupdatequeue
      WHERE student_id = {UID} AND claimed_at IS NULL AND dead_at IS NULL)
    OR EXISTS (SELECT FROM public.student_dashboard_dashboardupdatequeue
      WHERE student_id = {UID} AND claimed_at IS NOT NULL);
END $$"""

#: Whole seconds since an instant; 0 for none.
SINCE = "coalesce(extract(epoch FROM p_at - {}), 0)::bigint"

#: What /metrics shows to whoever watches the system: how many rows wait where, nothing of what they hold.
GAUGES = f"""
CREATE OR REPLACE FUNCTION app.gauges(p_at timestamptz) RETURNS TABLE(name text, value bigint)
LANGUAGE sql STABLE {DEFINER} AS $$
  WITH work AS (
    SELECT count(*) AS open, count(*) FILTER (WHERE due_at < p_at) AS late,
      count(*) FILTER (WHERE mentor_id IS NULL) AS pool, min(clock_started_at) AS oldest
    FROM public.mentorship_coordination_mentorworkqueue WHERE status IN ('pending', 'in_progress')),
  refreshes AS (
    SELECT count(*) FILTER (WHERE dead_at IS NULL) AS waiting, count(*) FILTER (WHERE dead_at IS NOT NULL) AS dead,
      min(requested_at) FILTER (WHERE dead_at IS NULL) AS oldest
    FROM public.student_dashboard_dashboardupdatequeue WHERE claimed_at IS NULL OR dead_at IS NOT NULL),
  mails AS (
    SELECT count(*) AS waiting, min(created_at) AS oldest
    FROM public.mentorship_coordination_notification WHERE mail_state = 'pending')
  SELECT 'open_work_items', open FROM work
  UNION ALL SELECT 'late_work_items', late FROM work
  UNION ALL SELECT 'pool_work_items', pool FROM work
  UNION ALL SELECT 'oldest_work_item_seconds', {SINCE.format("oldest")} FROM work
  UNION ALL SELECT 'waiting_refreshes', waiting FROM refreshes
  UNION ALL SELECT 'dead_refreshes', dead FROM refreshes
  UNION ALL SELECT 'oldest_refresh_seconds', {SINCE.format("oldest")} FROM refreshes
  UNION ALL SELECT 'pending_mails', waiting FROM mails
  UNION ALL SELECT 'oldest_mail_seconds', {SINCE.format("oldest")} FROM mails
  UNION ALL SELECT 'refreshed_in_a_minute', count(*) FROM public.student_dashboard_studentdashboard
    WHERE computed_at > p_at - interval '1 minute'
  UNION ALL SELECT 'unmatched_students', count(*) FROM public.users_enrolment e
    JOIN public.users_user u ON u.id = e.student_id AND u.is_active
    WHERE e.state = 'active' AND NOT EXISTS (
      SELECT FROM public.mentorship_coordination_menteementorassignment a
      WHERE a.enrolment_id = e.id AND a.is_primary AND a.state IN ('pending', 'active', 'paused')) $$"""

#: Written by the drain alone; read by whoever is responsible.
READERS = (
    Allow(Role.STUDENT, "r", f"student_id = {UID}"),
    Allow(Role.DIRECTOR, "r", f"cohort_id = {MY_COHORTS}"),
)

POLICIES = Policies(
    tenant={
        "student_dashboard_studentdashboard": (
            *READERS,
            Allow(Role.MENTOR, "r", f"mentor_id = {UID}"),
            *staff(),
        ),
        "student_dashboard_readinesssnapshot": (
            Allow(Role.STUDENT, "r", f"student_id = {UID}"),
            Allow(Role.MENTOR, "r", f"student_id = {MY_MENTEES}"),
            Allow(Role.DIRECTOR, "r", "student_id = ANY ((SELECT app.my_students())::uuid[])"),
            *staff(),
        ),
        # The student reads of her dashboard what concerns her, and has no case file of herself.
        "student_dashboard_riskepisode": (
            Allow(Role.MENTOR, "r", f"student_id = {MY_MENTEES}"),
            Allow(Role.DIRECTOR, "r", "student_id = ANY ((SELECT app.my_students())::uuid[])"),
            *staff(),
        ),
        # One way in: app.queue_updates.
        "student_dashboard_dashboardupdatequeue": staff(),
    },
    functions=(QUEUE_UPDATES, REFRESH_PENDING, GAUGES, function_of("student_dashboard", ERASURES)),
    execute={
        "app.queue_updates(uuid[], smallint[], text[], timestamptz)": SIGNED,
        "app.refresh_pending()": (Role.STUDENT,),
        "app.gauges(timestamptz)": (Role.ANON,),
    },
)
