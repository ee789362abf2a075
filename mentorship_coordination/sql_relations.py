"""Who has to do with whom, as definer functions: what the policies and the other functions of this app ask.

`current_setting('role')` is the group role that the transaction set; inside a definer function `current_user` is the
owner and would not tell. Source: architecture.md §5, §7.
"""

from core.tenancy.identity import Role
from core.tenancy.spec import DEFINER, IS_STAFF, MENTEES, MENTORS, SIGNED, UID

ASSIGNMENT = "public.mentorship_coordination_menteementorassignment"
CURRENT = "('active', 'paused')"
LIVE = "('pending', 'active', 'paused')"


def _people(name: str, people: str) -> str:
    """For whoever does not see her pairs, in functions and in no policy of mentors or students. In PL/pgSQL, which
    keeps the plan of what a function asks.
    """
    return f"""CREATE OR REPLACE FUNCTION app.{name}() RETURNS uuid[]
    LANGUAGE plpgsql STABLE PARALLEL SAFE {DEFINER} AS $$ BEGIN RETURN {people}; END $$"""


MY_PEOPLE = (_people("my_mentees", MENTEES), _people("my_mentors", MENTORS))

#: Whoever answers for a cohort: its directors, and the admins while none of those is active.
RESPONSIBLE_FOR = f"""
CREATE OR REPLACE FUNCTION app.responsible_for(p_cohort uuid) RETURNS uuid[] LANGUAGE plpgsql STABLE {DEFINER} AS $$
BEGIN
  IF NOT coalesce({IS_STAFF}
    OR EXISTS (SELECT 1 FROM {ASSIGNMENT} a WHERE a.mentor_id = {UID} AND a.cohort_id = p_cohort)
    OR EXISTS (SELECT 1 FROM public.users_enrolment e WHERE e.student_id = {UID} AND e.cohort_id = p_cohort)
    OR EXISTS (SELECT 1 FROM public.users_cohortdirector d WHERE d.user_id = {UID} AND d.cohort_id = p_cohort),
    false) THEN
    RAISE EXCEPTION 'no relation to this cohort' USING ERRCODE = '42501';
  END IF;
  RETURN (SELECT coalesce(array_agg(person ORDER BY person), '{{}}') FROM (
    SELECT d.user_id AS person FROM public.users_cohortdirector d WHERE d.cohort_id = p_cohort
    UNION SELECT u.id FROM public.users_user u WHERE u.is_staff AND u.is_active AND NOT EXISTS (
      SELECT 1 FROM public.users_cohortdirector d JOIN public.users_user p ON p.id = d.user_id
      WHERE d.cohort_id = p_cohort AND p.is_active)) responsible);
END $$"""

#: Answers false, never NULL, when nobody is said to act: callers refuse by `NOT app.may_tell(…)`.
MAY_TELL = f"""
CREATE OR REPLACE FUNCTION app.may_tell(p_recipient uuid) RETURNS boolean LANGUAGE plpgsql STABLE {DEFINER} AS $$
BEGIN
  RETURN coalesce({IS_STAFF} OR p_recipient = {UID}
    OR EXISTS (SELECT 1 FROM {ASSIGNMENT} a WHERE a.mentor_id = {UID} AND a.mentee_id = p_recipient)
    OR EXISTS (SELECT 1 FROM {ASSIGNMENT} a WHERE a.mentee_id = {UID} AND a.mentor_id = p_recipient)
    OR EXISTS (SELECT 1 FROM {ASSIGNMENT} a JOIN {ASSIGNMENT} b USING (enrolment_id)
               WHERE a.mentor_id = {UID} AND a.state = 'active' AND b.mentor_id = p_recipient AND b.state IN {CURRENT})
    OR current_setting('role') = 'app_director' AND (
      EXISTS (SELECT 1 FROM public.users_user u WHERE u.id = p_recipient AND u.is_mentor)
      OR EXISTS (SELECT 1 FROM public.users_enrolment e JOIN public.users_cohortdirector d USING (cohort_id)
                 WHERE e.student_id = p_recipient AND d.user_id = {UID}))
    OR EXISTS (SELECT 1 FROM (
        SELECT e.cohort_id FROM public.users_enrolment e WHERE e.student_id = {UID}
        UNION SELECT a.cohort_id FROM {ASSIGNMENT} a WHERE a.mentor_id = {UID}
        UNION SELECT d.cohort_id FROM public.users_cohortdirector d WHERE d.user_id = {UID}) mine
      WHERE p_recipient = ANY (app.responsible_for(mine.cohort_id))), false);
END $$"""

#: A mentor names another by the exact address; nobody can be looked for.
MENTOR_BY_EMAIL = f"""
CREATE OR REPLACE FUNCTION app.mentor_by_email(p_email text) RETURNS uuid LANGUAGE sql STABLE {DEFINER} AS $$
  SELECT u.id FROM public.users_user u
  WHERE u.email = p_email AND u.is_mentor AND u.is_active AND u.leaving_at IS NULL $$"""

FUNCTIONS = (*MY_PEOPLE, RESPONSIBLE_FOR, MAY_TELL, MENTOR_BY_EMAIL)

EXECUTE: dict[str, tuple[Role, ...]] = {
    "app.my_mentees()": SIGNED,
    "app.my_mentors()": SIGNED,
    "app.responsible_for(uuid)": SIGNED,
    "app.may_tell(uuid)": SIGNED,
    "app.mentor_by_email(text)": (Role.MENTOR, Role.ADMIN, Role.SYSTEM),
}
