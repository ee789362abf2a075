"""Heartbeats and ends of life, spread over time so that ten thousand clients do not wake at one instant."""

from __future__ import annotations

import asyncio

from core.stream import frames
from core.stream.client import Client

SLOT = 0.05


class HeartbeatWheel:
    def __init__(self, interval: float) -> None:
        """Each client is visited once every `interval` seconds."""
        self._slots: list[set[Client]] = [set() for _ in range(max(1, round(interval / SLOT)))]
        self._pause = interval / len(self._slots)
        self._added = 0

    def add(self, client: Client) -> None:
        self._added += 1
        client.slot = self._added % len(self._slots)
        self._slots[client.slot].add(client)

    def discard(self, client: Client) -> None:
        self._slots[client.slot].discard(client)

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            for slot in self._slots:
                due = max(due + self._pause, loop.time())
                await asyncio.sleep(due - loop.time())
                self._visit(slot, loop.time())

    def _visit(self, slot: set[Client], now: float) -> None:
        for client in slot:
            if now >= client.deadline:
                client.close(frames.retry(200, 2200))
            else:
                client.beat()
