"""The embedded broker: a Redis-protocol server that keeps nothing, because PostgreSQL is the truth."""

import logging
import signal
import socket
import subprocess
import time
from urllib.parse import quote

from core.embedded.binaries import find_broker, runnable
from core.embedded.errors import EmbeddedServerError
from core.embedded.layout import LOOPBACK, Credentials, Layout
from core.embedded.processes import Account, let_pass, own_directory, spawn

SOCKET_NAME = "broker.sock"
START_SECONDS = 15
STOP_SECONDS = 5

logger = logging.getLogger(__name__)


def broker_url(layout: Layout, credentials: Credentials) -> str:
    """Return the broker's URL as redis-py reads it."""
    password = quote(credentials.broker_password, safe="")
    if layout.uses_tcp:
        return f"redis://:{password}@{LOOPBACK}:{credentials.broker_port}/0"
    return f"unix://:{password}@{quote(str(layout.broker_sockets / SOCKET_NAME))}?db=0"


class BrokerServer:
    """One broker, as a child of this process."""

    name = "broker"

    def __init__(self, layout: Layout, credentials: Credentials, account: Account | None) -> None:
        self.layout = layout
        self.credentials = credentials
        self.account = account
        self.process: subprocess.Popen[bytes] | None = None
        self.program = runnable(find_broker(), account)

    def start(self) -> None:
        """Start the broker and wait for its answer; raises EmbeddedServerError if none comes."""
        let_pass(self.layout.root, self.account)
        let_pass(self.layout.run, self.account)
        own_directory(self.layout.broker_sockets, self.account)
        (self.layout.broker_sockets / SOCKET_NAME).unlink(missing_ok=True)
        log = self.layout.log_file(self.name)
        deadline = time.monotonic() + START_SECONDS
        self._launch()
        while time.monotonic() < deadline:
            if not self.is_running():
                # The port of a broker whose supervisor was killed may need a moment to become free.
                time.sleep(0.2)
                self._launch()
            if self._answers():
                return
            time.sleep(0.01)
        self.stop()
        raise EmbeddedServerError(f"The broker does not start: see {log}.")

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Stop the broker, by force when it does not listen."""
        if self.process is None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self.process.poll() is not None:
                return
            self.process.send_signal(number)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                logger.warning("the broker ignores signal %s", number)

    def _launch(self) -> None:
        """Start the process, its settings on a pipe: a command line would show everybody the password."""
        self.process = spawn(
            [str(self.program), "-"],
            cwd=self.layout.broker_sockets,
            log=self.layout.log_file(self.name),
            account=self.account,
            death_signal=signal.SIGTERM,
            stdin=subprocess.PIPE,
        )
        assert self.process.stdin is not None
        try:
            with self.process.stdin as settings:
                settings.write(self._settings().encode())
        except BrokenPipeError:
            logger.warning("the broker ended before it read its settings")

    def _settings(self) -> str:
        address = f"port 0\nunixsocket {SOCKET_NAME}\nunixsocketperm 700\n"
        if self.layout.uses_tcp:
            address = f"bind {LOOPBACK}\nport {self.credentials.broker_port}\n"
        return (
            f"{address}"
            f"requirepass {self.credentials.broker_password}\n"
            'save ""\n'
            "appendonly no\n"
            "maxmemory-policy noeviction\n"
            "daemonize no\n"
        )

    def _answers(self) -> bool:
        try:
            with self._connect() as connection:
                connection.sendall(f"AUTH {self.credentials.broker_password}\r\nPING\r\n".encode())
                answer = b""
                while b"PONG" not in answer:
                    part = connection.recv(100)
                    if not part or b"-" in answer + part:
                        return False
                    answer += part
        except OSError:
            return False
        return True

    def _connect(self) -> socket.socket:
        if self.layout.uses_tcp:
            return socket.create_connection((LOOPBACK, self.credentials.broker_port), timeout=2)
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(2)
        try:
            connection.connect(str(self.layout.broker_sockets / SOCKET_NAME))
        except OSError:
            connection.close()
            raise
        return connection
