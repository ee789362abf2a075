"""The figures of sessions …"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from conftest import Cast
from core.tenancy.identity import Identity, Role, acting_as
from mentorship_coordination.providers import session_sections
from mentorship_coordination.selectors.sessions import session_budget, week_of
from mentorship_coordination.sla.timeline import to_microseconds
from mentorship_coordination.slots.hours import hours_from
from mentorship_coordination.tests.session_world import NOW, TOMORROW, booked, mentees_of
from tests.database import as_system
from users.models import User

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("zone", "at", "starts_at", "hours"),
    [
        ("UTC", "2026-03-04T12:00+00:00", "2026-03-02T00:00+00:00", 168),
        ("America/New_York", "2026-03-02T03:00+00:00", "2026-02-23T05:00+00:00", 168),
        ("America/New_York", "2026-03-08T12:00+00:00", "2026-03-02T05:00+00:00", 167),
        ("America/New_York", "2026-11-01T12:00+00:00", "2026-10-26T04:00+00:00", 169),
        ("Asia/Kathmandu", "2026-03-01T18:15+00:00", "2026-03-01T18:15+00:00", 168),
    ],
)
def test_count_weeks_from_monday_in_the_mentors_zone(zone: str, at: str, starts_at: str, hours: int) -> None:
    week = week_of(zone, datetime.fromisoformat(at))
    assert week.starts_at == datetime.fromisoformat(starts_at)
    assert week.ends_at - week.starts_at == hours * HOUR


def at_nairobi(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 3, hour, minute, tzinfo=UTC) - 3 * HOUR


@pytest.mark.parametrize(
    ("begin", "minutes", "holds"),
    [((9, 0), 60, True), ((8, 59), 30, False), ((16, 30), 30, True), ((16, 31), 30, False), ((23, 30), 30, True)],
)
def test_fit_weekly_hours_in_the_persons_zone(begin: tuple[int, int], minutes: int, holds: bool) -> None:
    hours = hours_from({"tue": [["09:00", "17:00"], ["23:00", "24:00"]]}, "Africa/Nairobi")
    starts_at = at_nairobi(*begin)
    whole = to_microseconds(starts_at), to_microseconds(starts_at + timedelta(minutes=minutes))
    assert (hours.present(whole) == [whole]) is holds


@pytest.mark.parametrize("count", [1, 19])
def test_fill_the_dashboards_section_with_four_queries(cast: Cast, count: int) -> None:
    others = [pair.mentee_id for pair in mentees_of(cast.mentor, count)]
    session = booked(cast.mentor, cast.student)
    with as_system(), CaptureQueriesContext(connection) as queries:
        sections = session_sections([cast.student.pk, *others], NOW)
        assert len(queries) == 4
    mine, other = sections[cast.student.pk], sections[others[0]]
    assert mine.content == {
        "next": {
            "id": str(session.pk),
            "title": "Catch up",
            "type": "one_on_one",
            "mentor_name": "Tomas Berg",
            "start_time": "2026-03-03T09:00:00Z",
            "end_time": "2026-03-03T09:45:00Z",
            "zoom_url": session.meeting_url,
        },
        "budget": {"used": 0, "reserved": 1, "max_sessions": 12},
        "attended": 0,
        "missed": 0,
        "late_cancellations": 0,
    }
    budget = {"used": 0, "reserved": 0, "max_sessions": 12}
    assert other.content == {"next": None, "budget": budget, "attended": 0, "missed": 0, "late_cancellations": 0}
    assert (mine.inputs, mine.evidence) == (
        {"attendance": {"attended": 0, "missed": 0}},
        {"missed_sessions": {"sessions": []}},
    )
    assert (mine.active_at, mine.is_watched) == (None, False)


def spans_seen_by(person: User, role: Role, asked: UUID) -> list[tuple[datetime, datetime]]:
    with acting_as(Identity(role, person.pk)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT starts_at, ends_at FROM app.busy_spans(%s::uuid[], %s, %s, NULL)",
            [[str(asked)], NOW, TOMORROW + timedelta(days=7)],
        )
        return [(begin, end) for begin, end in cursor.fetchall()]


def test_show_busy_times_to_those_who_may_book(cast: Cast) -> None:
    booked(cast.mentor, cast.student)
    busy = [(TOMORROW, TOMORROW + timedelta(minutes=45))]
    assert spans_seen_by(cast.mentor, Role.MENTOR, cast.student.pk) == busy
    assert spans_seen_by(cast.student, Role.STUDENT, cast.mentor.pk) == busy
    assert spans_seen_by(cast.director, Role.DIRECTOR, cast.student.pk) == busy
    assert spans_seen_by(cast.other_mentor, Role.MENTOR, cast.student.pk) == []
    assert spans_seen_by(cast.stranger, Role.STUDENT, cast.mentor.pk) == []
    assert spans_seen_by(cast.mentor, Role.PERSON, cast.student.pk) == []


def test_show_budgets_to_those_whom_they_concern(cast: Cast) -> None:
    def seen_by(person: User, role: Role) -> set[UUID]:
        with acting_as(Identity(role, person.pk)), transaction.atomic():
            return set(session_budget([cast.enrolment.pk, cast.other_enrolment.pk]))

    mine = {cast.enrolment.pk}
    assert seen_by(cast.mentor, Role.MENTOR) == mine
    assert seen_by(cast.student, Role.STUDENT) == mine
    assert seen_by(cast.director, Role.DIRECTOR) == mine
    assert seen_by(cast.admin, Role.PERSON) == set()
