"""The stream endpoints as a raw ASGI application in front of Django: no thread and no connection for an open
stream.

Browsers give up for good on any answer but 200, so a process that drains, or whose database is away for a
moment, answers 200 with `retry:` and ends. Source: architecture.md §10.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import re
import signal
import threading
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from types import FrameType
from typing import Any

from django.conf import settings
from django.http.request import split_domain_port, validate_host
from rest_framework.exceptions import NotAuthenticated

from core.api.permissions import ActsAsItsRole
from core.api.problems import document
from core.stream import frames
from core.stream.bus import BusReader
from core.stream.client import Client, Need
from core.stream.gate import Gate, Headers, after_of, carries_token, secret_of
from core.stream.hub import Hub, TooManyStreams
from core.stream.paths import PATHS
from core.stream.records import StoreUnavailable, StreamKey
from core.stream.server import EXTENSION

log = logging.getLogger(__name__)

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

STREAM_HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),
]
RECONNECT = 1500, 4500
CHALLENGE = b"www-authenticate", b'Bearer realm="mentorship"'
DEAD_TOKEN = "invalid_token", "This token is unknown, expired or revoked."
REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,128}")


class Refusal(Exception):
    """An answer other than a stream, as RFC 9457 problem document: the same that Django's views give."""

    def __init__(self, status: HTTPStatus, code: str, detail: str, *headers: tuple[bytes, bytes]) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.headers = headers

    def body(self, path: str) -> bytes:
        return json.dumps(document(self.status.value, self.code, str(self), instance=path)).encode()


def path_handled(path: str) -> bool:
    """Whether `path` is a stream, to be given to `StreamApplication` instead of Django."""
    return path in PATHS


class StreamApplication:
    """ASGI application for the paths of `path_handled`. Await `startup` and `shutdown` from the server's
    lifespan.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._gate = Gate(hub.store)
        self._bus: asyncio.Task[None] | None = None

    async def startup(self) -> None:
        """Join the bus, start the hub, and keep the garbage collector from long pauses (they dominate the
        p99).
        """
        await self._hub.start()
        self._bus = asyncio.create_task(BusReader(self._hub, settings.REDIS_URL).run())
        for number in (signal.SIGTERM, signal.SIGINT):
            self._drain_on(number)
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)

    async def shutdown(self) -> None:
        if self._bus is not None:
            self._bus.cancel()
            await asyncio.gather(self._bus, return_exceptions=True)
        await self._hub.stop()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: Headers = dict(scope["headers"])
        reply = Reply(send, headers)
        if self._hub.draining:
            await reply.come_back()
            return
        try:
            key, secret = await self._admit(scope, headers)
            client = self._hub.register(
                key,
                secret,
                after_of(headers, scope["query_string"]),
                _canceller(asyncio.current_task()),
                scope.get("extensions", {}).get(EXTENSION, {}).get("transport"),
            )
        except Refusal as refusal:
            await reply.refuse(refusal, scope["path"])
        except TooManyStreams:
            detail = "Too many streams of yours are open. Close a tab."
            wait = (b"retry-after", b"30")
            too_many = Refusal(HTTPStatus.TOO_MANY_REQUESTS, "too_many_streams", detail, wait)
            await reply.refuse(too_many, scope["path"])
        except StoreUnavailable as error:
            log.warning("a stream was put off: %s", error)
            await reply.come_back()
        else:
            await self._stream(client, receive, reply)

    async def _admit(self, scope: Scope, headers: Headers) -> tuple[StreamKey, bytes]:
        if scope["method"] != "GET":
            detail = f"A stream is read by GET, not {scope['method']}."
            raise Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "method_not_allowed", detail, (b"allow", b"GET"))
        host, _ = split_domain_port(headers.get(b"host", b"").decode("latin-1").lower())
        if not validate_host(host, settings.ALLOWED_HOSTS):
            raise Refusal(HTTPStatus.BAD_REQUEST, "malformed", "The request is malformed.")
        audience = PATHS[scope["path"]]
        secret = secret_of(headers, settings.SESSION_COOKIE_NAME)
        holder = await self._gate.holder(secret) if secret else None
        if secret is None or holder is None:
            raise _unauthenticated(is_by_token=secret is not None and carries_token(headers))
        if audience not in holder.audiences:
            raise Refusal(HTTPStatus.FORBIDDEN, "permission_denied", ActsAsItsRole.message)
        return (audience, holder.user_id), secret

    async def _stream(self, client: Client, receive: Receive, reply: Reply) -> None:
        watch = asyncio.create_task(_watch(receive, client))
        try:
            await reply.begin(frames.retry(*RECONNECT))
            await self._pump(client, reply)
        except asyncio.CancelledError:
            # The hub cancels a writer that is stuck at a reader who stopped reading; anybody else is obeyed.
            if not client.overflowed:
                raise
        else:
            await reply.end()
        finally:
            watch.cancel()
            self._hub.detach(client)

    async def _pump(self, client: Client, reply: Reply) -> None:
        while (chunk := await client.next_chunk()) is not None:
            if chunk:
                await reply.write(chunk)
            if client.need is not Need.NOTHING:
                try:
                    await self._hub.serve(client)
                except StoreUnavailable as error:
                    log.warning("a stream was ended: %s", error)
                    client.close(frames.retry(*RECONNECT))

    def _drain_on(self, number: signal.Signals) -> None:
        """A server waits for open requests before it ends its lifespan: drain when the signal comes."""
        previous = signal.getsignal(number)
        if threading.current_thread() is not threading.main_thread() or not callable(previous):
            return
        loop = asyncio.get_running_loop()

        def handle(received: int, frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(self._hub.drain)
            previous(received, frame)

        signal.signal(number, handle)


def stream_application(hub: Hub) -> StreamApplication:
    """The application over `hub`: `stream_application(Hub(Store()))`."""
    return StreamApplication(hub)


class Reply:
    """One HTTP answer."""

    def __init__(self, send: Send, headers: Headers) -> None:
        self._send = send
        given = headers.get(b"x-request-id", b"")
        self._request_id = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex.encode()

    async def begin(self, first: bytes) -> None:
        await self._start(HTTPStatus.OK, STREAM_HEADERS)
        await self.write(first)

    async def write(self, chunk: bytes) -> None:
        await self._send({"type": "http.response.body", "body": chunk, "more_body": True})

    async def end(self) -> None:
        await self._send({"type": "http.response.body", "body": b""})

    async def come_back(self) -> None:
        await self.begin(frames.retry(*RECONNECT))
        await self.end()

    async def refuse(self, refusal: Refusal, path: str) -> None:
        body = refusal.body(path)
        length = (b"content-length", str(len(body)).encode())
        kind = (b"content-type", b"application/problem+json")
        await self._start(refusal.status, [kind, length, *refusal.headers])
        await self._send({"type": "http.response.body", "body": body})

    async def _start(self, status: HTTPStatus, headers: list[tuple[bytes, bytes]]) -> None:
        named = [*headers, (b"x-request-id", self._request_id)]
        await self._send({"type": "http.response.start", "status": status.value, "headers": named})


def _unauthenticated(*, is_by_token: bool) -> Refusal:
    code, detail = DEAD_TOKEN if is_by_token else ("not_authenticated", str(NotAuthenticated.default_detail))
    return Refusal(HTTPStatus.UNAUTHORIZED, code, detail, CHALLENGE)


async def _watch(receive: Receive, client: Client) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    client.close()


def _canceller(task: asyncio.Task[Any] | None) -> Callable[[], object]:
    if task is None:
        raise RuntimeError("a stream runs inside a task")
    return task.cancel
