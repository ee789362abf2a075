"""The embedded PostgreSQL server: made, started, repaired, stopped."""

import logging
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import psycopg2

from core import provisioning
from core.embedded.binaries import find_postgres, runnable
from core.embedded.errors import EmbeddedServerError
from core.embedded.layout import LOOPBACK, Credentials, Layout
from core.embedded.processes import (
    ON_LINUX,
    Account,
    is_reachable,
    let_pass,
    own_directory,
    run,
    spawn,
)

SUPERUSER = "postgres"
DATABASE = "mentorship"
OWNER, APP, WORKER = "mentorship_owner", "mentorship_app", "mentorship_worker"
# A directory below closed parents is still open to a process that starts in it, under this name.
HERE = "/proc/self/cwd"
FIRST_VERSION_THAT_STARTS_HERE = 16
SETTINGS = {
    "jit": "off",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "password_encryption": "scram-sha-256",
    "unix_socket_permissions": "0700",
    "log_min_duration_statement": "1000",
}
# For tests: what a crash of the machine would lose does not matter, the speed of commits does.
FAST_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
INITDB_INPUT = "initdb-password"
START_SECONDS = 60
STOP_SECONDS = 20

logger = logging.getLogger(__name__)


def postgres_url(layout: Layout, credentials: Credentials, user: str, password: str, database: str = DATABASE) -> str:
    """Return a URL that libpq and django-environ both read."""
    login = f"postgresql://{quote(user)}:{quote(password, safe='')}@"
    if layout.uses_tcp:
        return f"{login}{LOOPBACK}:{credentials.postgres_port}/{database}"
    return f"{login}/{database}?host={quote(str(layout.postgres_sockets), safe='')}"


