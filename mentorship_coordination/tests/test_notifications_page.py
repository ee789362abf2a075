"""The page of notifications …"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from conftest import Cast
from core import clock
from mentorship_coordination.actions.notifications import notify
from mentorship_coordination.enums import NotificationKind
from mentorship_coordination.models.notifications import Notification
from tests.database import as_system, as_worker
from tests.people import browser_of
from users.models import User

PAGE = "/notifications"


def told(person: User, title: str = "Hello", **given: Any) -> None:
    with as_worker():
        notify(
            **{"kind": NotificationKind.REVIEW, "body": "Look.", "url": "/student", "at": clock.now(), **given},
            recipient_id=person.pk,
            title=title,
        )


def the_one() -> Notification:
    with as_system():
        return Notification.objects.get()


def test_says_what_she_was_told_by_day_and_nothing_of_others(cast: Cast) -> None:
    told(cast.student, "Of today")
    told(cast.student, "Of old", at=clock.now() - timedelta(days=10))
    told(cast.stranger, "Not hers")
    page = browser_of(cast.student).get(PAGE).content.decode()
    assert page.index("Today") < page.index("Of today") < page.index("Of old")
    assert "Not hers" not in page


def test_is_empty_with_words(cast: Cast) -> None:
    for person in (cast.student, cast.mentor, cast.director, cast.admin):
        assert "Nothing yet." in browser_of(person).get(PAGE).content.decode()


def test_counts_the_unread_on_every_page(cast: Cast) -> None:
    student = browser_of(cast.student)
    assert "unread" not in student.get("/student/goals").content.decode()
    told(cast.student)
    told(cast.student, "Another")
    assert "Notifications, 2 unread" in student.get("/student/goals").content.decode()


def test_leads_to_what_it_is_about_and_is_read_then(cast: Cast) -> None:
    told(cast.student)
    opens = reverse("open-notification", args=[the_one().pk])
    assert browser_of(cast.student).post(opens)["Location"] == "/student"
    assert the_one().read_at is not None


@pytest.mark.parametrize("url", ["", "//evil.example/", "https://evil.example/"])
def test_leads_nowhere_else(cast: Cast, url: str) -> None:
    told(cast.student, url=url)
    assert browser_of(cast.student).post(reverse("open-notification", args=[the_one().pk]))["Location"] == PAGE


def test_is_not_opened_by_others(cast: Cast) -> None:
    told(cast.student)
    assert browser_of(cast.stranger).post(reverse("open-notification", args=[the_one().pk])).status_code == 404
    assert the_one().read_at is None


def test_marks_all_as_read(cast: Cast) -> None:
    told(cast.student)
    told(cast.student, "Another")
    answer = browser_of(cast.student).post(reverse("read-notifications"), follow=True).content.decode()
    assert "2 notifications read." in answer
    assert "Mark all as read" not in answer


def test_shows_more_on_wish(cast: Cast) -> None:
    for number in range(51):
        told(cast.student, f"Number {number:02}", at=clock.now() + timedelta(seconds=number))
    student = browser_of(cast.student)
    assert "Number 00" not in student.get(PAGE).content.decode()
    assert "Number 00" in student.get(f"{PAGE}?rows=100").content.decode()
    assert student.get(f"{PAGE}?rows=x").status_code == 200
