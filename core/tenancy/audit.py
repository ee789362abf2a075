"""Who changed what: a trigger on each audited table writes down the columns that matter, before and after.

The database does it, so that a bulk update, the admin and plain SQL are noted alike (docs/adr/0010).
"""

from __future__ import annotations

from core.tenancy.spec import DEFINER, UID, Audited

#: `TG_ARGV` are the columns. An update that changes none of them is no change. `by` is the acting person, `role` as
#: whom she acted; both survive her account.
NOTE_CHANGE = f"""
CREATE OR REPLACE FUNCTION app.note_change() RETURNS trigger LANGUAGE plpgsql
{DEFINER} AS $$
DECLARE
  v_before jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) ELSE '{{}}' END;
  v_after jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) ELSE '{{}}' END;
  v_changed jsonb;
BEGIN
  SELECT jsonb_object_agg(c, jsonb_build_array(v_before -> c, v_after -> c)) INTO v_changed
  FROM unnest(TG_ARGV) AS c WHERE v_before -> c IS DISTINCT FROM v_after -> c;
  IF v_changed IS NOT NULL OR TG_OP = 'DELETE' THEN
    INSERT INTO public.core_auditentry (at, by, role, table_name, row_id, verb, changed)
    VALUES (clock_timestamp(), {UID}, replace(current_setting('role'), 'app_', ''), TG_TABLE_NAME,
      coalesce(v_after ->> 'id', v_before ->> 'id'), lower(TG_OP), coalesce(v_changed, '{{}}'));
  END IF;
  RETURN NULL;
END $$"""  # noqa: S608 - composed of our own words


def trigger(table: str, audited: Audited, known: frozenset[str]) -> str:
    """`known`: the columns that the table has by now."""
    columns = [column for column in audited.columns if column in known]
    events = [f"UPDATE OF {', '.join(columns)}" if verb == "UPDATE" else verb for verb in audited.verbs]
    arguments = ", ".join(f"'{column}'" for column in columns)
    return (
        f"CREATE OR REPLACE TRIGGER audit AFTER {' OR '.join(events)} ON public.{table} "
        f"FOR EACH ROW EXECUTE FUNCTION app.note_change({arguments})"
    )
