from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core import events
from missions.events import SubmissionReceived, SubmissionReviewed


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    """Where this test's uploads go."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What missions said, after the product's own handlers heard it."""
    said: list[object] = []
    for event in (SubmissionReceived, SubmissionReviewed):
        listeners = [*events._handlers.get(event, ()), said.append]
        monkeypatch.setitem(events._handlers, event, listeners)
    return said
