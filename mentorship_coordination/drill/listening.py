"""People who listen to their streams, and what they heard held against the table."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection

from core.enums import Audience

#: Whose stream, and which of hers.
Stream = tuple[UUID, Audience]

SAID = """
SELECT wanted.place, said.number FROM unnest(%s::uuid[], %s::smallint[]) WITH ORDINALITY AS wanted(id, audience, place)
JOIN core_streamevent AS said ON said.recipient_id = wanted.id AND said.audience = wanted.audience
"""
LAST_NUMBERS = """
SELECT coalesce(sum(counter.last_number), 0) FROM unnest(%s::uuid[], %s::smallint[]) AS wanted(id, audience)
JOIN core_streamcounter AS counter ON counter.recipient_id = wanted.id AND counter.audience = wanted.audience
"""


@dataclass(frozen=True, slots=True)
class Seat:
    """A reader: the token it shows, the web process it asks, and for which stream."""

    token: str
    port: int
    audience: Audience

    def __str__(self) -> str:
        return f"{self.token} {self.port} {self.audience.name.lower()}"


class Readers:
    """A process of `mentorship_coordination.drill.readers`, to be given orders."""

    def __init__(self, seats: Sequence[Seat], folder: Path) -> None:
        self._folder = folder
        wanted = folder / "seats"
        wanted.touch(mode=0o600)
        wanted.write_text("\n".join(map(str, seats)))
        command = [sys.executable, "-m", "mentorship_coordination.drill.readers", str(wanted)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ
        )

    def __call__(self, do: str, **more: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, **more}) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def log(self) -> dict[str, Any]:
        """Arrays of the same length: `reader` (its place), `number`, `serial`, `at` (steady clock, seconds)."""
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
def listening(seats: Sequence[Seat], folder: Path) -> Iterator[Readers]:
    crowd = Readers(seats, folder)
    try:
        yield crowd
    finally:
        crowd.close()


@dataclass(frozen=True)
class Verdict:
    """What the readers heard held against the table, in events."""

    said: int
    heard: int
    lost: int
    duplicated: int
    out_of_order: int
    invented: int = 0

    @property
    def is_clean(self) -> bool:
        return (self.lost, self.duplicated, self.out_of_order, self.invented) == (0, 0, 0, 0)

    def __str__(self) -> str:
        return (
            f"{self.said} said; lost {self.lost}, duplicated {self.duplicated}, out of order {self.out_of_order}, "
            f"invented {self.invented}"
        )


def hold_against_the_table(log: dict[str, Any], streams: Sequence[Stream]) -> Verdict:
    """The reader at each place of `streams` must have heard the numbers of its rows, each once and rising.

    `log` has the arrays `reader` and `number`; a reader who came back at 0 has heard everything that is kept. Run as
    the system.
    """
    written = {(int(place) - 1, int(number)) for place, number in _rows(SAID, streams)}
    reader, number = log["reader"], log["number"]
    order = np.argsort(reader, kind="stable")
    same = reader[order][1:] == reader[order][:-1]
    falling = int((same & (np.diff(number[order]) <= 0)).sum())
    heard = set(zip(reader.tolist(), number.tolist(), strict=True))
    doubled = len(reader) - len(heard)
    # A stream without any event begins with a snapshot of number 0.
    invented = sum(number > 0 for _, number in heard - written)
    return Verdict(len(written), len(reader), len(written - heard), doubled, max(falling - doubled, 0), invented)


def has_reached(crowd: Readers, streams: Sequence[Stream]) -> bool:
    """Whether the last numbers of all readers add up to those of the table. Run as the system."""
    [(last,)] = _rows(LAST_NUMBERS, streams)
    return bool(crowd("count")["reached"] == last)


def _rows(query: str, streams: Sequence[Stream]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, [[pk for pk, _ in streams], [int(audience) for _, audience in streams]])
        return list(cursor.fetchall())
