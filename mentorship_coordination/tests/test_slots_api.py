"""Slots over HTTP …"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from conftest import Cast
from core.identifiers import new_id
from core.tenancy.identity import Identity, Role, acting_as
from mentorship_coordination.actions.assignments import end_assignment, pause_assignment
from mentorship_coordination.enums import AssignmentState, WorkType
from mentorship_coordination.models.assignments import AvailabilityOverride, MentorAbsence
from mentorship_coordination.models.queue import BusinessCalendar, SlaPolicy
from mentorship_coordination.models.sessions import MentorSession
from mentorship_coordination.tests.queue_world import at
from mentorship_coordination.tests.session_world import HOUR, NOW, TOMORROW, booked, mentees_of
from tests import factories
from tests.database import as_system, as_worker
from tests.people import browser_of
from users.models import User

Api = Callable[[User | None], APIClient]
URL, MINE, SESSIONS = "/api/v1/mentor/slots", "/api/v1/student/slots", "/api/v1/mentor/sessions"
#: Tuesday 3 March 2026, a day in which everything happens.
DAY = {"from": "2026-03-03T00:00:00Z", "to": "2026-03-04T00:00:00Z", "duration": "60"}


@pytest.fixture(autouse=True)
def hours(cast: Cast) -> None:
    """The mentor in Nairobi (UTC+3) from 12 to 15, her student in New York (UTC-5) from 4 to 9."""
    with as_system():
        User.objects.filter(pk=cast.mentor.pk).update(
            timezone="Africa/Nairobi", mentor_availability={"tue": [["12:00", "15:00"]], "wed": [["12:00", "15:00"]]}
        )
        User.objects.filter(pk=cast.student.pk).update(
            timezone="America/New_York", student_availability={"tue": [["04:00", "09:00"]]}
        )
        cast.mentor.refresh_from_db()
        cast.student.refresh_from_db()


def asked(api: Api, cast: Cast, **changes: Any) -> dict[str, Any]:
    with at(NOW):
        answer = api(cast.mentor).get(URL, {"mentee": str(cast.student.pk), **DAY, **changes})
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    return body


def starts(body: dict[str, Any]) -> list[str]:
    return [slot["start_time"][11:16] for slot in body["slots"]]


def reasons(body: dict[str, Any]) -> dict[str, str]:
    return {day["date"]: day["reason"] for day in body["refused_days"]}


ALL = ["09:00", "09:15", "09:30", "09:45", "10:00", "10:15", "10:30", "10:45", "11:00"]


def test_are_where_the_hours_of_both_meet(cast: Cast, api: Api) -> None:
    body = asked(api, cast)
    assert starts(body) == ALL
    assert body["slots"][0] == {
        "start_time": "2026-03-03T09:00:00Z",
        "end_time": "2026-03-03T10:00:00Z",
        "mentor_time": "2026-03-03T12:00:00+03:00",
        "mentee_time": "2026-03-03T04:00:00-05:00",
        "rank": 1,
        "off_hours_minutes": 60,
    }
    # In Nairobi the asked day runs into Wednesday.
    assert body["refused_days"] == [
        {"date": "2026-03-04", "reason": "mentor_has_no_hours", "explanation": "The mentor has no hours on this day."}
    ]


def test_come_by_fairness_when_asked(cast: Cast, api: Api) -> None:
    with as_system():
        User.objects.filter(pk=cast.mentor.pk).update(mentor_availability={"tue": [["12:00", "20:00"]]})
        User.objects.filter(pk=cast.student.pk).update(student_availability={"tue": [["04:00", "12:00"]]})
    body = asked(api, cast, order="fairness")
    assert body["slots"][0]["start_time"] == "2026-03-03T14:00:00Z"
    assert body["slots"][0]["off_hours_minutes"] == 0
    assert [slot["rank"] for slot in body["slots"]] == list(range(1, len(body["slots"]) + 1))


def test_respect_dates_absences_sessions_and_holidays(cast: Cast, api: Api) -> None:
    with as_system():
        AvailabilityOverride.objects.create(
            person=cast.mentor, local_date=date(2026, 3, 3), windows=[["12:00", "14:00"]]
        )
    assert starts(asked(api, cast)) == ALL[:5]
    other = mentees_of(cast.mentor, 1)[0].mentee
    booked(cast.mentor, other, TOMORROW, duration_minutes=30)
    assert starts(asked(api, cast)) == ALL[2:5]
    with override_settings(SESSION_BUFFER_MINUTES=15):
        assert starts(asked(api, cast)) == ALL[3:5]
    with as_system():
        absence = MentorAbsence.objects.create(mentor=cast.mentor, starts_at=NOW, ends_at=NOW + 30 * HOUR)
    assert reasons(asked(api, cast))["2026-03-03"] == "mentor_away"
    with as_system():
        absence.delete()
        calendar = BusinessCalendar.objects.create(name="Spring", timezone="Africa/Nairobi", holidays=["2026-03-03"])
        SlaPolicy.objects.create(
            type=WorkType.SESSION_NOTES, track=cast.cohort.track, priority=2, budget_seconds=60, calendar=calendar
        )
    assert reasons(asked(api, cast))["2026-03-03"] == "holiday"


def test_end_where_the_week_is_full(cast: Cast, api: Api) -> None:
    with as_system():
        User.objects.filter(pk=cast.mentor.pk).update(mentor_capacity_weekly=1)
    booked(cast.mentor, mentees_of(cast.mentor, 1)[0].mentee, TOMORROW + 12 * HOUR)
    assert reasons(asked(api, cast))["2026-03-03"] == "week_full"
    week_later = {"from": "2026-03-10T00:00:00Z", "to": "2026-03-11T00:00:00Z"}
    assert starts(asked(api, cast, **week_later))[0] == "09:00"


def test_say_when_the_budget_is_spent_or_the_pair_paused(cast: Cast, api: Api) -> None:
    with as_system():
        cast.enrolment.max_sessions = 1
        cast.enrolment.save(update_fields=["max_sessions"])
    booked(cast.mentor, cast.student, TOMORROW + 12 * HOUR)
    assert set(reasons(asked(api, cast)).values()) == {"budget_exhausted"}
    with acting_as(Identity(Role.DIRECTOR, cast.director.pk)):
        pause_assignment(assignment_id=cast.assignment.pk, by=cast.director, at=NOW)
    assert set(reasons(asked(api, cast)).values()) == {"assignment_not_active"}


def test_can_each_be_booked_at_once(cast: Cast, api: Api) -> None:
    booked(cast.mentor, mentees_of(cast.mentor, 1)[0].mentee, TOMORROW + HOUR, duration_minutes=30)
    client = api(cast.mentor)
    for slot in asked(api, cast, duration="45")["slots"]:
        wish = {"mentee_id": str(cast.student.pk), "title": "Try", "duration_minutes": 45}
        with at(NOW):
            answer = client.post(SESSIONS, {**wish, "start_time": slot["start_time"]})
            assert answer.status_code == 201, answer.content
            client.post(f"{SESSIONS}/{answer.json()['id']}/cancel", {})


def test_are_the_same_for_her_student_after_the_notice(cast: Cast, api: Api) -> None:
    """The student sees the mentor's full hours, weeks and sessions although none of the rows is hers."""
    booked(cast.mentor, mentees_of(cast.mentor, 1)[0].mentee, TOMORROW + HOUR, duration_minutes=30)
    of_mentor = asked(api, cast)
    with at(NOW):
        of_student = api(cast.student).get(MINE, DAY).json()
    assert of_student["slots"] == of_mentor["slots"] != []
    early = {**DAY, "from": "2026-03-03T08:30:00Z"}
    with at(datetime(2026, 3, 3, 8, 30, tzinfo=UTC)):
        noticed = api(cast.student).get(MINE, early).json()
    # Two hours' notice, and the other meeting until 10:30.
    assert starts(noticed) == ["10:45", "11:00"]


