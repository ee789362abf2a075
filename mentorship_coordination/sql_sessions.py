"""Definer functions about sessions: who is busy, what is left of a budget or a week, how a student calls off."""

from core.tenancy.identity import Role
from core.tenancy.spec import DEFINER, IS_STAFF, SIGNED, UID
from mentorship_coordination.sql_relations import ASSIGNMENT, CURRENT

SESSION = "public.mentorship_coordination_mentorsession"
PARTICIPANT = "public.mentorship_coordination_sessionparticipant"

#: A mentee who calls off later than this before the start is charged (product.md §7).
LATE_CANCEL = "interval '24 hours'"

#: When the sessions begin that count against a mentor's weeks (product.md §6); never with whom.
COUNTED_SESSIONS = f"""
CREATE OR REPLACE FUNCTION app.counted_sessions(p_mentor uuid, p_from timestamptz, p_to timestamptz, p_but uuid)
RETURNS SETOF timestamptz LANGUAGE plpgsql STABLE {DEFINER} AS $$
BEGIN
  RETURN QUERY SELECT s.starts_at FROM {SESSION} s
  WHERE s.mentor_id = p_mentor AND s.starts_at >= p_from AND s.starts_at < p_to AND s.id IS DISTINCT FROM p_but
    AND (s.status IN ('scheduled', 'completed', 'no_show_mentee')
      OR s.status = 'cancelled_by_mentee' AND s.is_late_cancel)
    AND ({IS_STAFF} OR p_mentor = {UID}
      OR current_setting('role') = 'app_student' AND p_mentor = ANY ((SELECT app.my_mentors())::uuid[])
      OR current_setting('role') = 'app_director' AND app.may_tell(p_mentor));
END $$"""

#: Who is busy when, for people between whom a meeting may be booked; never with whom, nor what for.
BUSY_SPANS = f"""
CREATE OR REPLACE FUNCTION app.busy_spans(p_people uuid[], p_from timestamptz, p_to timestamptz, p_but uuid)
RETURNS TABLE(person_id uuid, starts_at timestamptz, ends_at timestamptz) LANGUAGE plpgsql STABLE {DEFINER} AS $$
BEGIN
  RETURN QUERY SELECT p.person_id, lower(p.during), upper(p.during) FROM {PARTICIPANT} p
  WHERE p.is_active AND p.during && tstzrange(p_from, p_to) AND p.person_id = ANY (p_people)
    AND p.session_id IS DISTINCT FROM p_but
    AND ({IS_STAFF} OR p.person_id = {UID}
      OR current_setting('role') = 'app_mentor' AND p.person_id = ANY ((SELECT app.my_mentees())::uuid[])
      OR current_setting('role') = 'app_student' AND p.person_id = ANY ((SELECT app.my_mentors())::uuid[])
      OR current_setting('role') = 'app_director' AND app.may_tell(p.person_id))
  ORDER BY 2, 3;
END $$"""

#: Over participants `p` and sessions `s`. What was called off and, after a settled dispute, held or missed counts
#: by what was settled of who came.
USES_BUDGET = """(
  (p.is_active OR p.attended IS NOT NULL) AND s.status IN ('completed', 'no_show_mentee')
  OR s.status = 'cancelled_by_mentee' AND s.is_late_cancel)"""
RESERVES_BUDGET = "(p.is_active AND s.status = 'scheduled')"
#: An enrolment's sessions with all its mentors, of whom a later one sees only her own.
SESSION_BUDGETS = f"""
CREATE OR REPLACE FUNCTION app.session_budgets(p_enrolments uuid[])
RETURNS TABLE(enrolment_id uuid, used bigint, reserved bigint, max_sessions int) LANGUAGE plpgsql STABLE {DEFINER} AS $$
BEGIN
  RETURN QUERY SELECT e.id,
    count(*) FILTER (WHERE {USES_BUDGET}), count(*) FILTER (WHERE {RESERVES_BUDGET}), e.max_sessions::int
  FROM public.users_enrolment e
  LEFT JOIN {PARTICIPANT} p ON p.enrolment_id = e.id AND p.role = 'mentee'
  LEFT JOIN {SESSION} s ON s.id = p.session_id
  WHERE e.id = ANY (p_enrolments)
    AND ({IS_STAFF} OR e.student_id = {UID} OR e.student_id = ANY ((SELECT app.my_mentees())::uuid[])
      OR e.cohort_id = ANY ((SELECT app.my_cohorts())::uuid[]))
  GROUP BY e.id;
END $$"""

