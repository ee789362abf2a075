"""What hub, store and application tell each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from core.enums import Audience

Row = tuple[int, bytes]
"""A number and its frame without the `id:` line, as `core.stream.frames.render` makes it."""

StreamKey = tuple[Audience, UUID]


class StoreUnavailable(Exception):
    """The database did not answer. Passing: the same call may work in a moment."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a secret belongs to, and as whom she may listen."""

    user_id: UUID
    audiences: frozenset[Audience]


@dataclass(frozen=True, slots=True)
class Ask:
    """What comes after number `after` of the stream that `secret` (a SHA-256) opens for `audience`?"""

    secret: bytes
    audience: Audience
    after: int


@dataclass(frozen=True, slots=True)
class Answer:
    """`last` is None when the secret is dead or does not open that audience. `rows` rise from `after + 1`."""

    last: int | None
    pruned_to: int
    rows: tuple[Row, ...]

    def continues(self, after: int) -> bool:
        """Whether a listener who holds everything up to `after` can go on without a reset."""
        if self.last is None or not self.pruned_to <= after <= self.last:
            return False
        return after == self.last or (bool(self.rows) and self.rows[0][0] == after + 1)


BELL_BYTES = 8
"""So many bytes of a secret's SHA-256 tell its holder that there is something, and open nothing."""


@dataclass(frozen=True, slots=True)
class News:
    """Streams that were written to: (the bell of a secret that opens it, audience, its newest number).

    `until` is where the next question begins. What commits later, however early it was written, comes then.
    """

    until: str
    streams: tuple[tuple[bytes, Audience, int], ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A page's data as JSON, and the last number that is already contained in it."""

    number: int
    data: str


class StreamStore(Protocol):
    """What the hub needs from the database. Every call may raise `StoreUnavailable`."""

    async def open(self, secrets: list[bytes]) -> dict[bytes, Holder]: ...

    async def events_after(self, asks: list[Ask], row_limit: int) -> list[Answer]: ...

    async def news(self, since: str | None) -> News: ...

    async def snapshot(self, key: StreamKey) -> Snapshot: ...

    async def close(self) -> None: ...