@pytest.mark.parametrize("is_alone", [False, True])
def test_are_those_of_whoever_stands_in(cast: Cast, api: Api, is_alone: bool) -> None:
    with as_system():
        pair = factories.AssignmentFactory(
            enrolment=cast.enrolment, is_primary=False, stands_in_until=NOW + timedelta(days=9)
        )
        User.objects.filter(pk=pair.mentor_id).update(mentor_availability={"tue": [["10:00", "11:00"]]}, timezone="UTC")
    if is_alone:
        with as_worker():
            end_assignment(
                assignment_id=cast.assignment.pk, state=AssignmentState.COMPLETED, reason="Moves.", by=None, at=NOW
            )
    with at(NOW):
        free = api(cast.student).get(MINE, DAY).json()
        assert starts(free) == ["10:00"]
        wish = {"title": "Help", "start_time": free["slots"][0]["start_time"]}
        asked_for = api(cast.student).post("/api/v1/student/sessions", wish)
        page = browser_of(cast.student).get("/student/sessions").content.decode()
    assert asked_for.status_code == 201
    with as_system():
        assert MentorSession.objects.get(pk=asked_for.json()["id"]).mentor_id == pair.mentor_id
    assert pair.mentor.name in page


def test_leave_the_mentors_full_week_out_for_the_student(cast: Cast, api: Api) -> None:
    with as_system():
        User.objects.filter(pk=cast.mentor.pk).update(mentor_capacity_weekly=1)
    booked(cast.mentor, mentees_of(cast.mentor, 1)[0].mentee, TOMORROW + 12 * HOUR)
    with at(NOW):
        body = api(cast.student).get(MINE, DAY).json()
    assert reasons(body)["2026-03-03"] == "week_full"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"from": "2026-03-03T00:00:00"}, "from"),
        ({"to": "2026-03-02T00:00:00Z"}, "to"),
        ({"to": "2026-06-03T00:00:00Z"}, "to"),
        ({"from": "2031-03-03T00:00:00Z", "to": "2031-03-04T00:00:00Z"}, "from"),
        ({"duration": "10"}, "duration"),
        ({"duration": "241"}, "duration"),
        ({"order": "cheapest"}, "order"),
        ({"mentee": "nobody"}, "mentee"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_refuse_what_they_do_not_understand(cast: Cast, api: Api, changes: dict[str, str], field: str) -> None:
    with at(NOW):
        answer = api(cast.mentor).get(URL, {"mentee": str(cast.student.pk), **DAY, **changes})
    assert answer.status_code == 400
    assert {error["field"] for error in answer.json()["errors"]} == {field}


def test_are_not_told_to_strangers(cast: Cast, api: Api) -> None:
    with at(NOW):
        assert api(cast.other_mentor).get(URL, {"mentee": str(cast.student.pk), **DAY}).status_code == 404
        assert api(cast.mentor).get(URL, {"mentee": str(new_id()), **DAY}).status_code == 404
        assert api(cast.student).get(URL, {"mentee": str(cast.student.pk), **DAY}).status_code == 403
        assert api(None).get(URL, {"mentee": str(cast.student.pk), **DAY}).status_code == 401


def test_are_fourteen_days_of_45_minutes_when_nothing_is_said(cast: Cast, api: Api) -> None:
    with at(NOW):
        body = api(cast.mentor).get(URL, {"mentee": str(cast.student.pk)}).json()
    assert body["duration_minutes"] == 45
    assert {slot["start_time"][:10] for slot in body["slots"]} == {"2026-03-03", "2026-03-10"}
    assert len(reasons(body)) == 13


@pytest.mark.parametrize("count", [0, 12])
def test_take_as_many_queries_for_a_busy_week_as_for_an_empty_one(cast: Cast, api: Api, count: int) -> None:
    for number, pair in enumerate(mentees_of(cast.mentor, count)):
        with as_system():
            User.objects.filter(pk=cast.mentor.pk).update(mentor_capacity_weekly=50)
            cast.mentor.refresh_from_db()
        booked(cast.mentor, pair.mentee, TOMORROW + number * timedelta(minutes=45))
    client = api(cast.mentor)
    with at(NOW), CaptureQueriesContext(connection) as queries:
        client.get(URL, {"mentee": str(cast.student.pk), **DAY})
    assert len([query for query in queries if query["sql"].startswith(("SELECT", "EXECUTE"))]) == 5
