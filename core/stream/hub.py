"""All open streams of one process, on one event loop, without locks.

PostgreSQL holds the truth, the bus only carries frames early. A frame that the bus loses, doubles or swaps is
noticed by its number. Source: architecture.md §10.
"""

from __future__ import annotations

import asyncio
import logging
import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from prometheus_client import Gauge

from core.stream import frames
from core.stream.catchup import BATCH, CatchUp, Question, channel_question
from core.stream.channel import Channel
from core.stream.client import Client, Need
from core.stream.records import BELL_BYTES, Answer, StoreUnavailable, StreamKey, StreamStore
from core.stream.wheel import HeartbeatWheel

log = logging.getLogger(__name__)

STREAMS = Gauge("mentorship_streams_open", "Streams that this process holds open.")

MALFORMED = -1


class TooManyStreams(Exception):
    """This person has as many streams open in this process as one may."""


@dataclass(frozen=True, slots=True)
class HubLimits:
    """Seconds, frames, bytes and rows. The defaults are those of architecture.md §10."""

    queue_frames: int = 256
    queue_bytes: int = 64 * 1024
    ring: int = 64
    page: int = 200
    gather: float = 0.01
    gap_patience: float = 0.03
    fault_pause: float = 0.1
    reconcile: float = 5.0
    reconcile_without_bus: float = 0.7
    rights: float = 20.0
    heartbeat: float = 15.0
    shortest_life: float = 1800.0
    longest_life: float = 3600.0
    streams_per_person: int = 12


