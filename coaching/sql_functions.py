"""How the database counts streaks: at every change of logs, for all habits that one statement touched.

The columns are the trigger's alone, as counters are (house rule: computed, or kept by a definer trigger): a student
writes logs, never a streak. Source: product.md §9.
"""

from core.tenancy.spec import DEFINER

#: Periods of one chain have one `island`: their day less their place, in periods. A chain that was still watched and is
#: not part of the newest one has ended without the sweep having seen it; a back-filled day may yet mend it. Habits are
#: found by their list and their logs one habit after the other: before anybody has counted the rows (in a first large
#: load) the planner would read all of either table for each statement.
COUNT_STREAKS = f"""
CREATE OR REPLACE FUNCTION app.count_streaks(p_habits uuid[]) RETURNS void LANGUAGE sql {DEFINER} AS $$
  UPDATE public.coaching_habit h SET chain_end = n.chain_end, streak_length = coalesce(n.length, 0),
    longest_streak = coalesce(n.longest, 0),
    keep_by = CASE WHEN n.length > 0 THEN n.chain_end + 2 * every.days - 1 END,
    lost_end = CASE WHEN n.chain_start > h.chain_end AND h.keep_by IS NOT NULL THEN h.chain_end
      WHEN n.chain_start > h.lost_end THEN h.lost_end END,
    lost_length = CASE WHEN n.chain_start > h.chain_end AND h.keep_by IS NOT NULL THEN h.streak_length
      WHEN n.chain_start > h.lost_end THEN h.lost_length ELSE 0 END
  FROM public.coaching_habit wanted
  CROSS JOIN LATERAL (SELECT CASE wanted.cadence WHEN 'weekly' THEN 7 ELSE 1 END AS days) AS every
  LEFT JOIN LATERAL (
    WITH periods AS (
      SELECT bool_or(l.state = 'done') AS is_done,
        CASE every.days WHEN 7 THEN l.local_date - extract(isodow FROM l.local_date)::int + 1
          ELSE l.local_date END AS starts_on
      FROM public.coaching_habitlog l WHERE l.habit_id = wanted.id GROUP BY starts_on
    ), placed AS (
      SELECT is_done, starts_on, starts_on - every.days * row_number() OVER (ORDER BY starts_on)::int AS island
      FROM periods
    ), chains AS (
      SELECT min(starts_on) AS chain_start, max(starts_on) AS chain_end, count(*) FILTER (WHERE is_done)::int AS length
      FROM placed GROUP BY island
    )
    SELECT chain_start, chain_end, length, max(length) OVER () AS longest FROM chains ORDER BY chain_end DESC LIMIT 1
  ) AS n ON true
  WHERE wanted.id = ANY (p_habits) AND h.id = ANY (p_habits) AND h.id = wanted.id $$"""

RECOUNT = tuple(
    f"""CREATE OR REPLACE FUNCTION app.recount_{name}() RETURNS trigger LANGUAGE plpgsql {DEFINER} AS $$
    BEGIN
      PERFORM app.count_streaks((SELECT array_agg(DISTINCT habit_id ORDER BY habit_id) FROM ({rows}) changed));
      RETURN NULL;
    END $$"""
    for name, rows in (
        ("new_logs", "SELECT habit_id FROM after"),
        ("changed_logs", "SELECT habit_id FROM after UNION SELECT habit_id FROM before"),
        ("gone_logs", "SELECT habit_id FROM before"),
    )
)

FUNCTIONS = (COUNT_STREAKS, *RECOUNT)

TRIGGERS_ON_LOGS = tuple(
    f"""CREATE OR REPLACE TRIGGER recount_{name} AFTER {verb} ON public.coaching_habitlog
    REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION app.recount_{name}()"""
    for name, verb, tables in (
        ("new_logs", "INSERT", "NEW TABLE AS after"),
        ("changed_logs", "UPDATE", "OLD TABLE AS before NEW TABLE AS after"),
        ("gone_logs", "DELETE", "OLD TABLE AS before"),
    )
)
TRIGGERS = {"coaching_habitlog": TRIGGERS_ON_LOGS}
