"""The bus: one capped Redis stream that carries frames to every web process a moment before they would be
fetched.

It may lose, double or forget anything; numbers tell. Source: architecture.md §10.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple
from uuid import UUID

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from core.enums import Audience
from core.stream import frames
from core.stream.hub import Hub
from core.wakeup import attempt, redis_client

log = logging.getLogger(__name__)

BUS_KEY = "stream:bus"
KEPT_FRAMES = 10_000
#: More than this from one transaction would push each other and everybody else's out: one entry then tells every
#: process to ask the database what is new for its own listeners.
MOST_SENT = 2_000
LOOK = b"look"
READ_AT_ONCE = 1000
BLOCK_SECONDS = 2
ANSWER_SECONDS = 4.0
COALESCE_SECONDS = 0.008
SHORTEST_PAUSE, LONGEST_PAUSE = 0.05, 2.0
BEGINNING = b"0-0"

Fields = dict[bytes, bytes]


class NumberedEvent(NamedTuple):
    """As `app.append_events` returns it."""

    recipient_id: UUID
    audience: int
    number: int
    event: str
    data: str


def send(events: Sequence[NumberedEvent]) -> bool:
    """Put committed events on the bus, in one round trip; whether they went out. Faults of Redis are
    swallowed. Of more than `MOST_SENT` the bus says only that they are there.
    """
    return attempt(_send_look if len(events) > MOST_SENT else lambda: _send(events))


def _send_look() -> None:
    redis_client().xadd(BUS_KEY, {LOOK: 1}, maxlen=KEPT_FRAMES, approximate=True)


def _send(events: Sequence[NumberedEvent]) -> None:
    pipeline = redis_client().pipeline(transaction=False)
    for said in events:
        fields: dict[str, str | int | bytes] = {
            "recipient": said.recipient_id.hex,
            "audience": said.audience,
            "number": said.number,
            "frame": frames.render(said.event, said.data),
        }
        pipeline.xadd(BUS_KEY, fields, maxlen=KEPT_FRAMES, approximate=True)  # type: ignore[arg-type]
    pipeline.execute()


class BusReader:
    """The one reader of a process. While it is cut off, the hub compares with the database more often."""

    def __init__(self, hub: Hub, url: str) -> None:
        self._hub = hub
        self._url = url
        self._position: bytes | None = None

    async def run(self) -> None:
        was_away, pause = False, SHORTEST_PAUSE
        while True:
            redis = self._connect()
            try:
                await self._join(redis)
                if was_away:
                    log.warning("the stream's bus is back")
                was_away, pause = False, SHORTEST_PAUSE
                await self._follow(redis)
            except (RedisError, OSError) as error:
                if not was_away:
                    log.warning("the stream's bus is away, the database carries the events: %s", error)
                was_away = True
                self._hub.bus_changed(False)
            finally:
                with suppress(RedisError, OSError):
                    await redis.aclose()
            await asyncio.sleep(pause * random.uniform(1, 2))  # noqa: S311 - spreads load, guards nothing
            pause = min(pause * 2, LONGEST_PAUSE)

    def _connect(self) -> Redis:
        return Redis.from_url(
            self._url,
            socket_connect_timeout=2,
            socket_timeout=ANSWER_SECONDS,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
        )

    async def _join(self, redis: Redis) -> None:
        await self._find_position(redis)
        self._hub.bus_changed(True)

    async def _find_position(self, redis: Redis) -> None:
        """Start at the newest entry; later step back only if the bus was wiped and counts anew."""
        newest: Any = await redis.xrevrange(BUS_KEY, count=1)
        position: bytes = newest[0][0] if newest else BEGINNING
        if self._position is None or _order(position) < _order(self._position):
            self._position = position

    async def _follow(self, redis: Redis) -> None:
        loop = asyncio.get_running_loop()
        while True:
            answer: Any = await redis.xread(
                {BUS_KEY: self._position or BEGINNING}, count=READ_AT_ONCE, block=BLOCK_SECONDS * 1000
            )
            if not answer:
                await self._find_position(redis)
                continue
            pause_until = loop.time() + COALESCE_SECONDS
            for entry, fields in answer[0][1]:
                self._position = entry
                self._hand_on(fields)
            await asyncio.sleep(max(0.0, pause_until - loop.time()))

    def _hand_on(self, fields: Fields) -> None:
        if LOOK in fields:
            self._hub.look()
            return
        try:
            key = Audience(int(fields[b"audience"])), UUID(fields[b"recipient"].decode())
            number, frame = int(fields[b"number"]), fields[b"frame"]
        except (KeyError, ValueError) as error:
            log.warning("an entry of the stream's bus is not ours: %r", error)
            return
        self._hub.on_frame(key, number, frame)


def _order(position: bytes) -> tuple[int, int]:
    milliseconds, _, sequence = position.partition(b"-")
    return int(milliseconds), int(sequence)
