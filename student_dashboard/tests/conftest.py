"""Sections made for the test, instead of those that the apps register."""

from __future__ import annotations

import pytest

from core import wakeup
from student_dashboard import sections


@pytest.fixture(autouse=True)
def no_sections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sections, "_providers", {})


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of tasks that were woken; none is sent, the tests run them."""
    names: list[str] = []
    monkeypatch.setattr(wakeup._Wake, "_send", lambda wake: names.append(wake.task_name))
    return names
