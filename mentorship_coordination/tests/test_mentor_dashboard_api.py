"""The mentor's dashboard …"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from coaching.actions.goals import complete_goal
from conftest import Cast
from core.enums import Audience
from core.stream.snapshots import read_snapshot
from core.tenancy.identity import Identity, Role, acting_as
from mentorship_coordination.actions.queue import complete_work_item
from mentorship_coordination.enums import SessionStatus, Severity, WorkType
from mentorship_coordination.models.assignments import MentorAbsence
from mentorship_coordination.tests.coaching_world import a_goal
from mentorship_coordination.tests.dashboard_world import DAY, URL, Api, dashboard, flag, second_mentee, session
from mentorship_coordination.tests.queue_world import (
    HOUR,
    MONDAY,
    at,
    finishable_item,
    mentor_acting,
    open_item,
    student_acting,
    submitted,
)
from mentorship_coordination.tests.test_session_figures_of_mentor import NAMES
from missions.models import MissionReview
from tests import factories
from tests.database import as_system
from users.models import User


def in_zone(person: User, zone: str) -> None:
    with as_system():
        User.objects.filter(pk=person.pk).update(timezone=zone)


def test_is_empty_for_a_mentor_without_anything(cast: Cast, api: Api) -> None:
    assert dashboard(api, cast.mentor, MONDAY) == {
        "work_queue": {"overdue": 0, "today": 0, "high_priority": 0, "total_pending": 0},
        "today_sessions": [],
        "at_risk_mentees": [],
        "capacity": {"weekly_slots": "0/10", "used": 0, "limit": 10, "next_available": "2026-01-05T14:15:00Z"},
        "satisfaction": {"mean": None, "ratings": 0},
        "session_figures": dict.fromkeys(NAMES, 0),
        "recent_activity": [],
    }


def test_counts_the_queue_with_today_in_the_mentors_zone(cast: Cast, api: Api) -> None:
    """In Kathmandu (+05:45) Monday 14:00 UTC is 19:45: items due by 18:15 UTC are due today, later ones tomorrow."""
    in_zone(cast.mentor, "Asia/Kathmandu")
    midnight = datetime(2026, 1, 5, 18, 15, tzinfo=UTC)
    for due in (MONDAY - 30 * HOUR, MONDAY - HOUR, midnight - HOUR, midnight, midnight + 30 * HOUR):
        open_item(cast.enrolment, started_at=due - 72 * HOUR)
    open_item(cast.enrolment, type=WorkType.RISK_FLAG, started_at=MONDAY + 2 * DAY, at=MONDAY)
    open_item(cast.other_enrolment)
    assert dashboard(api, cast.mentor, MONDAY)["work_queue"] == {
        "overdue": 2,
        "today": 2,
        "high_priority": 1,
        "total_pending": 6,
    }


def test_shows_todays_sessions_in_the_mentors_zone(cast: Cast, api: Api) -> None:
    in_zone(cast.mentor, "America/New_York")
    day = datetime(2026, 1, 5, 5, 0, tzinfo=UTC)
    session(cast, day - HOUR)
    first = session(cast, day)
    last = session(cast, day + DAY - timedelta(minutes=15))
    session(cast, day + DAY + timedelta(minutes=30))
    session(cast, day + 3 * HOUR, status=SessionStatus.CANCELLED_BY_MENTOR, closed_at=MONDAY - 20 * DAY)
    found = dashboard(api, cast.mentor, MONDAY)["today_sessions"]
    assert [each["id"] for each in found] == [str(first.pk), str(last.pk)]
    assert found[0]["start_time"] == "2026-01-05T05:00:00Z"
    assert (found[0]["mentee"], found[0]["mentee_name"]) == (str(cast.student.pk), "Mina Okafor")


def test_shows_the_week_as_used_of_limit(cast: Cast, api: Api) -> None:
    session(cast, MONDAY + HOUR)
    session(cast, MONDAY + 6 * DAY)
    session(cast, MONDAY + 7 * DAY)
    session(cast, MONDAY - HOUR, status=SessionStatus.CANCELLED_BY_MENTOR, closed_at=MONDAY - 20 * DAY)
    assert dashboard(api, cast.mentor, MONDAY)["capacity"] == {
        "weekly_slots": "2/10",
        "used": 2,
        "limit": 10,
        "next_available": "2026-01-05T14:15:00Z",
    }


def test_shows_when_the_next_session_can_be(cast: Cast, api: Api) -> None:
    """Hours from 15:00 on; a session until 15:45; a full week after it leaves the next one."""
    with as_system():
        User.objects.filter(pk=cast.mentor.pk).update(mentor_availability={"mon": [["15:00", "17:00"]]})
    session(cast, MONDAY + HOUR)
    assert dashboard(api, cast.mentor, MONDAY)["capacity"]["next_available"] == "2026-01-05T15:45:00Z"
    with as_system():
        User.objects.filter(pk=cast.mentor.pk).update(mentor_capacity_weekly=1)
    assert dashboard(api, cast.mentor, MONDAY)["capacity"]["next_available"] == "2026-01-12T15:00:00Z"
    with as_system():
        MentorAbsence.objects.create(mentor=cast.mentor, starts_at=MONDAY, ends_at=MONDAY + 30 * DAY)
    assert dashboard(api, cast.mentor, MONDAY)["capacity"]["next_available"] is None


def test_tells_what_happened_in_the_last_seven_days_newest_first(cast: Cast, api: Api) -> None:
    submission = submitted(cast.enrolment, cast.mission, at=MONDAY - 2 * DAY)
    with as_system():
        MissionReview.objects.create(
            submission=submission,
            version=submission.versions.get(),
            reviewer=cast.mentor,
            decision="approved",
            score=90,
            created_at=MONDAY - DAY,
        )
    held = session(
        cast,
        MONDAY - 4 * DAY,
        status=SessionStatus.COMPLETED,
        closed_at=MONDAY - 3 * DAY,
        created_at=MONDAY - 20 * DAY,
    )
    item_id = finishable_item(cast.enrolment, started_at=MONDAY - 6 * DAY)
    with mentor_acting(cast.mentor):
        complete_work_item(item_id=item_id, outcome="done", by=cast.mentor, at=MONDAY - 5 * DAY)
    goal = a_goal(cast.student, due=date(2026, 1, 5), at=MONDAY - 10 * DAY)
    with student_acting(cast.student):
        complete_goal(goal_id=goal.pk, by=cast.student, at=MONDAY - 6 * DAY)
    session(
        cast,
        MONDAY - 10 * DAY,
        status=SessionStatus.COMPLETED,
        closed_at=MONDAY - 7 * DAY - HOUR,
        created_at=MONDAY - 20 * DAY,
    )
    person = {"mentee": "Mina Okafor", "mentee_id": str(cast.student.pk)}
    mission = {"title": cast.mission.title, "reference_id": str(submission.pk)}
    assert dashboard(api, cast.mentor, MONDAY)["recent_activity"] == [
        {**person, "action": "approved", "time": "2026-01-04T14:00:00Z", **mission},
        {**person, "action": "submitted", "time": "2026-01-03T14:00:00Z", **mission},
        {
            **person,
            "action": "session_completed",
            "time": "2026-01-02T14:00:00Z",
            "title": "Weekly talk",
            "reference_id": str(held.pk),
        },
        {
            **person,
            "action": "completed_risk_flag",
            "time": "2025-12-31T14:00:00Z",
            "title": "Talk about the goal",
            "reference_id": str(item_id),
        },
        {
            **person,
            "action": "goal_completed",
            "time": "2025-12-30T14:00:00Z",
            "title": "Pass the practice exam",
            "reference_id": str(goal.pk),
        },
    ]


def test_shows_twenty_rows_of_activity_at_most(cast: Cast, api: Api) -> None:
    for number in range(25):
        session(cast, MONDAY + DAY + number * HOUR, created_at=MONDAY - number * timedelta(minutes=1))
    activity = dashboard(api, cast.mentor, MONDAY)["recent_activity"]
    assert len(activity) == 20
    assert activity[0]["time"] == "2026-01-05T14:00:00Z"
    assert activity[-1]["time"] == "2026-01-05T13:41:00Z"


@pytest.mark.parametrize("mentees", [1, 20])
def test_takes_a_constant_number_of_queries(cast: Cast, api: Api, django_assert_num_queries: Any, mentees: int) -> None:
    with as_system():
        User.objects.filter(pk=cast.mentor.pk).update(mentor_max_mentees=50)
    for number in range(mentees):
        enrolment = second_mentee(cast, f"Mentee {number}")
        flag(enrolment, cast.mentor, Severity.MEDIUM)
        open_item(enrolment, started_at=MONDAY - 80 * HOUR)
        submitted(enrolment, cast.mission)
        session(cast, MONDAY - 10 * HOUR + number * timedelta(minutes=45))
    client = api(cast.mentor)
    # Nine of its own, the token, BEGIN and COMMIT.
    with at(MONDAY), django_assert_num_queries(10):
        body = client.get(URL).json()
    assert len(body["at_risk_mentees"]) == mentees
    assert len(body["today_sessions"]) >= min(mentees, 15)


def test_carries_a_tag_that_answers_304(cast: Cast, api: Api) -> None:
    with as_system():
        User.objects.filter(pk=cast.mentor.pk).update(mentor_availability={})
    open_item(cast.enrolment)
    client = api(cast.mentor)
    with at(MONDAY):
        tag = client.get(URL)["ETag"]
    with at(MONDAY + HOUR):
        unchanged = client.get(URL, headers={"If-None-Match": tag})
    with at(MONDAY + 80 * HOUR):
        changed = client.get(URL, headers={"If-None-Match": tag})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert "Content-Type" not in unchanged
    assert changed.status_code == 200


def test_has_one_tag_however_it_is_spaced(cast: Cast, api: Api) -> None:
    client = api(cast.mentor)
    with at(MONDAY):
        plain = client.get(URL)
        spaced = client.get(URL, headers={"Accept": "application/json; indent=2"})
    assert plain["ETag"] == spaced["ETag"]
    assert plain.content != spaced.content
    assert plain.json() == spaced.json()


@pytest.mark.parametrize("url", [URL, f"{URL}/stream"])
def test_is_closed_to_the_signed_out_and_to_others(cast: Cast, api: Api, url: str) -> None:
    assert api(None).get(url).status_code == 401
    assert api(cast.student).get(url).status_code == 403
    assert api(cast.director).get(url).status_code == 403


def test_shows_nothing_of_another_mentors_mentees(cast: Cast, api: Api) -> None:
    flag(cast.enrolment, cast.mentor, Severity.CRITICAL)
    open_item(cast.enrolment, started_at=MONDAY - 80 * HOUR)
    submitted(cast.enrolment, cast.mission)
    session(cast, MONDAY)
    body = dashboard(api, cast.other_mentor, MONDAY)
    assert body["work_queue"]["total_pending"] == 0
    assert (body["today_sessions"], body["at_risk_mentees"], body["recent_activity"]) == ([], [], [])
    assert body["capacity"]["used"] == 0


def test_streams_one_snapshot_where_nothing_else_serves_the_path(cast: Cast, api: Api) -> None:
    item_id = open_item(cast.enrolment)
    with at(MONDAY + 80 * HOUR):
        answer = api(cast.mentor).get(f"{URL}/stream", headers={"Accept": "text/event-stream"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/event-stream")
    lines = answer.content.decode().splitlines()
    assert "retry: 5000" in lines
    assert "id: 1" in lines
    assert "event: snapshot" in lines
    counters = '{"high_priority":0,"overdue":1,"today":1,"total_pending":1}'
    assert f'data: {{"work_queue":{counters}}}' in lines
    assert item_id is not None


def test_gives_directors_a_snapshot_of_pool_and_overdue(cast: Cast) -> None:
    open_item(cast.enrolment, started_at=MONDAY - 80 * HOUR)
    with as_system():
        unmatched = factories.EnrolmentFactory(cohort=cast.cohort)
    open_item(unmatched, started_at=MONDAY)
    open_item(cast.other_enrolment)
    with at(MONDAY), acting_as(Identity(Role.DIRECTOR, cast.director.pk)), transaction.atomic():
        snapshot = read_snapshot((Audience.DIRECTOR, cast.director.pk))
    assert snapshot.data == '{"work_queue":{"overdue":1,"pool":1}}'
