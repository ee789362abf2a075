"""Text of `text/event-stream`, as bytes (WHATWG HTML, "Server-sent events")."""

from __future__ import annotations

import random

PING = b": ping\n\n"
CHUNKED_PING = b"%x\r\n%b\r\n" % (len(PING), PING)


def render(event: str, data: str) -> bytes:
    """A frame without its number. `data` is one line of JSON: a line break would end the field early."""
    if "\n" in event + data or "\r" in event + data:
        raise ValueError("a stream event is written on one line")
    return f"event: {event}\ndata: {data}\n\n".encode()


def numbered(number: int, frame: bytes) -> bytes:
    return b"id: %d\n%b" % (number, frame)


def retry(shortest: int, longest: int) -> bytes:
    """Tell the browser to wait that many milliseconds before it reconnects; spread, so that not all come at
    once.
    """
    milliseconds = random.randint(shortest, longest)  # noqa: S311 - spreads load, guards nothing
    return b"retry: %d\n\n" % milliseconds
