"""One open stream, as the hub sees it: a cursor and a bounded queue. It holds no thread and no connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from enum import Enum, auto

from core.stream import frames
from core.stream.records import Row, StreamKey


class Need(Enum):
    """What a client waits for besides live events. Its own task fetches it (`Hub.serve`)."""

    NOTHING = auto()
    SNAPSHOT = auto()
    RESET = auto()
    MORE = auto()


class Client:
    """Receives numbers above `cursor`, each once and in order. All methods run on the event loop's thread."""

    __slots__ = (
        "_bytes",
        "_on_overflow",
        "_queue",
        "_waiter",
        "closed",
        "cursor",
        "deadline",
        "key",
        "limits",
        "live",
        "need",
        "overflowed",
        "secret",
        "slot",
        "transport",
    )

    def __init__(
        self,
        key: StreamKey,
        secret: bytes,
        *,
        limits: tuple[int, int],
        deadline: float,
        on_overflow: Callable[[], object],
        transport: asyncio.WriteTransport | None = None,
    ) -> None:
        """`limits` are frames and bytes; `deadline` is on the loop's clock; `on_overflow` stops a writer that
        is stuck; `transport` takes chunks of HTTP/1.1, where the server gives it.
        """
        self.key = key
        self.secret = secret
        self.limits = limits
        self.deadline = deadline
        self.cursor = -1
        self.live = False
        self.closed = False
        self.overflowed = False
        self.need = Need.NOTHING
        self.slot = 0
        self.transport = transport
        self._on_overflow = on_overflow
        self._queue: list[bytes] = []
        self._bytes = 0
        self._waiter: asyncio.Future[None] | None = None

    def begin(self, number: int, frame: bytes) -> None:
        """Start over: everything up to `number` is contained in `frame`."""
        self.cursor = number
        self._append(frames.numbered(number, frame))

    def deliver(self, number: int, frame: bytes) -> None:
        """A live event, already numbered in `frame`. What the client has is skipped."""
        if self.live and number > self.cursor:
            self.cursor = number
            self.put(frame)

    def replay(self, rows: Iterable[Row]) -> None:
        """Events it missed, rising from `cursor + 1`, as one chunk."""
        missed = [(number, frame) for number, frame in rows if number > self.cursor]
        if missed:
            self.cursor = missed[-1][0]
            self._append(b"".join(frames.numbered(number, frame) for number, frame in missed))

    def require(self, need: Need) -> None:
        self.need = need
        self.live = False
        self._wake()

    def beat(self) -> None:
        """Nothing is needed where something is on its way. A writer that sleeps is not woken for it."""
        if self._queue:
            return
        if self.transport is None or self._waiter is None:
            self.put(frames.PING)
        elif not self.transport.is_closing() and not self.transport.get_write_buffer_size():
            self.transport.write(frames.CHUNKED_PING)

    def put(self, chunk: bytes) -> None:
        """Queue `chunk`. A reader too slow for its bounds is dropped; it comes back with its last id."""
        if self.closed:
            return
        most_frames, most_bytes = self.limits
        if self._queue and (len(self._queue) >= most_frames or self._bytes + len(chunk) > most_bytes):
            self.close()
            self.overflowed = True
            self._on_overflow()
            return
        self._append(chunk)

    def close(self, farewell: bytes = b"") -> None:
        """End the stream. What is queued is dropped, `farewell` still goes out; the client knows its last
        number.
        """
        if self.closed:
            return
        self.closed = True
        self.live = False
        self._queue = [farewell] if farewell else []
        self._bytes = 0
        self._wake()

    async def next_chunk(self) -> bytes | None:
        """Everything queued; empty when the client needs something first; None when the stream has ended."""
        while not self._queue:
            if self.closed:
                return None
            if self.need is not Need.NOTHING:
                return b""
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        chunk = self._queue[0] if len(self._queue) == 1 else b"".join(self._queue)
        self._queue.clear()
        self._bytes = 0
        return chunk

    def _append(self, chunk: bytes) -> None:
        """Without bounds: what the client asked for comes page by page, each after the last one has been
        sent.
        """
        if not self.closed:
            self._queue.append(chunk)
            self._bytes += len(chunk)
            self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
