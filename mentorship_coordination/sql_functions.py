"""The narrow definer functions and triggers of this app: writes across people, each checking the caller's relation.

`current_setting('role')` is the group role that the transaction set; inside a definer function `current_user` is the
owner and would not tell. Source: architecture.md §5, §7.
"""

from core.enums import Audience
from core.tenancy.identity import Role
from core.tenancy.spec import DEFINER, SIGNED, UID
from mentorship_coordination import (
    sql_disputes,
    sql_leaving,
    sql_loads,
    sql_matching,
    sql_outlook,
    sql_queue,
    sql_ratings,
    sql_relations,
    sql_sessions,
)
from mentorship_coordination.sql_matching import MENTOR_IS_FULL, MENTOR_NOT_AVAILABLE
from mentorship_coordination.sql_relations import ASSIGNMENT, CURRENT, LIVE

ITEM = "public.mentorship_coordination_mentorworkqueue"
FLAG = "public.mentorship_coordination_mentorflag"
SESSION = "public.mentorship_coordination_mentorsession"
PARTICIPANT = "public.mentorship_coordination_sessionparticipant"
NOTIFICATION = "public.mentorship_coordination_notification"
OPEN = "('pending', 'in_progress')"

AUDIENCE_MENTOR, AUDIENCE_STUDENT, AUDIENCE_DIRECTOR = (int(audience) for audience in Audience)

LOCKS = (
    f"""CREATE OR REPLACE FUNCTION app.lock_enrolment(p_enrolment uuid) RETURNS int
    LANGUAGE plpgsql {DEFINER} AS $$
    DECLARE v_max int; v_student uuid;
    BEGIN
      SELECT max_sessions, student_id INTO v_max, v_student FROM public.users_enrolment
      WHERE id = p_enrolment FOR NO KEY UPDATE;
      IF v_student IS NULL OR NOT app.may_tell(v_student) THEN
        RAISE EXCEPTION 'no such enrolment' USING ERRCODE = '42501';
      END IF;
      RETURN v_max;
    END $$""",
    f"""CREATE OR REPLACE FUNCTION app.lock_mentor(p_mentor uuid) RETURNS int
    LANGUAGE plpgsql {DEFINER} AS $$
    DECLARE v_capacity int;
    BEGIN
      IF NOT app.may_tell(p_mentor) THEN
        RAISE EXCEPTION 'no such mentor' USING ERRCODE = '42501';
      END IF;
      SELECT mentor_capacity_weekly INTO v_capacity FROM public.users_user
      WHERE id = p_mentor FOR NO KEY UPDATE;
      RETURN v_capacity;
    END $$""",
)

