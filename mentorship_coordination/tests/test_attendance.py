"""Attendance …"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import Cast
from core.tenancy.identity import Identity, Role, acting_as
from mentorship_coordination.actions.session_outcomes import (
    cancel_participation,
    cancel_session,
    complete_session,
    mark_no_show,
)
from mentorship_coordination.actions.sessions import book_group_session
from mentorship_coordination.attendance import (
    PARTS,
    SIGNALS,
    Attendance,
    Missed,
    attendance_of,
    attendance_value,
    miss_points,
)
from mentorship_coordination.enums import ParticipantRole
from mentorship_coordination.models.sessions import MentorSession
from mentorship_coordination.providers import session_sections
from mentorship_coordination.tests.session_world import NOW, TOMORROW, booked, mentees_of
from tests import factories
from tests.database import as_system
from users.enums import EnrolmentState
from users.models import Enrolment, User

DAY = timedelta(days=1)
LENGTH = timedelta(minutes=45)
LATER = NOW + 20 * DAY


def held(cast: Cast, session: MentorSession) -> MentorSession:
    with acting_as(Identity(Role.MENTOR, cast.mentor.pk)):
        return complete_session(session_id=session.pk, by=cast.mentor, at=session.ends_at)


def missed(cast: Cast, session: MentorSession, who: ParticipantRole = ParticipantRole.MENTEE) -> MentorSession:
    with acting_as(Identity(Role.MENTOR, cast.mentor.pk)):
        return mark_no_show(session_id=session.pk, who=who, by=cast.mentor, at=session.ends_at)


def called_off(cast: Cast, session: MentorSession) -> None:
    with acting_as(Identity(Role.MENTOR, cast.mentor.pk)):
        cancel_session(session_id=session.pk, by=cast.mentor, at=session.starts_at - timedelta(hours=1))


def left(student: User, session: MentorSession, notice: timedelta = timedelta(hours=1)) -> None:
    with acting_as(Identity(Role.STUDENT, student.pk)):
        cancel_participation(session_id=session.pk, by=student, at=session.starts_at - notice)


def group(cast: Cast, *mentees: User, starts_at: datetime = TOMORROW) -> MentorSession:
    with acting_as(Identity(Role.MENTOR, cast.mentor.pk)):
        return book_group_session(
            mentee_ids=[mentee.pk for mentee in mentees], title="Kick-off", starts_at=starts_at, by=cast.mentor, at=NOW
        )


def attendance(cast: Cast, at: datetime = LATER) -> dict[UUID, Attendance]:
    """Of the cast's students."""
    with as_system():
        return attendance_of([cast.enrolment.pk, cast.other_enrolment.pk], at)


def test_knows_who_came_and_who_did_not(cast: Cast) -> None:
    held(cast, booked(cast.mentor, cast.student))
    last = held(cast, booked(cast.mentor, cast.student, TOMORROW + DAY))
    away = missed(cast, booked(cast.mentor, cast.student, TOMORROW + 2 * DAY))
    booked(cast.mentor, cast.student, TOMORROW + 3 * DAY)
    assert attendance(cast) == {
        cast.student.pk: Attendance(
            attended=2,
            missed=1,
            last_at=last.ends_at,
            missed_lately=(Missed(away.pk, "Catch up", away.starts_at),),
        )
    }


def test_does_not_blame_her_for_what_was_called_off_or_missed_by_the_mentor(cast: Cast) -> None:
    missed(cast, booked(cast.mentor, cast.student), ParticipantRole.MENTOR)
    called_off(cast, booked(cast.mentor, cast.student, TOMORROW + DAY))
    left(cast.student, booked(cast.mentor, cast.student, TOMORROW + 2 * DAY), notice=timedelta(hours=24))
    assert attendance(cast) == {}


def test_counts_what_she_called_off_late_beside_it(cast: Cast) -> None:
    """A minute inside of a day; of a group nothing is late."""
    left(cast.student, booked(cast.mentor, cast.student, TOMORROW + DAY), notice=timedelta(hours=23, minutes=59))
    left(cast.student, group(cast, cast.student, mentees_of(cast.mentor, 1)[0].mentee))
    held(cast, booked(cast.mentor, cast.student, TOMORROW + 2 * DAY))
    found = attendance(cast)[cast.student.pk]
    assert (found.attended, found.missed, found.late_cancellations) == (1, 0, 1)
    assert attendance_value(found.inputs()) == 1.0
    with as_system():
        content: Any = session_sections([cast.student.pk], LATER)[cast.student.pk].content
    assert (content["attended"], content["missed"], content["late_cancellations"]) == (1, 0, 1)