#: A student asks for a session with her mentor, or with whoever stands in. It holds neither time nor budget. Answers
#: 'requested', 'no_mentor', 'not_active' or 'too_many'.
REQUEST_SESSION = f"""
CREATE OR REPLACE FUNCTION app.request_session(p_id uuid, p_type text, p_title text, p_agenda text,
  p_starts timestamptz, p_ends timestamptz, p_most int, p_at timestamptz)
RETURNS text LANGUAGE plpgsql {DEFINER} AS $$
DECLARE v_pair {ASSIGNMENT};
BEGIN
  SELECT a.* INTO v_pair FROM {ASSIGNMENT} a
  WHERE a.mentee_id = {UID} AND a.state IN {CURRENT} AND (a.is_primary OR a.stands_in_until IS NOT NULL)
  ORDER BY a.state, a.is_primary, a.created_at DESC LIMIT 1;
  IF v_pair.id IS NULL THEN RETURN 'no_mentor'; END IF;
  PERFORM 1 FROM public.users_enrolment e WHERE e.id = v_pair.enrolment_id FOR NO KEY UPDATE;
  IF NOT EXISTS (SELECT FROM {ASSIGNMENT} a WHERE a.id = v_pair.id AND a.state = 'active') THEN
    RETURN 'not_active';
  END IF;
  IF (SELECT count(*) FROM {SESSION} s WHERE s.enrolment_id = v_pair.enrolment_id AND s.status = 'requested')
    >= p_most THEN
    RETURN 'too_many';
  END IF;
  INSERT INTO {SESSION} (id, mentor_id, mentee_id, enrolment_id, assignment_id, cohort_id, title, type, status,
    starts_at, ends_at, sequence, meeting_url, meeting_provider, meeting_id, link_attempts, link_error, agenda,
    is_late_cancel, close_reason, dispute_reason, dispute_answer, created_at, updated_at, revision)
  VALUES (p_id, v_pair.mentor_id, v_pair.mentee_id, v_pair.enrolment_id, v_pair.id, v_pair.cohort_id, p_title, p_type,
    'requested', p_starts, p_ends, 0, '', '', '', 0, '', p_agenda, false, '', '', '', p_at, p_at, 1);
  RETURN 'requested';
END $$"""

#: A student calls off, or leaves a group, or takes back what she asked for. Answers what became of it: 'cancelled',
#: 'left', 'withdrawn', 'closed', 'not_found'.
CANCEL_PARTICIPATION = f"""
CREATE OR REPLACE FUNCTION app.cancel_participation(p_session uuid, p_reason text, p_at timestamptz)
RETURNS text LANGUAGE plpgsql {DEFINER} AS $$
DECLARE v_session {SESSION};
BEGIN
  SELECT s.* INTO v_session FROM {SESSION} s
  WHERE s.id = p_session AND (s.mentee_id = {UID} OR EXISTS (
    SELECT 1 FROM {PARTICIPANT} p WHERE p.session_id = s.id AND p.person_id = {UID} AND p.role = 'mentee'))
  FOR NO KEY UPDATE;
  IF v_session.id IS NULL THEN RETURN 'not_found'; END IF;
  IF v_session.status = 'requested' THEN
    UPDATE {SESSION} SET status = 'declined', closed_at = p_at, closed_by_id = {UID}, close_reason = p_reason,
      revision = revision + 1, updated_at = p_at WHERE id = p_session;
    RETURN 'withdrawn';
  END IF;
  IF v_session.status <> 'scheduled' OR v_session.starts_at <= p_at OR NOT EXISTS (
    SELECT 1 FROM {PARTICIPANT} p WHERE p.session_id = p_session AND p.person_id = {UID} AND p.is_active) THEN
    RETURN 'closed';
  END IF;
  IF v_session.mentee_id IS NULL THEN
    UPDATE {PARTICIPANT} SET is_active = false WHERE session_id = p_session AND person_id = {UID};
    UPDATE {SESSION} SET revision = revision + 1, updated_at = p_at WHERE id = p_session;
    RETURN 'left';
  END IF;
  UPDATE {PARTICIPANT} SET is_active = false WHERE session_id = p_session;
  UPDATE {SESSION} SET status = 'cancelled_by_mentee', is_late_cancel = starts_at - p_at < {LATE_CANCEL},
    closed_at = p_at, closed_by_id = {UID}, close_reason = p_reason, sequence = sequence + 1,
    revision = revision + 1, updated_at = p_at WHERE id = p_session;
  RETURN 'cancelled';
END $$"""

