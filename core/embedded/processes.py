"""Starting server processes: as an account without rights, and so that they die with their supervisor."""

import ctypes
import os
import pwd
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.embedded.errors import EmbeddedServerError

ON_LINUX = sys.platform.startswith("linux")
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if ON_LINUX else None


@dataclass(frozen=True)
class Account:
    """A user of the operating system."""

    name: str
    uid: int
    gid: int


def service_account() -> Account | None:
    """Return the account the servers run as, None for the current one: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise EmbeddedServerError(
        "The embedded servers do not run as root, and there is no account postgres or nobody: "
        "start as an ordinary user, or set DATABASE_URL and REDIS_URL."
    )


def own_directory(path: Path, account: Account | None) -> None:
    """Create a directory that only the servers' account (and root) can open."""
    path.mkdir(mode=0o700, exist_ok=True)
    path.chmod(0o700)
    if account:
        os.chown(path, account.uid, account.gid)


def let_pass(path: Path, account: Account | None) -> None:
    """Let the servers' account go through a directory of ours without listing it."""
    if account:
        os.chown(path, os.geteuid(), account.gid)
        path.chmod(0o710)


def is_reachable(path: Path, account: Account | None) -> bool:
    """Return whether the account may go through every parent of a path and open (or run) it.

    Asked of the kernel from a child process, so that groups and access lists count. Not for use with threads.
    """
    if account is None:
        return os.access(path, os.X_OK)
    child = os.fork()
    if child == 0:
        try:
            _become(account)
            os._exit(0 if os.access(path, os.X_OK) else 1)
        except OSError:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def spawn(
    command: Sequence[str],
    *,
    cwd: Path,
    log: Path,
    account: Account | None,
    death_signal: int,
    stdin: int = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Start a process that gets `death_signal` when its parent dies, and writes all it says to `log`."""
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            cwd=cwd,
            stdin=stdin,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=_environment(),
            preexec_fn=_preparation(account, death_signal),
        )


def run(command: Sequence[str], *, cwd: Path, account: Account | None, death_signal: int) -> str:
    """Run a process and return its output; raises EmbeddedServerError with its words if it fails."""
    outcome = subprocess.run(
        command,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=_environment(),
        preexec_fn=_preparation(account, death_signal),
        check=False,
    )
    if outcome.returncode != 0:
        raise EmbeddedServerError(f"{command[0]} failed:\n{outcome.stdout[-2000:]}")
    return outcome.stdout


def _environment() -> dict[str, str]:
    """Return our environment without libpq's variables, which would point the servers' tools elsewhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C"}


def _preparation(account: Account | None, death_signal: int) -> Callable[[], None]:
    parent = os.getpid()

    def prepare() -> None:
        if account:
            _become(account)
        if _libc is not None:
            # After the change of user, which clears the setting.
            _libc.prctl(PR_SET_PDEATHSIG, death_signal)
            if os.getppid() != parent:
                os._exit(1)

    return prepare


def _become(account: Account) -> None:
    os.setgroups([])
    os.setgid(account.gid)
    os.setuid(account.uid)
