"""The main loop over HTTP, step by step."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from conftest import Cast
from core import clock
from tests.api_client import ApiClient

PATIENCE = 20.0


def wait_for(what: Callable[[], bool]) -> None:
    """Until `what()` holds; fails after PATIENCE seconds."""
    end = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


def hand_in(student: ApiClient, cast: Cast) -> str:
    """The student hands her mission in; the submission's id."""
    body = {"text": "The host was entered at 03:12.", "links": ["https://example.org/report"]}
    return str(student.post(f"missions/{cast.mission.pk}/submissions", body, expect=201)["id"])


def review(mentor: ApiClient, submission_id: str) -> Any:
    body = {"score": 91, "feedback": "Clear timeline.", "decision": "approved", "submission_version": 1}
    return mentor.post(f"mentor/missions/{submission_id}/review", body, expect=200)


def book(mentor: ApiClient, cast: Cast, *, days: int) -> Any:
    start = (clock.now() + timedelta(days=days)).replace(hour=10, minute=0, second=0, microsecond=0)
    body = {"mentee_id": str(cast.student.pk), "title": "Weekly talk", "start_time": start.isoformat()}
    return mentor.post("mentor/sessions", body, expect=201)


def flag(mentor: ApiClient, cast: Cast, category: str = "engagement") -> Any:
    body = {"mentee_id": str(cast.student.pk), "reason": "Silent.", "severity": "high", "category": category}
    return mentor.post("mentor/flags", body, expect=201)


def figures(student: ApiClient) -> dict[str, Any]:
    return dict(student.get("student/dashboard"))


def is_settled(student: ApiClient) -> bool:
    """Whether every refresh that was asked for is done."""
    snapshot = figures(student)
    return snapshot["computed_at"] is not None and not snapshot["refresh_pending"]
