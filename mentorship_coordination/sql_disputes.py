"""Definer functions about disputes: who says that a session was not so, and who settles it. Source: product.md §7."""

from core.tenancy.identity import Role
from core.tenancy.spec import DEFINER, IS_STAFF, UID
from mentorship_coordination.sql_sessions import PARTICIPANT, SESSION

#: The mentee of a session of two says that it was not so; a mentee of a group, whether she was there. Answers
#: 'disputed', 'closed' or 'not_found'.
DISPUTE_SESSION = f"""
CREATE OR REPLACE FUNCTION app.dispute_session(p_session uuid, p_reason text, p_within interval, p_at timestamptz)
RETURNS text LANGUAGE plpgsql {DEFINER} AS $$
DECLARE v_session {SESSION};
BEGIN
  SELECT s.* INTO v_session FROM {SESSION} s
  WHERE s.id = p_session AND (s.mentee_id = {UID} OR s.mentee_id IS NULL AND EXISTS (
    SELECT 1 FROM {PARTICIPANT} p WHERE p.session_id = s.id AND p.person_id = {UID} AND p.role = 'mentee'))
  FOR NO KEY UPDATE;
  IF v_session.id IS NULL THEN RETURN 'not_found'; END IF;
  IF v_session.closed_at IS NULL OR v_session.closed_at <= p_at - p_within THEN RETURN 'closed'; END IF;
  IF v_session.mentee_id IS NULL THEN
    UPDATE {PARTICIPANT} SET disputed_at = p_at, dispute_reason = p_reason
    WHERE session_id = p_session AND person_id = {UID} AND is_active AND attended IS NOT NULL AND disputed_at IS NULL
      AND v_session.status IN ('completed', 'no_show_mentee');
    IF NOT FOUND THEN RETURN 'closed'; END IF;
    UPDATE {SESSION} SET revision = revision + 1, updated_at = p_at WHERE id = p_session;
    RETURN 'disputed';
  END IF;
  IF v_session.status NOT IN ('completed', 'no_show_mentee', 'no_show_mentor', 'cancelled_by_mentee')
    OR v_session.disputed_at IS NOT NULL THEN
    RETURN 'closed';
  END IF;
  UPDATE {SESSION} SET disputed_at = p_at, dispute_reason = p_reason, revision = revision + 1, updated_at = p_at
  WHERE id = p_session;
  RETURN 'disputed';
END $$"""

#: A director of the session's cohort decides; a NULL status leaves what was said. Who came follows from it. Answers
#: 'settled', 'called_off' (which calendars have to hear), 'closed' or 'not_found'.
SETTLE_DISPUTE = f"""
CREATE OR REPLACE FUNCTION app.settle_dispute(p_session uuid, p_status text, p_answer text, p_at timestamptz)
RETURNS text LANGUAGE plpgsql {DEFINER} AS $$
DECLARE v_session {SESSION}; v_status text; v_is_called_off boolean;
BEGIN
  SELECT s.* INTO v_session FROM {SESSION} s WHERE s.id = p_session AND s.disputed_at IS NOT NULL
    AND ({IS_STAFF}
      OR current_setting('role') = 'app_director' AND s.cohort_id = ANY ((SELECT app.my_cohorts())::uuid[]))
  FOR NO KEY UPDATE;
  IF v_session.id IS NULL THEN RETURN 'not_found'; END IF;
  IF v_session.dispute_settled_at IS NOT NULL THEN RETURN 'closed'; END IF;
  v_status := coalesce(p_status, v_session.status);
  IF v_status NOT IN ('completed', 'no_show_mentee', 'no_show_mentor', 'cancelled_by_mentor', v_session.status) THEN
    RAISE EXCEPTION 'no outcome of a dispute' USING ERRCODE = '22023';
  END IF;
  v_is_called_off := v_status = 'cancelled_by_mentor' AND v_session.status <> 'cancelled_by_mentee';
  UPDATE {SESSION} SET dispute_settled_at = p_at, dispute_answer = p_answer, status = v_status,
    is_late_cancel = is_late_cancel AND v_status = 'cancelled_by_mentee',
    sequence = sequence + v_is_called_off::int, revision = revision + 1, updated_at = p_at
  WHERE id = p_session;
  IF v_status <> v_session.status THEN
    UPDATE {PARTICIPANT} SET attended = CASE v_status WHEN 'completed' THEN true
      WHEN 'no_show_mentee' THEN role = 'mentor' WHEN 'no_show_mentor' THEN role = 'mentee' END
    WHERE session_id = p_session;
  END IF;
  RETURN CASE WHEN v_is_called_off THEN 'called_off' ELSE 'settled' END;
END $$"""

#: A director of the mentee's cohort says whether she was in the group; NULL leaves what was said. Nobody else's
#: attendance changes, nor what became of the session. Answers 'settled', 'closed' or 'not_found'.
SETTLE_ATTENDANCE = f"""
CREATE OR REPLACE FUNCTION app.settle_attendance(p_participant uuid, p_attended boolean, p_answer text,
  p_at timestamptz)
RETURNS text LANGUAGE plpgsql {DEFINER} AS $$
DECLARE v_session uuid;
BEGIN
  SELECT p.session_id INTO v_session FROM {PARTICIPANT} p JOIN public.users_enrolment e ON e.id = p.enrolment_id
  WHERE p.id = p_participant AND p.disputed_at IS NOT NULL AND ({IS_STAFF}
    OR current_setting('role') = 'app_director' AND e.cohort_id = ANY ((SELECT app.my_cohorts())::uuid[]));
  IF v_session IS NULL THEN RETURN 'not_found'; END IF;
  UPDATE {SESSION} SET revision = revision + 1, updated_at = p_at WHERE id = v_session;
  UPDATE {PARTICIPANT} SET dispute_settled_at = p_at, dispute_answer = p_answer,
    attended = coalesce(p_attended, attended)
  WHERE id = p_participant AND dispute_settled_at IS NULL;
  RETURN CASE WHEN FOUND THEN 'settled' ELSE 'closed' END;
END $$"""

#: A group of several cohorts belongs to no director; one reads it when a student of hers disputes her attendance.
MY_DISPUTED_GROUPS = f"""
CREATE OR REPLACE FUNCTION app.my_disputed_groups() RETURNS uuid[]
LANGUAGE plpgsql STABLE PARALLEL SAFE {DEFINER} AS $$
BEGIN
  RETURN (SELECT coalesce(array_agg(p.session_id), '{{}}') FROM {PARTICIPANT} p
  JOIN public.users_enrolment e ON e.id = p.enrolment_id
  JOIN public.users_cohortdirector d ON d.cohort_id = e.cohort_id
  WHERE d.user_id = {UID} AND p.disputed_at IS NOT NULL);
END $$"""

FUNCTIONS = (DISPUTE_SESSION, SETTLE_DISPUTE, SETTLE_ATTENDANCE, MY_DISPUTED_GROUPS)
EXECUTE: dict[str, tuple[Role, ...]] = {
    "app.dispute_session(uuid, text, interval, timestamptz)": (Role.STUDENT,),
    "app.settle_dispute(uuid, text, text, timestamptz)": (Role.DIRECTOR, Role.ADMIN),
    "app.settle_attendance(uuid, boolean, text, timestamptz)": (Role.DIRECTOR, Role.ADMIN),
    "app.my_disputed_groups()": (Role.DIRECTOR,),
}
