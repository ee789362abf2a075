"""The processes of the system, begun again when they end, as a service manager does; and the servers under them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

from django.conf import settings

from core.serving import free_port, web_command

START_SECONDS: Final = 90.0
STOP_SECONDS: Final = 30.0
RESTART_SECONDS: Final = 1.0
WEB = ("web-1", "web-2")
WORKERS = ("worker-1", "worker-2")


@dataclass
class Service:
    """One process with a log of its own. `ahead` is how far its clock is before the machine's."""

    name: str
    command: list[str]
    login: str
    folder: Path
    ahead: timedelta
    port: int = 0
    is_wanted: bool = False
    ended_by_itself: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    def start(self) -> None:
        """Begin it and, for a web process, wait until it answers. Raises TimeoutError when it does not."""
        with self.lock:
            self._spawn()
            self.is_wanted = True
        end = time.monotonic() + START_SECONDS
        while self.port and time.monotonic() < end:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        if self.port:
            raise TimeoutError(f"{self.name} does not answer: see {self.folder / self.name}.log")

    def _spawn(self) -> None:
        environment = os.environ | {
            "DATABASE_LOGIN": self.login,
            "CLOCK_AHEAD_SECONDS": str(int(self.ahead.total_seconds())),
            "PGAPPNAME": self.name,
            "LOG_LEVEL": "WARNING",
        }
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *self.command],
                cwd=settings.BASE_DIR,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def send(self, number: signal.Signals) -> None:
        """To it and everything it has forked."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)

    def kill(self) -> None:
        """With everything it has forked, at once."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        with self.lock:
            self.is_wanted = False
            process = self.process
            if process is None:
                return
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number) if number is signal.SIGKILL else process.send_signal(number)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def revive(self) -> None:
        """Begin it again if it has ended without being asked to."""
        with self.lock:
            if self.is_wanted and self.process is not None and self.process.poll() is not None:
                self.ended_by_itself += 1
                self._spawn()


class Services:
    """Two web processes, two workers and beat; `[name]` is one of them."""

    def __init__(self, folder: Path, ahead: timedelta) -> None:
        self.ahead = ahead
        worker = ["celery", "--quiet", "-A", "core", "worker", "--loglevel", "warning", "--concurrency", "1"]
        beat = ["celery", "--quiet", "-A", "core", "beat", "--loglevel", "warning"]
        made = [
            *(Service(name, web_command(port), "app", folder, ahead, port) for name, port in _ports()),
            *(Service(name, [*worker, "--hostname", f"{name}@%h"], "worker", folder, ahead) for name in WORKERS),
            Service("beat", beat, "worker", folder, ahead),
        ]
        self._all = {each.name: each for each in made}
        self._stopping = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="services", daemon=True)

    def __getitem__(self, name: str) -> Service:
        return self._all[name]

    @property
    def ports(self) -> list[int]:
        return [self._all[name].port for name in WEB]

    @property
    def ended_by_themselves(self) -> dict[str, int]:
        """Name → how often it ended though nobody killed it."""
        return {name: each.ended_by_itself for name, each in self._all.items() if each.ended_by_itself}

    def start(self) -> None:
        for each in self._all.values():
            each.start()
        self._keeper.start()

    def stop_background(self) -> None:
        """Workers and beat; the web goes on."""
        for name in (*WORKERS, "beat"):
            self._all[name].stop()

    def stop(self) -> None:
        self._stopping.set()
        for each in self._all.values():
            each.stop()

    def jump(self, by: timedelta) -> None:
        """Set all clocks forward, one process after the other, each begun again with the new time."""
        self.ahead += by
        for each in self._all.values():
            each.stop()
            each.ahead = self.ahead
            each.start()

    def _keep(self) -> None:
        while not self._stopping.wait(RESTART_SECONDS):
            for each in self._all.values():
                each.revive()


def _ports() -> Iterator[tuple[str, int]]:
    for name in WEB:
        yield name, free_port()


@contextmanager
def running(folder: Path, ahead: timedelta) -> Iterator[Services]:
    services = Services(folder, ahead)
    try:
        services.start()
        yield services
    finally:
        services.stop()
