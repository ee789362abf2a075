"""A person's private calendar …"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import vobject
from django.test import Client
from icalendar import Calendar
from rest_framework.test import APIClient

from conftest import Cast
from core.logs import hide_secrets
from mentorship_coordination.actions.session_outcomes import cancel_participation, cancel_session
from mentorship_coordination.actions.sessions import book_group_session, reschedule_session
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.tests.queue_world import at, mentor_acting, student_acting
from mentorship_coordination.tests.session_world import HOUR, NOW, TOMORROW, booked, mentees_of
from tests.database import as_system
from tests.people import browser_of
from users.models import FeedToken, User

Api = Callable[[User | None], APIClient]
ADDRESS = "/api/v1/users/me/calendar"
DAY = timedelta(days=1)


def address_of(api: Api, person: User) -> str:
    answer = api(person).post(ADDRESS)
    assert (answer.status_code, answer["Cache-Control"]) == (201, "no-store")
    url: str = answer.json()["url"]
    return "/calendar/" + url.rpartition("/calendar/")[2]


def read(path: str, moment: datetime = NOW, **headers: str) -> Any:
    with at(moment):
        return Client().get(path, **headers)  # type: ignore[arg-type]


def events(path: str, moment: datetime = NOW) -> list[tuple[str, int, str, datetime, str]]:
    """What two independent readers find: they must agree."""
    answer = read(path, moment)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    entries: list[Any] = Calendar.from_ical(answer.content).walk("VEVENT")
    found = [
        (str(each["UID"]), int(each["SEQUENCE"]), str(each["STATUS"]), each["DTSTART"].dt, str(each["SUMMARY"]))
        for each in entries
    ]
    calendar = vobject.readOne(answer.content.decode())
    others = [
        (each.uid.value, int(each.sequence.value), each.status.value, each.dtstart.value, each.summary.value)
        for each in getattr(calendar, "vevent_list", [])
    ]
    assert found == others
    return found


def test_follows_a_session_from_booking_over_moves_to_its_end(cast: Cast, api: Api) -> None:
    path = address_of(api, cast.student)
    session = booked(cast.mentor, cast.student)
    seen = events(path)
    for hours in (1, 2, 3):
        with mentor_acting(cast.mentor):
            reschedule_session(session_id=session.pk, starts_at=TOMORROW + hours * HOUR, by=cast.mentor, at=NOW)
        seen += events(path)
    with mentor_acting(cast.mentor):
        cancel_session(session_id=session.pk, by=cast.mentor, at=NOW)
    seen += events(path)
    assert {uid for uid, *_ in seen} == {f"{session.pk}@mentorship"}
    assert [(sequence, status) for _, sequence, status, _, _ in seen] == [
        (0, "CONFIRMED"), (1, "CONFIRMED"), (2, "CONFIRMED"), (3, "CONFIRMED"), (4, "CANCELLED")
    ]  # fmt: skip
    assert [start - TOMORROW for *_, start, _ in seen] == [each * HOUR for each in (0, 1, 2, 3, 3)]


def test_keeps_what_was_called_off_for_thirty_days(cast: Cast, api: Api) -> None:
    path = address_of(api, cast.student)
    session = booked(cast.mentor, cast.student)
    with mentor_acting(cast.mentor):
        cancel_session(session_id=session.pk, by=cast.mentor, at=NOW)
    assert [status for _, _, status, _, _ in events(path, NOW + 30 * DAY - HOUR)] == ["CANCELLED"]
    assert events(path, NOW + 30 * DAY + HOUR) == []


def test_names_the_other_person_while_they_are_a_pair(cast: Cast, api: Api) -> None:
    booked(cast.mentor, cast.student)
    paths = {person: address_of(api, person) for person in (cast.mentor, cast.student)}
    assert [events(paths[person])[0][4] for person in (cast.mentor, cast.student)] == [
        "Catch up (Mina Okafor)",
        "Catch up (Tomas Berg)",
    ]
    with as_system():
        MenteeMentorAssignment.objects.filter(pk=cast.assignment.pk).update(state="completed", ended_at=NOW)
    assert "Mina" not in read(paths[cast.mentor]).content.decode()


def test_of_a_group_names_no_other_mentee_and_tells_who_left_that_it_is_off(cast: Cast, api: Api) -> None:
    [second] = mentees_of(cast.mentor, 1, cohort=cast.cohort)
    paths = [address_of(api, person) for person in (cast.student, second.mentee)]
    with mentor_acting(cast.mentor):
        group = book_group_session(
            mentee_ids=[cast.student.pk, second.mentee_id], title="Clinic", starts_at=TOMORROW, by=cast.mentor, at=NOW
        )
    assert second.mentee.name not in read(paths[0]).content.decode()
    with student_acting(cast.student):
        cancel_participation(session_id=group.pk, by=cast.student, at=NOW)
    assert [(sequence, status) for path in paths for _, sequence, status, _, _ in events(path)] == [
        (1, "CANCELLED"),
        (0, "CONFIRMED"),
    ]


def test_is_of_its_owner_alone(cast: Cast, api: Api) -> None:
    booked(cast.other_mentor, cast.stranger)
    booked(cast.mentor, cast.student)
    assert len(events(address_of(api, cast.stranger))) == 1
    assert events(address_of(api, cast.director)) == []


def test_has_one_address_which_can_be_taken_back(cast: Cast, api: Api) -> None:
    first, second = address_of(api, cast.student), address_of(api, cast.student)
    assert (read(first).status_code, read(second).status_code) == (404, 200)
    assert api(cast.student).get(ADDRESS).json()["since"] is not None
    assert api(cast.student).delete(ADDRESS).status_code == 204
    assert read(second).status_code == 404
    assert api(cast.student).get(ADDRESS).json() == {"since": None}
    with as_system():
        assert all(len(bytes(each.digest)) == 32 for each in FeedToken.objects.all())


def test_closes_with_the_account(cast: Cast, api: Api) -> None:
    path = address_of(api, cast.student)
    with as_system():
        User.objects.filter(pk=cast.student.pk).update(is_active=False)
    assert read(path).status_code == 404


def test_answers_304_until_something_changes(cast: Cast, api: Api) -> None:
    path = address_of(api, cast.student)
    session = booked(cast.mentor, cast.student)
    tag = read(path)["ETag"]
    again = read(path, NOW + HOUR, HTTP_IF_NONE_MATCH=tag)
    assert (again.status_code, again.content) == (304, b"")
    with mentor_acting(cast.mentor):
        reschedule_session(session_id=session.pk, agenda="The report.", by=cast.mentor, at=NOW)
    changed = read(path, HTTP_IF_NONE_MATCH=tag)
    assert (changed.status_code, changed["ETag"] == tag, changed["Cache-Control"]) == (200, False, "private, no-cache")


@pytest.mark.parametrize("path", ["/calendar/x.ics", "/calendar/.ics", "/calendar/a/b.ics"])
def test_does_not_exist_for_who_does_not_know_it(cast: Cast, path: str) -> None:
    assert Client().get(path).status_code == 404
    assert Client().post("/calendar/x.ics").status_code == 405


def test_is_made_on_the_profile_page_and_shown_once(cast: Cast) -> None:
    client = browser_of(cast.mentor)
    made = client.post("/profile/calendar").content.decode()
    assert "/calendar/" in made
    page = client.get("/profile").content.decode()
    assert "There is one since" in page
    assert "/calendar/" not in page.replace("/profile/calendar", "")
    client.post("/profile/calendar/revoke")
    assert "There is one since" not in client.get("/profile").content.decode()


def test_keeps_its_secret_out_of_the_logs() -> None:
    line = {"event": "Not Found: /calendar/s3cret.ics", "request": "GET /set-password/reset/s3cret", "code": 404}
    assert hide_secrets(None, "", line) == {
        "event": "Not Found: /calendar/-",
        "request": "GET /set-password/reset/-",
        "code": 404,
    }
