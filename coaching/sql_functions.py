"""How the database counts streaks: at every change of logs, for all habits that one statement touched.

The columns are the trigger's alone, as counters are (house rule: computed, or kept by a definer trigger): a student
writes logs, never a streak. Source: product.md §9.
"""

DEFINER = "SECURITY DEFINER SET search_path = pg_catalog, pg_temp"

#: Periods of one chain have one `island`: their day less their place, in periods. A chain that was still watched and is
#: not part of the newest one has ended without the sweep having seen it; a back-filled day may yet mend it.
COUNT_STREAKS = f"""
CREATE OR REPLACE FUNCTION app.count_streaks(p_habits uuid[]) RETURNS void LANGUAGE sql {DEFINER} AS $$
  WITH periods AS (
    SELECT l.habit_id, bool_or(l.state = 'done') AS is_done,
      CASE h.cadence WHEN 'weekly' THEN 7 ELSE 1 END AS days,
      CASE h.cadence WHEN 'weekly' THEN l.local_date - extract(isodow FROM l.local_date)::int + 1
        ELSE l.local_date END AS starts_on
    FROM public.coaching_habitlog l JOIN public.coaching_habit h ON h.id = l.habit_id
    WHERE l.habit_id = ANY (p_habits) GROUP BY 1, 3, 4
  ), placed AS (
    SELECT habit_id, is_done, days, starts_on,
      starts_on - days * row_number() OVER (PARTITION BY habit_id ORDER BY starts_on)::int AS island
    FROM periods
  ), chains AS (
    SELECT habit_id, days, min(starts_on) AS chain_start, max(starts_on) AS chain_end,
      count(*) FILTER (WHERE is_done)::int AS length
    FROM placed GROUP BY habit_id, days, island
  ), newest AS (
    SELECT DISTINCT ON (habit_id) habit_id, days, chain_start, chain_end, length,
      max(length) OVER (PARTITION BY habit_id) AS longest
    FROM chains ORDER BY habit_id, chain_end DESC
  )
  UPDATE public.coaching_habit h SET chain_end = n.chain_end, streak_length = coalesce(n.length, 0),
    longest_streak = coalesce(n.longest, 0),
    keep_by = CASE WHEN n.length > 0 THEN n.chain_end + 2 * n.days - 1 END,
    lost_end = CASE WHEN n.chain_start > h.chain_end AND h.keep_by IS NOT NULL THEN h.chain_end
      WHEN n.chain_start > h.lost_end THEN h.lost_end END,
    lost_length = CASE WHEN n.chain_start > h.chain_end AND h.keep_by IS NOT NULL THEN h.streak_length
      WHEN n.chain_start > h.lost_end THEN h.lost_length ELSE 0 END
  FROM unnest(p_habits) AS wanted(id) LEFT JOIN newest n ON n.habit_id = wanted.id
  WHERE h.id = wanted.id $$"""

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
