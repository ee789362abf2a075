"""The database is what the specification says: sweeps over PostgreSQL's own catalogue."""

from __future__ import annotations

from urllib.parse import urlsplit

import psycopg2
import pytest
from django.conf import settings

from core.tenancy.identity import Role
from core.tenancy.spec import collect
from tests.tenancy.attempts import Sessions
from tests.tenancy.catalogue import GROUPS, applied_again, faults, fetch, owner

pytestmark = pytest.mark.usefixtures("db")


def login_names() -> dict[str, str]:
    urls = {
        "owner": settings.DATABASE_URL,
        "app": settings.DATABASE_APP_URL,
        "worker": settings.DATABASE_WORKER_URL,
    }
    return {name: urlsplit(url).username or "" for name, url in urls.items()}


def runtime_roles() -> list[str]:
    logins = login_names()
    return [logins["app"], logins["worker"], *GROUPS]


def refused(url: str, *statements: str) -> bool:
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    except psycopg2.errors.InsufficientPrivilege:
        return True
    finally:
        connection.rollback()
        connection.close()
    return False


def test_tables_policies_rights_and_functions_are_those_of_the_specification() -> None:
    assert faults(collect()) == []


def test_no_table_is_tenant_and_shared_at_once() -> None:
    spec = collect()
    assert spec.tenant.keys() & spec.shared.keys() == set()


def test_conditions_are_word_for_word_those_of_the_specification() -> None:
    live, rendered = applied_again()
    assert live == rendered


def test_applying_the_specification_twice_changes_nothing() -> None:
    once, twice = applied_again(times=2)
    assert once == twice


def test_every_policy_names_one_verb_and_one_role() -> None:
    with owner() as cursor:
        found = fetch(cursor, "SELECT cmd, roles::text[] FROM pg_policies WHERE schemaname = 'public'")
    assert {verb for verb, _ in found} == {"SELECT", "INSERT", "UPDATE", "DELETE"}
    assert {role for _, roles in found for role in roles} <= set(GROUPS)
    assert {len(roles) for _, roles in found} == {1}


def test_functions_belong_to_the_owner() -> None:
    with owner() as cursor:
        found = fetch(
            cursor,
            "SELECT DISTINCT pg_get_userbyid(proowner)::text FROM pg_proc WHERE pronamespace = 'app'::regnamespace",
        )
    assert found == [(login_names()["owner"],)]


def test_runtime_roles_own_nothing() -> None:
    with owner() as cursor:
        found = fetch(
            cursor,
            "SELECT r.rolname FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid "
            "WHERE d.deptype = 'o' AND r.rolname::text = ANY (%s)",
            [runtime_roles()],
        )
    assert found == []


def test_runtime_roles_have_no_power() -> None:
    with owner() as cursor:
        powers = fetch(
            cursor,
            "SELECT rolname::text, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication "
            "FROM pg_roles WHERE rolname::text = ANY (%s)",
            [runtime_roles()],
        )
    assert dict(powers) == dict.fromkeys(runtime_roles(), False)


def test_group_roles_are_members_of_nothing() -> None:
    with owner() as cursor:
        query = "SELECT 1 FROM pg_auth_members JOIN pg_roles m ON m.oid = member WHERE m.rolname::text = ANY (%s)"
        assert fetch(cursor, query, [list(GROUPS)]) == []


@pytest.mark.parametrize("login", ["app", "worker"])
@pytest.mark.parametrize("schema", ["public", "app"])
def test_runtime_logins_create_nothing(login: str, schema: str) -> None:
    url = {"app": settings.DATABASE_APP_URL, "worker": settings.DATABASE_WORKER_URL}[login]
    for role in (None, *(role for role in Role if login == "worker" or role is not Role.SYSTEM)):
        become = f"SET ROLE {role.database_role}" if role else "SET ROLE NONE"
        assert refused(url, become, f"CREATE TABLE {schema}.mine ()")
        create = f"CREATE FUNCTION {schema}.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'"
        assert refused(url, become, create)


def test_the_app_cannot_become_the_system_and_the_worker_can() -> None:
    logins = login_names()
    with owner() as cursor:
        members = fetch(
            cursor,
            "SELECT m.rolname::text FROM pg_auth_members a JOIN pg_roles g ON g.oid = a.roleid "
            "JOIN pg_roles m ON m.oid = a.member "
            "WHERE g.rolname = 'app_system' AND m.rolname::text = ANY (%s)",
            [list(logins.values())],
        )
    assert members == [(logins["worker"],)]
    assert refused(settings.DATABASE_APP_URL, "SET ROLE app_system")
    assert refused(settings.DATABASE_APP_URL, f'SET ROLE "{logins["owner"]}"')
    assert not refused(settings.DATABASE_WORKER_URL, "SET ROLE app_system")


def test_who_does_not_say_who_acts_reads_no_tenant_table() -> None:
    sessions = Sessions()
    try:
        for connection in (sessions.app, sessions.worker):
            for table in collect().tenant:
                with connection.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
                    cursor.execute(f"SELECT 1 FROM {table}")
    finally:
        sessions.close()
