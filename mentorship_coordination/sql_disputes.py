"""Definer functions about disputes: who says that a session was not so, and who settles it. Source: product.md §7."""

from core.tenancy.identity import Role
from core.tenancy.spec import UID
from mentorship_coordination.sql_relations import DEFINER, IS_STAFF
from mentorship_coordination.sql_sessions import PARTICIPANT, SESSION

#: The mentee of a session of two says that it was not so. Answers 'disputed', 'closed' or 'not_found'.
DISPUTE_SESSION = f"""
CREATE OR REPLACE FUNCTION app.dispute_session(p_session uuid, p_reason text, p_within interval, p_at timestamptz)
RETURNS text LANGUAGE plpgsql {DEFINER} AS $$
DECLARE v_session {SESSION};
BEGIN
  SELECT s.* INTO v_session FROM {SESSION} s WHERE s.id = p_session AND s.mentee_id = {UID} FOR NO KEY UPDATE;
  IF v_session.id IS NULL THEN RETURN 'not_found'; END IF;
  IF v_session.status NOT IN ('completed', 'no_show_mentee', 'no_show_mentor', 'cancelled_by_mentee')
    OR v_session.disputed_at IS NOT NULL OR v_session.closed_at <= p_at - p_within THEN
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

FUNCTIONS = (DISPUTE_SESSION, SETTLE_DISPUTE)
EXECUTE: dict[str, tuple[Role, ...]] = {
    "app.dispute_session(uuid, text, interval, timestamptz)": (Role.STUDENT,),
    "app.settle_dispute(uuid, text, text, timestamptz)": (Role.DIRECTOR, Role.ADMIN),
}
