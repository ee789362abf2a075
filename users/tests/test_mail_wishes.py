"""What a person wishes of mails …"""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from users.mail_wishes import MailWishes, clean_mail_wishes, next_time, read_mail_wishes


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    "value",
    [
        [],
        {"post": {}},
        {"mail": ["breach"]},
        {"mail": {"breach": "sometimes"}},
        {"quiet_hours": "22:00-07:00"},
        {"quiet_hours": ["22:00"]},
        {"quiet_hours": ["22:00", "24:00"]},
        {"quiet_hours": ["22:00", "22:00"]},
        {"quiet_hours": [22, 7]},
    ],
)
def test_is_refused_when_nobody_could_follow_it(value: Any) -> None:
    with pytest.raises(ValidationError):
        clean_mail_wishes({"notifications": value})


def test_is_nothing_where_nothing_can_be_read() -> None:
    assert read_mail_wishes({}) == read_mail_wishes({"notifications": {"mail": {"breach": "?"}}}) == MailWishes()


@pytest.mark.parametrize(
    ("quiet", "instant", "ends"),
    [
        (["22:00", "07:00"], "2026-03-02T23:30+01:00", "2026-03-03T07:00+01:00"),
        (["22:00", "07:00"], "2026-03-02T06:59+01:00", "2026-03-02T07:00+01:00"),
        (["22:00", "07:00"], "2026-03-02T07:00+01:00", None),
        (["12:00", "13:00"], "2026-03-02T12:00+01:00", "2026-03-02T13:00+01:00"),
        (["12:00", "13:00"], "2026-03-02T13:30+01:00", None),
        # 02:30 comes twice in the night in which they go back; the second 02:10 is quiet until the second 02:30.
        (["22:00", "01:40"], "2026-10-25T02:10+01:00", None),
        (["22:00", "02:30"], "2026-10-25T02:10+01:00", "2026-10-25T02:30+01:00"),
        # The night in which the clocks go forward is an hour shorter.
        (["22:00", "07:00"], "2026-03-28T23:00+01:00", "2026-03-29T07:00+02:00"),
    ],
)
def test_keeps_the_quiet_hours_of_her_zone(quiet: list[str], instant: str, ends: str | None) -> None:
    wishes = read_mail_wishes({"notifications": {"quiet_hours": quiet}})
    assert wishes.end_of_quiet(at(instant), "Europe/Oslo") == (at(ends) if ends else None)


def test_finds_the_next_morning_in_her_zone() -> None:
    assert next_time(at("2026-03-02T07:59+03:00"), time(8), "Africa/Nairobi") == at("2026-03-02T08:00+03:00")
    assert next_time(at("2026-03-02T08:00+03:00"), time(8), "Africa/Nairobi") == at("2026-03-03T08:00+03:00")
