"""What goes wrong in the middle of the work, one thing after the other."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import psycopg2
import requests
from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError
from redis import Redis
from redis.exceptions import RedisError

from core.embedded.servers import admin_url
from core.periodic import jobs, load_tasks
from mentorship_coordination.drill.services import WORKERS, Services

#: Seconds in which everything has to be well again.
PATIENCE: Final = 120.0
JUMP: Final = timedelta(hours=3)
#: Who is inside of a transaction is told to the superuser alone.
AT_WORK = "SELECT application_name FROM pg_stat_activity WHERE application_name = ANY (%s) AND xact_start IS NOT NULL"
Tell = Callable[[str], None]


class Faults:
    """`happen` makes the next one and tells how long it took until all was well; `not_mended` are those that stayed."""

    def __init__(self, services: Services, tell: Tell) -> None:
        load_tasks()
        self.services, self.tell = services, tell
        self.not_mended: list[str] = []
        self.not_made: list[str] = []
        self.ailing: set[str] = set()
        self.coming: list[tuple[str, Callable[[], str]]] = [
            ("a worker killed in the middle of a task", self.kill_worker),
            ("the broker killed", self.kill_broker),
            ("every task delivered twice", self.deliver_twice),
            ("a web process killed", self.kill_web),
            ("PostgreSQL crashed", self.crash_database),
            ("the clocks jump over a clock change, one process after the other", self.jump),
            ("the broker and a worker killed together", self.kill_both),
        ]
        self.count = len(self.coming)

    def happen(self) -> None:
        name, fault = self.coming.pop(0)
        began = time.monotonic()
        detail = fault()
        end = began + PATIENCE
        while not self._is_well() and time.monotonic() < end:
            time.sleep(0.1)
        seconds = time.monotonic() - began
        if seconds >= PATIENCE:
            self.not_mended.append(f"{name}, because of {', '.join(sorted(self.ailing))}")
        self.tell(f"  {name}{detail}: {'well again after' if seconds < PATIENCE else 'NOT well after'} {seconds:.1f} s")

    def wait_until_well(self) -> None:
        """Workers take a while to begin. Raises TimeoutError when not all is well after PATIENCE seconds."""
        end = time.monotonic() + PATIENCE
        while not self._is_well():
            if time.monotonic() > end:
                raise TimeoutError("not all processes are well before the drill begins")
            time.sleep(0.1)

    def _is_well(self) -> bool:
        """Both web processes say that database, broker, worker and beat are there, and both workers answer through the
        broker; `ailing` has what is missed.
        """
        self.ailing = set()
        try:
            answered = {name.partition("@")[0] for reply in self._replies() for name in reply}
        except (OperationalError, RedisError, OSError) as error:
            answered = {type(error).__name__}
        self.ailing |= set(WORKERS) - answered
        for port in self.services.ports:
            try:
                checks = requests.get(f"http://127.0.0.1:{port}/readyz", timeout=5).json()["checks"]
            except (requests.RequestException, ValueError) as error:
                self.ailing.add(type(error).__name__)
            else:
                self.ailing |= {name for name, state in checks.items() if state != "ok"}
        return not self.ailing

    def _replies(self) -> list[dict[str, Any]]:
        """As soon as all have answered: without a limit all of the time would be waited for."""
        return current_app.control.ping(timeout=2, limit=len(WORKERS)) or []

    def kill_worker(self) -> str:
        """As soon as it is seen inside of a transaction; what it had begun is undone, and somebody does it again."""
        seen = ""
        with closing(psycopg2.connect(admin_url(settings.DATA_DIR))) as watch, watch.cursor() as cursor:
            watch.autocommit = True
            end = time.monotonic() + 30
            while not seen and time.monotonic() < end:
                seen = self._caught(cursor)
        if not seen:
            self.not_made.append("a worker in the middle of a task")
            return " (none was at work for 30 s: not killed)"
        self.services[seen].start()
        return f" ({seen})"

    def _caught(self, cursor: Any) -> str:
        """A worker that is inside of a transaction while it stands still, killed; or none."""
        cursor.execute(AT_WORK, [list(WORKERS)])
        for (name,) in cursor.fetchmany(1):
            self.services[name].send(signal.SIGSTOP)
            cursor.execute(AT_WORK, [[name]])
            if cursor.fetchone() is not None:
                self.services[name].kill()
                return str(name)
            self.services[name].send(signal.SIGCONT)
        return ""

    def kill_broker(self) -> str:
        try:
            pid = Redis.from_url(settings.REDIS_URL).info("server")["process_id"]
        except RedisError as error:
            self.not_made.append("the broker killed")
            return f" (it was away already: {error})"
        os.kill(int(pid), signal.SIGKILL)
        time.sleep(0.5)
        return ""

    def crash_database(self) -> str:
        """As when the machine loses power: no connection is ended in order, and the log has to be read again."""
        file = Path(settings.DATA_DIR) / "postgres" / "postmaster.pid"
        pid = int(file.read_text().splitlines()[0])
        os.kill(pid, signal.SIGQUIT)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                psycopg2.connect(settings.DATABASE_WORKER_URL, connect_timeout=5).close()
            except psycopg2.OperationalError:
                time.sleep(0.1)
            else:
                if int(file.read_text().splitlines()[0]) != pid:
                    break
        return ""

    def kill_web(self) -> str:
        self.services["web-1"].kill()
        time.sleep(1)
        self.services["web-1"].start()
        return ""

    def deliver_twice(self) -> str:
        """The same message, with the same id, two times."""
        sent = 0
        for job in jobs():
            message: dict[str, Any] = {"task_id": str(uuid4()), "ignore_result": True, "expires": 60}
            for _ in range(2):
                current_app.send_task(job.task_name, **message)
            sent += 1
        return f" ({sent} tasks)"

    def jump(self) -> str:
        self.services.jump(JUMP)
        return f" ({JUMP.total_seconds() / 3600:.0f} h)"

    def kill_both(self) -> str:
        told = self.kill_broker()
        self.services["worker-2"].kill()
        time.sleep(1)
        self.services["worker-2"].start()
        return told
