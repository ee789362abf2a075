"""Thousands of readers in one process, each as patient as a browser: it reads, comes back where it was, and logs.

A program: `python -m mentorship_coordination.drill.readers FILE`, with a reader a line in the file: token, port and
stream (`mentor`, `student` or `director`). Orders come as JSON lines on standard input, each is answered by one line:
`open` so many in all, `count`, `drop` all connections, `dump` to a file, `forget` what was heard.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from array import array
from pathlib import Path
from typing import Any, Final

import numpy as np
import uvloop

PATH: Final = "/api/v1/{stream}/dashboard/stream"
EVENT: Final = re.compile(rb'id: (\d+)\nevent: (\w+)\ndata: (?:\{"n":(\d+)\})?[^\n]*\n\n')
RETRY: Final = re.compile(rb"retry: (\d+)\n")
NO_SERIAL: Final = -1
#: Connections that are being made at one time.
AT_ONCE: Final = 400
FIRST_WAIT, REFUSED_WAIT = 3.0, 0.5


class Log:
    """One entry an event: which reader, its number, what was said, when (seconds of the machine's steady clock)."""

    def __init__(self) -> None:
        self.reader, self.number, self.serial, self.at = array("i"), array("q"), array("q"), array("d")

    def save(self, path: str) -> None:
        names = ("reader", "number", "serial", "at")
        columns: dict[str, Any] = {name: np.array(getattr(self, name)) for name in names}
        np.savez(path, **columns)


class Reader(asyncio.Protocol):
    """One EventSource: an answer other than 200 ends it for good, a lost connection does not."""

    def __init__(self, crowd: Crowd, place: int, token: str, port: str, stream: str) -> None:
        self.crowd, self.place, self.token, self.port = crowd, place, token, int(port)
        self.path = PATH.format(stream=stream)
        self.last = 0
        self.wait = FIRST_WAIT
        self.transport: asyncio.Transport | None = None
        self._reset()

    def _reset(self) -> None:
        self.buffer = b""
        self.is_open = False
        self.status = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._reset()
        self.transport = transport  # type: ignore[assignment]
        self.transport.write(  # type: ignore[union-attr]
            f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.token}\r\n"
            f"Accept: text/event-stream\r\nLast-Event-ID: {self.last}\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        self.buffer += data
        if not self.is_open:
            head, end_of_head, rest = self.buffer.partition(b"\r\n\r\n")
            if not end_of_head:
                return
            self.status, self.buffer, self.is_open = head.partition(b"\r\n")[0], rest, True
            self.crowd.opened(self)
        end = 0
        for found in EVENT.finditer(self.buffer):
            end = found.end()
            self._heard(int(found[1]), found[2], found[3], now)
        for advice in RETRY.finditer(self.buffer):
            self.wait = int(advice[1]) / 1000
            end = max(end, advice.end())
        if end:
            self.buffer = self.buffer[end:]

    def _heard(self, number: int, event: bytes, serial: bytes | None, now: float) -> None:
        log = self.crowd.log
        if event in (b"snapshot", b"reset"):
            self.crowd.restarts += 1
        log.reader.append(self.place)
        log.number.append(number)
        log.serial.append(NO_SERIAL if serial is None else int(serial))
        log.at.append(now)
        self.last = number

    def connection_lost(self, error: Exception | None) -> None:
        self.transport = None
        self.crowd.lost(self)

    @property
    def was_refused(self) -> bool:
        return self.is_open and not self.status.startswith(b"HTTP/1.1 200")


class Crowd:
    def __init__(self, wanted: list[str]) -> None:
        self.log = Log()
        self.readers = [Reader(self, place, *line.split()) for place, line in enumerate(wanted)]
        self.wanted = 0
        self.restarts = self.refused = self.connects = 0
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._waiters: dict[int, asyncio.Future[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self, count: int) -> dict[str, Any]:
        """Until `count` in all are open; seconds it took."""
        began = time.monotonic()
        fresh = self.readers[self.wanted : count]
        self.wanted = count
        await asyncio.gather(*(self._connect(reader) for reader in fresh))
        return {"seconds": time.monotonic() - began, **self.count()}

    async def _connect(self, reader: Reader) -> None:
        async with self._gate:
            self.connects += 1
            done = self._waiters[reader.place] = asyncio.get_running_loop().create_future()
            try:
                loop = asyncio.get_running_loop()
                await loop.create_connection(lambda: reader, "127.0.0.1", reader.port)
                await done
            except OSError:
                self._waiters.pop(reader.place, None)
                self._again(reader, REFUSED_WAIT)

    def opened(self, reader: Reader) -> None:
        waiter = self._waiters.pop(reader.place, None)
        if waiter is not None and not waiter.done():
            waiter.set_result(None)
        if reader.was_refused:
            self.refused += 1

    def lost(self, reader: Reader) -> None:
        waiter = self._waiters.pop(reader.place, None)
        if waiter is not None and not waiter.done():
            waiter.set_result(None)
        if not reader.was_refused:
            self._again(reader, reader.wait)

    def _again(self, reader: Reader, wait: float) -> None:
        task = asyncio.create_task(self._later(reader, wait))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _later(self, reader: Reader, wait: float) -> None:
        await asyncio.sleep(wait)
        await self._connect(reader)

    def drop(self) -> dict[str, Any]:
        """Every connection is torn; all come back at once."""
        torn = [reader for reader in self.readers if reader.transport is not None]
        for reader in torn:
            reader.wait = 0.0
            reader.transport.abort()  # type: ignore[union-attr]
        return {"torn": len(torn)}

    def count(self) -> dict[str, Any]:
        return {
            "open": sum(reader.transport is not None and reader.is_open for reader in self.readers),
            "events": len(self.log.at),
            "refused": self.refused,
            "restarts": self.restarts,
            "connects": self.connects,
            "reached": sum(reader.last for reader in self.readers),
        }


async def obey(crowd: Crowd) -> None:
    loop = asyncio.get_running_loop()
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    while line := await orders.readline():
        order: dict[str, Any] = json.loads(line)
        answer: dict[str, Any] = {}
        match order["do"]:
            case "open":
                answer = await crowd.open(order["count"])
            case "count":
                answer = crowd.count()
            case "drop":
                answer = crowd.drop()
            case "dump":
                crowd.log.save(order["path"])
            case "forget":
                crowd.log = Log()
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def main() -> None:
    wanted = Path(sys.argv[1]).read_text().splitlines()

    async def run() -> None:
        await obey(Crowd(wanted))

    uvloop.run(run())


if __name__ == "__main__":
    main()
