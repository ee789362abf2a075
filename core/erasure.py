"""What of a person is taken away when she is erased, table by table. Each app says its part in `personal_data.py`,
beside what is kept of her; a test finds a column that neither says.

Rows keep their ids, times, states, scores and counts, so that no figure of anybody else changes. What identifies or
quotes her goes. Source: the right to erasure of data protection law (GDPR, article 17).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.tenancy.spec import DEFINER

#: The e-mail address of whoever was erased ends like this, and reaches nobody (RFC 2606).
TOMBSTONE_DOMAIN = "erased.invalid"
TOMBSTONE_NAME = "Erased person"
#: Where something has to be written.
BLANK = "'Erased.'"
NOTHING = "''"
#: SQLSTATE of our own: she mentors or studies still.
STILL_HERE = "MC003"


@dataclass(frozen=True, slots=True)
class Erase:
    """Of the rows of `table` for which `whose` holds, `columns` become these SQL expressions; without any, they go.

    `whose` and the expressions are SQL of our own over `p_person`, `p_name`, `p_email` and `p_at`.
    """

    table: str
    whose: str
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stays:
    """Columns of a person's rows that erasing leaves, with the reason."""

    table: str
    columns: tuple[str, ...]
    why: str


_erased: list[Erase] = []
_staying: list[Stays] = []


def erase(*entries: Erase) -> tuple[Erase, ...]:
    """Said once by each app, when it is loaded; what it said, for its function."""
    _erased.extend(entries)
    return entries


def stay(*entries: Stays) -> None:
    _staying.extend(entries)


def list_erased() -> Sequence[Erase]:
    return tuple(_erased)


def list_staying() -> Sequence[Stays]:
    return tuple(_staying)


#: A text without the person's name and address; whole words alone. Somebody else's of the same name goes with it.
UNNAMED = f"""
CREATE OR REPLACE FUNCTION app.unnamed(p_text text, p_name text, p_email text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT regexp_replace(
    regexp_replace(p_text, '(?<![[:alnum:]_.+-])' || app.literally(p_email) || '(?![[:alnum:]_-])',
      '{TOMBSTONE_NAME}', 'g'),
    '((?<!\\w)|(?<=\\\\[nrt]))' || app.literally(p_name) || '(?!\\w)', '{TOMBSTONE_NAME}', 'g') $$"""

#: A text as a regular expression that matches it alone.
LITERALLY = """
CREATE OR REPLACE FUNCTION app.literally(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT regexp_replace(p_text, '([^[:alnum:][:space:]])', '\\\\\\1', 'g') $$"""

#: The same within a document, where quotes and backslashes of a name are escaped.
UNNAMED_JSON = """
CREATE OR REPLACE FUNCTION app.unnamed(p_document jsonb, p_name text, p_email text) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT app.unnamed(p_document::text, substr(n, 2, length(n) - 2), p_email)::jsonb
  FROM (SELECT to_jsonb(p_name)::text AS n) AS escaped $$"""
FUNCTIONS = (LITERALLY, UNNAMED, UNNAMED_JSON)

#: Whether a text names her; what may hold the name is found first, which is much cheaper than words.
NAMES_HER = (
    "((position(p_name IN {0}) > 0 OR position(p_email IN {0}) > 0)"
    " AND app.unnamed({0}, p_name, p_email) IS DISTINCT FROM {0})"
)
#: The same of a document.
DOCUMENT_NAMES_HER = "app.unnamed({0}, p_name, p_email) IS DISTINCT FROM {0}"


def function_of(part: str, erasures: Iterable[Erase]) -> str:
    """`app.erase_from_<part>`, executed by `app.erase_person` alone: table → [null, how many rows], as jsonb."""
    steps = "\n".join(_step(each) for each in erasures)
    return f"""
CREATE OR REPLACE FUNCTION app.erase_from_{part}(p_person uuid, p_name text, p_email text, p_at timestamptz)
RETURNS jsonb LANGUAGE plpgsql {DEFINER} AS $$
DECLARE v_rows bigint; v_touched jsonb := '{{}}';
BEGIN
{steps}
  RETURN v_touched;
END $$"""


def _step(each: Erase) -> str:
    changes = ", ".join(f"{column} = {value}" for column, value in each.columns.items())
    what = f"UPDATE public.{each.table} t SET {changes}" if changes else f"DELETE FROM public.{each.table} t"
    return f"""  {what} WHERE {each.whose};
  GET DIAGNOSTICS v_rows = ROW_COUNT;
  v_touched := v_touched || jsonb_build_object('{each.table}', jsonb_build_array(NULL,
    v_rows + coalesce((v_touched -> '{each.table}' ->> 1)::bigint, 0)));"""