class PostgresServer:
    """One PostgreSQL server over one data directory, as a child of this process."""

    name = "postgres"

    def __init__(self, layout: Layout, credentials: Credentials, account: Account | None, *, fast: bool) -> None:
        self.layout = layout
        self.credentials = credentials
        self.account = account
        self.fast = fast
        self.process: subprocess.Popen[bytes] | None = None
        self.program = runnable(find_postgres(), account)
        self.version = _version(self.program)

    def start(self) -> None:
        """Start the server and wait until the roles and the database are there.

        Raises EmbeddedServerError naming the log when it does not come up within 60 s.
        """
        let_pass(self.layout.root, self.account)
        let_pass(self.layout.run, self.account)
        own_directory(self.layout.postgres_sockets, self.account)
        self._end_predecessor()
        if not (self.layout.cluster / "PG_VERSION").exists():
            self._create_cluster()
        self._refuse_other_version()
        self._launch()
        self._provision()

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Stop the server, harder each time it does not listen."""
        if self.process is None:
            return
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            if self.process.poll() is not None:
                return
            self.process.send_signal(number)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                logger.warning("postgres ignores signal %s", number)

    def _create_cluster(self) -> None:
        """Run initdb beside the final place: a half-made cluster is never taken for a whole one."""
        draft = self.layout.root / "postgres.new"
        password_file = self.layout.run / INITDB_INPUT
        shutil.rmtree(draft, ignore_errors=True)
        own_directory(draft, self.account)
        password_file.unlink(missing_ok=True)
        with os.fdopen(os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(self.credentials.superuser_password)
        if self.account:
            os.chown(password_file, self.account.uid, self.account.gid)
        try:
            run(
                self._initdb_command(draft),
                cwd=draft,
                account=self.account,
                death_signal=signal.SIGTERM,
            )
        finally:
            password_file.unlink()
        draft.rename(self.layout.cluster)

    def _initdb_command(self, directory: Path) -> list[str]:
        builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        return [
            str(self.program.with_name("initdb")),
            f"--pgdata={self._name_of(directory)}",
            f"--username={SUPERUSER}",
            "--auth=scram-sha-256",
            # Relative: the account may be unable to spell out the way here.
            f"--pwfile=../run/{INITDB_INPUT}",
            "--encoding=UTF8",
            *(builtin if self.version >= 17 else ["--locale=C.UTF-8"]),
            "--no-instructions",
            *(["--no-sync"] if self.fast else []),
        ]

    def _name_of(self, directory: Path) -> str:
        if is_reachable(directory, self.account):
            return str(directory)
        if ON_LINUX and self.version >= FIRST_VERSION_THAT_STARTS_HERE:
            return HERE
        account = self.account.name if self.account else "the current one"
        raise EmbeddedServerError(
            f"The account {account} cannot reach {directory}, and PostgreSQL {self.version} does not start "
            "from there: open the parents (chmod o+x), or start as an ordinary user, or set DATABASE_URL."
        )

    def _refuse_other_version(self) -> None:
        found = (self.layout.cluster / "PG_VERSION").read_text().strip()
        if found != str(self.version):
            raise EmbeddedServerError(
                f"{self.layout.cluster} belongs to PostgreSQL {found}, {self.program} is {self.version}: "
                f"point PG_BINDIR to version {found}, or dump and remove the directory."
            )

    def _launch(self) -> None:
        """Start the process; try again while remains of a killed server are still going away."""
        deadline = time.monotonic() + START_SECONDS
        log = self.layout.log_file(self.name)
        while True:
            self.process = spawn(
                self._server_command(),
                cwd=self.layout.cluster,
                log=log,
                account=self.account,
                death_signal=signal.SIGINT,
            )
            while self.is_running() and time.monotonic() < deadline:
                if self._answers():
                    return
                time.sleep(0.02)
            if time.monotonic() > deadline - START_SECONDS + 10:
                self.stop()
                raise EmbeddedServerError(f"PostgreSQL does not start: see {log}.")
            time.sleep(0.2)

    def _server_command(self) -> list[str]:
        address = {
            "listen_addresses": "",
            "unix_socket_directories": f"../run/{self.layout.postgres_sockets.name}",
        }
        if self.layout.uses_tcp:
            address = {"listen_addresses": LOOPBACK, "port": str(self.credentials.postgres_port)}
            address["unix_socket_directories"] = ""
        settings = {**SETTINGS, **(FAST_SETTINGS if self.fast else {}), **address}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self.program), "-D", self._name_of(self.layout.cluster), *options]

    def _answers(self) -> bool:
        try:
            psycopg2.connect(self._admin_url(), connect_timeout=5).close()
        except psycopg2.OperationalError as error:
            if "password authentication failed" in str(error):
                raise EmbeddedServerError(
                    f"{self.layout.credentials} does not belong to the database in {self.layout.cluster}: "
                    "restore the file, or remove the directory to begin with an empty database."
                ) from error
            return False
        return True

    def _provision(self) -> None:
        def url(user: str, password: str) -> str:
            return postgres_url(self.layout, self.credentials, user, password)

        provisioning.provision(
            self._admin_url(),
            owner_url=url(OWNER, self.credentials.owner_password),
            app_url=url(APP, self.credentials.app_password),
            worker_url=url(WORKER, self.credentials.worker_password),
        )

    def _admin_url(self) -> str:
        return postgres_url(self.layout, self.credentials, SUPERUSER, self.credentials.superuser_password, SUPERUSER)

    def _end_predecessor(self) -> None:
        """Stop a server whose supervisor was killed, and remove the marks of one that is gone.

        PostgreSQL trusts the process number in its lock files. After a restart of the machine that number can
        belong to anybody; the supervisor's own lock already rules out a second server, so the files can go.
        """
        mark = self.layout.cluster / "postmaster.pid"
        try:
            pid = int(mark.read_text().split()[0])
        except (FileNotFoundError, ValueError, IndexError):
            pid = 0
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            if not (pid and self._is_our_server(pid)):
                break
            os.kill(pid, number)
            _wait_for(lambda: not self._is_our_server(pid), seconds=5)
        mark.unlink(missing_ok=True)
        for leftover in self.layout.postgres_sockets.iterdir():
            leftover.unlink()

    def _is_our_server(self, pid: int) -> bool:
        if ON_LINUX:
            try:
                return os.path.samefile(f"/proc/{pid}/cwd", self.layout.cluster)
            except OSError:
                return False
        command = ["/bin/ps", "-o", "command=", "-p", str(pid)]
        listing = subprocess.run(command, capture_output=True, text=True, check=False)
        return str(self.layout.cluster) in listing.stdout


def _wait_for(is_done: Callable[[], bool], *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not is_done() and time.monotonic() < deadline:
        time.sleep(0.02)


def _version(program: Path) -> int:
    text = run([str(program), "--version"], cwd=Path("/"), account=None, death_signal=signal.SIGTERM)
    found = re.search(r"\(PostgreSQL\) (\d+)", text)
    if not found:
        raise EmbeddedServerError(f"{program} does not say its version: {text}")
    return int(found[1])
