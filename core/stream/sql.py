"""Functions of the stream inside PostgreSQL. They are the only way to its tables.

All are SECURITY DEFINER: a person writes to another one's stream only where `app.may_tell` allows it, and
reads by an exact secret (the SHA-256 of a session cookie or token, so that no log of statements holds one
that lets anybody in).

Source: architecture.md §5 and §9.
"""

from __future__ import annotations

from core.tenancy.identity import Role
from core.tenancy.spec import SIGNED

APPEND_EVENTS = """
CREATE OR REPLACE FUNCTION app.append_events(
    recipients uuid[], audiences smallint[], events text[], datas text[]
)
RETURNS TABLE (recipient uuid, audience smallint, number bigint, event text, data text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    IF cardinality(recipients) <> cardinality(audiences) OR cardinality(recipients) <> cardinality(events)
       OR cardinality(recipients) <> cardinality(datas) THEN
        RAISE EXCEPTION 'the four arrays differ in length' USING ERRCODE = '22023';
    END IF;
    IF current_setting('role') NOT IN ('app_system', 'app_admin') AND EXISTS (
        SELECT FROM (SELECT DISTINCT unnest(recipients) AS person) AS told
        WHERE app.may_tell(person) IS NOT TRUE
    ) THEN
        RAISE EXCEPTION 'a recipient is none of the caller''s' USING ERRCODE = '42501';
    END IF;
    RETURN QUERY
    WITH said AS MATERIALIZED (
        SELECT s.recipient, s.audience, s.event, s.data,
               row_number() OVER (stream ORDER BY s.place) AS nth, count(*) OVER stream AS total
        FROM unnest(recipients, audiences, events, datas)
             WITH ORDINALITY AS s(recipient, audience, event, data, place)
        WINDOW stream AS (PARTITION BY s.recipient, s.audience)
    ), counted AS (
        INSERT INTO public.core_streamcounter AS counter (recipient_id, audience, last_number, pruned_to)
        SELECT said.recipient, said.audience, count(*), 0 FROM said GROUP BY 1, 2 ORDER BY 1, 2
        ON CONFLICT (recipient_id, audience)
        DO UPDATE SET last_number = counter.last_number + excluded.last_number
        RETURNING counter.recipient_id, counter.audience, counter.last_number
    )
    INSERT INTO public.core_streamevent AS written (recipient_id, audience, number, event, data, created_at)
    SELECT said.recipient, said.audience, counted.last_number - said.total + said.nth, said.event, said.data,
           clock_timestamp()
    FROM said JOIN counted ON counted.recipient_id = said.recipient AND counted.audience = said.audience
    ORDER BY 1, 2, 3
    RETURNING written.recipient_id, written.audience, written.number, written.event::text, written.data;
END $$
"""

STREAM_OPEN = """
CREATE OR REPLACE FUNCTION app.stream_open(secrets bytea[])
RETURNS TABLE (secret bytea, user_id uuid, audiences smallint[])
LANGUAGE plpgsql STABLE ROWS 10 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT live.secret, person.id, array_remove(ARRAY[
        CASE WHEN person.is_mentor THEN 1::smallint END,
        CASE WHEN EXISTS (SELECT FROM public.users_enrolment AS enrolment
                          WHERE enrolment.student_id = person.id)
             THEN 2::smallint END,
        CASE WHEN EXISTS (SELECT FROM public.users_cohortdirector AS link WHERE link.user_id = person.id)
             THEN 3::smallint END
    ], NULL)
    FROM (
        SELECT session.key_digest AS secret, session.user_id, session.auth_version
        FROM public.users_loginsession AS session
        WHERE session.key_digest = ANY (secrets) AND session.expires_at > statement_timestamp()
        UNION
        SELECT token.digest, token.user_id, NULL
        FROM public.users_accesstoken AS token
        WHERE token.digest = ANY (secrets) AND token.revoked_at IS NULL
          AND (token.expires_at IS NULL OR token.expires_at > statement_timestamp())
    ) AS live
    JOIN public.users_user AS person ON person.id = live.user_id
    WHERE person.is_active AND coalesce(live.auth_version, person.auth_version) = person.auth_version;
END $$
"""