def test_counts_a_group_for_each_who_stayed_in_it(cast: Cast) -> None:
    other = mentees_of(cast.mentor, 1)[0]
    gone = mentees_of(cast.mentor, 1)[0]
    session = group(cast, cast.student, other.mentee, gone.mentee)
    left(gone.mentee, session)
    held(cast, session)
    with as_system():
        found = attendance_of([cast.enrolment.pk, other.enrolment_id, gone.enrolment_id], LATER)
    assert found == {
        student: Attendance(attended=1, last_at=TOMORROW + LENGTH) for student in (cast.student.pk, other.mentee_id)
    }


def test_counts_a_group_that_nobody_came_to(cast: Cast) -> None:
    session = missed(cast, group(cast, cast.student))
    assert attendance(cast)[cast.student.pk] == Attendance(
        missed=1, missed_lately=(Missed(session.pk, "Kick-off", TOMORROW),)
    )


def test_is_that_of_the_given_enrolment_alone(cast: Cast) -> None:
    held(cast, booked(cast.mentor, cast.student))
    missed(cast, booked(cast.mentor, cast.student, TOMORROW + DAY))
    with as_system():
        Enrolment.objects.filter(pk=cast.enrolment.pk).update(state=EnrolmentState.COMPLETED, ended_at=NOW)
        again = factories.EnrolmentFactory(student=cast.student)
        assert attendance_of([again.pk], LATER) == {}
        section = session_sections([cast.student.pk], LATER)[cast.student.pk]
    assert section.inputs == {"attendance": {"attended": 0, "missed": 0}}
    assert (section.evidence, section.active_at) == ({"missed_sessions": {"sessions": []}}, None)


def test_shows_misses_of_the_last_28_days_as_evidence_and_counts_them_all(cast: Cast) -> None:
    sessions = [missed(cast, booked(cast.mentor, cast.student, TOMORROW + days * DAY)) for days in (1, 0)]

    def lately(at: datetime) -> tuple[int, list[object]]:
        found = attendance(cast, at)[cast.student.pk]
        return found.missed, [each.session_id for each in found.missed_lately]

    later, earlier = (session.pk for session in sessions)
    assert lately(TOMORROW + 28 * DAY - timedelta(seconds=1)) == (2, [earlier, later])
    assert lately(TOMORROW + 28 * DAY) == (2, [later])
    assert lately(TOMORROW + 29 * DAY) == (2, [])


def test_is_told_by_the_section_with_what_figures_need(cast: Cast) -> None:
    last = held(cast, booked(cast.mentor, cast.student))
    away = missed(cast, booked(cast.mentor, cast.student, TOMORROW + DAY))
    with as_system():
        section = session_sections([cast.student.pk], LATER)[cast.student.pk]
    content: dict[str, Any] = dict(section.content or {})
    assert (content["attended"], content["missed"]) == (1, 1)
    assert section.inputs == {"attendance": {"attended": 1, "missed": 1}}
    assert section.evidence == {
        "missed_sessions": {
            "sessions": [{"session_id": str(away.pk), "title": "Catch up", "at": "2026-03-04T09:00:00Z"}]
        }
    }
    assert section.active_at == last.ends_at


@pytest.mark.parametrize(
    ("attended", "missed_ones", "value"), [(0, 0, None), (0, 1, 0.0), (1, 0, 1.0), (3, 1, 0.75), (1, 2, 1 / 3)]
)
def test_is_the_share_of_sessions_attended(attended: int, missed_ones: int, value: float | None) -> None:
    assert attendance_value(Attendance(attended, missed_ones).inputs()) == value


@given(st.integers(0, 50), st.integers(0, 50))
def test_rises_with_each_session_attended_and_falls_with_each_missed(attended: int, missed_ones: int) -> None:
    values = [
        attendance_value(Attendance(attended + more, missed_ones + worse).inputs())
        for more, worse in ((0, 1), (0, 0), (1, 0))
    ]
    known = [value for value in values if value is not None]
    assert known == sorted(known)
    assert all(0 <= value <= 1 for value in known)


@pytest.mark.parametrize(("count", "points"), [(0, 0), (1, 10), (2, 20), (3, 20), (9, 20)])
def test_gives_ten_points_for_a_miss_and_no_more_than_twenty(count: int, points: int) -> None:
    found = Attendance(missed_lately=(Missed(UUID(int=7), "Catch up", NOW),) * count)
    assert miss_points(found.evidence()) == points
    assert [(part.name, part.weight) for part in PARTS] == [("attendance", 15)]
    assert [(signal.name, signal.most) for signal in SIGNALS] == [("missed_sessions", 20)]


@pytest.mark.parametrize("count", [1, 19])
def test_takes_one_query_however_many(cast: Cast, django_assert_num_queries: Any, count: int) -> None:
    others = [pair.enrolment_id for pair in mentees_of(cast.mentor, count)]
    held(cast, booked(cast.mentor, cast.student))
    with as_system(), django_assert_num_queries(1):
        assert list(attendance_of([cast.enrolment.pk, *others], LATER)) == [cast.student.pk]
