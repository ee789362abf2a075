"""PostgreSQL and a broker for whoever has configured none: asked for here, run by a supervisor process.

This module is imported by the settings: it knows neither Django nor any app.
"""

import contextlib
import fcntl
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from core.embedded.errors import EmbeddedServerError
from core.embedded.layout import Layout, layout_of, load_credentials
from core.embedded.postgres import SUPERUSER, postgres_url

START_SECONDS = 90.0
ANSWER_SECONDS = 90.0
PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Endpoints:
    """Where the servers answer; "" for one that was not asked for."""

    owner_url: str = ""
    app_url: str = ""
    worker_url: str = ""
    redis_url: str = ""


@dataclass(frozen=True)
class _Wish:
    data_dir: Path
    postgres: bool
    broker: bool


@dataclass
class _Presence:
    """The connections that tell the supervisors that this process (and its forks) still lives."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    connections: dict[_Wish, tuple[socket.socket, Endpoints]] = field(default_factory=dict)
    supervisors: list[subprocess.Popen[bytes]] = field(default_factory=list)


_presence = _Presence()


def ensure_running(
    data_dir: Path, *, postgres: bool = True, broker: bool = True, fast: bool | None = None
) -> Endpoints:
    """Return the addresses of the embedded servers over `data_dir`, started if they are not running.

    They run until the last process that asked for them (or a fork of it) has ended. `fast` (by default the
    environment variable EMBEDDED_FAST=1) gives up safety against a crash of the machine, for tests; it counts
    when the server is started. Raises EmbeddedServerError, with what to do, when a server cannot be started.
    """
    if not (postgres or broker):
        return Endpoints()
    layout = layout_of(data_dir)
    wish = _Wish(layout.root, postgres, broker)
    is_fast = os.environ.get("EMBEDDED_FAST", "") == "1" if fast is None else fast
    with _presence.lock:
        held = _presence.connections.get(wish)
        if held and _is_open(held[0]):
            return held[1]
        connection, endpoints = _obtain(layout, {"postgres": postgres, "broker": broker, "fast": is_fast})
        if held:
            held[0].close()
        _presence.connections[wish] = (connection, endpoints)
        return endpoints


def admin_url(data_dir: Path) -> str:
    """Return the superuser's URL of the embedded PostgreSQL: for provisioning and tests alone."""
    layout = layout_of(data_dir)
    credentials = load_credentials(layout)
    return postgres_url(layout, credentials, SUPERUSER, credentials.superuser_password, SUPERUSER)


def celery_url(redis_url: str) -> str:
    """Return a Redis URL as Celery reads it: only the form for unix sockets differs from redis-py's."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    database = parts.query.removeprefix("db=") or "0"
    return f"redis+socket://{parts.netloc}{parts.path}?virtual_host={database}"


def _obtain(layout: Layout, wish: dict[str, bool]) -> tuple[socket.socket, Endpoints]:
    layout.create()
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        answer = _ask(layout, wish)
        if answer:
            return answer
        with _sole_starter(layout):
            # Another process may have started the supervisor while this one waited for its turn.
            answer = _ask(layout, wish)
            if answer:
                return answer
            _start_supervisor(layout, deadline)
    raise EmbeddedServerError(f"The embedded servers do not answer: see {layout.log}/supervisor.log.")


def _ask(layout: Layout, wish: dict[str, bool]) -> tuple[socket.socket, Endpoints] | None:
    """Tell a running supervisor what is needed; None when there is none, or it is just leaving."""
    try:
        control = json.loads(layout.control.read_text())
        connection = _connect(control["address"])
    except PermissionError as error:
        raise EmbeddedServerError(f"{layout.root} is in use by another user ({error}): run as that user.") from error
    except (OSError, ValueError):
        return None
    try:
        connection.settimeout(ANSWER_SECONDS)
        connection.sendall(json.dumps({**wish, "token": control["token"]}).encode() + b"\n")
        with connection.makefile("rb") as lines:
            line = lines.readline()
    except OSError:
        line = b""
    if not line:
        connection.close()
        return None
    answer = json.loads(line)
    if "error" in answer:
        connection.close()
        raise EmbeddedServerError(answer["error"])
    connection.setblocking(False)
    return connection, Endpoints(**answer)


def _connect(address: str | list[str | int]) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)
    try:
        connection.connect(address if isinstance(address, str) else tuple(address))
    except OSError:
        connection.close()
        raise
    return connection


def _start_supervisor(layout: Layout, deadline: float) -> None:
    """Start a supervisor in its own session and wait until it listens, or EmbeddedServerError if it ends."""
    layout.control.unlink(missing_ok=True)
    log = layout.log_file("supervisor")
    with log.open("ab") as output:
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "core.embedded.supervisor", str(layout.root)],
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _presence.supervisors = [one for one in _presence.supervisors if one.poll() is None] + [supervisor]
    while not layout.control.exists() and time.monotonic() < deadline:
        if supervisor.poll() is not None:
            raise EmbeddedServerError(f"The supervisor of the embedded servers ended:\n{_end_of(log)}")
        time.sleep(0.01)


def _end_of(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-5:])


def _is_open(connection: socket.socket) -> bool:
    """Return whether the supervisor still holds its end. Only looks: a fork may share the connection."""
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


@contextlib.contextmanager
def _sole_starter(layout: Layout) -> Iterator[None]:
    with (layout.run / "start.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
