"""Who may do what to people, cohorts and enrolments; and the functions through which somebody signs in.

`app_anon` can list nothing: every function it may call is keyed by the exact secret (architecture.md §5, "Sign-in").
"""

from core.erasure import function_of
from core.tenancy.identity import Role
from core.tenancy.spec import (
    DEFINER,
    MY_COHORTS,
    MY_MENTEES,
    MY_MENTORS,
    SIGNED,
    UID,
    Allow,
    Audited,
    Policies,
    everybody,
    staff,
)
from users.personal_data import ERASURES

#: A one-time token whose mail failed so often waits until it is asked for again.
MOST_SEND_ATTEMPTS = 10


OWN_PROFILE = (
    "name",
    "timezone",
    "languages",
    "wanted_skills",
    "student_availability",
    "mentor_availability",
    "mentor_specialties",
    "mentor_capacity_weekly",
    "standing_meeting_url",
    "preferences",
    "updated_at",
    "revision",
)

SIGNED_IN = """TABLE(session_data text, is_student boolean, is_director boolean, person public.users_user)"""
#: Whoever has left reads on what she has done: a student is who was enrolled once.
ROLE_FACTS = """
  EXISTS (SELECT 1 FROM public.users_enrolment e WHERE e.student_id = u.id),
  EXISTS (SELECT 1 FROM public.users_cohortdirector d WHERE d.user_id = u.id)"""

