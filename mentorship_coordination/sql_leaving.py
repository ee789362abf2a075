"""The end of an enrolment, as a definer function: nobody but staff may write the row itself. Source: product.md §6."""

from core.tenancy.identity import Role
from mentorship_coordination.sql_relations import DEFINER, IS_STAFF
from mentorship_coordination.sql_sessions import SESSION

#: Locks what the leaving of a student moves, in the order of all locks (architecture.md §3), then ends her enrolment.
#: Pairs, items and flags are the action's, which tells of them. Answers 'ended', 'closed' (it had ended before) or
#: 'not_found'.
END_ENROLMENT = f"""
CREATE OR REPLACE FUNCTION app.end_enrolment(p_enrolment uuid, p_state text, p_at timestamptz)
RETURNS text LANGUAGE plpgsql {DEFINER} AS $$
DECLARE v_enrolment public.users_enrolment;
BEGIN
  SELECT e.* INTO v_enrolment FROM public.users_enrolment e
  WHERE e.id = p_enrolment AND ({IS_STAFF}
    OR current_setting('role') = 'app_director' AND e.cohort_id = ANY ((SELECT app.my_cohorts())::uuid[]))
  FOR NO KEY UPDATE;
  IF v_enrolment.id IS NULL THEN RETURN 'not_found'; END IF;
  IF p_state NOT IN ('completed', 'withdrawn') THEN
    RAISE EXCEPTION 'no end of an enrolment' USING ERRCODE = '22023';
  END IF;
  PERFORM 1 FROM {SESSION} s WHERE s.enrolment_id = p_enrolment AND s.status IN ('requested', 'scheduled')
  ORDER BY s.id FOR NO KEY UPDATE;
  PERFORM 1 FROM public.missions_missionsubmission m WHERE m.enrolment_id = p_enrolment
  ORDER BY m.id FOR NO KEY UPDATE;
  PERFORM 1 FROM public.student_dashboard_studentdashboard d WHERE d.student_id = v_enrolment.student_id
  FOR NO KEY UPDATE;
  IF v_enrolment.state NOT IN ('active', 'paused') THEN RETURN 'closed'; END IF;
  UPDATE public.users_enrolment SET state = p_state, ended_at = p_at WHERE id = p_enrolment;
  RETURN 'ended';
END $$"""

FUNCTIONS = (END_ENROLMENT,)
EXECUTE: dict[str, tuple[Role, ...]] = {
    "app.end_enrolment(uuid, text, timestamptz)": (Role.DIRECTOR, Role.ADMIN, Role.SYSTEM),
}
