"""uvicorn's connection with bounds for readers who stall: `uvicorn --http core.stream.server:StreamProtocol`.

Without them the kernel buffers megabytes for each stalled reader, and keeps a vanished one for a quarter of
an hour. It also hands the application its transport: a heartbeat that wakes a task costs ten times as much as its
bytes. Source: architecture.md §10.
"""

from __future__ import annotations

import asyncio
import socket

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: An application that finds this may write whole chunks to the connection itself, after the head of its answer.
EXTENSION = "mentorship.transport"
SEND_BUFFER_BYTES = 64 * 1024
SILENCE_MILLISECONDS = 30_000


class StreamProtocol(HttpToolsProtocol):
    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {EXTENSION: {"transport": self.transport}}

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        connection = transport.get_extra_info("socket")
        if connection is not None and connection.family in (socket.AF_INET, socket.AF_INET6):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
            if hasattr(socket, "TCP_USER_TIMEOUT"):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENCE_MILLISECONDS)
