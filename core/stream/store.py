"""The hub's window on PostgreSQL: one thread with one connection, however many streams are open."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import Error, connections, transaction

from core.enums import Audience
from core.stream import frames
from core.stream.records import Answer, Ask, Holder, News, Row, Snapshot, StoreUnavailable, StreamKey
from core.stream.snapshots import identity_of, read_snapshot
from core.tenancy.identity import acting_as

log = logging.getLogger(__name__)
T = TypeVar("T")

OPEN = "SELECT secret, user_id, audiences FROM app.stream_open(%s::bytea[])"
EVENTS_AFTER = (
    "SELECT place, last_number, pruned_to, number, event, data "
    "FROM app.events_after(%s::bytea[], %s::smallint[], %s::bigint[], %s)"
)

NEWS = "SELECT until, bell, audience, last_number FROM app.stream_news(%s)"


class Store:
    """`StreamStore` over Django's connection. After a database fault the next call opens a new one."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="stream-store")

    async def open(self, secrets: list[bytes]) -> dict[bytes, Holder]:
        """Whom each secret belongs to; dead and unknown ones are absent. One query."""
        return await self._run(lambda: _open(secrets))

    async def events_after(self, asks: list[Ask], row_limit: int) -> list[Answer]:
        """One answer for each ask, in their order, all of one instant; at most `row_limit` rows each."""
        return await self._run(lambda: _events_after(asks, row_limit))

    async def news(self, since: str | None) -> News:
        """What was written since an earlier answer's `until`; None asks for a beginning alone. One query."""
        return await self._run(lambda: _news(since))

    async def snapshot(self, key: StreamKey) -> Snapshot:
        """Number and data read in one REPEATABLE READ transaction as that person. Raises
        `NoSnapshotProvider`.
        """
        return await self._run(lambda: _snapshot(key))

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, connections["default"].close)
        self._thread.shutdown(wait=False)

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, _guarded, work)


def _guarded(work: Callable[[], T]) -> T:
    connection = connections["default"]
    try:
        connection.close_if_unusable_or_obsolete()
        return work()
    except Error as error:
        connection.close()
        raise StoreUnavailable(str(error)) from error


def _open(secrets: list[bytes]) -> dict[bytes, Holder]:
    with connections["default"].cursor() as cursor:
        cursor.execute(OPEN, [secrets])
        return {
            bytes(secret): Holder(user_id, frozenset(map(Audience, audiences)))
            for secret, user_id, audiences in cursor.fetchall()
        }


def _events_after(asks: list[Ask], row_limit: int) -> list[Answer]:
    secrets = [ask.secret for ask in asks]
    audiences = [ask.audience.value for ask in asks]
    heads: dict[int, tuple[int | None, int]] = {}
    rows: defaultdict[int, list[Row]] = defaultdict(list)
    with connections["default"].cursor() as cursor:
        cursor.execute(EVENTS_AFTER, [secrets, audiences, [ask.after for ask in asks], row_limit])
        for place, last, pruned_to, number, event, data in cursor.fetchall():
            heads[place] = last, pruned_to
            if number is not None:
                rows[place].append((number, frames.render(event, data)))
    return [Answer(*heads[place], tuple(rows[place])) for place in range(1, len(asks) + 1)]


def _news(since: str | None) -> News:
    with connections["default"].cursor() as cursor:
        cursor.execute(NEWS, [since])
        rows = cursor.fetchall()
    streams = ((bytes(bell), Audience(audience), last) for _, bell, audience, last in rows if bell is not None)
    return News(rows[0][0], tuple(streams))


def _snapshot(key: StreamKey) -> Snapshot:
    with acting_as(identity_of(key)), transaction.atomic():
        with connections["default"].cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return read_snapshot(key)
