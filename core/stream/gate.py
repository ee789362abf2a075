"""Who stands at the door: the secrets of waiting newcomers are looked up together, by one query."""

from __future__ import annotations

import asyncio
import hashlib
from urllib.parse import parse_qs

from django.http.cookie import parse_cookie

from core.stream.hub import MALFORMED
from core.stream.records import Holder, StoreUnavailable, StreamStore

GATHER_SECONDS = 0.005
BATCH = 500
LARGEST_NUMBER = 2**63 - 1
TOKEN_SCHEMES = ("bearer", "token")

Headers = dict[bytes, bytes]


class Gate:
    def __init__(self, store: StreamStore) -> None:
        self._store = store
        self._waiting: dict[bytes, asyncio.Future[Holder | None]] = {}
        self._task: asyncio.Task[None] | None = None

    async def holder(self, secret: bytes) -> Holder | None:
        """Whose secret it is; None for a dead or unknown one. Raises `StoreUnavailable`."""
        future = self._waiting.get(secret)
        if future is None:
            future = self._waiting[secret] = asyncio.get_running_loop().create_future()
        if self._task is None:
            self._task = asyncio.create_task(self._ask())
        # Shielded: several tabs share one question, and one of them may leave.
        return await asyncio.shield(future)

    async def _ask(self) -> None:
        try:
            while self._waiting:
                await asyncio.sleep(GATHER_SECONDS)
                secrets = list(self._waiting)[:BATCH]
                await self._answer({secret: self._waiting.pop(secret) for secret in secrets})
        finally:
            self._task = None

    async def _answer(self, batch: dict[bytes, asyncio.Future[Holder | None]]) -> None:
        try:
            holders = await self._store.open(list(batch))
        except BaseException as error:
            for future in batch.values():
                future.set_exception(StoreUnavailable(str(error)))
            if not isinstance(error, StoreUnavailable):
                raise
        else:
            for secret, future in batch.items():
                future.set_result(holders.get(secret))


def carries_token(headers: Headers) -> bool:
    """Whether the reader shows a token rather than a session cookie."""
    return _authorization(headers)[0] in TOKEN_SCHEMES


def secret_of(headers: Headers, cookie_name: str) -> bytes | None:
    """The SHA-256 of the token in `Authorization: Bearer …` (or `Token …`), else of the session cookie."""
    scheme, token = _authorization(headers)
    if scheme in TOKEN_SCHEMES:
        text = token
    else:
        text = parse_cookie(headers.get(b"cookie", b"").decode("latin-1")).get(cookie_name, "")
    return hashlib.sha256(text.encode()).digest() if text else None


def _authorization(headers: Headers) -> tuple[str, str]:
    scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").strip().partition(" ")
    return scheme.lower(), token.strip()


def after_of(headers: Headers, query: bytes) -> int | None:
    """The last number that the reader has, by `Last-Event-ID` or `?after=`; None when it says nothing."""
    said = headers.get(b"last-event-id", b"").decode("latin-1").strip()
    if not said:
        said = parse_qs(query.decode("latin-1")).get("after", [""])[0].strip()
    if not said:
        return None
    if not (said.isascii() and said.isdigit() and len(said) <= 19 and int(said) <= LARGEST_NUMBER):
        return MALFORMED
    return int(said)
