"""The order of one stream inside one process. Pure: no clock, no task, no database."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from core.stream import frames
from core.stream.client import Client, Need
from core.stream.records import Row, StreamKey

EARLY_FRAMES = 256


class Channel:
    """Takes frames in any order, repeated or with holes; hands each number on once, rising.

    `last` is the newest number handed on (None until the first client has a starting point), `known` the
    newest one heard of. While `known` is ahead, a number is missing and has to be fetched.
    """

    __slots__ = ("asked", "clients", "early", "key", "known", "last", "ring")

    def __init__(self, key: StreamKey, ring: int) -> None:
        self.key = key
        self.clients: list[Client] = []
        self.last: int | None = None
        self.known = 0
        self.asked = False
        self.early: dict[int, bytes] = {}
        self.ring: deque[Row] = deque(maxlen=ring)

    @property
    def behind(self) -> bool:
        return self.last is not None and self.known > self.last

    def offer(self, number: int, frame: bytes) -> None:
        """A frame from the bus."""
        if self.last is not None and number <= self.last:
            return
        self.known = max(self.known, number)
        if self.last is not None and number == self.last + 1:
            self._hand_on(number, frame)
            self._hand_on_early()
        elif len(self.early) < EARLY_FRAMES:
            self.early[number] = frame

    def start(self, number: int) -> None:
        """A client's starting point becomes the channel's, unless it has one."""
        self.known = max(self.known, number)
        if self.last is None:
            self.last = number
            self._hand_on_early()

    def fill(self, rows: Iterable[Row]) -> None:
        """Rows from the database, rising; those handed on already are skipped."""
        for number, frame in rows:
            if self.last is not None and number == self.last + 1:
                self._hand_on(number, frame)
        self._hand_on_early()

    def believe(self, known_when_asked: int, last: int) -> None:
        """The database's word on the newest number. What was heard since the question stands."""
        self.known = last if self.known == known_when_asked else max(self.known, last)
        self.early = {number: frame for number, frame in self.early.items() if number <= self.known}

    def restart(self) -> None:
        """The numbering cannot be continued (pruned, or a restored database): every client starts over."""
        self.last = None
        self.known = 0
        self.early.clear()
        self.ring.clear()
        for client in self.clients:
            if client.live:
                client.require(Need.RESET)

    def covers(self, after: int) -> bool:
        """Whether memory holds everything from `after + 1` to `last`."""
        if self.last is None or after > self.last:
            return False
        return after == self.last or (bool(self.ring) and self.ring[0][0] <= after + 1)

    def _hand_on_early(self) -> None:
        if self.last is None or not self.early:
            return
        while (frame := self.early.pop(self.last + 1, None)) is not None:
            self._hand_on(self.last + 1, frame)
        self.early = {number: frame for number, frame in self.early.items() if number > self.last}

    def _hand_on(self, number: int, frame: bytes) -> None:
        self.last = number
        self.known = max(self.known, number)
        self.ring.append((number, frame))
        line = frames.numbered(number, frame)
        for client in self.clients:
            client.deliver(number, line)
