"""A calendar that no due time can be computed on is refused when it is saved."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from core import clock
from core.records import save_record
from mentorship_coordination.models.queue import BusinessCalendar
from tests.database import as_system


@pytest.mark.parametrize(
    "changes",
    [
        {"windows": {}},
        {"windows": {"mon": [["17:00", "09:00"]]}},
        {"windows": {"monday": [["09:00", "17:00"]]}},
        {"windows": ["mon"]},
        {"windows": {"mon": [["nine", "five"]]}},
        {"holidays": ["the 3rd of July"]},
        {"timezone": "America/New_Yrok"},
    ],
)
def test_refuses(db: None, changes: dict[str, Any]) -> None:
    with as_system(), pytest.raises(ValidationError):
        save_record(record=BusinessCalendar(name="Office hours", **changes), by=None, at=clock.now())


def test_saves_one_that_opens(db: None) -> None:
    windows = {day: [["09:00", "12:00"], ["13:00", "17:00"]] for day in ("mon", "tue")}
    with as_system():
        save_record(
            record=BusinessCalendar(name="Office", timezone="Africa/Nairobi", windows=windows, holidays=["2026-07-03"]),
            by=None,
            at=clock.now(),
        )
        assert BusinessCalendar.objects.get().windows == windows