OPEN_WORK_ITEM = f"""
CREATE OR REPLACE FUNCTION app.open_work_item(
  p_id uuid, p_type text, p_reference uuid, p_cycle int, p_version int, p_enrolment uuid, p_title text,
  p_description text, p_rank smallint, p_policy uuid, p_calendar uuid, p_budget int, p_started timestamptz,
  p_warn_75 timestamptz, p_warn_90 timestamptz, p_due timestamptz, p_ages_at timestamptz[], p_at timestamptz)
RETURNS TABLE(item_id uuid, mentor_id uuid, created boolean, changed boolean) LANGUAGE plpgsql {DEFINER} AS $$
DECLARE v_student uuid; v_cohort uuid; v_state text; v_mentor uuid; v_is_critical boolean; v_id uuid; v_open uuid;
  v_changed boolean; v_is_held boolean;
BEGIN
  SELECT e.student_id, e.cohort_id, e.state INTO v_student, v_cohort, v_state FROM public.users_enrolment e
  WHERE e.id = p_enrolment;
  IF v_student IS NULL OR NOT app.may_tell(v_student) THEN
    RAISE EXCEPTION 'no relation to this student' USING ERRCODE = '42501';
  END IF;
  IF current_setting('role') IN ('app_person', 'app_student') AND p_type IS DISTINCT FROM 'mission_review' THEN
    RAISE EXCEPTION 'a student opens reviews only' USING ERRCODE = '42501';
  END IF;
  IF p_type = 'mission_review' AND NOT EXISTS (
    SELECT 1 FROM public.missions_missionsubmission s WHERE s.id = p_reference AND s.enrolment_id = p_enrolment
      AND s.state = 'submitted' AND s.cycle = p_cycle AND s.version = p_version) THEN
    RAISE EXCEPTION 'no such submission' USING ERRCODE = '42501';
  END IF;
  IF p_type = 'session_notes' AND NOT EXISTS (
    SELECT 1 FROM {SESSION} s WHERE s.id = p_reference AND s.enrolment_id = p_enrolment) THEN
    RAISE EXCEPTION 'no such session' USING ERRCODE = '42501';
  END IF;
  -- Whoever has left gives nobody work.
  IF v_state NOT IN ('active', 'paused') THEN
    RETURN QUERY SELECT NULL::uuid, NULL::uuid, false, false;
    RETURN;
  END IF;
  -- Whoever stands in for a mentor who is away comes first.
  SELECT a.mentor_id INTO v_mentor FROM {ASSIGNMENT} a
  WHERE a.enrolment_id = p_enrolment AND (a.is_primary OR a.stands_in_until IS NOT NULL) AND a.state = 'active'
  ORDER BY a.is_primary LIMIT 1;
  -- What was said only she can write down who was there; whoever has parted from the student writes nothing any more.
  IF p_type = 'session_notes' THEN
    SELECT CASE WHEN a.state = 'active' THEN a.mentor_id END, a.mentor_id IS NOT NULL INTO v_mentor, v_is_held
    FROM {SESSION} s LEFT JOIN {ASSIGNMENT} a
      ON a.enrolment_id = s.enrolment_id AND a.mentor_id = s.mentor_id AND a.state IN {CURRENT}
    WHERE s.id = p_reference ORDER BY a.state LIMIT 1;
    IF NOT v_is_held THEN
      RETURN QUERY SELECT NULL::uuid, NULL::uuid, false, false;
      RETURN;
    END IF;
  END IF;
  v_is_critical := EXISTS (SELECT 1 FROM {FLAG} f
    WHERE f.mentee_id = v_student AND f.severity = 4 AND f.state <> 'resolved');
  INSERT INTO {ITEM} (id, type, reference_id, cycle, reference_version, title, description, enrolment_id, cohort_id,
    mentee_id, mentor_id, status, base_rank, rank, rank_reasons, policy_id, calendar_id, budget_seconds,
    clock_started_at, warn_75_at, warn_90_at, due_at, band, next_cross_at, ages_at, outcome, closed_reason,
    created_at, updated_at, revision)
  VALUES (p_id, p_type, p_reference, p_cycle, p_version, p_title, p_description, p_enrolment, v_cohort, v_student,
    v_mentor, 'pending', p_rank, app.rank_of(p_rank, 0, 0, v_is_critical),
    app.rank_reasons(0, 0, v_is_critical), p_policy, p_calendar, p_budget,
    p_started, p_warn_75, p_warn_90, p_due, 0,
    least(p_warn_75, p_ages_at[1]), p_ages_at, '', '', p_at, p_at, 1)
  ON CONFLICT DO NOTHING RETURNING id INTO v_id;
  IF v_id IS NOT NULL THEN
    RETURN QUERY SELECT v_id, v_mentor, true, true;
    RETURN;
  END IF;
  UPDATE {ITEM} i SET reference_version = p_version, updated_at = p_at, revision = i.revision + 1
  WHERE i.type = p_type AND i.reference_id = p_reference AND i.status IN {OPEN} AND i.reference_version < p_version;
  v_changed := FOUND;
  SELECT i.id, i.mentor_id INTO v_open, v_mentor FROM {ITEM} i
  WHERE i.type = p_type AND i.reference_id = p_reference AND i.status IN {OPEN};
  RETURN QUERY SELECT v_open, v_mentor, false, v_changed;
END $$"""

