"""When a person can meet …"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.clock import known_zones
from mentorship_coordination.sla.timeline import SECOND, from_microseconds, to_microseconds
from mentorship_coordination.slots.hours import hours_from
from mentorship_coordination.slots.spans import Bounds
from users.availability import DAYS

MINUTE = 60 * SECOND
NINE_TO_FIVE = {day: [["09:00", "17:00"]] for day in DAYS}


def between(first: str, last: str) -> Bounds:
    return to_microseconds(datetime.fromisoformat(first)), to_microseconds(datetime.fromisoformat(last))


def shown(bounds: list[Bounds]) -> list[tuple[str, str]]:
    return [tuple(f"{from_microseconds(end):%m-%d %H:%M}" for end in each) for each in bounds]  # type: ignore[misc]


def test_are_those_of_her_zone() -> None:
    hours = hours_from({"mon": [["09:00", "12:00"], ["13:30", "18:00"]]}, "Asia/Kathmandu")
    assert shown(hours.present(between("2026-03-01T00:00Z", "2026-03-04T00:00Z"))) == [
        ("03-02 03:15", "03-02 06:15"),
        ("03-02 07:45", "03-02 12:15"),
    ]


def test_join_at_midnight() -> None:
    hours = hours_from({"mon": [["22:00", "24:00"]], "tue": [["00:00", "02:00"]]}, "UTC")
    assert shown(hours.present(between("2026-03-02T00:00Z", "2026-03-04T00:00Z"))) == [("03-02 22:00", "03-03 02:00")]


@pytest.mark.parametrize(
    ("day", "windows", "open_spans"),
    [
        # The clocks go from 02:00 to 03:00: an hour that is not there is not open.
        ("2026-03-08", [["01:00", "03:30"]], [("03-08 06:00", "03-08 07:30")]),
        ("2026-03-08", [["02:15", "02:45"]], []),
        # The clocks go from 02:00 back to 01:00: both hours are on her wall.
        ("2026-11-01", [["01:00", "02:00"]], [("11-01 05:00", "11-01 07:00")]),
        ("2026-11-01", [["01:15", "01:30"]], [("11-01 05:15", "11-01 05:30"), ("11-01 06:15", "11-01 06:30")]),
    ],
)
def test_follow_the_clock_changes(day: str, windows: list[list[str]], open_spans: list[tuple[str, str]]) -> None:
    hours = hours_from({}, "America/New_York", dates={date.fromisoformat(day): windows})
    assert shown(hours.present(between("2026-01-01T00:00Z", "2026-12-31T00:00Z"))) == open_spans


def test_of_a_date_replace_those_of_its_weekday() -> None:
    hours = hours_from(NINE_TO_FIVE, "UTC", dates={date(2026, 3, 3): [["10:00", "11:00"]], date(2026, 3, 4): []})
    assert shown(hours.present(between("2026-03-02T12:00Z", "2026-03-05T10:00Z"))) == [
        ("03-02 12:00", "03-02 17:00"),
        ("03-03 10:00", "03-03 11:00"),
        ("03-05 09:00", "03-05 10:00"),
    ]


def test_leave_out_absences() -> None:
    away = [between("2026-03-02T10:00Z", "2026-03-02T11:00Z"), between("2026-03-02T10:30Z", "2026-03-02T12:00Z")]
    hours = hours_from(NINE_TO_FIVE, "UTC", away=away)
    day = between("2026-03-02T00:00Z", "2026-03-03T00:00Z")
    assert shown(hours.present(day)) == [("03-02 09:00", "03-02 10:00"), ("03-02 12:00", "03-02 17:00")]
    assert shown(hours.weekly(day)) == [("03-02 09:00", "03-02 17:00")]


def test_are_none_of_somebody_who_told_none() -> None:
    hours = hours_from({}, "UTC")
    assert hours.present(between("2026-03-02T00:00Z", "2026-04-02T00:00Z")) == []


def _is_open(windows: dict[str, Any], instant: datetime, zone: str) -> bool:
    local = instant.astimezone(ZoneInfo(zone))
    face = f"{local:%H:%M}"
    return any(opens <= face < closes for opens, closes in windows.get(DAYS[local.weekday()], ()))


@st.composite
def weeks(draw: st.DrawFn) -> dict[str, list[list[str]]]:
    quarter = st.integers(0, 96).map(lambda n: f"{n // 4:02d}:{n % 4 * 15:02d}")
    found = {}
    for day in draw(st.sets(st.sampled_from(DAYS), min_size=1)):
        faces = sorted(draw(st.sets(quarter, min_size=2, max_size=6)))
        found[day] = [list(pair) for pair in zip(faces[::2], faces[1::2], strict=False)]
    return found


@settings(max_examples=300, deadline=None)
@given(
    windows=weeks(),
    zone=st.sampled_from(sorted(known_zones())),
    day=st.integers(0, 3652),
)
def test_agree_with_the_clock_on_the_wall(windows: dict[str, Any], zone: str, day: int) -> None:
    start = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=day)
    found = hours_from(windows, zone).present((to_microseconds(start), to_microseconds(start + timedelta(days=1))))
    for minute in range(0, 1440, 5):
        instant = start + timedelta(minutes=minute)
        inside = any(begin <= to_microseconds(instant) < finish for begin, finish in found)
        assert inside == _is_open(windows, instant, zone), f"{instant} in {zone}"


def test_agree_on_every_clock_change_of_ten_years_in_every_zone() -> None:
    """A day of two windows, asked for around each change of the offset, at each quarter hour."""
    windows = {day: [["00:30", "02:15"], ["23:00", "24:00"]] for day in DAYS}
    changes = 0
    for zone in sorted(known_zones()):
        place, hours = ZoneInfo(zone), hours_from(windows, zone)
        for start in _changing_days(place):
            changes += 1
            span = (to_microseconds(start), to_microseconds(start + timedelta(days=1)))
            found = hours.present(span)
            for instant in range(*span, 15 * MINUTE):
                inside = any(begin <= instant < finish for begin, finish in found)
                assert inside == _is_open(windows, from_microseconds(instant), zone), f"{start} in {zone}"
    assert changes > 1_000


def _changing_days(place: ZoneInfo) -> list[datetime]:
    days = [datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=each) for each in range(3653)]
    offsets = [day.astimezone(place).utcoffset() for day in days]
    return [day for day, here, there in zip(days, offsets, offsets[1:], strict=False) if here != there]
