"""What a request says about its sender and about where it stopped."""

from __future__ import annotations

import asyncio
from hashlib import sha256

import pytest

from core.stream.gate import Gate, after_of, secret_of
from core.stream.hub import MALFORMED
from core.stream.records import StoreUnavailable
from core.tests.stream_truth import KEY, SECRET, Truth


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ({b"cookie": b"a=b; sessionid=key"}, b"key"),
        ({b"authorization": b"Bearer  tok"}, b"tok"),
        ({b"authorization": b"token tok", b"cookie": b"sessionid=key"}, b"tok"),
        ({b"authorization": b"Basic tok", b"cookie": b"sessionid=key"}, b"key"),
    ],
)
def test_finds_the_secret(headers: dict[bytes, bytes], text: bytes) -> None:
    assert secret_of(headers, "sessionid") == sha256(text).digest()


@pytest.mark.parametrize("headers", [{}, {b"cookie": b"other=key"}, {b"authorization": b"Bearer "}])
def test_finds_none(headers: dict[bytes, bytes]) -> None:
    assert secret_of(headers, "sessionid") is None


@pytest.mark.parametrize(
    ("header", "query", "after"),
    [
        (b"", b"", None),
        (b"7", b"", 7),
        (b"", b"after=0", 0),
        (b"7", b"after=9", 7),
        (b"-1", b"", MALFORMED),
        (b"7.0", b"", MALFORMED),
        (b"9" * 19, b"", MALFORMED),
        (b"9" * 5000, b"", MALFORMED),
        ("٧".encode(), b"", MALFORMED),
    ],
)
def test_reads_the_last_number(header: bytes, query: bytes, after: int | None) -> None:
    assert after_of({b"last-event-id": header}, query) == after


def test_asks_once_for_many() -> None:
    truth = Truth(dead={b"dead"})

    async def ask() -> list[object]:
        gate = Gate(truth)
        return list(await asyncio.gather(gate.holder(SECRET), gate.holder(SECRET), gate.holder(b"dead")))

    first, second, dead = asyncio.run(ask())
    assert first is second
    assert getattr(first, "user_id", None) == KEY[1]
    assert dead is None


def test_tells_everybody_when_the_database_is_away() -> None:
    async def ask() -> list[object]:
        gate = Gate(Truth(fault_rate=1.0))
        return list(await asyncio.gather(gate.holder(b"a"), gate.holder(b"b"), return_exceptions=True))

    assert all(isinstance(answer, StoreUnavailable) for answer in asyncio.run(ask()))
