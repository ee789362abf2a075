"""What follows new pairs, and the start of many at once: as statements over all of them, however many they are.

Source: product.md §6, §10; architecture.md §7.
"""

from core.tenancy.identity import Role
from core.tenancy.spec import DEFINER
from mentorship_coordination.sql_relations import ASSIGNMENT, CURRENT, LIVE

ITEM = "public.mentorship_coordination_mentorworkqueue"
FLAG = "public.mentorship_coordination_mentorflag"
DASHBOARD = "public.student_dashboard_studentdashboard"
ENTRY = "public.mentorship_coordination_assignmententry"
PROPOSAL = "public.mentorship_coordination_matchproposal"
NOTIFICATION = "public.mentorship_coordination_notification"
OPEN = "('pending', 'in_progress')"

#: SQLSTATE of our own refusals; class "MC" is ours alone.
MENTOR_IS_FULL = "MC001"
MENTOR_NOT_AVAILABLE = "MC002"

#: New pairs are counted once they are there, with their mentors locked by id: whoever comes second sees the first.
NEW_WITHIN_CAPACITY = f"""
CREATE OR REPLACE FUNCTION app.new_assignments_within_capacity() RETURNS trigger LANGUAGE plpgsql {DEFINER} AS $$
DECLARE v_mentors uuid[]; v_bad boolean;
BEGIN
  v_mentors := (SELECT array_agg(DISTINCT mentor_id) FROM added WHERE state IN {LIVE});
  IF v_mentors IS NULL THEN RETURN NULL; END IF;
  PERFORM 1 FROM public.users_user WHERE id = ANY (v_mentors) ORDER BY id FOR NO KEY UPDATE;
  IF EXISTS (SELECT 1 FROM public.users_user WHERE id = ANY (v_mentors)
             AND (NOT is_mentor OR NOT is_active OR leaving_at IS NOT NULL)) THEN
    RAISE EXCEPTION 'the mentor takes no mentees' USING ERRCODE = '{MENTOR_NOT_AVAILABLE}';
  END IF;
  v_bad := EXISTS (
    SELECT 1 FROM {ASSIGNMENT} a JOIN public.users_user u ON u.id = a.mentor_id
    WHERE a.mentor_id = ANY (v_mentors) AND a.state IN {LIVE}
    GROUP BY u.id, u.mentor_max_mentees HAVING count(*) > u.mentor_max_mentees);
  IF v_bad THEN
    RAISE EXCEPTION 'the mentor is full' USING ERRCODE = '{MENTOR_IS_FULL}';
  END IF;
  RETURN NULL;
END $$"""

#: As `app.follow_assignment` does for one pair that changes.
FOLLOW_NEW = f"""
CREATE OR REPLACE FUNCTION app.follow_new_assignments() RETURNS trigger LANGUAGE plpgsql {DEFINER} AS $$
DECLARE v_enrolments uuid[]; v_current uuid[]; v_responsible uuid[]; v_working uuid[]; v_mentees uuid[];
BEGIN
  SELECT array_agg(t.enrolment_id), array_agg(t.mentee_id), array_agg(p.mentor_id),
    array_agg(coalesce(s.mentor_id, p.mentor_id)),
    array_agg(coalesce(s.mentor_id, CASE WHEN p.state = 'active' THEN p.mentor_id END))
  INTO v_enrolments, v_mentees, v_current, v_responsible, v_working
  FROM (SELECT DISTINCT enrolment_id, mentee_id FROM added WHERE is_primary OR stands_in_until IS NOT NULL) t
  LEFT JOIN {ASSIGNMENT} p ON p.enrolment_id = t.enrolment_id AND p.is_primary AND p.state IN {CURRENT}
  LEFT JOIN {ASSIGNMENT} s ON s.enrolment_id = t.enrolment_id AND s.stands_in_until IS NOT NULL
    AND s.state = 'active';
  IF v_enrolments IS NULL THEN RETURN NULL; END IF;
  UPDATE public.missions_missionsubmission r SET mentor_id = n.mentor
  FROM unnest(v_enrolments, v_responsible) AS n(enrolment, mentor)
  WHERE r.enrolment_id = n.enrolment AND r.mentor_id IS DISTINCT FROM n.mentor;
  PERFORM 1 FROM {DASHBOARD} WHERE student_id = ANY (v_mentees) ORDER BY student_id FOR NO KEY UPDATE;
  UPDATE {ITEM} r SET mentor_id = n.mentor, status = 'pending', claimed_by_id = NULL, lease_until = NULL,
    snoozed_until = NULL, revision = r.revision + 1
  FROM unnest(v_enrolments, v_mentees, v_working) AS n(enrolment, mentee, mentor)
  WHERE r.mentee_id = n.mentee AND r.enrolment_id = n.enrolment AND r.status IN {OPEN}
    AND r.type <> 'session_notes' AND r.mentor_id IS DISTINCT FROM n.mentor;
  PERFORM app.follow_notes(v_enrolments);
  UPDATE {FLAG} r SET mentor_id = n.mentor FROM unnest(v_enrolments, v_current) AS n(enrolment, mentor)
  WHERE r.enrolment_id = n.enrolment AND r.state <> 'resolved' AND r.mentor_id IS DISTINCT FROM n.mentor;
  UPDATE {DASHBOARD} r SET mentor_id = n.mentor FROM unnest(v_mentees, v_current) AS n(mentee, mentor)
  WHERE r.student_id = n.mentee AND r.mentor_id IS DISTINCT FROM n.mentor;
  RETURN NULL;
END $$"""

