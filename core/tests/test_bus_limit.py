"""What one transaction puts on the bus."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from core.enums import Audience
from core.stream import bus
from core.wakeup import redis_client


@pytest.mark.parametrize("count", [1, 3, 4])
def test_tells_of_more_than_it_may_carry_by_one_entry(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(bus, "MOST_SENT", 3)
    monkeypatch.setattr(bus, "BUS_KEY", f"bus-{uuid4()}")
    events = [bus.NumberedEvent(uuid4(), Audience.MENTOR, nth, "session", "{}") for nth in range(count)]
    assert bus.send(events)
    entries: Any = redis_client().xrange(bus.BUS_KEY)
    if count > 3:
        assert [fields for _, fields in entries] == [{b"look": b"1"}]
    else:
        assert [fields[b"recipient"].decode() for _, fields in entries] == [said.recipient_id.hex for said in events]
