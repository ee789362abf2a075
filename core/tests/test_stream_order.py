"""Whatever the bus loses, doubles or swaps, each reader gets every number once and in order."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.stream.client import Client
from core.stream.hub import MALFORMED, Hub, HubLimits, TooManyStreams
from core.tests.stream_truth import KEY, SECRET, Reader, Truth

QUICK = HubLimits(
    page=3,
    ring=4,
    gather=0.0,
    gap_patience=0.001,
    fault_pause=0.001,
    reconcile=0.02,
    reconcile_without_bus=0.01,
    rights=0.05,
    heartbeat=0.1,
)


def in_world(scenario: Coroutine[Any, Any, None], hub: Hub, *readings: Coroutine[Any, Any, None]) -> None:
    async def run() -> None:
        await hub.start()
        tasks = [asyncio.create_task(reading) for reading in readings]
        try:
            async with asyncio.timeout(20):
                await scenario
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await hub.stop()

    asyncio.run(run())


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - nobody tells when; `in_world` bounds the wait
        await asyncio.sleep(0.002)


async def until_all_have(truth: Truth, readers: list[Reader]) -> None:
    await until(lambda: all(reader.last_id == truth.last for reader in readers))


@settings(max_examples=100, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    loss=st.sampled_from((0.0, 0.1, 0.5, 1.0)),
    faults=st.sampled_from((0.0, 0.2)),
    before=st.integers(0, 12),
    events=st.integers(1, 40),
)
def test_gives_every_number_once_and_in_order(seed: int, loss: float, faults: float, before: int, events: int) -> None:
    chance = random.Random(seed)
    truth = Truth(chance, faults, last=before)
    hub = Hub(truth, QUICK)
    starts = [None, *(chance.randint(0, before) for _ in range(3))]
    readers = [Reader(hub, after=start) for start in starts]

    async def publish() -> None:
        held: list[tuple[int, bytes]] = []
        for _ in range(events):
            held.append(truth.append())
            if chance.random() < 0.5:
                held += [row for row in held if chance.random() < 0.3]
                chance.shuffle(held)
                for row in held:
                    if chance.random() >= loss:
                        hub.on_frame(KEY, *row)
                held.clear()
                await asyncio.sleep(chance.choice((0, 0, 0.001)))
            if chance.random() < 0.1:
                client = chance.choice(readers).client
                if client is not None:
                    client.close()
        await until_all_have(truth, readers)

    in_world(publish(), hub, *(reader.read() for reader in readers))
    for start, reader in zip(starts, readers, strict=True):
        first = reader.seen[0][1] if start is None and reader.seen else start
        # A reader without a starting point may ask for a snapshot again until it has received one.
        expected = list(range((first or 0) + 1, truth.last + 1))
        assert [number for event, number in reader.seen if event == "work_queue"] == expected
        assert [event for event, _ in reader.seen if event != "work_queue"] == (["snapshot"] if start is None else [])


@pytest.mark.parametrize("after", [MALFORMED, 8, 2])
def test_starts_over_when_the_last_number_is_malformed_future_or_pruned(after: int) -> None:
    truth = Truth(last=7, pruned_to=3)
    hub = Hub(truth, QUICK)
    reader = Reader(hub, after=after)

    async def scenario() -> None:
        await until_all_have(truth, [reader])

    in_world(scenario(), hub, reader.read())
    assert reader.seen == [("reset", 7)]


def test_replays_from_the_oldest_number_kept() -> None:
    truth = Truth(last=20, pruned_to=3)
    hub = Hub(truth, replace(QUICK, reconcile=60, reconcile_without_bus=60))
    reader = Reader(hub, after=3)

    async def scenario() -> None:
        await until_all_have(truth, [reader])

    in_world(scenario(), hub, reader.read())
    assert reader.numbers() == list(range(4, 21))


def test_hears_by_one_question_for_all_of_what_the_bus_has_lost() -> None:
    truth = Truth(last=5)
    hub = Hub(truth, replace(QUICK, rights=60))
    readers = [Reader(hub, after=5) for _ in range(3)]

    async def scenario() -> None:
        await until(lambda: hub._checked_at > 0 and all(reader.client and reader.client.live for reader in readers))
        truth.asked.clear()
        await asyncio.sleep(0.1)
        assert truth.asked == []
        truth.append()
        await until_all_have(truth, readers)
        assert len(truth.asked) == 1

    in_world(scenario(), hub, *(reader.read() for reader in readers))
    assert [reader.numbers() for reader in readers] == [[6], [6], [6]]


def test_starts_everybody_over_when_the_database_was_restored() -> None:
    truth = Truth(last=9)
    hub = Hub(truth, QUICK)
    reader = Reader(hub)

    async def scenario() -> None:
        await until_all_have(truth, [reader])
        truth.last = 4
        await until_all_have(truth, [reader])

    in_world(scenario(), hub, reader.read())
    assert reader.seen == [("snapshot", 9), ("reset", 4)]


def test_does_not_ask_for_ever_for_a_number_that_never_was() -> None:
    truth = Truth(last=5)
    hub = Hub(truth, HubLimits(gather=0.0, gap_patience=0.001, reconcile=60, reconcile_without_bus=60))
    reader = Reader(hub, after=5)

    async def scenario() -> None:
        await asyncio.sleep(0.02)
        hub.on_frame(KEY, *Truth.row(99))
        await asyncio.sleep(0.1)
        assert len(truth.asked) == 2
        hub.on_frame(KEY, *truth.append())
        await until_all_have(truth, [reader])

    in_world(scenario(), hub, reader.read())
    assert reader.numbers() == [6]


def test_ends_the_streams_of_a_dead_secret_alone() -> None:
    truth = Truth(last=1)
    hub = Hub(truth, QUICK)
    signed_out, other = Reader(hub), Reader(hub, secret=b"o" * 32)

    async def scenario() -> None:
        await until_all_have(truth, [signed_out, other])
        truth.dead.add(SECRET)
        await until(lambda: signed_out.ended > 0)

    in_world(scenario(), hub, signed_out.read(reconnects=False), other.read(reconnects=False))
    assert (signed_out.ended, other.numbers()) == (1, [1])


def test_drops_a_reader_that_does_not_read() -> None:
    truth = Truth()
    hub = Hub(truth, HubLimits(queue_frames=5))
    stopped: list[bool] = []

    async def scenario() -> None:
        client = hub.register(KEY, SECRET, 0, lambda: stopped.append(True))
        await asyncio.sleep(0.1)
        for _ in range(7):
            hub.on_frame(KEY, *truth.append())
        assert client.closed
        assert client.overflowed
        hub.detach(client)

    in_world(scenario(), hub)
    assert stopped == [True]


def test_limits_the_streams_of_one_person() -> None:
    hub = Hub(Truth(), HubLimits(streams_per_person=2))

    async def scenario() -> None:
        first = hub.register(KEY, SECRET, 0, bool)
        hub.register(KEY, SECRET, 0, bool)
        with pytest.raises(TooManyStreams):
            hub.register(KEY, SECRET, 0, bool)
        hub.detach(first)
        hub.register(KEY, SECRET, 0, bool)

    in_world(scenario(), hub)


def test_pings_and_ends_streams_by_the_clock() -> None:
    hub = Hub(Truth(), HubLimits(heartbeat=0.05, shortest_life=0.2, longest_life=0.2))

    async def scenario() -> None:
        client = hub.register(KEY, SECRET, 0, bool)
        chunks = []
        with suppress(TimeoutError):
            async with asyncio.timeout(2):
                while (chunk := await client.next_chunk()) is not None:
                    chunks.append(chunk)
        assert client.closed
        assert chunks[0] == b": ping\n\n"
        assert chunks[-1].startswith(b"retry: ")

    in_world(scenario(), hub)


class Wire(asyncio.WriteTransport):
    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.waiting = 0

    def write(self, data: Any) -> None:
        self.written.append(data)

    def is_closing(self) -> bool:
        return False

    def get_write_buffer_size(self) -> int:
        return self.waiting


def test_beats_on_the_wire_itself_while_its_writer_sleeps() -> None:
    async def run() -> None:
        wire = Wire()
        client = Client(KEY, SECRET, limits=(9, 999), deadline=0, on_overflow=bool, transport=wire)
        client.beat()
        assert await client.next_chunk() == b": ping\n\n"
        writer = asyncio.create_task(client.next_chunk())
        await asyncio.sleep(0)
        client.beat()
        assert wire.written == [b"8\r\n: ping\n\n\r\n"]
        wire.waiting = 1
        client.beat()
        assert len(wire.written) == 1
        assert not writer.done()
        client.close()
        assert await writer is None

    asyncio.run(run())


def test_looks_at_once_when_it_is_told_to() -> None:
    truth = Truth(last=5)
    hub = Hub(truth, replace(QUICK, reconcile=60, reconcile_without_bus=60))
    reader = Reader(hub, after=5)

    async def scenario() -> None:
        hub.look()
        await until(lambda: hub._checked_at > 0 and reader.client is not None and reader.client.live)
        truth.append()
        await asyncio.sleep(0.05)
        assert reader.numbers() == []
        hub.look()
        await until_all_have(truth, [reader])

    in_world(scenario(), hub, reader.read())
    assert reader.numbers() == [6]


def test_sends_everybody_away_when_draining() -> None:
    truth = Truth(last=3)
    hub = Hub(truth, QUICK)
    reader = Reader(hub)

    async def scenario() -> None:
        await until_all_have(truth, [reader])
        hub.drain()
        await until(lambda: reader.ended > 0)

    in_world(scenario(), hub, reader.read())
    assert hub.draining
