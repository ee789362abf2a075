"""A `StreamStore` in memory, as slow and unreliable as wanted, and a reader that acts like a browser."""

from __future__ import annotations

import asyncio
import random
import re
from dataclasses import dataclass, field
from uuid import UUID

from core.enums import Audience
from core.stream import frames
from core.stream.client import Client, Need
from core.stream.hub import Hub
from core.stream.records import BELL_BYTES, Answer, Ask, Holder, News, Row, Snapshot, StoreUnavailable, StreamKey

KEY: StreamKey = (Audience.MENTOR, UUID(int=1))
SECRET = b"s" * 32


@dataclass
class Truth:
    """One stream's rows. `fault_rate` is the share of calls that fail."""

    chance: random.Random = field(default_factory=lambda: random.Random(0))
    fault_rate: float = 0.0
    last: int = 0
    pruned_to: int = 0
    dead: set[bytes] = field(default_factory=set)
    asked: list[Ask] = field(default_factory=list)

    def append(self) -> Row:
        self.last += 1
        return self.row(self.last)

    @staticmethod
    def row(number: int) -> Row:
        return number, frames.render("work_queue", f'{{"n":{number}}}')

    async def open(self, secrets: list[bytes]) -> dict[bytes, Holder]:
        await self._pass_time()
        holder = Holder(KEY[1], frozenset({Audience.MENTOR}))
        return {secret: holder for secret in secrets if secret not in self.dead}

    async def events_after(self, asks: list[Ask], row_limit: int) -> list[Answer]:
        await self._pass_time()
        self.asked += asks
        answers = [self._answer(ask, row_limit) for ask in asks]
        await self._pass_time()
        return answers

    def _answer(self, ask: Ask, row_limit: int) -> Answer:
        if ask.secret in self.dead:
            return Answer(None, 0, ())
        numbers = range(ask.after + 1, self.last + 1) if ask.after >= self.pruned_to else range(0)
        return Answer(self.last, self.pruned_to, tuple(self.row(number) for number in numbers[:row_limit]))

    async def news(self, since: str | None) -> News:
        await self._pass_time()
        said_since = since is not None and self.last > int(since)
        return News(str(self.last), ((SECRET[:BELL_BYTES], KEY[0], self.last),) if said_since else ())

    async def snapshot(self, key: StreamKey) -> Snapshot:
        await self._pass_time()
        snapshot = Snapshot(self.last, f'{{"upto":{self.last}}}')
        await self._pass_time()
        return snapshot

    async def close(self) -> None: ...

    async def _pass_time(self) -> None:
        await asyncio.sleep(self.chance.choice((0, 0, 0.001)))
        if self.chance.random() < self.fault_rate:
            raise StoreUnavailable("the database is away")


class Reader:
    """Reads one stream to its end, and opens it again where it stopped, like an EventSource."""

    def __init__(self, hub: Hub, *, after: int | None = None, secret: bytes = SECRET) -> None:
        self.hub = hub
        self.last_id = after
        self.secret = secret
        self.seen: list[tuple[str, int]] = []
        self.ended = 0
        self.client: Client | None = None

    async def read(self, *, reconnects: bool = True) -> None:
        while not self.hub.draining:
            task = asyncio.current_task()
            assert task is not None
            self.client = self.hub.register(KEY, self.secret, self.last_id, task.cancel)
            try:
                await self._pump(self.client)
            except StoreUnavailable:
                await asyncio.sleep(0.001)
            finally:
                self.hub.detach(self.client)
                self.ended += 1
            if not reconnects:
                return

    async def _pump(self, client: Client) -> None:
        while (chunk := await client.next_chunk()) is not None:
            for number, event in re.findall(r"id: (\d+)\nevent: (\w+)", chunk.decode()):
                self.seen.append((event, int(number)))
                self.last_id = int(number)
            if client.need is not Need.NOTHING:
                await self.hub.serve(client)

    def numbers(self) -> list[int]:
        return [number for _, number in self.seen]