#: A person's calendar, for whoever has its secret. Calendars hear for 30 days of what was called off, and whoever left
#: a group finds it called off, one step further in its sequence. The other is named while the two are a pair.
FEED_SESSIONS = f"""
CREATE OR REPLACE FUNCTION app.feed_sessions(p_digest bytea, p_at timestamptz)
RETURNS TABLE(id uuid, title text, starts_at timestamptz, ends_at timestamptz, sequence int, is_cancelled boolean,
  meeting_url text, agenda text, partner text, created_at timestamptz, updated_at timestamptz)
LANGUAGE sql STABLE {DEFINER} AS $$
  SELECT s.id, s.title, s.starts_at, s.ends_at, s.sequence + (NOT p.is_active AND NOT c.is_cancelled)::int,
    c.is_cancelled OR NOT p.is_active, s.meeting_url, s.agenda, coalesce(o.name, ''), s.created_at, s.updated_at
  FROM app.feed_owner(p_digest) w
  JOIN {PARTICIPANT} p ON p.person_id = w.id
  JOIN {SESSION} s ON s.id = p.session_id
  CROSS JOIN LATERAL (SELECT s.status IN ('cancelled_by_mentor', 'cancelled_by_mentee') AS is_cancelled) c
  LEFT JOIN public.users_user o ON o.id = CASE WHEN p.role = 'mentor' THEN s.mentee_id ELSE s.mentor_id END
    AND EXISTS (SELECT FROM {ASSIGNMENT} a WHERE a.state IN {CURRENT} AND a.mentor_id = s.mentor_id
      AND a.mentee_id = CASE WHEN p.role = 'mentor' THEN s.mentee_id ELSE w.id END)
  WHERE s.status NOT IN ('requested', 'declined', 'expired') AND s.ends_at > p_at - interval '90 days'
    AND (NOT c.is_cancelled OR greatest(s.closed_at, s.dispute_settled_at) > p_at - interval '30 days')
    AND (p.is_active OR c.is_cancelled OR s.ends_at > p_at - interval '30 days')
  ORDER BY s.starts_at, s.id $$"""

FUNCTIONS = (
    COUNTED_SESSIONS,
    BUSY_SPANS,
    SESSION_BUDGETS,
    REQUEST_SESSION,
    CANCEL_PARTICIPATION,
    FEED_SESSIONS,
)

EXECUTE: dict[str, tuple[Role, ...]] = {
    "app.counted_sessions(uuid, timestamptz, timestamptz, uuid)": SIGNED,
    "app.busy_spans(uuid[], timestamptz, timestamptz, uuid)": SIGNED,
    "app.session_budgets(uuid[])": SIGNED,
    "app.request_session(uuid, text, text, text, timestamptz, timestamptz, int, timestamptz)": (Role.STUDENT,),
    "app.cancel_participation(uuid, text, timestamptz)": (Role.STUDENT,),
    "app.feed_sessions(bytea, timestamptz)": (Role.ANON,),
}
