"""Who goes, as definer functions: the end of an enrolment, whose row nobody but staff may write; and erasure, which
reaches what nobody may change. Source: product.md §6."""

from core.erasure import STILL_HERE, function_of
from core.tenancy.identity import Role
from core.tenancy.spec import DEFINER, IS_STAFF, UID
from mentorship_coordination.personal_data import ERASURES
from mentorship_coordination.sql_relations import ASSIGNMENT
from mentorship_coordination.sql_sessions import SESSION

#: Locks what the leaving of a student moves, in the order of all locks (architecture.md §7), then ends her enrolment.
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

#: Takes away what identifies or quotes a person, everywhere, and notes that it was done: the one line that stays.
#: Whoever works or studies still leaves first. Answers table → [null, how many rows], or NULL when there is nobody.
ERASE_PERSON = f"""
CREATE OR REPLACE FUNCTION app.erase_person(p_person uuid, p_at timestamptz) RETURNS jsonb
LANGUAGE plpgsql {DEFINER} AS $$
DECLARE v_person public.users_user; v_touched jsonb;
BEGIN
  IF NOT coalesce({IS_STAFF}, false) THEN
    RAISE EXCEPTION 'nobody but admins and the system erases' USING ERRCODE = '42501';
  END IF;
  SELECT u.* INTO v_person FROM public.users_user u WHERE u.id = p_person FOR UPDATE;
  IF v_person.id IS NULL THEN RETURN NULL; END IF;
  IF v_person.is_mentor OR EXISTS (SELECT FROM {ASSIGNMENT} a
      WHERE p_person IN (a.mentor_id, a.mentee_id) AND a.state IN ('pending', 'active', 'paused'))
    OR EXISTS (SELECT FROM public.users_enrolment e WHERE e.student_id = p_person AND e.state IN ('active', 'paused'))
  THEN
    RAISE EXCEPTION 'somebody still counts on this person' USING ERRCODE = '{STILL_HERE}';
  END IF;
  v_touched := app.erase_from_mentorship_coordination(p_person, v_person.name, v_person.email, p_at)
    || app.erase_from_missions(p_person, v_person.name, v_person.email, p_at)
    || app.erase_from_coaching(p_person, v_person.name, v_person.email, p_at)
    || app.erase_from_student_dashboard(p_person, v_person.name, v_person.email, p_at);
  v_touched := v_touched || app.erase_from_users(p_person, v_person.name, v_person.email, p_at);
  INSERT INTO public.core_auditentry (at, by, role, table_name, row_id, verb, changed)
  VALUES (p_at, {UID}, replace(current_setting('role'), 'app_', ''), 'users_user', p_person::text, 'erase', v_touched);
  RETURN v_touched;
END $$"""

FUNCTIONS = (END_ENROLMENT, function_of("mentorship_coordination", ERASURES), ERASE_PERSON)
EXECUTE: dict[str, tuple[Role, ...]] = {
    "app.end_enrolment(uuid, text, timestamptz)": (Role.DIRECTOR, Role.ADMIN, Role.SYSTEM),
    "app.erase_person(uuid, timestamptz)": (Role.ADMIN, Role.SYSTEM),
}
