"""What the database's catalogue says of policies, rights and functions, for comparison."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
from django.conf import settings
from django.db import connections

from core.tenancy.identity import Role
from core.tenancy.spec import VERBS, Policies
from core.tenancy.sql import apply, policies_of, policy_name
from tests.database import login

GROUPS = tuple(role.database_role for role in Role)

POLICIES = """
SELECT tablename, policyname, roles::text, cmd, permissive, qual, with_check FROM pg_policies
WHERE schemaname = 'public' ORDER BY 1, 2"""
TABLE_RIGHTS = """
SELECT c.relname, coalesce(r.rolname, 'public'), a.privilege_type FROM pg_class c
CROSS JOIN aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') AND a.grantee <> c.relowner
ORDER BY 1, 2, 3"""
COLUMN_RIGHTS = """
SELECT c.relname, coalesce(r.rolname, 'public'), x.privilege_type, a.attname FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid CROSS JOIN aclexplode(a.attacl) x LEFT JOIN pg_roles r ON r.oid = x.grantee
WHERE c.relnamespace = 'public'::regnamespace AND x.grantee <> c.relowner ORDER BY 1, 2, 3, 4"""
ROW_SECURITY = """
SELECT relname, relrowsecurity FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY 1"""
FUNCTIONS = """
SELECT p.oid::regprocedure::text, p.prosecdef, p.proconfig::text, p.prorettype = 'trigger'::regtype,
  pg_get_userbyid(p.proowner), pg_get_functiondef(p.oid),
  ARRAY(SELECT coalesce(r.rolname, 'public')::text FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) x
        LEFT JOIN pg_roles r ON r.oid = x.grantee WHERE x.grantee <> p.proowner ORDER BY 1)
FROM pg_proc p WHERE p.pronamespace = 'app'::regnamespace ORDER BY 1"""
TRIGGERS = """
SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t WHERE NOT t.tgisinternal ORDER BY 1"""
VIEWS = """
SELECT relname, relkind::text, coalesce(reloptions::text, '') FROM pg_class
WHERE relnamespace IN ('public'::regnamespace, 'app'::regnamespace) AND relkind IN ('v', 'm')"""

INVOKER = ("security_invoker=true", "security_invoker=on", "security_invoker=1")
Rows = list[tuple[Any, ...]]


@contextmanager
def owner() -> Iterator[Any]:
    """A cursor of the owner, in a transaction that is rolled back."""
    connection = psycopg2.connect(settings.DATABASE_URL)
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.rollback()
        connection.close()


def fetch(cursor: Any, query: str, values: Any = None) -> Rows:
    cursor.execute(query, values)
    return [tuple(row) for row in cursor.fetchall()]


def snapshot(cursor: Any) -> dict[str, Rows]:
    """Everything that the specification governs."""
    queries = {
        "policies": POLICIES,
        "table rights": TABLE_RIGHTS,
        "column rights": COLUMN_RIGHTS,
        "row security": ROW_SECURITY,
        "functions": FUNCTIONS,
        "triggers": TRIGGERS,
        "views": VIEWS,
    }
    return {name: fetch(cursor, query) for name, query in queries.items()}


def applied_again(times: int = 1) -> tuple[dict[str, Rows], dict[str, Rows]]:
    """The catalogue as it is, and as it would be after applying the specification; the latter is rolled back."""
    with login(settings.DATABASE_URL, says_identity=False):
        connection = connections["default"]
        connection.set_autocommit(False)
        try:
            with connection.cursor() as cursor:
                before = snapshot(cursor)
                for _ in range(times):
                    with connection.schema_editor(atomic=False) as editor:
                        apply(editor)
                return before, snapshot(cursor)
        finally:
            connection.rollback()
            connection.set_autocommit(True)


def expected_policies(spec: Policies) -> set[tuple[str, str, str, str]]:
    return {
        (table, policy_name(role, verb), f"{{{role.database_role}}}", VERBS[verb])
        for table, rules in spec.tenant.items()
        for role, verb in policies_of(rules)
    }


def expected_table_rights(spec: Policies) -> set[tuple[str, str, str]]:
    of_tenants = {
        (table, rule.role.database_role, VERBS[verb])
        for table, rules in spec.tenant.items()
        for rule in rules
        for verb in rule.verbs
        if not (rule.columns and verb == "u")
    }
    of_shared = {
        (table, role.database_role, VERBS[verb])
        for table, rights in spec.shared.items()
        for role, verbs in rights.items()
        for verb in verbs
    }
    return of_tenants | of_shared


def expected_column_rights(spec: Policies) -> set[tuple[str, str, str, str]]:
    return {
        (table, rule.role.database_role, "UPDATE", column)
        for table, rules in spec.tenant.items()
        for rule in rules
        if "u" in rule.verbs
        for column in rule.columns
    }


def faults(spec: Policies) -> list[str]:
    """How the live catalogue differs from the specification; nothing when all is well."""
    with owner() as cursor:
        live = snapshot(cursor)
        executable = _expected_execute(cursor, spec)
    policies = {row[:4] for row in live["policies"]}
    found = [
        *_differences("policy", policies, expected_policies(spec)),
        *_differences("table right", set(live["table rights"]), expected_table_rights(spec)),
        *_differences("column right", set(live["column rights"]), expected_column_rights(spec)),
        *_differences("row security", {name for name, on in live["row security"] if on}, set(spec.tenant)),
        *_differences("table", {name for name, _ in live["row security"]}, {*spec.tenant, *spec.shared}),
        *(f"restrictive policy {row[:2]}" for row in live["policies"] if row[4] != "PERMISSIVE"),
        *(
            f"view {name}"
            for name, kind, options in live["views"]
            if kind == "m" or not set(INVOKER) & set(options.strip("{}").split(","))
        ),
    ]
    return found + [line for row in live["functions"] for line in _function_faults(row, executable)]


def _expected_execute(cursor: Any, spec: Policies) -> dict[str, list[str]]:
    return {
        fetch(cursor, "SELECT %s::regprocedure::text", [signature])[0][0]: sorted(role.database_role for role in roles)
        for signature, roles in spec.execute.items()
    }


def _function_faults(row: tuple[Any, ...], executable: dict[str, list[str]]) -> Iterator[str]:
    name, is_definer, config, is_trigger, _, _, grantees = row
    if is_definer and config != '{"search_path=pg_catalog, pg_temp"}':
        yield f"{name} has the search path {config}"
    if is_trigger and not is_definer:
        yield f"{name} fires with the writer's rights"
    if sorted(grantees) != executable.get(name, []):
        yield f"{name} is executable by {grantees}"


def _differences(kind: str, live: set[Any], expected: set[Any]) -> Iterator[str]:
    yield from (f"{kind} too many: {each}" for each in sorted(live - expected))
    yield from (f"{kind} missing: {each}" for each in sorted(expected - live))
