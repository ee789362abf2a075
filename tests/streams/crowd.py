"""People who listen, the process that listens for them, the web process that serves it, and somebody who talks."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import numpy as np
from django.db import Error, connection, transaction

from core import clock
from core.actions import action
from core.enums import Audience, StreamEventName
from core.identifiers import new_id
from core.serving import free_port, web_command
from core.stream.publish import emit
from core.tests.brokers import wait_for
from mentorship_coordination.drill.listening import Readers, Seat, Verdict, has_reached, listening
from mentorship_coordination.drill.listening import hold_against_the_table as listening_verdict
from tests.database import as_system, as_worker
from tests.servers import ROOT, environment
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
        command = [sys.executable, "-m", *web_command(self.port)]
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment("app", **self._more))
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


@contextmanager
def readers(port: int, secrets: Sequence[str], folder: Path) -> Iterator[Readers]:
    """Mentors with these tokens, who all listen to one web process."""
    with listening([Seat(secret, port, Audience.MENTOR) for secret in secrets], folder) as crowd:
        yield crowd


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


def hold_against_the_table(log: dict[str, Any], people: Sequence[UUID]) -> Verdict:
    """Each reader of `people` must have heard the numbers of her rows, each once and rising."""
    with as_system():
        return listening_verdict(log, [(pk, Audience.MENTOR) for pk in people])


def has_heard_all(crowd: Readers, people: Sequence[UUID]) -> bool:
    """Whether the last numbers of all readers add up to those of the table."""
    with as_system():
        return has_reached(crowd, [(pk, Audience.MENTOR) for pk in people])
