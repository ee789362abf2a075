"""Old events go by the clock, the newest of each stream stay, and nothing is left to do the second time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from conftest import Cast
from core import clock
from core.actions import action
from core.enums import Audience, StreamEventName
from core.models import StreamCounter, StreamEvent
from core.stream import pruning
from core.stream.publish import emit
from core.tasks import prune_stream
from tests.database import as_system, as_worker
from users.models import User


@action
def tell(person: User, count: int) -> None:
    for number in range(count):
        emit(
            recipient_id=person.pk,
            audience=Audience.MENTOR,
            event=StreamEventName.WORK_QUEUE,
            data={"number": number},
        )


def test_keeps_the_newest_and_counts_on(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "KEPT_AT_LEAST", 2)
    with as_worker():
        tell(cast.mentor, 5)
        with clock.pinned(clock.now() + timedelta(days=8)):
            assert [prune_stream(), prune_stream()] == [3, 0]
    with as_system():
        assert list(StreamEvent.objects.order_by("number").values_list("number", flat=True)) == [4, 5]
        counter = StreamCounter.objects.get(recipient=cast.mentor)
        assert (counter.last_number, counter.pruned_to) == (5, 3)


def test_keeps_what_is_young(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "KEPT_AT_LEAST", 0)
    with as_worker():
        tell(cast.mentor, 3)
        assert prune_stream() == 0
