"""Ratings: a student writes her own, and her mentor reads the mean of many and no single one. Source: product.md §7."""

from datetime import timedelta

from core.tenancy.identity import Role
from core.tenancy.spec import DEFINER, IS_STAFF, UID

RATED_WITHIN = timedelta(days=90)
#: With fewer, the mean would tell what one mentee thinks.
FEWEST_RATINGS = 3

RATING = "public.mentorship_coordination_sessionrating"
SESSION = "public.mentorship_coordination_mentorsession"
PARTICIPANT = "public.mentorship_coordination_sessionparticipant"

COUNTED = f"""{RATING} r JOIN {SESSION} s ON s.id = r.session_id
    WHERE s.starts_at > p_at - interval '{RATED_WITHIN.days} days' AND s.mentor_id"""

#: A student rates what she attended, again if she thinks otherwise. Answers 'shown' when it is part of a mean that the
#: mentor sees, else 'rated'; 'not_held' or 'not_found' when nothing was written.
RATE_SESSION = f"""
CREATE OR REPLACE FUNCTION app.rate_session(p_session uuid, p_rating int, p_comment text, p_at timestamptz)
RETURNS text LANGUAGE plpgsql {DEFINER} AS $$
DECLARE v_counted bigint; v_is_counted boolean;
BEGIN
  INSERT INTO {RATING} AS r (id, session_id, student_id, rating, comment, rated_at)
  SELECT gen_random_uuid(), s.id, p.person_id, p_rating, p_comment, p_at
  FROM {PARTICIPANT} p JOIN {SESSION} s ON s.id = p.session_id
  WHERE p.session_id = p_session AND p.person_id = {UID} AND p.role = 'mentee' AND p.attended
    AND s.status = 'completed'
  ON CONFLICT (session_id, student_id) DO UPDATE
    SET rating = excluded.rating, comment = excluded.comment, rated_at = excluded.rated_at;
  IF FOUND THEN
    SELECT count(*), coalesce(bool_or(s.id = p_session), false) INTO v_counted, v_is_counted
    FROM {COUNTED} = (SELECT m.mentor_id FROM {SESSION} m WHERE m.id = p_session);
    RETURN CASE WHEN v_is_counted AND v_counted >= {FEWEST_RATINGS} THEN 'shown' ELSE 'rated' END;
  END IF;
  RETURN CASE WHEN EXISTS (SELECT 1 FROM {PARTICIPANT} p
    WHERE p.session_id = p_session AND p.person_id = {UID} AND p.role = 'mentee') THEN 'not_held' ELSE 'not_found' END;
END $$"""

SATISFACTION = f"""
CREATE OR REPLACE FUNCTION app.satisfaction(p_mentor uuid, p_at timestamptz)
RETURNS TABLE(mean numeric, ratings int) LANGUAGE plpgsql STABLE {DEFINER} AS $$
BEGIN
  IF NOT coalesce({IS_STAFF} OR current_setting('role') = 'app_mentor' AND p_mentor = {UID}, false) THEN
    RAISE EXCEPTION 'a mentor sees her own figure only' USING ERRCODE = '42501';
  END IF;
  RETURN QUERY SELECT CASE WHEN count(*) >= {FEWEST_RATINGS} THEN round(avg(r.rating), 2) END, count(*)::int
    FROM {COUNTED} = p_mentor;
END $$"""

FUNCTIONS = (RATE_SESSION, SATISFACTION)
EXECUTE: dict[str, tuple[Role, ...]] = {
    "app.rate_session(uuid, int, text, timestamptz)": (Role.STUDENT,),
    "app.satisfaction(uuid, timestamptz)": (Role.MENTOR, Role.ADMIN, Role.SYSTEM),
}
