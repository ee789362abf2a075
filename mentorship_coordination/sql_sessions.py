"""The definer functions about a mentor's week, which her students may ask without seeing her sessions."""

from core.tenancy.identity import Role
from core.tenancy.spec import UID
from mentorship_coordination.sql_relations import DEFINER, IS_STAFF

SESSION = "public.mentorship_coordination_mentorsession"

#: When the sessions begin that count against a mentor's weeks (product.md §6 "Weekly count"); never with whom.
COUNTED_SESSIONS = f"""
CREATE OR REPLACE FUNCTION app.counted_sessions(p_mentor uuid, p_from timestamptz, p_to timestamptz, p_but uuid)
RETURNS SETOF timestamptz LANGUAGE sql STABLE {DEFINER} AS $$
  SELECT s.starts_at FROM {SESSION} s
  WHERE s.mentor_id = p_mentor AND s.starts_at >= p_from AND s.starts_at < p_to AND s.id IS DISTINCT FROM p_but
    AND (s.status IN ('scheduled', 'completed', 'no_show_mentee')
      OR s.status = 'cancelled_by_mentee' AND s.is_late_cancel)
    AND ({IS_STAFF} OR p_mentor = {UID}
      OR current_setting('role') = 'app_student' AND p_mentor = ANY ((SELECT app.my_mentors())::uuid[])
      OR current_setting('role') = 'app_director' AND app.may_tell(p_mentor)) $$"""

FUNCTIONS = (COUNTED_SESSIONS,)
EXECUTE: dict[str, tuple[Role, ...]] = {
    "app.counted_sessions(uuid, timestamptz, timestamptz, uuid)": tuple(r for r in Role if r is not Role.ANON),
}