FUNCTIONS = (
    f"""CREATE OR REPLACE FUNCTION app.session_person(p_digest bytea, p_at timestamptz) RETURNS {SIGNED_IN}
    LANGUAGE plpgsql STABLE {DEFINER} AS $$
    BEGIN
      RETURN QUERY SELECT s.data, {ROLE_FACTS}, u FROM public.users_loginsession s
      LEFT JOIN public.users_user u ON u.id = s.user_id AND u.is_active AND u.auth_version = s.auth_version
      WHERE s.key_digest = p_digest AND s.expires_at > p_at;
    END $$""",
    f"""CREATE OR REPLACE FUNCTION app.token_person(p_digest bytea, p_at timestamptz) RETURNS {SIGNED_IN}
    LANGUAGE plpgsql STABLE {DEFINER} AS $$
    BEGIN
      RETURN QUERY SELECT NULL::text, {ROLE_FACTS}, u FROM public.users_accesstoken t
      JOIN public.users_user u ON u.id = t.user_id AND u.is_active
      WHERE t.digest = p_digest AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > p_at);
    END $$""",
    f"""CREATE OR REPLACE FUNCTION app.feed_owner(p_digest bytea) RETURNS TABLE(id uuid, name text, timezone text)
    LANGUAGE sql STABLE {DEFINER} AS $$
      SELECT u.id, u.name, u.timezone FROM public.users_feedtoken t
      JOIN public.users_user u ON u.id = t.user_id AND u.is_active
      WHERE t.digest = p_digest AND t.revoked_at IS NULL $$""",
    f"""CREATE OR REPLACE FUNCTION app.session_save(
      p_digest bytea, p_user uuid, p_auth_version int, p_data text, p_expires timestamptz, p_must_create boolean)
    RETURNS boolean LANGUAGE plpgsql {DEFINER} AS $$
    BEGIN
      -- Signing in acts as nobody yet; whoever acts as somebody saves sessions of her own.
      IF current_setting('role') NOT IN ('app_anon', 'app_system') AND p_user IS DISTINCT FROM {UID}
         AND p_user IS NOT NULL THEN
        RAISE EXCEPTION 'a session of somebody else' USING ERRCODE = '42501';
      END IF;
      IF p_must_create THEN
        INSERT INTO public.users_loginsession (key_digest, user_id, auth_version, data, expires_at)
        VALUES (p_digest, p_user, p_auth_version, p_data, p_expires) ON CONFLICT (key_digest) DO NOTHING;
      ELSE
        UPDATE public.users_loginsession SET user_id = p_user, auth_version = p_auth_version, data = p_data,
          expires_at = p_expires WHERE key_digest = p_digest;
      END IF;
      RETURN FOUND;
    END $$""",
    f"""CREATE OR REPLACE FUNCTION app.session_delete(p_digest bytea) RETURNS void LANGUAGE sql {DEFINER} AS $$
      DELETE FROM public.users_loginsession WHERE key_digest = p_digest $$""",
    f"""CREATE OR REPLACE FUNCTION app.credential_of(p_email text) RETURNS TABLE(user_id uuid, password text)
    LANGUAGE sql STABLE {DEFINER} AS $$
      SELECT c.user_id, c.password::text FROM public.users_credential c
      JOIN public.users_user u ON u.id = c.user_id WHERE u.email = p_email AND u.is_active $$""",
    f"""CREATE OR REPLACE FUNCTION app.person_by_id(p_user uuid, p_email text) RETURNS {SIGNED_IN}
    LANGUAGE sql STABLE {DEFINER} AS $$
      SELECT NULL::text, {ROLE_FACTS}, u FROM public.users_user u
      WHERE u.id = p_user AND u.email = p_email AND u.is_active $$""",
    f"""CREATE OR REPLACE FUNCTION app.own_credential() RETURNS text LANGUAGE sql STABLE {DEFINER} AS $$
      SELECT c.password::text FROM public.users_credential c WHERE c.user_id = {UID} $$""",
    f"""CREATE OR REPLACE FUNCTION app.set_own_password(p_hash text, p_at timestamptz) RETURNS int
    LANGUAGE plpgsql {DEFINER} AS $$
    DECLARE v int;
    BEGIN
      UPDATE public.users_credential SET password = p_hash, changed_at = p_at WHERE user_id = {UID};
      UPDATE public.users_user SET auth_version = auth_version + 1 WHERE id = {UID} RETURNING auth_version INTO v;
      RETURN v;
    END $$""",
    # The moment of the failure that used the allowance up, or NULL while tries are left. A lock ends one window after.
    f"""CREATE OR REPLACE FUNCTION app.login_locked_since(p_digest bytea, p_since timestamptz, p_allowed int)
    RETURNS timestamptz LANGUAGE sql STABLE {DEFINER} AS $$
      SELECT failed_at FROM public.users_loginattempt WHERE key_digest = p_digest AND failed_at > p_since
      ORDER BY failed_at DESC OFFSET greatest(p_allowed, 1) - 1 LIMIT 1 $$""",
    f"""CREATE OR REPLACE FUNCTION app.note_login_failure(p_digest bytea, p_at timestamptz) RETURNS void
    LANGUAGE sql {DEFINER} AS $$
      INSERT INTO public.users_loginattempt (key_digest, failed_at) VALUES (p_digest, p_at) $$""",
    f"""CREATE OR REPLACE FUNCTION app.forget_login_failures(p_digest bytea) RETURNS void
    LANGUAGE sql {DEFINER} AS $$ DELETE FROM public.users_loginattempt WHERE key_digest = p_digest $$""",
    # One mail in five minutes for each account, however often somebody asks; one that was given up is tried again.
    f"""CREATE OR REPLACE FUNCTION app.request_password_reset(p_id uuid, p_email text, p_at timestamptz)
    RETURNS void LANGUAGE sql {DEFINER} AS $$
      INSERT INTO public.users_onetimetoken AS t
        (id, user_id, purpose, created_at, available_at, attempts, last_error)
      SELECT p_id, u.id, 'password_reset', p_at, p_at, 0, '' FROM public.users_user u
      WHERE u.email = p_email AND u.is_active AND NOT EXISTS (
        SELECT 1 FROM public.users_onetimetoken recent WHERE recent.user_id = u.id
          AND recent.purpose = 'password_reset' AND recent.used_at IS NULL
          AND recent.sent_at > p_at - interval '5 minutes')
      ON CONFLICT (user_id, purpose) WHERE sent_at IS NULL
      DO UPDATE SET attempts = 0, available_at = p_at WHERE t.attempts >= {MOST_SEND_ATTEMPTS} $$""",
    f"""CREATE OR REPLACE FUNCTION app.one_time_person(p_digest bytea, p_purpose text, p_at timestamptz)
    RETURNS TABLE(email text, name text) LANGUAGE sql STABLE {DEFINER} AS $$
      SELECT u.email::text, u.name::text FROM public.users_onetimetoken t
      JOIN public.users_user u ON u.id = t.user_id AND u.is_active
      WHERE t.digest = p_digest AND t.purpose = p_purpose AND t.used_at IS NULL AND t.expires_at > p_at $$""",
    f"""CREATE OR REPLACE FUNCTION app.use_one_time_token(
      p_digest bytea, p_purpose text, p_hash text, p_at timestamptz) RETURNS uuid
    LANGUAGE plpgsql {DEFINER} AS $$
    DECLARE v_user uuid;
    BEGIN
      UPDATE public.users_onetimetoken t SET used_at = p_at, sent_at = coalesce(t.sent_at, p_at)
      FROM public.users_user u
      WHERE t.digest = p_digest AND t.purpose = p_purpose AND t.used_at IS NULL AND t.expires_at > p_at
        AND u.id = t.user_id AND u.is_active RETURNING t.user_id INTO v_user;
      IF v_user IS NULL THEN RETURN NULL; END IF;
      INSERT INTO public.users_credential (user_id, password, changed_at) VALUES (v_user, p_hash, p_at)
      ON CONFLICT (user_id) DO UPDATE SET password = excluded.password, changed_at = excluded.changed_at;
      UPDATE public.users_user SET auth_version = auth_version + 1 WHERE id = v_user;
      UPDATE public.users_onetimetoken SET used_at = p_at WHERE user_id = v_user AND used_at IS NULL
        AND sent_at IS NOT NULL;
      RETURN v_user;
    END $$""",
    f"""CREATE OR REPLACE FUNCTION app.my_cohorts() RETURNS uuid[]
    LANGUAGE plpgsql STABLE PARALLEL SAFE {DEFINER} AS $$
    BEGIN
      RETURN (SELECT coalesce(array_agg(cohort_id), '{{}}') FROM public.users_cohortdirector WHERE user_id = {UID});
    END $$""",
    f"""CREATE OR REPLACE FUNCTION app.my_students() RETURNS uuid[]
    LANGUAGE plpgsql STABLE PARALLEL SAFE {DEFINER} AS $$
    BEGIN
      RETURN (SELECT coalesce(array_agg(e.student_id), '{{}}') FROM public.users_enrolment e
        JOIN public.users_cohortdirector d ON d.cohort_id = e.cohort_id WHERE d.user_id = {UID});
    END $$""",
)