NOTIFY = f"""
CREATE OR REPLACE FUNCTION app.notify(
  p_id uuid, p_recipient uuid, p_kind text, p_title text, p_body text, p_url text, p_flag uuid, p_session uuid,
  p_sequence int, p_dedupe text, p_by_mail boolean, p_at timestamptz)
RETURNS smallint[] LANGUAGE plpgsql {DEFINER} AS $$
BEGIN
  IF NOT app.may_tell(p_recipient) THEN
    RAISE EXCEPTION 'no relation to this person' USING ERRCODE = '42501';
  END IF;
  INSERT INTO {NOTIFICATION} (id, recipient_id, kind, title, body, url, flag_id, session_id, sequence, dedupe_key,
    created_at, mail_state,
    mail_attempts, mail_available_at, mail_error)
  VALUES (p_id, p_recipient, p_kind, p_title, p_body, p_url, p_flag, p_session, p_sequence, p_dedupe, p_at,
    CASE WHEN p_by_mail THEN 'pending' ELSE 'none' END, 0, CASE WHEN p_by_mail THEN p_at END, '')
  ON CONFLICT (recipient_id, dedupe_key) DO NOTHING;
  IF NOT FOUND THEN RETURN NULL; END IF;
  RETURN (SELECT array_remove(ARRAY[
    CASE WHEN u.is_mentor THEN {AUDIENCE_MENTOR}::smallint END,
    CASE WHEN EXISTS (SELECT 1 FROM public.users_enrolment e WHERE e.student_id = u.id)
      THEN {AUDIENCE_STUDENT}::smallint END,
    CASE WHEN EXISTS (SELECT 1 FROM public.users_cohortdirector d WHERE d.user_id = u.id)
      THEN {AUDIENCE_DIRECTOR}::smallint END], NULL)
    FROM public.users_user u WHERE u.id = p_recipient);
END $$"""

CAPACITY = f"""
CREATE OR REPLACE FUNCTION app.assignment_within_capacity() RETURNS trigger LANGUAGE plpgsql {DEFINER} AS $$
DECLARE v_mentor public.users_user; v_load int;
BEGIN
  IF NEW.state NOT IN {LIVE} OR OLD.state IN {LIVE} AND OLD.mentor_id = NEW.mentor_id THEN RETURN NEW; END IF;
  SELECT * INTO v_mentor FROM public.users_user WHERE id = NEW.mentor_id FOR NO KEY UPDATE;
  IF NOT v_mentor.is_mentor OR NOT v_mentor.is_active OR v_mentor.leaving_at IS NOT NULL THEN
    RAISE EXCEPTION 'the mentor takes no mentees' USING ERRCODE = '{MENTOR_NOT_AVAILABLE}';
  END IF;
  SELECT count(*) INTO v_load FROM {ASSIGNMENT}
  WHERE mentor_id = NEW.mentor_id AND state IN {LIVE} AND id <> NEW.id;
  IF v_load >= v_mentor.mentor_max_mentees THEN
    RAISE EXCEPTION 'the mentor is full' USING ERRCODE = '{MENTOR_IS_FULL}';
  END IF;
  RETURN NEW;
END $$"""

#: The notes of a session are work of whoever held it, and of nobody else: hers while her pair with the student is
#: active, the pool's while it rests. They are called off as it ends (actions.assignments).
FOLLOW_NOTES = f"""
CREATE OR REPLACE FUNCTION app.follow_notes(p_enrolments uuid[]) RETURNS void LANGUAGE sql {DEFINER} AS $$
  UPDATE {ITEM} i SET mentor_id = h.mentor_id, status = 'pending', claimed_by_id = NULL, lease_until = NULL,
    snoozed_until = NULL, revision = i.revision + 1
  FROM (
    SELECT o.id, (SELECT a.mentor_id FROM {ASSIGNMENT} a WHERE a.enrolment_id = s.enrolment_id
      AND a.mentor_id = s.mentor_id AND a.state = 'active' LIMIT 1) AS mentor_id
    FROM public.users_enrolment e JOIN {ITEM} o ON o.mentee_id = e.student_id AND o.enrolment_id = e.id
    JOIN {SESSION} s ON s.id = o.reference_id
    WHERE e.id = ANY (p_enrolments) AND o.type = 'session_notes' AND o.status IN {OPEN}) h
  WHERE i.id = h.id AND i.mentor_id IS DISTINCT FROM h.mentor_id $$"""

#: A mentor whose pair rests has the notes of her session in the pool: writing them takes them out.
TAKE_NOTES = f"""
CREATE OR REPLACE FUNCTION app.take_notes(p_session uuid) RETURNS void LANGUAGE sql {DEFINER} AS $$
  UPDATE {ITEM} SET mentor_id = {UID}
  WHERE type = 'session_notes' AND reference_id = p_session AND status IN {OPEN} AND mentor_id IS DISTINCT FROM {UID}
    AND EXISTS (SELECT FROM {SESSION} s WHERE s.id = p_session AND s.mentor_id = {UID}) $$"""

