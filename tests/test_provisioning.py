"""What the database's logins may do after provisioning, on a real cluster."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest
from psycopg2.extensions import make_dsn

from core.embedded.binaries import find_postgres
from core.embedded.servers import admin_url, ensure_running
from core.provisioning import (
    GROUP_ROLES,
    ROLES_OF_PEOPLE,
    ProvisioningError,
    plan_for,
    provision,
    provisioning_sql,
)

LOGINS = ("school_owner", "school_app", "school_worker")


def urls_for(admin: str, prefix: str = "school") -> dict[str, str]:
    """Three URLs on the server that `admin` opens; the password needs quoting everywhere."""
    parts = urlsplit(admin)
    host = parts.netloc.rpartition("@")[2]
    return {
        f"{login}_url": f"postgresql://{prefix}_{login}:p%27%24%40%5C%25{login}@{host}/{prefix}?{parts.query}"
        for login in ("owner", "app", "worker")
    }


@pytest.fixture(scope="module")
def admin(tmp_path_factory: pytest.TempPathFactory) -> str:
    data_dir = tmp_path_factory.mktemp("cluster")
    if os.geteuid() == 0:
        # The server's account must get here, and before PostgreSQL 16 it has to walk.
        for closed in (data_dir.parent, data_dir.parent.parent):
            closed.chmod(0o711)
    ensure_running(data_dir, broker=False, fast=True)
    return admin_url(data_dir)


@pytest.fixture(scope="module")
def urls(admin: str) -> dict[str, str]:
    urls = urls_for(admin)
    provision(admin, **urls)
    return urls


@pytest.fixture
def stranger(admin: str) -> Iterator[str]:
    rows(admin, "CREATE ROLE stranger LOGIN PASSWORD 'pw'")
    yield make_dsn(admin, user="stranger", password="pw")
    rows(admin, "DROP ROLE stranger")


def rows(dsn: str, *statements: str) -> list[tuple[object, ...]]:
    """Run statements in autocommit and return what the last one answers."""
    connection = psycopg2.connect(dsn)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def memberships(admin: str, login: str) -> set[object]:
    query = (
        "SELECT held.rolname FROM pg_auth_members JOIN pg_roles held ON held.oid = roleid "
        f"JOIN pg_roles holder ON holder.oid = member WHERE holder.rolname = '{login}'"
    )
    return {role for (role,) in rows(admin, query)}


def powers(admin: str) -> list[tuple[object, ...]]:
    return rows(
        admin,
        "SELECT rolname FROM pg_roles WHERE (rolname LIKE 'school%' OR rolname LIKE 'app%') AND "
        "(rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole OR rolreplication OR rolinherit)",
    )


def test_no_role_can_bypass_row_security_or_inherit(admin: str, urls: dict[str, str]) -> None:
    assert powers(admin) == []
    count = "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'school%' OR rolname LIKE 'app%'"
    assert rows(admin, count) == [(10,)]


def test_group_roles_cannot_log_in(admin: str, urls: dict[str, str]) -> None:
    found = rows(admin, "SELECT rolname, rolcanlogin FROM pg_roles WHERE rolname LIKE 'app%' ORDER BY 1")
    assert found == [(role, False) for role in sorted(GROUP_ROLES)]


def test_memberships_are_exactly_the_rule(admin: str, urls: dict[str, str]) -> None:
    held = {login: memberships(admin, login) for login in LOGINS}
    assert held == {
        "school_owner": set(),
        "school_app": set(ROLES_OF_PEOPLE),
        "school_worker": set(GROUP_ROLES),
    }


@pytest.mark.parametrize("login", ["app", "worker"])
def test_runtime_logins_start_as_nobody(urls: dict[str, str], login: str) -> None:
    found = rows(urls[f"{login}_url"], "SELECT session_user, current_user")
    assert found == [(f"school_{login}", "app_anon")]


@pytest.mark.parametrize(("login", "limit"), [("app", "30s"), ("worker", "2min")])
def test_runtime_logins_have_limits(urls: dict[str, str], login: str, limit: str) -> None:
    names = ("statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout")
    settings = ", ".join(f"current_setting('{name}')" for name in names)
    assert rows(urls[f"{login}_url"], f"SELECT {settings}") == [(limit, "1min", "5s")]


def test_only_the_worker_may_act_as_the_system(urls: dict[str, str]) -> None:
    assert rows(urls["worker_url"], "SET ROLE app_system", "SELECT current_user") == [("app_system",)]
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        rows(urls["app_url"], "SET ROLE app_system")


def test_runtime_roles_own_nothing_and_read_no_table(admin: str, urls: dict[str, str]) -> None:
    rows(urls["owner_url"], "CREATE TABLE IF NOT EXISTS secret (word text)")
    names = ", ".join(f"'{role}'" for role in ("school_app", "school_worker", *GROUP_ROLES))
    owned = f"SELECT count(*) FROM pg_shdepend JOIN pg_roles r ON refobjid = r.oid WHERE rolname IN ({names})"
    assert rows(admin, f"{owned} AND deptype = 'o'") == [(0,)]
    forbidden = ("SELECT * FROM public.secret", "CREATE TABLE public.mine ()", "CREATE TEMP TABLE mine ()")
    for statement in forbidden:
        for url in (urls["app_url"], urls["worker_url"]):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                rows(url, "SET ROLE NONE", statement)
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                rows(url, statement)


def test_the_owner_owns_the_database_and_nothing_beyond(admin: str, urls: dict[str, str]) -> None:
    query = (
        "SELECT pg_get_userbyid(datdba), (SELECT pg_get_userbyid(nspowner) FROM pg_namespace "
        "WHERE nspname = 'public') FROM pg_database WHERE datname = current_database()"
    )
    assert rows(urls["owner_url"], query) == [("school_owner", "school_owner")]
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        rows(urls["owner_url"], "CREATE DATABASE more")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        rows(urls["owner_url"], "SET ROLE app_admin")


def test_strangers_cannot_connect(urls: dict[str, str], stranger: str) -> None:
    with pytest.raises(psycopg2.OperationalError, match="permission denied for database"):
        rows(make_dsn(stranger, dbname="school"), "SELECT 1")


def test_extensions_are_there(urls: dict[str, str]) -> None:
    found = rows(urls["owner_url"], "SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1")
    assert found == [("btree_gist",), ("pg_trgm",)]


def test_running_again_takes_back_what_was_added_by_hand(admin: str, urls: dict[str, str]) -> None:
    rows(
        admin,
        "ALTER ROLE school_app BYPASSRLS INHERIT",
        "GRANT app_system, pg_read_all_data TO school_app",
        "GRANT app_admin TO school_owner",
        "GRANT CONNECT, TEMP ON DATABASE school TO PUBLIC",
        "ALTER ROLE school_worker SET role = 'app_system'",
    )
    provision(admin, **urls)
    assert powers(admin) == []
    assert memberships(admin, "school_app") == set(ROLES_OF_PEOPLE)
    assert memberships(admin, "school_owner") == set()
    assert rows(urls["worker_url"], "SELECT current_user") == [("app_anon",)]
    assert rows(admin, "SELECT has_database_privilege('app_anon', 'school', 'CONNECT')") == [(False,)]


def test_the_script_does_the_same_and_shows_no_password(admin: str, tmp_path: Path) -> None:
    psql = find_postgres().path.with_name("psql")
    if not os.access(psql, os.X_OK):
        pytest.skip("these PostgreSQL programs come without psql")
    urls = urls_for(admin, "printed")
    script = tmp_path / "provision.sql"
    script.write_text(
        provisioning_sql(owner_url=urls["owner_url"], app_url=urls["app_url"], worker_url=urls["worker_url"])
    )
    for _ in range(2):
        subprocess.run([psql, "-X", "-q", "-f", script, admin], check=True, capture_output=True)
    assert plan_for(**urls).app.password == "p'$@\\%app"
    assert "p'$@" not in script.read_text()
    assert "p''$@" not in script.read_text()
    assert rows(urls["app_url"], "SELECT current_user") == [("app_anon",)]
    assert memberships(admin, "printed_worker") == set(GROUP_ROLES)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"app_url": "postgresql://app:pw@/other"}, "different databases"),
        ({"app_url": "postgresql://owner:pw@/school"}, "three different logins"),
        ({"app_url": "postgresql://app@/school"}, "DATABASE_APP_URL names no password"),
        ({"worker_url": "postgresql://worker:pw@/"}, "DATABASE_WORKER_URL names no dbname"),
        ({"owner_url": "postgresql://owner:p%C3%A4@/school"}, "printable ASCII"),
        ({"owner_url": "postgresql://Own%22er:pw@/school"}, "needs a name of"),
        ({"owner_url": "postgresql://app_admin:pw@/school"}, "needs a name of"),
        ({"owner_url": "nonsense"}, "DATABASE_URL is no PostgreSQL URL"),
    ],
)
def test_urls_that_do_not_fit_are_refused(change: dict[str, str], message: str) -> None:
    urls = {f"{login}_url": f"postgresql://{login}:pw@/school" for login in ("owner", "app", "worker")}
    with pytest.raises(ProvisioningError, match=message):
        plan_for(**{**urls, **change})
