"""The slot finder …"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentorship_coordination.sla.timeline import to_microseconds
from mentorship_coordination.slots.finder import (
    MINUTE,
    QUARTER,
    Refusal,
    Situation,
    find_slots,
    first_slot,
    nearest_slots,
)
from mentorship_coordination.slots.hours import PersonHours, hours_from
from mentorship_coordination.slots.spans import Bounds, joined
from users.availability import DAYS

#: A Monday.
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
NINE_TO_FIVE = {day: [["09:00", "17:00"]] for day in DAYS}


def span(first: datetime, last: datetime) -> Bounds:
    return to_microseconds(first), to_microseconds(last)


def on(day: int, hour: int, minute: int = 0) -> datetime:
    return MONDAY + timedelta(days=day, hours=hour, minutes=minute)


def situation(**changes: Any) -> Situation:
    given = {
        "between": span(on(0, 0), on(1, 0)),
        "bookable": span(on(0, 0), on(90, 0)),
        "length": 60 * MINUTE,
        "mentor": hours_from({"mon": [["09:00", "11:00"]]}, "UTC"),
        "mentees": [hours_from(NINE_TO_FIVE, "UTC")],
        "busy": (),
        "has_room": lambda start: True,
    }
    return Situation(**{**given, **changes})


def starts(found: Situation) -> list[str]:
    return [f"{slot.starts_at:%d %H:%M}" for slot in find_slots(found, zone="UTC", people=["UTC"]).slots]


def test_offers_every_quarter_hour_that_holds_the_meeting() -> None:
    assert starts(situation()) == ["02 09:00", "02 09:15", "02 09:30", "02 09:45", "02 10:00"]


def test_offers_what_both_have_open() -> None:
    kathmandu = hours_from({"mon": [["15:45", "17:00"]]}, "Asia/Kathmandu")
    assert starts(situation(mentees=[kathmandu])) == ["02 10:00"]


def test_offers_no_time_that_is_taken_and_all_beside_it() -> None:
    assert starts(situation(busy=[span(on(0, 9, 30), on(0, 10))])) == ["02 10:00"]
    assert starts(situation(busy=[span(on(0, 10), on(0, 11))])) == ["02 09:00"]


def test_lets_a_meeting_run_past_the_asked_span_that_it_begins_in() -> None:
    assert starts(situation(between=span(on(0, 9), on(0, 9, 30)))) == ["02 09:00", "02 09:15"]


def test_offers_no_slot_in_a_week_that_is_full() -> None:
    found = find_slots(
        situation(has_room=lambda start: start >= to_microseconds(on(0, 10))), zone="UTC", people=["UTC"]
    )
    assert [slot.starts_at for slot in found.slots] == [on(0, 10)]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"refusal": Refusal.BUDGET_EXHAUSTED}, Refusal.BUDGET_EXHAUSTED),
        ({"bookable": span(on(0, 10, 30), on(90, 0))}, Refusal.TOO_SOON),
        ({"bookable": span(on(0, 12), on(90, 0)), "mentees": [hours_from({}, "UTC")]}, Refusal.MENTEE_CLOSED),
        ({"bookable": span(on(1, 0), on(90, 0))}, Refusal.TOO_SOON),
        ({"bookable": span(on(-9, 0), on(-1, 0))}, Refusal.TOO_FAR),
        ({"holidays": [span(on(0, 0), on(1, 0))]}, Refusal.HOLIDAY),
        ({"mentor": hours_from({"tue": [["09:00", "11:00"]]}, "UTC")}, Refusal.MENTOR_CLOSED),
        (
            {"mentor": hours_from(NINE_TO_FIVE, "UTC", away=[span(on(-3, 0), on(5, 0))])},
            Refusal.MENTOR_AWAY,
        ),
        ({"mentees": [hours_from({}, "UTC")]}, Refusal.MENTEE_CLOSED),
        ({"mentees": [hours_from({"mon": [["10:30", "17:00"]]}, "UTC")]}, Refusal.NOT_SHARED),
        ({"busy": [span(on(0, 9), on(0, 10, 15))]}, Refusal.BUSY),
        ({"has_room": lambda start: False}, Refusal.WEEK_FULL),
    ],
)
def test_says_why_a_day_has_none(changes: dict[str, Any], reason: Refusal) -> None:
    found = find_slots(situation(**changes), zone="UTC", people=["UTC"])
    assert found.slots == []
    assert [(day.day, day.reason) for day in found.refused_days] == [(date(2026, 3, 2), reason)]


def test_names_the_days_of_the_viewer() -> None:
    found = find_slots(situation(between=span(on(0, 0), on(2, 0))), zone="Pacific/Auckland", people=["UTC"])
    assert {slot.starts_at.astimezone(ZoneInfo("Pacific/Auckland")).date() for slot in found.slots} == {
        date(2026, 3, 2)
    }
    assert [day.day for day in found.refused_days] == [date(2026, 3, 3), date(2026, 3, 4)]


def test_ranks_by_the_person_for_whom_the_hour_is_worse() -> None:
    mentor = hours_from({"mon": [["08:00", "22:00"]]}, "UTC")
    mentee = hours_from({"mon": [["07:00", "24:00"]]}, "America/New_York")
    found = find_slots(situation(mentor=mentor, mentees=[mentee]), zone="UTC", people=["UTC", "America/New_York"])
    by_rank = sorted(found.slots, key=lambda slot: slot.rank)
    assert [slot.rank for slot in by_rank] == list(range(1, len(by_rank) + 1))
    assert (by_rank[0].starts_at, by_rank[0].off_hours) == (on(0, 14), 0)
    # 07:00 in New York: an hour that is all before nine; 21:00 here: an hour that is all after six.
    assert {slot.starts_at: slot.off_hours for slot in by_rank[-2:]}[on(0, 21)] == 60
    assert by_rank[-1].off_hours == 60


def test_finds_the_first_and_the_nearest() -> None:
    assert first_slot(situation(busy=[span(on(0, 9), on(0, 9, 30))])) == on(0, 9, 30)
    assert first_slot(situation(mentor=hours_from({}, "UTC"))) is None
    weeks = situation(between=span(on(0, 0), on(27, 0)), busy=[span(on(0, 0), on(14, 9, 10))])
    assert first_slot(weeks) == on(14, 9, 15)
    assert first_slot(replace(weeks, between=span(on(0, 0), on(14, 9, 15)))) is None
    assert nearest_slots(situation(), on(0, 9, 30), most=3) == [on(0, 9, 45), on(0, 9, 15), on(0, 10)]


@st.composite
def people(draw: st.DrawFn) -> PersonHours:
    faces = st.integers(0, 288).map(lambda n: f"{n // 12:02d}:{n % 12 * 5:02d}")
    windows = {}
    for day in DAYS:
        times = sorted(draw(st.sets(faces, max_size=4)))
        windows[day] = [list(pair) for pair in zip(times[::2], times[1::2], strict=False)]
    zone = draw(st.sampled_from(["UTC", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Cairo"]))
    away = draw(st.lists(st.tuples(st.integers(0, 100), st.integers(1, 30)), max_size=2))
    return hours_from(windows, zone, away=[span(on(0, b), on(0, b + n)) for b, n in away])


@settings(max_examples=200, deadline=None)
@given(
    mentor=people(),
    mentee=people(),
    busy=st.lists(st.tuples(st.integers(0, 600), st.integers(1, 40)), max_size=6),
    quarters=st.integers(1, 16),
    notice=st.integers(0, 3000),
)
def test_agrees_with_trying_every_quarter_hour(
    mentor: PersonHours, mentee: PersonHours, busy: list[tuple[int, int]], quarters: int, notice: int
) -> None:
    taken = joined(span(on(0, 0, 15 * b), on(0, 0, 15 * (b + n))) for b, n in busy)
    asked = situation(
        mentor=mentor,
        mentees=[mentee],
        busy=taken,
        length=quarters * QUARTER,
        between=span(on(0, 0), on(5, 0)),
        bookable=span(on(0, 0, notice), on(90, 0)),
    )
    assert list(asked.starts()) == _tried(asked, _closed_at([mentor, mentee], taken))


def _closed_at(everybody: Sequence[PersonHours], taken: Sequence[Bounds]) -> Callable[[int], bool]:
    week = span(on(-2, 0), on(8, 0))
    present = [each.present(week) for each in everybody]

    def closed(instant: int) -> bool:
        return any(b <= instant < f for b, f in taken) or not all(
            any(b <= instant < f for b, f in spans) for spans in present
        )

    return closed


def _tried(asked: Situation, closed: Callable[[int], bool]) -> list[int]:
    five = 5 * MINUTE
    found = []
    for start in range(*asked.between, QUARTER):
        minutes = range(start, start + asked.length, five)
        if start >= asked.bookable[0] and not any(closed(minute) for minute in minutes):
            found.append(start)
    return found