#: Keeps `mentor_id` true on every hot table when a pair starts, pauses, resumes or ends. Open items of a pair that is
#: not active go to the pool with their clock untouched; claims of somebody else fall. What an ended pair had planned is
#: called off without charge (product.md §6); the mentor's groups go on without the mentee.
FOLLOW = f"""
CREATE OR REPLACE FUNCTION app.follow_assignment() RETURNS trigger LANGUAGE plpgsql {DEFINER} AS $$
DECLARE v_row record; v_current uuid; v_active uuid; v_stand_in uuid; v_responsible uuid; v_working uuid;
BEGIN
  IF TG_OP = 'DELETE' THEN v_row := OLD; ELSE v_row := NEW; END IF;
  IF TG_OP = 'UPDATE' AND NEW.state IN ('completed', 'cancelled') THEN
    UPDATE {SESSION} SET status = 'declined', revision = revision + 1, closed_at = NEW.ended_at,
      closed_by_id = NEW.ended_by_id, close_reason = 'The mentorship has ended.', updated_at = NEW.ended_at
    WHERE assignment_id = NEW.id AND status = 'requested';
    WITH called_off AS (
      UPDATE {SESSION} SET status = 'cancelled_by_mentor', sequence = sequence + 1, revision = revision + 1,
        closed_at = NEW.ended_at, closed_by_id = NEW.ended_by_id, close_reason = 'The mentorship has ended.',
        updated_at = NEW.ended_at
      WHERE assignment_id = NEW.id AND status = 'scheduled' AND starts_at > NEW.ended_at RETURNING id)
    UPDATE {PARTICIPANT} SET is_active = false WHERE session_id IN (SELECT id FROM called_off);
    WITH left_groups AS (
      UPDATE {PARTICIPANT} p SET is_active = false FROM {SESSION} s
      WHERE s.id = p.session_id AND s.mentor_id = NEW.mentor_id AND s.mentee_id IS NULL AND s.status = 'scheduled'
        AND s.starts_at > NEW.ended_at AND p.enrolment_id = NEW.enrolment_id AND p.is_active RETURNING p.session_id)
    UPDATE {SESSION} SET revision = revision + 1, updated_at = NEW.ended_at
    WHERE id IN (SELECT session_id FROM left_groups);
  END IF;
  IF NOT v_row.is_primary AND v_row.stands_in_until IS NULL THEN RETURN NULL; END IF;
  SELECT a.mentor_id, CASE WHEN a.state = 'active' THEN a.mentor_id END INTO v_current, v_active
  FROM {ASSIGNMENT} a WHERE a.enrolment_id = v_row.enrolment_id AND a.is_primary AND a.state IN {CURRENT};
  -- Work goes to whoever stands in for a mentor who is away; flags and figures stay with the mentor.
  SELECT a.mentor_id INTO v_stand_in FROM {ASSIGNMENT} a
  WHERE a.enrolment_id = v_row.enrolment_id AND a.stands_in_until IS NOT NULL AND a.state = 'active';
  v_responsible := coalesce(v_stand_in, v_current);
  v_working := coalesce(v_stand_in, v_active);
  UPDATE public.missions_missionsubmission SET mentor_id = v_responsible
  WHERE enrolment_id = v_row.enrolment_id AND mentor_id IS DISTINCT FROM v_responsible;
  PERFORM 1 FROM public.student_dashboard_studentdashboard WHERE student_id = v_row.mentee_id FOR NO KEY UPDATE;
  UPDATE {ITEM} SET mentor_id = v_working, status = 'pending', claimed_by_id = NULL, lease_until = NULL,
    snoozed_until = NULL, revision = revision + 1
  WHERE mentee_id = v_row.mentee_id AND enrolment_id = v_row.enrolment_id AND status IN {OPEN}
    AND type <> 'session_notes' AND mentor_id IS DISTINCT FROM v_working;
  PERFORM app.follow_notes(ARRAY[v_row.enrolment_id]);
  UPDATE {FLAG} SET mentor_id = v_current
  WHERE enrolment_id = v_row.enrolment_id AND state <> 'resolved' AND mentor_id IS DISTINCT FROM v_current;
  UPDATE public.student_dashboard_studentdashboard SET mentor_id = v_current
  WHERE student_id = v_row.mentee_id AND mentor_id IS DISTINCT FROM v_current;
  RETURN NULL;
END $$"""

