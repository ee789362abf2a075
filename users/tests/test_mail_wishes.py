"""What a person wishes of mails …"""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from conftest import Cast
from tests.database import as_system
from tests.people import browser_of
from users.mail_wishes import MailWishes, clean_mail_wishes, next_time, read_mail_wishes
from users.models import User


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    "value",
    [
        [],
        {"post": {}},
        {"mail": ["breach"]},
        {"mail": {"breach": "sometimes"}},
        {"mail": {"weather": "off"}},
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


def test_are_asked_about_what_concerns_her(cast: Cast) -> None:
    pages = {person: browser_of(person).get("/profile").content.decode() for person in (cast.student, cast.director)}
    assert "Reviews of your missions" in pages[cast.student]
    assert "Flags of your cohorts" not in pages[cast.student]
    assert "Flags of your cohorts" in pages[cast.director]
    assert "Reviews of your missions" not in pages[cast.director]


def test_are_kept_from_the_profile_page_beside_other_preferences(cast: Cast) -> None:
    with as_system():
        User.objects.filter(pk=cast.mentor.pk).update(preferences={"theme": "dark"})
        revision = User.objects.get(pk=cast.mentor.pk).revision
    client = browser_of(cast.mentor)
    form = {"revision": revision, "mail_breach": "off", "mail_capacity": "", "quiet_from": "22:00", "quiet_to": "07:00"}
    assert client.post("/profile/mail", form).status_code == 302
    with as_system():
        kept = User.objects.get(pk=cast.mentor.pk).preferences
    assert kept == {
        "theme": "dark",
        "notifications": {"mail": {"breach": "off"}, "quiet_hours": ["22:00", "07:00"]},
    }
    page = client.get("/profile").content.decode()
    assert '<option value="off" selected>' in page
    assert 'value="22:00:00"' in page
    stale = client.post("/profile/mail", form)
    assert (stale.status_code, "has changed since you read it" in stale.content.decode()) == (400, True)
    assert client.post("/profile/mail", {"revision": revision + 1}).status_code == 302
    with as_system():
        assert User.objects.get(pk=cast.mentor.pk).preferences == {"theme": "dark", "notifications": {}}


@pytest.mark.parametrize(
    "form", [{"quiet_from": "22:00"}, {"quiet_from": "x", "quiet_to": "07:00"}, {"mail_breach": "sometimes"}]
)
def test_are_refused_on_the_page_beside_what_is_wrong(cast: Cast, form: dict[str, str]) -> None:
    answer = browser_of(cast.mentor).post("/profile/mail", {"revision": 1, **form})
    assert answer.status_code == 400
    assert "errorlist" in answer.content.decode()
