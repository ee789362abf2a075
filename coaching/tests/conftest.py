from __future__ import annotations

import pytest

from coaching.events import GoalAnswered, GoalOverdue, GoalSettled, StreakBroken
from core import events, wakeup


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What coaching said, after the product's own handlers heard it."""
    said: list[object] = []
    for event in (StreakBroken, GoalOverdue, GoalSettled, GoalAnswered):
        listeners = [*events._handlers.get(event, ()), said.append]
        monkeypatch.setitem(events._handlers, event, listeners)
    return said


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of tasks that were woken; none is sent, the tests run them."""
    names: list[str] = []
    monkeypatch.setattr(wakeup._Wake, "_send", lambda wake: names.append(wake.task_name))
    return names
