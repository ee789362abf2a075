"""The dashboard tells the student that help is at hand, and of others' worries nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from rest_framework.test import APIClient

from student_dashboard.tests.made_up import MadeUp, refreshed, student_in
from users.models import User

AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
Api = Callable[[User | None], APIClient]
URL = "/api/v1/student/dashboard"


@pytest.fixture
def made_up(db: None) -> MadeUp:
    return MadeUp()


def support(student: User, api: Api) -> dict[str, object]:
    found: dict[str, object] = api(student).get(URL).json()["support"]
    return found


def test_since_when_and_names_of_reasons(made_up: MadeUp, api: Api) -> None:
    student = student_in()
    made_up.say(student, worry=14, missed=20)
    refreshed(AT, student)
    assert support(student, api) == {"is_at_risk": False, "since": None, "reasons": []}
    made_up.say(student, worry=50, missed=20)
    refreshed(AT + HOUR, student)
    assert support(student, api) == {
        "is_at_risk": True,
        "since": "2026-03-02T13:00:00Z",
        "reasons": ["worry", "missed"],
    }


def test_no_reason_where_only_somebody_worries(made_up: MadeUp, api: Api) -> None:
    watched, other = student_in(), student_in()
    made_up.say(watched, worry=15, is_watched=True)
    made_up.say(other, worry=15)
    refreshed(AT, watched, other)
    assert support(watched, api) == {"is_at_risk": True, "since": None, "reasons": []}
    assert support(other, api)["is_at_risk"] is False
    made_up.say(watched)
    refreshed(AT + HOUR, watched)
    assert support(watched, api)["is_at_risk"] is False