ANON = (Role.ANON,)
ANYBODY = tuple(Role)

EXECUTE: dict[str, tuple[Role, ...]] = {
    "app.session_person(bytea, timestamptz)": ANYBODY,
    "app.token_person(bytea, timestamptz)": ANYBODY,
    "app.feed_owner(bytea)": ANYBODY,
    "app.session_save(bytea, uuid, int, text, timestamptz, boolean)": ANYBODY,
    "app.session_delete(bytea)": ANYBODY,
    "app.credential_of(text)": ANON,
    "app.person_by_id(uuid, text)": ANON,
    "app.own_credential()": SIGNED,
    "app.set_own_password(text, timestamptz)": SIGNED,
    "app.login_locked_since(bytea, timestamptz, int)": ANYBODY,
    "app.note_login_failure(bytea, timestamptz)": ANYBODY,
    "app.forget_login_failures(bytea)": ANYBODY,
    "app.request_password_reset(uuid, text, timestamptz)": ANON,
    "app.one_time_person(bytea, text, timestamptz)": ANON,
    "app.use_one_time_token(bytea, text, text, timestamptz)": ANON,
    "app.my_cohorts()": SIGNED,
    "app.my_students()": SIGNED,
}

SELF = f"id = {UID}"
OWN = f"user_id = {UID}"
PEOPLE = (Role.PERSON, Role.STUDENT, Role.MENTOR, Role.DIRECTOR)

#: Roles, capacities and the academy's settings: who changed them is kept (core.tenancy.audit).
AUDITED = {
    "users_user": Audited(
        (
            "is_active", "is_mentor", "is_staff", "leaving_at", "email", "mentor_max_mentees",
            "mentor_capacity_weekly",
        ),
        ("UPDATE",),
    ),
    "users_enrolment": Audited(("state", "max_sessions", "cohort_id"), ("UPDATE", "DELETE")),
    "users_cohortdirector": Audited(("cohort_id", "user_id")),
    "users_cohort": Audited(("name", "track_id", "timezone", "start_date", "end_date", "matches_automatically")),
    "users_track": Audited(("slug", "name", "skills")),
}  # fmt: skip

POLICIES = Policies(
    tenant={
        "users_user": (
            *(Allow(role, "ru", SELF, columns=OWN_PROFILE) for role in PEOPLE),
            Allow(Role.STUDENT, "r", f"id = {MY_MENTORS}"),
            Allow(Role.MENTOR, "r", f"id = {MY_MENTEES}"),
            Allow(Role.DIRECTOR, "r", "is_mentor"),
            Allow(Role.DIRECTOR, "r", "id = ANY ((SELECT app.my_students())::uuid[])"),
            *staff(),
        ),
        # Hashes and secrets: nobody's at run time. Admins and jobs write what they must through these two roles.
        "users_credential": (Allow(Role.SYSTEM, "rcud", "true"), Allow(Role.ADMIN, "cd", "true")),
        "users_loginsession": (Allow(Role.SYSTEM, "rd", "true"),),
        "users_loginattempt": (Allow(Role.SYSTEM, "rd", "true"), Allow(Role.ADMIN, "r", "true")),
        "users_onetimetoken": (
            Allow(Role.SYSTEM, "rcud", "true"),
            Allow(Role.ADMIN, "rcu", "true", columns=("attempts", "available_at")),
        ),
        "users_accesstoken": (
            *(Allow(role, "rcu", OWN, columns=("revoked_at",)) for role in PEOPLE),
            Allow(Role.ADMIN, "rcu", "true", columns=("revoked_at",)),
            Allow(Role.SYSTEM, "rcud", "true"),
        ),
        "users_feedtoken": (
            *(Allow(role, "rcu", OWN, columns=("revoked_at",)) for role in PEOPLE),
            *staff(),
        ),
        "users_enrolment": (
            Allow(Role.STUDENT, "r", f"student_id = {UID}"),
            Allow(Role.MENTOR, "r", f"student_id = {MY_MENTEES}"),
            Allow(Role.DIRECTOR, "r", f"cohort_id = {MY_COHORTS}"),
            *staff(),
        ),
    },
    shared={
        "users_track": everybody("r"),
        "users_cohort": everybody("r"),
        "users_cohortdirector": everybody("r"),
    },
    functions=(*FUNCTIONS, function_of("users", ERASURES)),
    execute=EXECUTE,
    audited=AUDITED,
)
