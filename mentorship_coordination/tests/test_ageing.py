"""A low item gains a step every five business days …"""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from mentorship_coordination.sla.ageing import ageing_instants
from mentorship_coordination.sla.calendars import ALWAYS_OPEN, Calendar, CalendarError

OFFICE = (((540, 1020),),) * 5 + ((), ())
NEW_YORK = Calendar(zone="America/New_York", windows=OFFICE)
NAIROBI_WITH_HOLIDAYS = Calendar(
    zone="Africa/Nairobi", windows=None, holidays=frozenset({date(2026, 1, 7), date(2026, 1, 10)})
)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("calendar", "start", "steps"),
    [
        # Monday 09:00: a business week is seven days.
        (ALWAYS_OPEN, utc(2026, 1, 5, 9), [utc(2026, 1, 12, 9), utc(2026, 1, 19, 9), utc(2026, 1, 26, 9)]),
        # Saturday: Monday is the first day of waiting, Friday the fifth.
        (ALWAYS_OPEN, utc(2026, 1, 10, 9), [utc(2026, 1, 16, 9), utc(2026, 1, 23, 9), utc(2026, 1, 30, 9)]),
        # A holiday on a Wednesday moves every step by a day; one on a Saturday moves none.
        (NAIROBI_WITH_HOLIDAYS, utc(2026, 1, 5, 9), [utc(2026, 1, 13, 9), utc(2026, 1, 20, 9), utc(2026, 1, 27, 9)]),
        # 12:00 in New York before and after the clocks change on 8 March.
        (NEW_YORK, utc(2026, 3, 2, 17), [utc(2026, 3, 9, 16), utc(2026, 3, 16, 16), utc(2026, 3, 23, 16)]),
        # Friday 23:00 in New York is Saturday in UTC: the local date decides.
        (NEW_YORK, utc(2026, 1, 10, 4), [utc(2026, 1, 17, 4), utc(2026, 1, 24, 4), utc(2026, 1, 31, 4)]),
    ],
)
def test_of_its_calendar(calendar: Calendar, start: datetime, steps: list[datetime]) -> None:
    assert ageing_instants(start, calendar) == steps


def test_on_the_only_open_weekday() -> None:
    thursdays = Calendar(zone="UTC", windows=((), (), (), ((540, 1020),), (), (), ()))
    assert ageing_instants(utc(2026, 1, 5, 9), thursdays)[0] == utc(2026, 2, 5, 9)


def test_is_refused_on_a_calendar_that_never_opens() -> None:
    with pytest.raises(CalendarError, match="No open time"):
        ageing_instants(utc(2026, 1, 5, 9), Calendar(zone="UTC", windows=((),) * 7))
