"""Saying something to a person's stream. The event is a row of the caller's transaction; the bus hears of it
after.

Source: architecture.md §10.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from core.actions import buffer, register_flusher
from core.enums import Audience, StreamEventName
from core.stream import bus
from core.stream.snapshots import as_json

BUFFER = "stream_events"
FLUSH_ORDER = 20
LONGEST_DATA = 8 * 1024
MADE_BY_THE_HUB = frozenset({StreamEventName.SNAPSHOT, StreamEventName.RESET})

APPEND = (
    "SELECT recipient, audience, number, event, data "
    "FROM app.append_events(%s::uuid[], %s::smallint[], %s::text[], %s::text[])"
)


class Said(NamedTuple):
    recipient_id: UUID
    audience: Audience
    event: StreamEventName
    data: str


def emit(*, recipient_id: UUID, audience: Audience, event: StreamEventName, data: dict[str, Any]) -> None:
    """Tell `recipient_id`, as `audience`, that `event` happened. `data` is small: ids, kinds, counters.

    Belongs inside an action, which numbers and writes all its events together at its end; the same thing said
    twice in one action is said once. Raises `core.actions.NoActionOpen`, `ValueError` (data over 8 KiB or not
    JSON, or an event that only the stream itself makes). A recipient who is none of the caller's fails the
    action with SQLSTATE 42501.
    """
    if event in MADE_BY_THE_HUB:
        raise ValueError(f"{event.value} is made by the stream itself")
    text = as_json(data)
    if len(text.encode()) > LONGEST_DATA:
        raise ValueError(f"{event.value} carries {len(text)} characters: send ids, not content")
    buffer(BUFFER, Said(recipient_id, audience, event, text))


def flush(items: Sequence[Said]) -> None:
    """Write all events of one action by one statement. Numbers follow the order in which things were said."""
    recipients, audiences, events, datas = zip(*dict.fromkeys(items), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            APPEND,
            [
                [str(recipient) for recipient in recipients],
                [audience.value for audience in audiences],
                [event.value for event in events],
                list(datas),
            ],
        )
        written = [bus.NumberedEvent(*row) for row in cursor.fetchall()]
    transaction.on_commit(partial(bus.send, written))


register_flusher(BUFFER, flush, order=FLUSH_ORDER)
