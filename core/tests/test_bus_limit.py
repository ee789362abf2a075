"""What one transaction puts on the bus."""

from __future__ import annotations

from uuid import uuid4

import pytest

from core.enums import Audience
from core.stream import bus


@pytest.mark.parametrize(("count", "went_out"), [(1, True), (3, True), (4, False)])
def test_more_than_the_bus_may_carry_stays_for_the_comparison(
    monkeypatch: pytest.MonkeyPatch, count: int, went_out: bool
) -> None:
    sent: list[bus.NumberedEvent] = []
    monkeypatch.setattr(bus, "MOST_SENT", 3)
    monkeypatch.setattr(bus, "_send", sent.extend)
    events = [bus.NumberedEvent(uuid4(), Audience.MENTOR, nth, "session", "{}") for nth in range(count)]
    assert bus.send(events) is went_out
    assert sent == (events if went_out else [])