EVENTS_AFTER = """
CREATE OR REPLACE FUNCTION app.events_after(
    secrets bytea[], audiences smallint[], after bigint[], row_limit int
) RETURNS TABLE (place int, last_number bigint, pruned_to bigint, number bigint, event text, data text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT asked.place::int,
           CASE WHEN holder.user_id IS NOT NULL THEN coalesce(counter.last_number, 0) END,
           coalesce(counter.pruned_to, 0), missed.number, missed.event::text, missed.data
    FROM unnest(secrets, audiences, after) WITH ORDINALITY AS asked(secret, audience, after, place)
    LEFT JOIN app.stream_open(secrets) AS holder
           ON holder.secret = asked.secret AND asked.audience = ANY (holder.audiences)
    LEFT JOIN public.core_streamcounter AS counter
           ON counter.recipient_id = holder.user_id AND counter.audience = asked.audience
    LEFT JOIN LATERAL (
        SELECT said.number, said.event, said.data FROM public.core_streamevent AS said
        WHERE said.recipient_id = counter.recipient_id AND said.audience = counter.audience
          AND said.number > asked.after AND asked.after BETWEEN counter.pruned_to AND counter.last_number - 1
        ORDER BY said.number LIMIT row_limit
    ) AS missed ON true
    ORDER BY 1, 4;
END $$
"""

STREAM_NEWS = """
CREATE OR REPLACE FUNCTION app.stream_news(since text)
RETURNS TABLE (until text, bell bytea, audience smallint, last_number bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT pg_snapshot_xmin(pg_current_snapshot())::text, rung.bell, rung.audience, rung.last_number
    FROM (SELECT) AS now LEFT JOIN (
        SELECT live.bell, fresh.audience, counter.last_number
        FROM (SELECT DISTINCT said.recipient_id, said.audience FROM public.core_streamevent AS said
              WHERE said.written_in >= since::xid8) AS fresh
        JOIN public.core_streamcounter AS counter
          ON counter.recipient_id = fresh.recipient_id AND counter.audience = fresh.audience
        CROSS JOIN LATERAL (
            SELECT substring(session.key_digest FROM 1 FOR 8) AS bell FROM public.users_loginsession AS session
            WHERE session.user_id = fresh.recipient_id
            UNION ALL
            SELECT substring(token.digest FROM 1 FOR 8) FROM public.users_accesstoken AS token
            WHERE token.user_id = fresh.recipient_id
        ) AS live
    ) AS rung ON true;
END $$
"""

STREAM_POSITION = """
CREATE OR REPLACE FUNCTION app.stream_position(of_audience smallint) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN coalesce((
        SELECT last_number FROM public.core_streamcounter
        WHERE recipient_id = nullif(current_setting('app.user_id', true), '')::uuid AND audience = of_audience
    ), 0);
END $$
"""

PRUNE_STREAM_EVENTS = """
CREATE OR REPLACE FUNCTION app.prune_stream_events(before timestamptz, keep_min int) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE removed bigint;
BEGIN
    WITH old AS MATERIALIZED (
        SELECT counter.id, counter.recipient_id, counter.audience, counter.pruned_to,
               counter.last_number - keep_min AS newest
        FROM public.core_streamcounter AS counter
        JOIN public.core_streamevent AS oldest ON oldest.recipient_id = counter.recipient_id
         AND oldest.audience = counter.audience AND oldest.number = counter.pruned_to + 1
        WHERE oldest.created_at < before AND counter.last_number - keep_min > counter.pruned_to
        LIMIT 500 FOR UPDATE OF counter SKIP LOCKED
    ), bounded AS (
        SELECT old.*, coalesce((
            SELECT min(young.number) - 1 FROM public.core_streamevent AS young
            WHERE young.recipient_id = old.recipient_id AND young.audience = old.audience
              AND young.number BETWEEN old.pruned_to + 1 AND old.newest AND young.created_at >= before
        ), old.newest) AS bound FROM old
    ), moved AS (
        UPDATE public.core_streamcounter AS counter SET pruned_to = bounded.bound
        FROM bounded WHERE counter.id = bounded.id
    ), gone AS (
        DELETE FROM public.core_streamevent AS said USING bounded
        WHERE said.recipient_id = bounded.recipient_id AND said.audience = bounded.audience
          AND said.number <= bounded.bound
        RETURNING 1
    )
    SELECT count(*) INTO removed FROM gone;
    RETURN removed;
END $$
"""

FUNCTIONS: tuple[str, ...] = (
    APPEND_EVENTS,
    STREAM_OPEN,
    EVENTS_AFTER,
    STREAM_NEWS,
    STREAM_POSITION,
    PRUNE_STREAM_EVENTS,
)

#: Who may execute which function, by signature. `events_after` needs a live secret for every row it gives, and
#: `stream_news` tells nothing to whoever has none: a bell is the beginning of a secret's digest, and opens nothing.
GRANTS: dict[str, tuple[Role, ...]] = {
    "app.append_events(uuid[], smallint[], text[], text[])": SIGNED,
    "app.stream_open(bytea[])": (Role.ANON, Role.SYSTEM),
    "app.events_after(bytea[], smallint[], bigint[], integer)": (Role.ANON, Role.SYSTEM),
    "app.stream_news(text)": (Role.ANON, Role.SYSTEM),
    "app.stream_position(smallint)": SIGNED,
    "app.prune_stream_events(timestamptz, integer)": (Role.SYSTEM,),
}
