"""The pages about sessions …"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from conftest import Cast
from mentorship_coordination.enums import SessionStatus
from mentorship_coordination.models.sessions import MentorSession
from mentorship_coordination.tests.queue_world import at
from mentorship_coordination.tests.session_world import HOUR, NOW, TOMORROW, booked
from mentorship_coordination.tests.test_session_requests import asked
from tests.database import as_system
from tests.people import browser_of
from users.models import User

MINE, HERS = "/mentor/sessions", "/student/sessions"


def show(person: User, path: str, moment: Any = NOW) -> str:
    with at(moment):
        answer = browser_of(person).get(path)
    assert answer.status_code == 200, answer.content
    return re.sub(r"\s+", " ", answer.content.decode())


def send(person: User, path: str, moment: Any = NOW, **form: Any) -> str:
    with at(moment):
        answer = browser_of(person).post(path, form, follow=True)
    return re.sub(r"\s+", " ", answer.content.decode())


def statuses() -> list[str]:
    with as_system():
        return list(MentorSession.objects.order_by("created_at", "id").values_list("status", flat=True))


def test_offer_free_times_in_both_zones_and_book_one(cast: Cast) -> None:
    with as_system():
        User.objects.filter(pk=cast.mentor.pk).update(timezone="Europe/Oslo")
        User.objects.filter(pk=cast.student.pk).update(timezone="Africa/Nairobi")
    path = f"/mentor/mentees/{cast.student.pk}/slots"
    page = show(cast.mentor, path)
    assert "Your times are in Europe/Oslo, theirs in Africa/Nairobi." in page
    assert '<time datetime="2026-03-03T08:00:00+00:00">09:00</time> <span class="faint small">11:00</span>' in page
    assert "Saturday 7 March: You have no hours on this day." in page
    booked_page = send(cast.mentor, path, title="Catch up", start="2026-03-03T08:00:00+00:00")
    assert "Booked: Catch up." in booked_page
    assert "Tuesday 3 March, 09:00" in booked_page
    assert "2026-03-03T08:00:00" not in show(cast.mentor, path)


def test_show_the_fairest_times_of_a_long_day(cast: Cast) -> None:
    with as_system():
        always = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
        User.objects.filter(pk=cast.mentor.pk).update(mentor_availability=always)
        User.objects.filter(pk=cast.student.pk).update(student_availability=always)
    page = show(cast.student, HERS)
    assert len(page) < 100_000
    assert "off hours" not in page.split("Wednesday 4 March")[1].split("</details>")[0]


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"title": "Catch up"}, "Choose one of the free times."),
        ({"title": "Catch up", "start": "soon"}, "Choose one of the free times."),
        ({"title": "Catch up", "start": "2026-03-03T08:00:00"}, "Choose one of the free times."),
        ({"start": "2026-03-03T09:00:00+00:00"}, "This field is required."),
        ({"title": "Catch up", "start": "2026-03-01T09:00:00+00:00"}, "This is in the past."),
    ],
)
def test_say_what_is_missing(cast: Cast, form: dict[str, str], words: str) -> None:
    for person, path in ((cast.mentor, f"/mentor/mentees/{cast.student.pk}/slots"), (cast.student, HERS)):
        assert words in send(person, path, **form)
    assert statuses() == []


def test_say_that_a_time_was_taken_meanwhile(cast: Cast) -> None:
    booked(cast.mentor, cast.student, TOMORROW)
    page = send(cast.mentor, f"/mentor/mentees/{cast.student.pk}/slots", title="Again", start=TOMORROW.isoformat())
    assert "Not everybody is free then." in page


def test_let_a_student_ask_and_take_back(cast: Cast) -> None:
    page = send(cast.student, HERS, title="Stuck", start=TOMORROW.isoformat())
    assert "Your mentor is asked, and has a day to answer." in page
    assert "waits for an answer" in page
    session = re.findall(r"/student/sessions/([^/]+)/call-off", page)[0]
    assert "Called off: Stuck." in send(cast.student, f"{HERS}/{session}/call-off")
    assert statuses() == [SessionStatus.DECLINED]


def test_let_the_mentor_confirm_or_decline(cast: Cast) -> None:
    first, second = asked(cast.student), asked(cast.student, TOMORROW + HOUR)
    page = show(cast.mentor, MINE)
    assert page.count("Confirm</button>") == 2
    assert "Booked." in send(cast.mentor, f"{MINE}/{first}/confirm")
    assert "Declined." in send(cast.mentor, f"{MINE}/{second}/decline", reason="Away.")
    assert "has been answered" in send(cast.mentor, f"{MINE}/{second}/confirm")
    assert "Away." in show(cast.student, HERS)
    assert statuses() == [SessionStatus.SCHEDULED, SessionStatus.DECLINED]


def test_let_the_mentor_say_what_became_of_a_session(cast: Cast) -> None:
    held, missed, off = (booked(cast.mentor, cast.student, TOMORROW + hours * HOUR) for hours in (0, 1, 99))
    after = TOMORROW + 3 * HOUR
    assert "Did they take place?" in show(cast.mentor, MINE, after)
    assert "It took place." in send(cast.mentor, f"{MINE}/{held.pk}/held", after)
    assert "did not come" in send(cast.mentor, f"{MINE}/{missed.pk}/missed", after)
    assert "Called off." in send(cast.mentor, f"{MINE}/{off.pk}/call-off", after)
    assert statuses() == ["completed", "no_show_mentee", "cancelled_by_mentor"]


def test_tell_a_student_that_a_late_call_off_counts(cast: Cast) -> None:
    session = booked(cast.mentor, cast.student, NOW + 23 * HOUR)
    page = send(cast.student, f"{HERS}/{session.pk}/call-off")
    assert "It counts against your sessions" in page
    assert "Called off by the student" in page


def test_are_of_ones_own_sessions_alone(cast: Cast) -> None:
    session = booked(cast.mentor, cast.student)
    assert "Catch up" not in show(cast.other_mentor, MINE)
    assert "Catch up" not in show(cast.stranger, HERS)
    with at(NOW):
        for person, path in (
            (cast.other_mentor, f"{MINE}/{session.pk}/call-off"),
            (cast.stranger, f"{HERS}/{session.pk}/call-off"),
            (cast.other_mentor, f"/mentor/mentees/{cast.student.pk}/slots"),
        ):
            assert browser_of(person).post(path).status_code == 404
        assert browser_of(cast.student).get(MINE).status_code == 403
        assert Client().get(HERS).status_code == 302
    assert statuses() == [SessionStatus.SCHEDULED]


def days_of(page: str) -> dict[str, str]:
    """Date → what the week says of it."""
    found = re.findall(r'<li[^>]*><h3><time datetime="([^"]+)">.*?</time></h3>(.*?)</li>', page)
    return {day: re.sub(r"<[^>]+>", " ", text) for day, text in found}


def test_show_the_week_in_the_mentors_own_days(cast: Cast) -> None:
    with as_system():
        User.objects.filter(pk=cast.mentor.pk).update(timezone="Pacific/Auckland")
    booked(cast.mentor, cast.student)
    page = show(cast.mentor, "/mentor/sessions")
    days = days_of(page)
    local = TOMORROW.astimezone(ZoneInfo("Pacific/Auckland"))
    monday = local.date() - timedelta(days=local.weekday())
    assert list(days) == [str(monday + timedelta(days=nth)) for nth in range(7)]
    assert cast.student.name in days[str(local.date())]
    assert f"{local:%H:%M}–" in days[str(local.date())]
    assert sum(cast.student.name in text for text in days.values()) == 1
    assert page.count('aria-current="date"') == 1
    assert f'href="?week={monday + timedelta(days=7)}"' in page


def test_turn_to_other_weeks(cast: Cast) -> None:
    booked(cast.mentor, cast.student)
    page = show(cast.mentor, f"/mentor/sessions?week={(TOMORROW + timedelta(days=7)).date()}")
    assert all(cast.student.name not in text for text in days_of(page).values())
    assert ">This week</a>" in page
    assert 'aria-current="date"' not in page
    for wrong in ("soon", "0001-01-01", "9999-12-31"):
        assert browser_of(cast.mentor).get("/mentor/sessions", {"week": wrong}).status_code == 400


def test_leave_out_of_the_week_what_was_called_off(cast: Cast) -> None:
    session = booked(cast.mentor, cast.student)
    send(cast.mentor, f"/mentor/sessions/{session.pk}/call-off", reason="Ill.")
    assert all(cast.student.name not in text for text in days_of(show(cast.mentor, "/mentor/sessions")).values())


def test_say_so_without_a_mentor(cast: Cast) -> None:
    with as_system():
        cast.assignment.state, cast.assignment.ended_at = "completed", NOW - timedelta(days=1)
        cast.assignment.save(update_fields=["state", "ended_at"])
    assert "You have no mentor yet whom you could ask." in show(cast.student, HERS)