#: Pairs of proposals, with their first line of history and the news to the students. What each takes is checked by the
#: caller under locks, and by the triggers once more.
BEGIN_PAIRS = f"""
CREATE OR REPLACE FUNCTION app.begin_pairs(
  p_run uuid, p_proposals uuid[], p_pairs uuid[], p_entries uuid[], p_notices uuid[], p_title text, p_url text,
  p_by uuid, p_at timestamptz) RETURNS void LANGUAGE sql {DEFINER} AS $$
  INSERT INTO {ASSIGNMENT} (id, enrolment_id, cohort_id, mentee_id, mentor_id, state, is_primary, started_at,
    end_reason, ended_harmfully, match_run_id, created_at, revision, relieves)
  SELECT n.pair, p.enrolment_id, p.cohort_id, p.mentee_id, p.mentor_id, 'active', true, p_at, '', false, p_run, p_at,
    1, false
  FROM unnest(p_proposals, p_pairs) AS n(proposal, pair) JOIN {PROPOSAL} p ON p.id = n.proposal AND p.run_id = p_run;
  INSERT INTO {ENTRY} (id, assignment_id, state, reason, by_id, created_at)
  SELECT n.entry, n.pair, 'active', '', p_by, p_at FROM unnest(p_pairs, p_entries) AS n(pair, entry);
  INSERT INTO {NOTIFICATION} (id, recipient_id, kind, title, body, url, dedupe_key, created_at, mail_state,
    mail_attempts, mail_available_at, mail_error)
  SELECT n.notice, p.mentee_id, 'assignment', left(format(p_title, u.name), 200), '', p_url,
    'assignment:' || n.pair || ':1:active', p_at, 'pending', 0, p_at, ''
  FROM unnest(p_proposals, p_pairs, p_notices) AS n(proposal, pair, notice)
  JOIN {PROPOSAL} p ON p.id = n.proposal JOIN public.users_user u ON u.id = p.mentor_id
  ON CONFLICT (recipient_id, dedupe_key) DO NOTHING $$"""

FUNCTIONS = (NEW_WITHIN_CAPACITY, FOLLOW_NEW, BEGIN_PAIRS)

TRIGGERS = (
    f"""CREATE OR REPLACE TRIGGER new_within_capacity AFTER INSERT ON {ASSIGNMENT} REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION app.new_assignments_within_capacity()""",
    f"""CREATE OR REPLACE TRIGGER follow_new AFTER INSERT ON {ASSIGNMENT} REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION app.follow_new_assignments()""",
)

EXECUTE: dict[str, tuple[Role, ...]] = {
    "app.begin_pairs(uuid, uuid[], uuid[], uuid[], uuid[], text, text, uuid, timestamptz)": (Role.SYSTEM,),
}