#: A new submission or dashboard belongs at once to the mentor of the day, whoever inserts it.
ADOPT = (
    f"""CREATE OR REPLACE FUNCTION app.adopt_submission() RETURNS trigger LANGUAGE plpgsql {DEFINER} AS $$
    BEGIN
      NEW.mentor_id := (SELECT a.mentor_id FROM {ASSIGNMENT} a
        WHERE a.enrolment_id = NEW.enrolment_id AND (a.is_primary AND a.state IN {CURRENT}
          OR a.stands_in_until IS NOT NULL AND a.state = 'active') ORDER BY a.is_primary LIMIT 1);
      RETURN NEW;
    END $$""",
    f"""CREATE OR REPLACE FUNCTION app.adopt_dashboard() RETURNS trigger LANGUAGE plpgsql {DEFINER} AS $$
    BEGIN
      NEW.mentor_id := (SELECT a.mentor_id FROM {ASSIGNMENT} a WHERE a.mentee_id = NEW.student_id AND a.is_primary
        AND a.state IN {CURRENT} ORDER BY a.created_at DESC LIMIT 1);
      RETURN NEW;
    END $$""",
)

#: Whoever writes to a run need not remember to count: an `ETag` hangs on it.
COUNT_REVISIONS = f"""
CREATE OR REPLACE FUNCTION app.count_run_revisions() RETURNS trigger LANGUAGE plpgsql {DEFINER} AS $$
BEGIN NEW.revision := OLD.revision + 1; RETURN NEW; END $$"""

TRIGGERS: dict[str, tuple[str, ...]] = {
    "mentorship_coordination_matchrun": (
        """CREATE OR REPLACE TRIGGER count_run_revisions BEFORE UPDATE ON public.mentorship_coordination_matchrun
        FOR EACH ROW EXECUTE FUNCTION app.count_run_revisions()""",
    ),
    "missions_missionsubmission": (
        """CREATE OR REPLACE TRIGGER adopt_submission BEFORE INSERT ON public.missions_missionsubmission
        FOR EACH ROW EXECUTE FUNCTION app.adopt_submission()""",
    ),
    "student_dashboard_studentdashboard": (
        """CREATE OR REPLACE TRIGGER adopt_dashboard BEFORE INSERT ON public.student_dashboard_studentdashboard
        FOR EACH ROW EXECUTE FUNCTION app.adopt_dashboard()""",
    ),
    ASSIGNMENT.removeprefix("public."): (
        f"""CREATE OR REPLACE TRIGGER assignment_within_capacity BEFORE UPDATE OF state, mentor_id
        ON {ASSIGNMENT} FOR EACH ROW EXECUTE FUNCTION app.assignment_within_capacity()""",
        f"""CREATE OR REPLACE TRIGGER follow_assignment AFTER DELETE OR UPDATE OF state, mentor_id
        ON {ASSIGNMENT} FOR EACH ROW EXECUTE FUNCTION app.follow_assignment()""",
        *sql_matching.TRIGGERS,
    ),
}

FUNCTIONS = (
    *sql_relations.FUNCTIONS, *LOCKS, *sql_queue.FUNCTIONS, *sql_loads.FUNCTIONS,
    *sql_outlook.FUNCTIONS, OPEN_WORK_ITEM, NOTIFY,
    *sql_sessions.FUNCTIONS, *sql_disputes.FUNCTIONS, *sql_ratings.FUNCTIONS, *sql_leaving.FUNCTIONS,
    CAPACITY, FOLLOW_NOTES, TAKE_NOTES, FOLLOW, *ADOPT, COUNT_REVISIONS, *sql_matching.FUNCTIONS,
)  # fmt: skip

EXECUTE: dict[str, tuple[Role, ...]] = {
    **sql_relations.EXECUTE,
    "app.lock_enrolment(uuid)": SIGNED,
    "app.lock_mentor(uuid)": SIGNED,
    "app.open_work_item(uuid, text, uuid, int, int, uuid, text, text, smallint, uuid, uuid, int, timestamptz,"
    " timestamptz, timestamptz, timestamptz, timestamptz[], timestamptz)": SIGNED,
    "app.take_notes(uuid)": (Role.MENTOR,),
    "app.notify(uuid, uuid, text, text, text, text, uuid, uuid, int, text, boolean, timestamptz)": SIGNED,
    **sql_loads.EXECUTE,
    **sql_outlook.EXECUTE,
    **sql_queue.EXECUTE,
    **sql_sessions.EXECUTE,
    **sql_disputes.EXECUTE,
    **sql_ratings.EXECUTE,
    **sql_leaving.EXECUTE,
    **sql_matching.EXECUTE,
}
