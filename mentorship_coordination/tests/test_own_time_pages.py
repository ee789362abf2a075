"""The page of absences and single dates …"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from conftest import Cast
from core import clock
from core.clock import local_date
from mentorship_coordination.models.assignments import AvailabilityOverride, MentorAbsence
from mentorship_coordination.tests.handover_world import a_mentor
from tests.database import as_system
from tests.people import browser_of
from users.models import User

MENTOR, STUDENT = "/mentor/dates", "/student/dates"


def day_of(person: User, days: int) -> date:
    return local_date(clock.now(), person.timezone) + timedelta(days=days)


def away(person: User, **changed: str) -> dict[str, str]:
    return {
        "starts_at": f"{day_of(person, 3)}T08:00",
        "ends_at": f"{day_of(person, 8)}T08:00",
        "backup": "",
        "reason": "Spring",
        **changed,
    }


def absence() -> MentorAbsence:
    with as_system():
        return MentorAbsence.objects.get()


def on(day: date, *spans: tuple[str, str]) -> dict[str, Any]:
    return {
        "date": day.isoformat(),
        "windows-day-from": [begins for begins, _ in spans] + [""],
        "windows-day-to": [ends for _, ends in spans] + [""],
    }


def test_notes_an_absence_in_the_mentors_zone(cast: Cast) -> None:
    mentor, backup = browser_of(cast.mentor), a_mentor()
    assert mentor.post(reverse("add-absence"), away(cast.mentor, backup=backup.email)).status_code == 302
    zone = ZoneInfo(cast.mentor.timezone)
    begins = datetime.combine(day_of(cast.mentor, 3), datetime.min.time().replace(hour=8), zone)
    assert (absence().starts_at, absence().backup_id, absence().reason) == (begins, backup.pk, "Spring")
    page = mentor.get(MENTOR).content.decode()
    assert "somebody stands in" in page
    assert backup.email not in page


def test_changes_an_absence_and_keeps_who_stands_in(cast: Cast) -> None:
    mentor, backup = browser_of(cast.mentor), a_mentor()
    mentor.post(reverse("add-absence"), away(cast.mentor, backup=backup.email))
    change = reverse("change-absence", args=[absence().pk])
    assert mentor.post(change, away(cast.mentor, reason="Holiday")).status_code == 302
    assert (absence().reason, absence().backup_id) == ("Holiday", backup.pk)
    assert mentor.post(change, away(cast.mentor, backup_gone="on")).status_code == 302
    assert absence().backup_id is None


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"ends_at": "2020-01-01T08:00", "starts_at": "2020-01-01T07:00"}, "This is over already."),
        ({"backup": "nobody@academy.example"}, "No other mentor has this address."),
        ({"starts_at": ""}, "This field is required."),
    ],
)
def test_sends_back_what_cannot_be_noted(cast: Cast, changed: dict[str, str], words: str) -> None:
    mentor = browser_of(cast.mentor)
    refused = mentor.post(reverse("add-absence"), away(cast.mentor, **changed))
    assert (refused.status_code, words in refused.content.decode()) == (400, True)
    mentor.post(reverse("add-absence"), away(cast.mentor))
    again = mentor.post(reverse("change-absence", args=[absence().pk]), away(cast.mentor, **changed))
    assert (again.status_code, words in again.content.decode()) == (400, True)


def test_takes_an_absence_back(cast: Cast) -> None:
    mentor = browser_of(cast.mentor)
    mentor.post(reverse("add-absence"), away(cast.mentor))
    drop = reverse("drop-absence", args=[absence().pk])
    assert browser_of(cast.other_mentor).post(drop).status_code == 404
    assert mentor.post(drop).status_code == 302
    with as_system():
        assert not MentorAbsence.objects.exists()


@pytest.mark.parametrize("role", ["mentor", "student"])
def test_gives_a_date_hours_of_its_own_and_takes_them_back(cast: Cast, role: str) -> None:
    person: User = getattr(cast, role)
    url = {"mentor": MENTOR, "student": STUDENT}[role]
    browser, day = browser_of(person), day_of(person, 5)
    assert browser.post(url, on(day, ("20:00", "00:00"), ("09:00", "12:00"))).status_code == 302
    with as_system():
        override = AvailabilityOverride.objects.get()
    assert (override.person_id, override.windows) == (person.pk, [["09:00", "12:00"], ["20:00", "24:00"]])
    assert "09:00–12:00, 20:00–24:00" in browser.get(url).content.decode()
    assert browser.post(reverse(f"drop-{role}-date", args=[day])).status_code == 302
    with as_system():
        assert not AvailabilityOverride.objects.exists()


def test_gives_a_date_no_hours_at_all(cast: Cast) -> None:
    student = browser_of(cast.student)
    assert student.post(STUDENT, on(day_of(cast.student, 5))).status_code == 302
    assert "no hours" in student.get(STUDENT).content.decode()


@pytest.mark.parametrize(
    ("days", "spans", "words"),
    [
        (-1, [("09:00", "12:00")], "Give a day from today to a year ahead."),
        (5, [("09:00", "")], "Give both times of a span, or none."),
        (5, [("12:00", "09:00")], "does not end after it begins"),
    ],
)
def test_sends_back_a_date_that_cannot_be(cast: Cast, days: int, spans: list[tuple[str, str]], words: str) -> None:
    refused = browser_of(cast.student).post(STUDENT, on(day_of(cast.student, days), *spans))
    assert (refused.status_code, words in refused.content.decode()) == (400, True)


def test_says_that_sessions_lie_within(cast: Cast) -> None:
    mentor = browser_of(cast.mentor)
    book = reverse("book-session", args=[cast.student.pk])
    at = f"{day_of(cast.mentor, 4)}T10:00"
    mentor.post(book, {"title": "Talk", "start_time": at, "duration_minutes": "45", "type": "one_on_one"})
    mentor.post(reverse("add-absence"), away(cast.mentor))
    assert "1 planned session lies within" in mentor.get(MENTOR).content.decode()
