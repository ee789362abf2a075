"""The ranking of work items, in SQL and only there: opening, the prioritiser and critical flags share it.

Effective rank = max(base, promotions): one step at 75 % of the clock, a step per five business days for low items,
urgent at breach or while the mentee has an unresolved critical flag. Source: product.md §4 "Order".
"""

from core.tenancy.identity import Role
from core.tenancy.spec import DEFINER, SIGNED

#: Of the instants that `sla.ageing` computed when the item was opened.
AGED_STEPS = """
CREATE OR REPLACE FUNCTION app.aged_steps(p_ages_at timestamptz[], p_at timestamptz) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN p_ages_at IS NULL THEN 0
    ELSE (p_ages_at[1] <= p_at)::int + (p_ages_at[2] <= p_at)::int + (p_ages_at[3] <= p_at)::int END $$"""

RANK_OF = """
CREATE OR REPLACE FUNCTION app.rank_of(p_base int, p_band int, p_steps int, p_is_critical boolean) RETURNS smallint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (CASE WHEN p_is_critical OR p_band = 3 THEN 0
    ELSE greatest(0, p_base - greatest(least(p_band, 1), p_steps)) END)::smallint $$"""

#: Of immutable parts alone, so that the planner puts the expression in place of the call.
RANK_REASONS = """
CREATE OR REPLACE FUNCTION app.rank_reasons(p_band int, p_steps int, p_is_critical boolean) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN p_is_critical THEN '["critical_flag"]'::jsonb ELSE '[]'::jsonb END
    || CASE p_band WHEN 3 THEN '["breached"]'::jsonb WHEN 2 THEN '["ran_90"]'::jsonb WHEN 1 THEN '["ran_75"]'::jsonb
       ELSE '[]'::jsonb END
    || CASE WHEN p_steps > 0 THEN '["aged"]'::jsonb ELSE '[]'::jsonb END $$"""

#: Takes the enrolment's lock, as a submission does: whichever of flag and submission comes second sees the first.
RANK_ITEMS_OF_MENTEE = f"""
CREATE OR REPLACE FUNCTION app.rank_items_of_mentee(p_mentee uuid, p_at timestamptz)
RETURNS TABLE(item_id uuid, mentor_id uuid, cohort_id uuid) LANGUAGE plpgsql
{DEFINER} AS $$
#variable_conflict use_column
DECLARE v_is_critical boolean;
BEGIN
  IF NOT app.may_tell(p_mentee) THEN
    RAISE EXCEPTION 'no relation to this student' USING ERRCODE = '42501';
  END IF;
  PERFORM 1 FROM public.users_enrolment e WHERE e.student_id = p_mentee ORDER BY e.id FOR NO KEY UPDATE;
  v_is_critical := EXISTS (SELECT 1 FROM public.mentorship_coordination_mentorflag f
    WHERE f.mentee_id = p_mentee AND f.severity = 4 AND f.state <> 'resolved');
  RETURN QUERY WITH changing AS (
    SELECT w.id, app.aged_steps(w.ages_at, p_at) AS steps
    FROM public.mentorship_coordination_mentorworkqueue w
    WHERE w.mentee_id = p_mentee AND w.status IN ('pending', 'in_progress')
      AND (w.rank_reasons ? 'critical_flag') <> v_is_critical
    ORDER BY w.id FOR NO KEY UPDATE)
  UPDATE public.mentorship_coordination_mentorworkqueue i SET
    rank = app.rank_of(i.base_rank, i.band, c.steps, v_is_critical),
    rank_reasons = app.rank_reasons(i.band, c.steps, v_is_critical), updated_at = p_at, revision = i.revision + 1
  FROM changing c WHERE i.id = c.id
  RETURNING i.id, i.mentor_id, i.cohort_id;
END $$"""  # noqa: S608 - composed of our own words

FUNCTIONS = (AGED_STEPS, RANK_OF, RANK_REASONS, RANK_ITEMS_OF_MENTEE)

RESPONSIBLE = (Role.MENTOR, Role.DIRECTOR, Role.ADMIN, Role.SYSTEM)
EXECUTE: dict[str, tuple[Role, ...]] = {
    "app.aged_steps(timestamptz[], timestamptz)": SIGNED,
    "app.rank_of(int, int, int, boolean)": SIGNED,
    "app.rank_reasons(int, int, boolean)": SIGNED,
    "app.rank_items_of_mentee(uuid, timestamptz)": RESPONSIBLE,
}
