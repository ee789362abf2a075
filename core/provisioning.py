"""Cluster-level set-up: who can log in, as whom they may act, what the database has before `migrate`.

Run once by an administrator, and again whenever it changes: every step can be repeated. Tables, policies and
grants belong to the migrations.
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

import psycopg2
from psycopg2.extensions import connection, make_dsn, parse_dsn

ROLES_OF_PEOPLE = ("app_anon", "app_person", "app_student", "app_mentor", "app_director", "app_admin")
SYSTEM_ROLE = "app_system"
GROUP_ROLES = (*ROLES_OF_PEOPLE, SYSTEM_ROLE)
DEFAULT_ROLE = "app_anon"
EXTENSIONS = ("btree_gist", "pg_trgm")
OLDEST_VERSION = 150000
MEMBERSHIP_OPTIONS_SINCE = 160000
BUILTIN_LOCALES_SINCE = 170000

# Two provisioners at once would trip over each other's rows in pg_authid.
LOCK_KEY = 7_301_946_552
SCRAM_ITERATIONS = 4096


class ProvisioningError(ValueError):
    """The logins cannot be set up as asked; the message says what to change."""


@dataclass(frozen=True)
class Login:
    """A login role as a connection URL names it, with what it may become and how long it may take."""

    name: str
    password: str
    may_act_as: tuple[str, ...] = ()
    statement_timeout: str = ""


@dataclass(frozen=True)
class Plan:
    """What one installation needs in its cluster."""

    database: str
    owner: Login
    app: Login
    worker: Login

    @property
    def logins(self) -> tuple[Login, Login, Login]:
        return (self.owner, self.app, self.worker)

    @property
    def runtime_logins(self) -> tuple[Login, Login]:
        return (self.app, self.worker)


def plan_for(*, owner_url: str, app_url: str, worker_url: str) -> Plan:
    """Read the three URLs (`architecture.md` §5); raises ProvisioningError when they do not fit together."""
    parsed = {
        variable: _parsed(variable, url)
        for variable, url in (
            ("DATABASE_URL", owner_url),
            ("DATABASE_APP_URL", app_url),
            ("DATABASE_WORKER_URL", worker_url),
        )
    }
    owner, app, worker = parsed.values()
    if len({one["dbname"] for one in parsed.values()}) > 1:
        raise ProvisioningError(f"{', '.join(parsed)} name different databases.")
    if len({one["user"] for one in parsed.values()}) < 3:
        raise ProvisioningError(f"{', '.join(parsed)} need three different logins.")
    return Plan(
        database=owner["dbname"],
        owner=Login(owner["user"], owner["password"]),
        app=Login(app["user"], app["password"], ROLES_OF_PEOPLE, "30s"),
        worker=Login(worker["user"], worker["password"], GROUP_ROLES, "120s"),
    )


def provision(admin_dsn: str, *, owner_url: str, app_url: str, worker_url: str) -> None:
    """Bring the cluster that `admin_dsn` (URL or libpq string) opens to the state that the URLs describe.

    Raises ProvisioningError for URLs that do not fit together, a server older than PostgreSQL 15, or a login
    that keeps a membership it must not have; psycopg2.Error when the server refuses.
    """
    plan = plan_for(owner_url=owner_url, app_url=app_url, worker_url=worker_url)
    with _Session(admin_dsn) as admin:
        version = admin.server_version
        if version < OLDEST_VERSION:
            raise ProvisioningError(f"PostgreSQL 15 or newer is needed, this server is {version // 10000}.")
        _execute(admin, ["BEGIN", f"SELECT pg_advisory_xact_lock({LOCK_KEY})"])
        _execute(admin, [*_role_statements(plan, version), "COMMIT"])
        if not _fetch(admin, "SELECT 1 FROM pg_database WHERE datname = %s", (plan.database,)):
            _create_database(admin, plan, version)
        _refuse_excess(admin, plan)
    with _Session(make_dsn(admin_dsn, dbname=plan.database)) as inside:
        _execute(inside, ["BEGIN", f"SELECT pg_advisory_xact_lock({LOCK_KEY})"])
        _execute(inside, [*_database_statements(plan), "COMMIT"])


def provisioning_sql(*, owner_url: str, app_url: str, worker_url: str, server_version: int = OLDEST_VERSION) -> str:
    """Return the same steps as a script for `psql --dbname=postgres`; it holds no password in the clear.

    `server_version` is PostgreSQL's number (150000 for 15.0): the default runs on every version from 15.
    Raises ProvisioningError as `provision` does.
    """
    plan = plan_for(owner_url=owner_url, app_url=app_url, worker_url=worker_url)
    create = _create_database_statement(plan, server_version)
    missing = f"NOT EXISTS (SELECT FROM pg_database WHERE datname = {_literal(plan.database)})"
    return "\n".join(
        [
            "\\set ON_ERROR_STOP on",
            "BEGIN;",
            *(f"{statement};" for statement in _role_statements(plan, server_version)),
            "COMMIT;",
            f"SELECT {_literal(create)} WHERE {missing} \\gexec",
            f"\\connect {_name(plan.database)}",
            "BEGIN;",
            *(f"{statement};" for statement in _database_statements(plan)),
            "COMMIT;",
            "",
        ]
    )


def _role_statements(plan: Plan, version: int) -> Iterable[str]:
    for role in GROUP_ROLES:
        yield _when(_lacks_role(role), f"CREATE ROLE {_name(role)} NOLOGIN NOINHERIT")
        yield from _harmless(role)
    for login in plan.logins:
        yield _when(_lacks_role(login.name), f"CREATE ROLE {_name(login.name)} LOGIN NOINHERIT")
        yield f"ALTER ROLE {_name(login.name)} LOGIN NOINHERIT PASSWORD {_literal(_scram(login.password))}"
        yield from _harmless(login.name)
        yield _revoke_other_memberships(login)
    options = " WITH INHERIT FALSE, SET TRUE" if version >= MEMBERSHIP_OPTIONS_SINCE else ""
    for login in plan.runtime_logins:
        yield f"GRANT {', '.join(map(_name, login.may_act_as))} TO {_name(login.name)}{options}"
        for setting, value in _session_settings(login):
            yield f"ALTER ROLE {_name(login.name)} SET {setting} = {_literal(value)}"


def _session_settings(login: Login) -> tuple[tuple[str, str], ...]:
    return (
        # Whoever forgets to say who acts, acts as nobody.
        ("role", DEFAULT_ROLE),
        ("statement_timeout", login.statement_timeout),
        ("idle_in_transaction_session_timeout", "60s"),
        ("lock_timeout", "5s"),
    )


def _harmless(role: str) -> Iterable[str]:
    """Take away what the role must not have; only then, as a mere CREATEROLE may not mention SUPERUSER."""
    for column, word in (
        ("rolsuper", "NOSUPERUSER"),
        ("rolbypassrls", "NOBYPASSRLS"),
        ("rolreplication", "NOREPLICATION"),
        ("rolcreatedb", "NOCREATEDB"),
        ("rolcreaterole", "NOCREATEROLE"),
        ("rolinherit", "NOINHERIT"),
    ):
        condition = f"EXISTS (SELECT FROM pg_roles WHERE rolname = {_literal(role)} AND {column})"
        yield _when(condition, f"ALTER ROLE {_name(role)} {word}")


def _revoke_other_memberships(login: Login) -> str:
    kept = "".join(f", {_literal(role)}" for role in login.may_act_as)
    return (
        "DO $do$ DECLARE other name; BEGIN FOR other IN "
        "SELECT held.rolname FROM pg_auth_members "
        "JOIN pg_roles AS held ON held.oid = roleid JOIN pg_roles AS holder ON holder.oid = member "
        f"WHERE holder.rolname = {_literal(login.name)} AND held.rolname NOT IN (''{kept}) "
        f"LOOP EXECUTE format('REVOKE %I FROM {_name(login.name)}', other); END LOOP; END $do$"
    )


def _database_statements(plan: Plan) -> Iterable[str]:
    database, owner = _name(plan.database), _name(plan.owner.name)
    logins = ", ".join(_name(login.name) for login in plan.logins)
    yield f"ALTER DATABASE {database} OWNER TO {owner}"
    yield f"REVOKE ALL ON DATABASE {database} FROM PUBLIC"
    yield f"GRANT CONNECT ON DATABASE {database} TO {logins}"
    for extension in EXTENSIONS:
        yield f"CREATE EXTENSION IF NOT EXISTS {extension} SCHEMA public"
    yield f"ALTER SCHEMA public OWNER TO {owner}"
    yield "REVOKE ALL ON SCHEMA public FROM PUBLIC"
    yield f"GRANT USAGE ON SCHEMA public TO {', '.join(GROUP_ROLES)}"


def _create_database(admin: connection, plan: Plan, version: int) -> None:
    try:
        _execute(admin, [_create_database_statement(plan, version)])
    except psycopg2.errors.DuplicateDatabase:
        # Another provisioner was faster: CREATE DATABASE cannot run under the transaction's lock.
        return


def _create_database_statement(plan: Plan, version: int) -> str:
    locale = "LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'"
    if version >= BUILTIN_LOCALES_SINCE:
        locale = "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
    name, owner = _name(plan.database), _name(plan.owner.name)
    return f"CREATE DATABASE {name} OWNER {owner} TEMPLATE template0 ENCODING 'UTF8' {locale}"


def _refuse_excess(admin: connection, plan: Plan) -> None:
    """A REVOKE does not undo what another role granted: look at the outcome, not at the statements."""
    for login in plan.logins:
        held = _fetch(
            admin,
            "SELECT held.rolname FROM pg_auth_members JOIN pg_roles AS held ON held.oid = roleid "
            "JOIN pg_roles AS holder ON holder.oid = member WHERE holder.rolname = %s",
            (login.name,),
        )
        excess = sorted({str(role) for (role,) in held} - set(login.may_act_as))
        if excess:
            raise ProvisioningError(f"{login.name} is still a member of {', '.join(excess)}: revoke that.")


class _Session:
    """A connection in autocommit, closed at the end of its block."""

    def __init__(self, dsn: str) -> None:
        self.connection: connection = psycopg2.connect(dsn, connect_timeout=10)
        self.connection.autocommit = True

    def __enter__(self) -> connection:
        return self.connection

    def __exit__(self, *reason: object) -> None:
        self.connection.close()


def _execute(session: connection, statements: Iterable[str]) -> None:
    with session.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _fetch(session: connection, query: str, values: tuple[str, ...]) -> list[tuple[object, ...]]:
    with session.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()


def _parsed(variable: str, url: str) -> dict[str, str]:
    try:
        parts = parse_dsn(url)
    except psycopg2.ProgrammingError as error:
        raise ProvisioningError(f"{variable} is no PostgreSQL URL: {str(error).strip()}") from None
    for part in ("user", "password", "dbname"):
        if not parts.get(part):
            raise ProvisioningError(f"{variable} names no {part}.")
    if parts["user"] in GROUP_ROLES or not re.fullmatch(r"[a-z_][a-z0-9_-]{0,62}", parts["user"]):
        raise ProvisioningError(f"{variable}: the login {parts['user']!r} needs a name of a-z, 0-9, _ and -.")
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]{0,62}", parts["dbname"]):
        raise ProvisioningError(f"{variable}: the database {parts['dbname']!r} needs a name of A-Z, 0-9, _, -.")
    if not all(" " <= letter <= "~" for letter in parts["password"]):
        raise ProvisioningError(f"{variable}: use a password of printable ASCII characters.")
    return {part: str(value) for part, value in parts.items()}


def _scram(password: str) -> str:
    """Return PostgreSQL's SCRAM-SHA-256 verifier (RFC 5802, RFC 7677): no log ever sees the password."""
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, SCRAM_ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    encoded = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return f"SCRAM-SHA-256${SCRAM_ITERATIONS}:{encoded[0]}${encoded[1]}:{encoded[2]}"


def _when(condition: str, statement: str) -> str:
    return f"DO $do$ BEGIN IF {condition} THEN {statement}; END IF; END $do$"


def _lacks_role(role: str) -> str:
    return f"NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {_literal(role)})"


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
