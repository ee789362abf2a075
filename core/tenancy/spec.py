"""What a policy specification is made of. Each app has a `policies.py` with its part; `core.tenancy.sql` renders them.

A table is either tenant (row-level security, one policy per role and verb) or global (grants alone). A role without a
rule has no right on the table at all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps

from core.tenancy.identity import Role

VERBS = {"r": "SELECT", "c": "INSERT", "u": "UPDATE", "d": "DELETE"}

#: The acting person, as a plain expression so that an index on the compared column is used.
UID = "nullif(current_setting('app.user_id', true), '')::uuid"
#: The other side of the acting person's current pairs. Under the policies of whoever asks: a mentor and a student see
#: their own pairs, so for them, and for definer functions, the sets are whole.
CURRENT_PAIRS = """FROM public.mentorship_coordination_menteementorassignment pair
  WHERE pair.state IN ('active', 'paused') AND pair"""
MENTEES = f"ARRAY(SELECT pair.mentee_id {CURRENT_PAIRS}.mentor_id = {UID})"
MENTORS = f"ARRAY(SELECT pair.mentor_id {CURRENT_PAIRS}.mentee_id = {UID})"
#: Sets are one init plan each, and usable as index conditions.
MY_MENTEES = f"ANY ({MENTEES})"
MY_MENTORS = f"ANY ({MENTORS})"
MY_COHORTS = "ANY ((SELECT app.my_cohorts())::uuid[])"
ALL = "true"
#: Of a function that may more than its caller: it checks the relation itself, and looks up no name but ours.
DEFINER = "SECURITY DEFINER SET search_path = pg_catalog, pg_temp"
IS_STAFF = "current_setting('role') IN ('app_system', 'app_admin')"
SIGNED = tuple(role for role in Role if role is not Role.ANON)


@dataclass(frozen=True, slots=True)
class Allow:
    """`role` may do `verbs` (letters of r, c, u, d) on rows where `rows` holds.

    `check` is what a written row must satisfy (default: `rows`). `columns` narrows the right to update.
    """

    role: Role
    verbs: str
    rows: str
    check: str | None = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Audited:
    """Changes of these columns are written down (core.tenancy.audit); of an inserted or deleted row, all of them."""

    columns: tuple[str, ...]
    verbs: tuple[str, ...] = ("INSERT", "UPDATE", "DELETE")


@dataclass(frozen=True, slots=True)
class Policies:
    """One app's part: tenant tables with their rules, global tables with the verbs of each role, SQL functions."""

    tenant: dict[str, tuple[Allow, ...]] = field(default_factory=dict)
    shared: dict[str, dict[Role, str]] = field(default_factory=dict)
    #: `CREATE OR REPLACE FUNCTION` statements, and who may execute each (by signature).
    functions: tuple[str, ...] = ()
    execute: dict[str, tuple[Role, ...]] = field(default_factory=dict)
    #: By the table that they are on: a migration that comes before the table leaves them out.
    triggers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    audited: dict[str, Audited] = field(default_factory=dict)


def collect() -> Policies:
    """The whole specification: every installed app's `policies.POLICIES`, merged."""
    tenant: dict[str, tuple[Allow, ...]] = {}
    shared: dict[str, dict[Role, str]] = {}
    functions: list[str] = []
    execute: dict[str, tuple[Role, ...]] = {}
    triggers: dict[str, tuple[str, ...]] = {}
    audited: dict[str, Audited] = {}
    for app in apps.get_app_configs():
        if find_spec(f"{app.name}.policies") is None:
            continue
        part: Policies = import_module(f"{app.name}.policies").POLICIES
        tenant |= part.tenant
        shared |= part.shared
        functions += part.functions
        execute |= part.execute
        triggers |= part.triggers
        audited |= part.audited
    return Policies(tenant, shared, tuple(functions), execute, triggers, audited)


def everybody(verbs: str, *, but: tuple[Role, ...] = (Role.ANON,)) -> dict[Role, str]:
    """The same verbs for all roles but some; admin and system always have all four."""
    rights = {role: verbs for role in Role if role not in but}
    return rights | {Role.ADMIN: "rcud", Role.SYSTEM: "rcud"}


def staff() -> tuple[Allow, ...]:
    """Admins and the system's own jobs reach every row."""
    return Allow(Role.ADMIN, "rcud", ALL), Allow(Role.SYSTEM, "rcud", ALL)
