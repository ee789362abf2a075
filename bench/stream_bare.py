"""What it costs to write the same bytes to as many sockets and nothing more: the measure for the stream.

A program: `python bench/stream_bare.py PORT TOKENS`, with "token recipient" a line. It reads the same bus and knows no
numbers, no gaps, no rights and no database.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import uvloop
from redis.asyncio import Redis

BUS_KEY = "stream:bus"
HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache, no-transform\r\n"
    b"x-accel-buffering: no\r\ntransfer-encoding: chunked\r\n\r\n"
)


def chunk(text: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(text), text)


class Connection(asyncio.Protocol):
    listeners: dict[bytes, asyncio.Transport] = {}
    recipients: dict[bytes, bytes] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
        self.buffer = b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if b"\r\n\r\n" in self.buffer:
            token = self.buffer.partition(b"Bearer ")[2].partition(b"\r\n")[0]
            self.listeners[self.recipients[token]] = self.transport
            self.transport.write(HEAD + chunk(b"retry: 3000\n\n"))
            self.buffer = b""


async def follow(url: str) -> None:
    redis = Redis.from_url(url, protocol=2)
    newest: Any = await redis.xrevrange(BUS_KEY, count=1)
    position = newest[0][0] if newest else b"0-0"
    while True:
        answer: Any = await redis.xread({BUS_KEY: position}, count=1000, block=2000)
        for entry, fields in answer[0][1] if answer else ():
            position = entry
            listener = Connection.listeners.get(fields.get(b"recipient", b""))
            if listener is not None:
                listener.write(chunk(b"id: %b\n%b" % (fields[b"number"], fields[b"frame"])))
        # As the stream does, so that both take what has come together.
        await asyncio.sleep(0.008)


async def serve(port: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Connection, "127.0.0.1", port, backlog=16384)
    async with server:
        await follow(os.environ["REDIS_URL"])


if __name__ == "__main__":
    Connection.recipients = dict(line.split() for line in Path(sys.argv[2]).read_bytes().splitlines())
    uvloop.run(serve(int(sys.argv[1])))
