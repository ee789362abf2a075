"""Renders the policy specification into SQL, and applies it as a whole: the database holds what is written here.

Source: architecture.md §5. Statements are composed of names from our own specification, never of input.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from core.tenancy import audit
from core.tenancy.identity import Role
from core.tenancy.spec import VERBS, Allow, Policies, collect

#: The columns of each table that there is.
Tables = Mapping[str, frozenset[str]]
AUDIT_TABLE = "core_auditentry"
ALL_ROLES = ", ".join(role.database_role for role in Role)


def policy_name(role: Role, verb: str) -> str:
    return f"{role.value}_{VERBS[verb].lower()}"


def policies_of(rules: tuple[Allow, ...]) -> dict[tuple[Role, str], tuple[str, str]]:
    """(role, verb) → (rows, check); several rules of one role and verb are alternatives."""
    merged: dict[tuple[Role, str], tuple[str, str]] = {}
    pairs = sorted(((rule.role, verb, rule) for rule in rules for verb in rule.verbs), key=lambda p: (p[0], p[1]))
    for (role, verb), group in groupby(pairs, key=lambda p: (p[0], p[1])):
        alternatives = [rule for _, _, rule in group]
        rows = " OR ".join(f"({rule.rows})" for rule in alternatives)
        check = " OR ".join(f"({rule.check or rule.rows})" for rule in alternatives)
        merged[role, verb] = rows, check
    return merged


def tenant_table(table: str, rules: tuple[Allow, ...], known: frozenset[str]) -> Iterator[str]:
    """`known`: the columns the table has by now."""
    yield f"ALTER TABLE public.{table} ENABLE ROW LEVEL SECURITY"
    for rule in rules:
        for verb in rule.verbs:
            named = [column for column in rule.columns if column in known]
            columns = f" ({', '.join(named)})" if rule.columns and verb == "u" else ""
            yield f"GRANT {VERBS[verb]}{columns} ON public.{table} TO {rule.role.database_role}"
    for (role, verb), (rows, check) in policies_of(rules).items():
        clauses = {
            "r": f"USING ({rows})",
            "c": f"WITH CHECK ({check})",
            "u": f"USING ({rows}) WITH CHECK ({check})",
            "d": f"USING ({rows})",
        }[verb]
        name = policy_name(role, verb)
        yield f"CREATE POLICY {name} ON public.{table} FOR {VERBS[verb]} TO {role.database_role} {clauses}"


def shared_table(table: str, rights: dict[Role, str]) -> Iterator[str]:
    for role, verbs in rights.items():
        if verbs:
            yield f"GRANT {', '.join(VERBS[v] for v in verbs)} ON public.{table} TO {role.database_role}"


def reset(existing: Tables) -> Iterator[str]:
    """Take every policy and grant back first, so that nothing of an older specification stays."""
    # Before the catalogue's rows of a table are written: an autovacuum between the two would be a deadlock.
    if existing:
        tables = ", ".join(f"public.{table}" for table in sorted(existing))
        yield f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE"
    for table in sorted(existing):
        yield f"REVOKE ALL ON public.{table} FROM PUBLIC, {ALL_ROLES}"
    yield (
        "DO $$ DECLARE p record; BEGIN "
        "FOR p IN SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'public' LOOP "
        "EXECUTE format('DROP POLICY %I ON public.%I', p.policyname, p.tablename); END LOOP; END $$"
    )
    yield "CREATE SCHEMA IF NOT EXISTS app"
    yield f"GRANT USAGE ON SCHEMA app, public TO {ALL_ROLES}"


def functions(policies: Policies) -> Iterator[str]:
    yield "SET LOCAL check_function_bodies = off"
    yield from policies.functions
    yield f"REVOKE ALL ON ALL FUNCTIONS IN SCHEMA app FROM PUBLIC, {ALL_ROLES}"
    for signature, roles in policies.execute.items():
        yield f"GRANT EXECUTE ON FUNCTION {signature} TO {', '.join(role.database_role for role in roles)}"


def statements(existing: Tables) -> Iterator[str]:
    """Everything, in order. Tables and columns that no migration has made yet are left for the one that makes them."""
    policies = collect()
    yield from reset(existing)
    yield from functions(policies)
    for table, rules in policies.tenant.items():
        if table in existing:
            yield from tenant_table(table, rules, existing[table])
    for table, rights in policies.shared.items():
        if table in existing:
            yield from shared_table(table, rights)
    for table, triggers in policies.triggers.items():
        if table in existing:
            yield from triggers
    if AUDIT_TABLE in existing:
        for table, audited in policies.audited.items():
            if table in existing:
                yield audit.trigger(table, audited, existing[table])
    yield f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {ALL_ROLES}"


def apply(schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Bring functions, triggers, grants and policies to what the specification says now."""
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, array_agg(attname::text) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
            "WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') GROUP BY relname"
        )
        existing = {name: frozenset(columns) for name, columns in cursor.fetchall()}
        for statement in statements(existing):
            cursor.execute(statement)