class Hub:
    def __init__(self, store: StreamStore, limits: HubLimits | None = None) -> None:
        self.store = store
        self.limits = limits or HubLimits()
        self.draining = False
        self._channels: dict[StreamKey, Channel] = {}
        self._streams_of: Counter[UUID] = Counter()
        self._holders: defaultdict[bytes, list[Client]] = defaultdict(list)
        self._since: str | None = None
        self._checked_at = -math.inf
        self._bus_is_up = False
        self._reconcile_now = asyncio.Event()
        self._one_snapshot = asyncio.Semaphore(1)
        self._wheel = HeartbeatWheel(self.limits.heartbeat)
        self._catch_up = CatchUp(
            store,
            page=self.limits.page,
            gather=self.limits.gather,
            pause=self.limits.fault_pause,
            apply=self._apply_answer,
        )
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        for run in (self._catch_up.run, self._reconcile_for_ever, self._wheel.run):
            task = asyncio.create_task(run())
            task.add_done_callback(self._task_ended)
            self._tasks.append(task)

    async def stop(self) -> None:
        self.drain()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.store.close()

    def register(
        self,
        key: StreamKey,
        secret: bytes,
        after: int | None,
        on_overflow: Callable[[], object],
        transport: asyncio.WriteTransport | None = None,
    ) -> Client:
        """Open a stream after number `after`; None starts with a snapshot, `MALFORMED` with a reset.

        The client is subscribed before anything is read, and nothing is awaited between. Raises
        `TooManyStreams`.
        """
        if self._streams_of[key[1]] >= self.limits.streams_per_person:
            raise TooManyStreams
        limits = self.limits
        life = random.uniform(limits.shortest_life, limits.longest_life)  # noqa: S311 - guards nothing
        client = Client(
            key,
            secret,
            limits=(self.limits.queue_frames, self.limits.queue_bytes),
            deadline=asyncio.get_running_loop().time() + life,
            on_overflow=on_overflow,
            transport=transport,
        )
        channel = self._channels.setdefault(key, Channel(key, self.limits.ring))
        channel.clients.append(client)
        self._holders[secret[:BELL_BYTES]].append(client)
        self._streams_of[key[1]] += 1
        self._wheel.add(client)
        STREAMS.inc()
        self._begin(channel, client, after)
        return client

    def detach(self, client: Client) -> None:
        client.close()
        self._wheel.discard(client)
        STREAMS.dec()
        self._streams_of[client.key[1]] -= 1
        if not self._streams_of[client.key[1]]:
            del self._streams_of[client.key[1]]
        bell = client.secret[:BELL_BYTES]
        self._holders[bell].remove(client)
        if not self._holders[bell]:
            del self._holders[bell]
        channel = self._channels[client.key]
        channel.clients.remove(client)
        if not channel.clients:
            del self._channels[client.key]

    async def serve(self, client: Client) -> None:
        """Fetch what `client` needs; its own task calls this. Raises `StoreUnavailable`,
        `NoSnapshotProvider`.
        """
        need, client.need = client.need, Need.NOTHING
        if need is Need.MORE:
            self._catch_up.want(client)
        elif need is not Need.NOTHING:
            # One at a time, so that a crowd of newcomers leaves the store's thread to the others in between.
            async with self._one_snapshot:
                if client.closed:
                    return
                snapshot = await self.store.snapshot(client.key)
            name = "snapshot" if need is Need.SNAPSHOT else "reset"
            client.begin(snapshot.number, frames.render(name, snapshot.data))
            self._settle(client)

    def on_frame(self, key: StreamKey, number: int, frame: bytes) -> None:
        """A frame from the bus, in whatever order it comes."""
        channel = self._channels.get(key)
        if channel is not None:
            channel.offer(number, frame)
            self._look_for_gap(channel)

    def look(self) -> None:
        """Something was said to so many that the bus does not carry it: compare with the database at once."""
        self._reconcile_now.set()

    def bus_changed(self, is_up: bool) -> None:
        """The bus was joined, or lost. What it did not carry meanwhile is fetched at once."""
        if is_up or self._bus_is_up:
            self._reconcile_now.set()
        self._bus_is_up = is_up

    def drain(self) -> None:
        """End all streams with a spread `retry:`, and every later one at once: this process is going."""
        self.draining = True
        for channel in self._channels.values():
            for client in channel.clients:
                client.close(frames.retry(200, 2200))

    async def reconcile(self) -> None:
        """Ask once for all streams which of them were written to; now and then for each of them whether its secret
        still opens it. Raises `StoreUnavailable`.
        """
        loop = asyncio.get_running_loop()
        news = await self.store.news(self._since)
        is_first, self._since = self._since is None, news.until
        for bell, audience, last in news.streams:
            for client in self._holders.get(bell, ()):
                if client.key[0] is audience:
                    self._heard_of(self._channels[client.key], last)
        if is_first or loop.time() - self._checked_at >= self.limits.rights:
            await self._check_all()
            self._checked_at = loop.time()

    def _heard_of(self, channel: Channel, number: int) -> None:
        channel.known = max(channel.known, number)
        self._look_for_gap(channel)

    async def _check_all(self) -> None:
        channels = [channel for channel in self._channels.values() if channel.last is not None]
        known = list({(channel, client.secret): None for channel in channels for client in channel.clients})
        for start in range(0, len(known), BATCH):
            await self._catch_up.ask([channel_question(*pair) for pair in known[start : start + BATCH]])

    def _begin(self, channel: Channel, client: Client, after: int | None) -> None:
        if after is None:
            client.require(Need.SNAPSHOT)
        elif after == MALFORMED:
            client.require(Need.RESET)
        else:
            client.cursor = after
            if channel.covers(after):
                client.replay(channel.ring)
                client.live = True
            else:
                self._catch_up.want(client)

    def _settle(self, client: Client) -> None:
        """The client holds everything up to its cursor: let it go live, or fetch the rest."""
        channel = self._channels.get(client.key)
        if client.closed or channel is None:
            return
        if channel.last is None or client.cursor >= channel.last:
            client.live = True
            channel.start(client.cursor)
            self._look_for_gap(channel)
        elif channel.covers(client.cursor):
            client.replay(channel.ring)
            client.live = True
        else:
            self._catch_up.want(client)

    def _apply_answer(self, question: Question, answer: Answer) -> None:
        if isinstance(question.subject, Client):
            self._apply_to_client(question.subject, question, answer)
        else:
            self._apply_to_channel(question.subject, question, answer)

    def _apply_to_client(self, client: Client, question: Question, answer: Answer) -> None:
        if client.closed:
            return
        if answer.last is None:
            client.close()
        elif not answer.continues(question.ask.after):
            client.require(Need.RESET)
        else:
            client.replay(answer.rows)
            if client.cursor < answer.last:
                client.require(Need.MORE)
            else:
                self._settle(client)

    def _apply_to_channel(self, channel: Channel, question: Question, answer: Answer) -> None:
        channel.asked = False
        if answer.last is None:
            for client in channel.clients:
                if client.secret == question.ask.secret:
                    client.close()
        elif channel.last is not None:
            if not answer.continues(question.ask.after):
                channel.restart()
                return
            channel.believe(question.known, answer.last)
            channel.fill(answer.rows)
        self._look_for_gap(channel)

    def _look_for_gap(self, channel: Channel) -> None:
        """A missing number is often only late: wait a moment, then fetch."""
        if channel.behind and not channel.asked:
            channel.asked = True
            asyncio.get_running_loop().call_later(self.limits.gap_patience, self._fetch_gap, channel)

    def _fetch_gap(self, channel: Channel) -> None:
        if channel.behind and channel.clients:
            self._catch_up.want(channel)
        else:
            channel.asked = False

    async def _reconcile_for_ever(self) -> None:
        while True:
            interval = self.limits.reconcile if self._bus_is_up else self.limits.reconcile_without_bus
            try:
                async with asyncio.timeout(interval):
                    await self._reconcile_now.wait()
            except TimeoutError:
                pass
            self._reconcile_now.clear()
            try:
                await self.reconcile()
            except StoreUnavailable as error:
                log.warning("streams could not be compared with the database: %s", error)

    def _task_ended(self, task: asyncio.Task[None]) -> None:
        """A background task ends only by `stop`. Otherwise nothing would be delivered any more: say so and
        drain.
        """
        if not task.cancelled():
            log.critical("the stream hub has failed", exc_info=task.exception())
            self.drain()
