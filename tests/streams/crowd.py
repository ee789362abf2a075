"""People who listen, the process that listens for them, the web process that serves it, and somebody who talks."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import numpy as np
from django.db import Error, connection, transaction
from django.db.models import Sum

from core import clock
from core.actions import action
from core.enums import Audience, StreamEventName
from core.identifiers import new_id
from core.models import StreamCounter, StreamEvent
from core.stream.publish import emit
from core.tests.brokers import free_port, wait_for
from tests.database import as_system, as_worker
from tests.servers import PROTOCOL, ROOT, environment
from users.models import AccessToken, User
from users.secrets import digest_of, new_secret

STOP_SECONDS: Final = 10.0


def make_listeners(count: int) -> list[tuple[UUID, str]]:
    """So many mentors who do nothing but listen; (id, token) of each."""
    at, people, tokens = clock.now(), [], []
    for _ in range(count):
        pk, secret = new_id(), new_secret()
        people.append(
            User(pk=pk, email=f"{pk}@demo.example", name="Lucia Listens", is_mentor=True, created_at=at, updated_at=at)
        )
        tokens.append((pk, secret))
    with as_system():
        User.objects.bulk_create(people, batch_size=1000)
        AccessToken.objects.bulk_create(
            [AccessToken(user_id=pk, name="bench", digest=digest_of(secret), created_at=at) for pk, secret in tokens],
            batch_size=1000,
        )
    return tokens


class Web:
    """The product's web process alone on its port; it may be ended and begun again."""

    def __init__(self, **more: str) -> None:
        self.port = free_port()
        self._more = more
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "uvicorn", "core.asgi:application", "--port", str(self.port), "--loop"]
        options = ["uvloop", "--http", PROTOCOL, "--log-level", "error", "--timeout-graceful-shutdown", "3"]
        self.process = subprocess.Popen(
            [*command, *options, "--backlog", "16384"], cwd=ROOT, env=environment("app", **self._more)
        )
        wait_for(self.port, self.process)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()


@contextmanager
def running_web(**more: str) -> Iterator[Web]:
    web = Web(**more)
    try:
        yield web
    finally:
        web.stop()


class Readers:
    """A process of `tests.streams.readers`, to be given orders."""

    def __init__(self, port: int, secrets: Sequence[str], folder: Path) -> None:
        self._folder = folder
        tokens = folder / "tokens"
        tokens.write_text("\n".join(secrets))
        command = [sys.executable, "-m", "tests.streams.readers", str(port), str(tokens)]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ
        )

    def __call__(self, do: str, **more: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, **more}) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def log(self) -> dict[str, Any]:
        """Arrays of the same length: `reader`, `number`, `serial`, `at`."""
        path = self._folder / "log.npz"
        self("dump", path=str(path))
        with np.load(path) as found:
            return {name: found[name] for name in found.files}

    def stall(self, seconds: float) -> None:
        """Nobody reads for so long."""
        self._process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


@contextmanager
def readers(port: int, secrets: Sequence[str], folder: Path) -> Iterator[Readers]:
    crowd = Readers(port, secrets, folder)
    try:
        yield crowd
    finally:
        crowd.close()


@action
def say(recipients: Sequence[UUID], serials: Sequence[int], committed: dict[int, float]) -> None:
    """One event to each; `committed` hears when the transaction had ended."""
    transaction.on_commit(lambda: committed.update(dict.fromkeys(serials, time.monotonic())))
    for recipient, serial in zip(recipients, serials, strict=True):
        emit(
            recipient_id=recipient,
            audience=Audience.MENTOR,
            event=StreamEventName.WORK_QUEUE,
            data={"n": serial},
        )


class Talker(threading.Thread):
    """Says `rate` events a second to people taken in turn, `together` in one transaction, until `stop`.

    What a fault kept from being committed is not said again: the table is the truth.
    """

    def __init__(self, people: Sequence[UUID], *, rate: float, together: int = 1, first_serial: int = 0) -> None:
        super().__init__(daemon=True)
        self.committed: dict[int, float] = {}
        self.failed = 0
        self.latest = 0.0
        self._people, self._pause, self._together = people, together / rate, together
        self._serial = first_serial
        self._stopping = threading.Event()

    def run(self) -> None:
        with as_worker():
            self._talk()

    def _talk(self) -> None:
        rng = np.random.default_rng(7)
        due = time.monotonic()
        while not self._stopping.wait(max(0.0, due - time.monotonic())):
            self.latest = max(self.latest, time.monotonic() - due)
            due += self._pause
            chosen = [self._people[place] for place in rng.choice(len(self._people), self._together, replace=False)]
            serials = list(range(self._serial, self._serial + self._together))
            self._serial += self._together
            try:
                say(chosen, serials, self.committed)
            except Error:
                self.failed += self._together
                connection.close()

    def stop(self) -> dict[int, float]:
        self._stopping.set()
        self.join()
        return self.committed


def wait_until(is_so: Any, seconds: float, pause: float = 0.2) -> bool:
    """Whether it came to be within so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_so():
            return True
        time.sleep(pause)
    return bool(is_so())


@dataclass(frozen=True)
class Verdict:
    """What the readers saw held against the table, in events."""

    said: int
    heard: int
    lost: int
    duplicated: int
    out_of_order: int

    @property
    def is_clean(self) -> bool:
        return (self.lost, self.duplicated, self.out_of_order) == (0, 0, 0)

    def __str__(self) -> str:
        return f"{self.said} said; lost {self.lost}, duplicated {self.duplicated}, out of order {self.out_of_order}"


def hold_against_the_table(log: dict[str, Any], people: Sequence[UUID]) -> Verdict:
    """Each reader of `people` must have heard the numbers of her rows, each once and rising."""
    with as_system():
        rows = StreamEvent.objects.filter(audience=Audience.MENTOR, recipient__in=people)
        said = list(rows.order_by("recipient", "number").values_list("recipient_id", "number"))
    place_of = {pk: place for place, pk in enumerate(people)}
    written = {(place_of[pk], number) for pk, number in said}
    reader, number = log["reader"], log["number"]
    order = np.argsort(reader, kind="stable")
    same = reader[order][1:] == reader[order][:-1]
    falling = int((same & (np.diff(number[order]) <= 0)).sum())
    heard = set(zip(reader.tolist(), number.tolist(), strict=True))
    doubled = len(reader) - len(heard)
    return Verdict(len(written), len(reader), len(written - heard), doubled, max(falling - doubled, 0))


def has_heard_all(crowd: Readers, people: Sequence[UUID]) -> bool:
    """Whether the last numbers of all readers add up to those of the table."""
    with as_system():
        counters = StreamCounter.objects.filter(audience=Audience.MENTOR, recipient__in=people)
        last = counters.aggregate(total=Sum("last_number"))["total"] or 0
    return bool(crowd("count")["reached"] == last)
