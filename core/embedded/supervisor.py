"""The process that owns the embedded servers of one data directory.

It starts what its users ask for, restarts what dies, and stops everything soon after the last user is gone.
A user is whoever holds a connection open: the kernel closes it however the user ends,
so nobody can forget to sign off.
"""

import contextlib
import fcntl
import json
import logging
import os
import secrets
import selectors
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.embedded.broker import BrokerServer, broker_url
from core.embedded.errors import EmbeddedServerError
from core.embedded.layout import (
    LOOPBACK,
    Layout,
    choose_ports,
    layout_of,
    load_credentials,
    write_private,
)
from core.embedded.postgres import APP, OWNER, WORKER, PostgresServer, postgres_url
from core.embedded.processes import service_account

Server = PostgresServer | BrokerServer

CONTROL_SOCKET = "control.sock"
GRACE_SECONDS = 3.0
FIRST_USER_SECONDS = 10.0
HELLO_SECONDS = 2.0
LOCK_SECONDS = 60.0
# A server that dies this often within a minute stays down until somebody asks for it again.
MOST_RESTARTS_A_MINUTE = 5

logger = logging.getLogger("core.embedded.supervisor")


class Supervisor:
    """Serves the users of one data directory until the last of them is gone."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.account = service_account()
        self.credentials = choose_ports(layout, load_credentials(layout))
        self.token = secrets.token_urlsafe(24)
        self.servers: dict[str, Server] = {}
        self.restarts: dict[str, deque[float]] = {}
        self.users: set[socket.socket] = set()
        self.selector = selectors.DefaultSelector()
        self.is_ending = False

    def serve(self) -> None:
        """Answer users until the last is gone for three seconds, or a signal asks to end."""
        with self._listener() as listener, self._signals() as wake_up:
            self.selector.register(listener, selectors.EVENT_READ, self._welcome)
            self.selector.register(wake_up, selectors.EVENT_READ, lambda wake_up: wake_up.recv(1024))
            self._announce(listener)
            try:
                self._loop()
            finally:
                self.layout.control.unlink(missing_ok=True)
                (self.layout.run / CONTROL_SOCKET).unlink(missing_ok=True)
        for server in self.servers.values():
            server.stop()

    def _loop(self) -> None:
        leave_at = time.monotonic() + FIRST_USER_SECONDS
        while not self.is_ending and (self.users or time.monotonic() < leave_at):
            had_users = bool(self.users)
            for key, _ in self.selector.select(timeout=0.5):
                key.data(key.fileobj)
            if had_users and not self.users:
                leave_at = time.monotonic() + GRACE_SECONDS
            self._revive()

    def _welcome(self, listener: socket.socket) -> None:
        """Start what a new user asks for, tell the addresses, keep the connection as a mark of presence."""
        connection, _ = listener.accept()
        connection.settimeout(HELLO_SECONDS)
        try:
            wish = json.loads(connection.makefile("rb").readline(10_000))
            if not secrets.compare_digest(str(wish["token"]), self.token):
                raise ValueError("wrong token")
            answer = self._provide(wish)
            connection.sendall(json.dumps(answer).encode() + b"\n")
        except (OSError, ValueError, KeyError, TypeError) as error:
            logger.warning("a user was turned away: %s", error)
            connection.close()
            return
        if "error" in answer:
            connection.close()
            return
        self.users.add(connection)
        self.selector.register(connection, selectors.EVENT_READ, self._hear)

    def _hear(self, connection: socket.socket) -> None:
        """Users say nothing after their first line: what arrives is their end."""
        with contextlib.suppress(OSError):
            if connection.recv(1024):
                return
        self.selector.unregister(connection)
        self.users.discard(connection)
        connection.close()

    def _provide(self, wish: dict[str, Any]) -> dict[str, str]:
        try:
            if wish["postgres"]:
                self._ensure("postgres", fast=bool(wish["fast"]))
            if wish["broker"]:
                self._ensure("broker", fast=False)
        except EmbeddedServerError as error:
            logger.error("%s", error)
            return {"error": str(error)}
        except Exception as error:
            logger.exception("starting the servers failed")
            return {"error": f"{type(error).__name__}: {error}"}
        return self._endpoints(postgres=wish["postgres"], broker=wish["broker"])

    def _ensure(self, name: str, *, fast: bool) -> None:
        server = self.servers.get(name)
        if server and server.is_running():
            return
        if server is None:
            server = self._make(name, fast=fast)
        server.start()
        self.servers[name] = server
        self.restarts[name] = deque(maxlen=MOST_RESTARTS_A_MINUTE)
        logger.info("%s is up", name)

    def _make(self, name: str, *, fast: bool) -> Server:
        if name == "postgres":
            return PostgresServer(self.layout, self.credentials, self.account, fast=fast)
        return BrokerServer(self.layout, self.credentials, self.account)

    def _endpoints(self, *, postgres: bool, broker: bool) -> dict[str, str]:
        made = self.credentials
        endpoints = {"owner_url": "", "app_url": "", "worker_url": "", "redis_url": ""}
        if postgres:
            endpoints["owner_url"] = postgres_url(self.layout, made, OWNER, made.owner_password)
            endpoints["app_url"] = postgres_url(self.layout, made, APP, made.app_password)
            endpoints["worker_url"] = postgres_url(self.layout, made, WORKER, made.worker_password)
        if broker:
            endpoints["redis_url"] = broker_url(self.layout, made)
        return endpoints

    def _revive(self) -> None:
        """Restart the servers that died under us, unless they keep dying."""
        for name, server in self.servers.items():
            if server.is_running() or self.is_ending:
                continue
            recent = self.restarts[name]
            if len(recent) == recent.maxlen and time.monotonic() - recent[0] < 60:
                continue
            recent.append(time.monotonic())
            logger.warning("%s died and is restarted", name)
            try:
                server.start()
            except Exception:
                logger.exception("%s cannot be restarted", name)

    def _listener(self) -> socket.socket:
        if self.layout.uses_tcp:
            return socket.create_server((LOOPBACK, 0), backlog=128)
        path = self.layout.run / CONTROL_SOCKET
        path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        path.chmod(0o600)
        listener.listen(128)
        return listener

    def _announce(self, listener: socket.socket) -> None:
        text = json.dumps({"address": listener.getsockname(), "token": self.token, "pid": os.getpid()})
        write_private(self.layout.control, text)

    @contextlib.contextmanager
    def _signals(self) -> Iterator[socket.socket]:
        """Turn signals into bytes on a socket: a dying child or a request to end wakes the loop at once."""
        receiver, sender = socket.socketpair()
        sender.setblocking(False)
        signal.set_wakeup_fd(sender.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._end)
        try:
            yield receiver
        finally:
            signal.set_wakeup_fd(-1)
            receiver.close()
            sender.close()

    def _end(self, number: int, frame: object) -> None:
        self.is_ending = True


@contextlib.contextmanager
def only_one(layout: Layout) -> Iterator[None]:
    """Hold the data directory's lock; raises EmbeddedServerError if another supervisor keeps it."""
    deadline = time.monotonic() + LOCK_SECONDS
    with (layout.run / "supervisor.lock").open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise EmbeddedServerError(f"Another supervisor holds {layout.root}.") from None
                time.sleep(0.02)
        yield


def main(data_dir: Path) -> int:
    """Supervise one data directory; returns the exit code of the process."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    layout = layout_of(data_dir)
    layout.create()
    logger.info("supervising %s", layout.root)
    try:
        with only_one(layout):
            Supervisor(layout).serve()
    except EmbeddedServerError as error:
        logger.error("%s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
