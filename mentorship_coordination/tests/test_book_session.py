"""Booking a session …"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.test import override_settings

from conftest import Cast
from core.enums import Audience, Rank
from core.errors import InvalidInput, NotVisible
from core.tenancy.identity import Identity, Role, acting_as
from mentorship_coordination.actions import sessions
from mentorship_coordination.actions.assignments import pause_assignment
from mentorship_coordination.actions.session_outcomes import cancel_session
from mentorship_coordination.actions.session_time import SlotTaken
from mentorship_coordination.actions.sessions import (
    PairNotActive,
    SessionBudgetExhausted,
    WeeklyCapacityReached,
    book_group_session,
)
from mentorship_coordination.enums import SessionType
from mentorship_coordination.models.sessions import SessionParticipant
from mentorship_coordination.tests.queue_world import heard
from mentorship_coordination.tests.session_world import (
    HOUR,
    NOW,
    TOMORROW,
    booked,
    count_sessions,
    mentees_of,
    notifications_of,
    refreshes_of,
    stored,
)
from tests import factories
from tests.database import as_system


def offers(refusal: SlotTaken) -> list[datetime]:
    found: Any = refusal.extra["alternatives"]
    return [each["start_time"] for each in found]


def test_takes_the_time_of_both(cast: Cast) -> None:
    session = stored(booked(cast.mentor, cast.student, duration_minutes=60).pk)
    assert (session.starts_at, session.ends_at) == (TOMORROW, TOMORROW + HOUR)
    assert (session.assignment_id, session.enrolment_id) == (cast.assignment.pk, cast.enrolment.pk)
    assert {(p.person_id, p.role, p.during.lower, p.during.upper) for p in session.participants.all()} == {
        (cast.mentor.pk, "mentor", TOMORROW, TOMORROW + HOUR),
        (cast.student.pk, "mentee", TOMORROW, TOMORROW + HOUR),
    }


@override_settings(JITSI_BASE_URL="https://rooms.example")
def test_makes_a_room_that_nobody_can_guess(cast: Cast) -> None:
    first = booked(cast.mentor, cast.student)
    second = booked(cast.mentor, cast.student, TOMORROW + HOUR)
    assert first.meeting_provider == "jitsi"
    base, _, room = first.meeting_url.rpartition("/")
    assert base == "https://rooms.example"
    assert len(bytes.fromhex(room)) == 16
    assert first.meeting_url != second.meeting_url


def test_uses_the_mentors_standing_room(cast: Cast) -> None:
    cast.mentor.standing_meeting_url = "https://rooms.example/tomas"
    session = booked(cast.mentor, cast.student)
    assert (session.meeting_url, session.meeting_provider) == ("https://rooms.example/tomas", "manual")


def test_tells_everybody_whom_it_concerns(cast: Cast) -> None:
    with as_system():
        cast.student.timezone = "Africa/Nairobi"
        cast.student.save(update_fields=["timezone"])
    session = booked(cast.mentor, cast.student)
    news = {"event": "session", "kind": "scheduled", "id": str(session.pk), "sequence": 0}
    assert heard(cast.mentor) == [news]
    (told,) = notifications_of(cast.student)
    assert (told.title, told.body) == (
        "Session booked: Catch up",
        "Tuesday, 03 March 2026 at 12:00 (Africa/Nairobi)",
    )
    assert heard(cast.student, Audience.STUDENT) == [
        news,
        {"event": "notification", "id": str(told.pk), "kind": "session"},
    ]
    assert refreshes_of(cast.student) == [(Rank.NORMAL, ["session_scheduled"])]


@pytest.mark.parametrize("minutes", [14, 241])
def test_refuses_lengths_outside_15_to_240_minutes(cast: Cast, minutes: int) -> None:
    with pytest.raises(InvalidInput) as refusal:
        booked(cast.mentor, cast.student, duration_minutes=minutes)
    assert list(refusal.value.fields) == ["duration_minutes"]
    assert count_sessions() == 0


@pytest.mark.parametrize("minutes", [15, 240])
def test_takes_15_and_240_minutes(cast: Cast, minutes: int) -> None:
    session = booked(cast.mentor, cast.student, duration_minutes=minutes)
    assert session.ends_at - session.starts_at == timedelta(minutes=minutes)


@pytest.mark.parametrize("starts_at", [NOW, NOW - HOUR, TOMORROW.replace(tzinfo=None), NOW + timedelta(days=367)])
def test_refuses_times_that_cannot_be(cast: Cast, starts_at: datetime) -> None:
    with pytest.raises(InvalidInput) as refusal:
        booked(cast.mentor, cast.student, starts_at)
    assert list(refusal.value.fields) == ["start_time"]


def test_does_not_know_other_peoples_mentees(cast: Cast) -> None:
    with pytest.raises(NotVisible):
        booked(cast.mentor, cast.stranger)
    assert count_sessions() == 0


def test_waits_while_the_pair_rests(cast: Cast) -> None:
    with acting_as(Identity(Role.DIRECTOR, cast.director.pk)):
        pause_assignment(assignment_id=cast.assignment.pk, by=cast.director, at=NOW)
    with pytest.raises(PairNotActive):
        booked(cast.mentor, cast.student)


def test_lets_sessions_follow_each_other_back_to_back(cast: Cast) -> None:
    booked(cast.mentor, cast.student, TOMORROW, duration_minutes=60)
    booked(cast.mentor, cast.student, TOMORROW + HOUR, duration_minutes=60)
    booked(cast.mentor, cast.student, TOMORROW - HOUR, duration_minutes=60)
    assert count_sessions() == 3


def test_offers_the_nearest_free_times_for_a_taken_one(cast: Cast) -> None:
    other = mentees_of(cast.mentor, 1)[0].mentee
    booked(cast.mentor, other, TOMORROW + HOUR, duration_minutes=60)
    with pytest.raises(SlotTaken) as refusal:
        booked(cast.mentor, cast.student, TOMORROW + HOUR + timedelta(minutes=15))
    # Wished: 10:15; taken: 10:00 to 11:00; the working hours begin at 09:00.
    assert [f"{time:%H:%M}" for time in offers(refusal.value)] == ["11:00", "11:15", "09:15"]
    assert other.name not in str(refusal.value.extra) + refusal.value.message


def test_offers_only_times_that_can_be_booked(cast: Cast) -> None:
    booked(cast.mentor, mentees_of(cast.mentor, 1)[0].mentee, TOMORROW)
    with pytest.raises(SlotTaken) as refusal:
        booked(cast.mentor, cast.student, TOMORROW)
    free = offers(refusal.value)
    assert len(free) == 3
    booked(cast.mentor, cast.student, free[0])
    assert count_sessions() == 2


def test_leaves_the_callers_transaction_usable_after_a_taken_slot(cast: Cast) -> None:
    booked(cast.mentor, cast.student)
    with pytest.raises(SlotTaken):
        booked(cast.mentor, cast.student)
    booked(cast.mentor, cast.student, TOMORROW + HOUR)
    assert count_sessions() == 2


def test_sees_the_mentees_sessions_with_her_other_mentor(cast: Cast) -> None:
    with as_system():
        second = factories.AssignmentFactory(enrolment=cast.enrolment, is_primary=False)
    booked(second.mentor, cast.student)
    with pytest.raises(SlotTaken) as refusal:
        booked(cast.mentor, cast.student)
    assert offers(refusal.value) == [TOMORROW + timedelta(minutes=m) for m in (45, 60, 75)]


def test_collides_with_a_session_in_the_other_role(cast: Cast) -> None:
    """The mentor is somebody's mentee, too."""
    with as_system():
        above = factories.AssignmentFactory(enrolment__student=cast.mentor)
    booked(above.mentor, cast.mentor)
    with pytest.raises(SlotTaken):
        booked(cast.mentor, cast.student, TOMORROW + timedelta(minutes=30))
    assert count_sessions() == 1


def test_stops_at_the_enrolments_budget(cast: Cast) -> None:
    with as_system():
        cast.enrolment.max_sessions = 2
        cast.enrolment.save(update_fields=["max_sessions"])
    booked(cast.mentor, cast.student)
    second = booked(cast.mentor, cast.student, TOMORROW + HOUR)
    with pytest.raises(SessionBudgetExhausted):
        booked(cast.mentor, cast.student, TOMORROW + 2 * HOUR)
    with acting_as(Identity(Role.MENTOR, cast.mentor.pk)):
        cancel_session(session_id=second.pk, by=cast.mentor, at=NOW)
    booked(cast.mentor, cast.student, TOMORROW + 2 * HOUR)


def test_counts_what_the_budget_lost_with_an_earlier_mentor(cast: Cast) -> None:
    with as_system():
        cast.enrolment.max_sessions = 1
        cast.enrolment.save(update_fields=["max_sessions"])
        before = factories.AssignmentFactory(enrolment=cast.enrolment, is_primary=False)
    booked(before.mentor, cast.student)
    with pytest.raises(SessionBudgetExhausted):
        booked(cast.mentor, cast.student, TOMORROW + HOUR)


def test_stops_at_the_mentors_weekly_capacity(cast: Cast) -> None:
    with as_system():
        cast.mentor.mentor_capacity_weekly = 1
        cast.mentor.save(update_fields=["mentor_capacity_weekly"])
    booked(cast.mentor, cast.student)
    with pytest.raises(WeeklyCapacityReached):
        booked(cast.mentor, cast.student, TOMORROW + HOUR)
    booked(cast.mentor, cast.student, TOMORROW + timedelta(days=7))
    assert count_sessions() == 2


def test_takes_capacity_0_for_none(cast: Cast) -> None:
    with as_system():
        cast.mentor.mentor_capacity_weekly = 0
        cast.mentor.save(update_fields=["mentor_capacity_weekly"])
    with pytest.raises(WeeklyCapacityReached):
        booked(cast.mentor, cast.student)


def test_counts_a_group_once_for_the_week_and_once_for_each_budget(cast: Cast) -> None:
    others = mentees_of(cast.mentor, 2)
    with as_system():
        cast.mentor.mentor_capacity_weekly = 1
        cast.mentor.save(update_fields=["mentor_capacity_weekly"])
    group = [cast.student.pk, *(pair.mentee_id for pair in others)]
    with acting_as(Identity(Role.MENTOR, cast.mentor.pk)):
        session = book_group_session(mentee_ids=group, title="Kick-off", starts_at=TOMORROW, by=cast.mentor, at=NOW)
    session = stored(session.pk)
    assert (session.type, session.mentee_id, session.assignment_id) == (SessionType.GROUP, None, None)
    with as_system():
        people = SessionParticipant.objects.filter(role="mentee").values_list("person_id", "enrolment_id")
        assert dict(people) == {
            cast.student.pk: cast.enrolment.pk,
            **{pair.mentee_id: pair.enrolment_id for pair in others},
        }
    assert [told.title for told in notifications_of(others[0].mentee)] == ["Session booked: Kick-off"]
    with pytest.raises(WeeklyCapacityReached):
        booked(cast.mentor, cast.student, TOMORROW + HOUR)


def test_books_no_group_with_somebody_who_is_busy(cast: Cast) -> None:
    other = mentees_of(cast.mentor, 1)[0]
    booked(cast.mentor, other.mentee, TOMORROW + timedelta(days=1))
    with as_system():
        second = factories.AssignmentFactory(enrolment=cast.enrolment, is_primary=False)
    booked(second.mentor, cast.student)
    with acting_as(Identity(Role.MENTOR, cast.mentor.pk)), pytest.raises(SlotTaken):
        book_group_session(
            mentee_ids=[cast.student.pk, other.mentee_id],
            title="Kick-off",
            starts_at=TOMORROW,
            by=cast.mentor,
            at=NOW,
        )
    assert count_sessions() == 2


def test_writes_nothing_when_telling_fails(cast: Cast) -> None:
    with (
        patch.object(sessions, "notify_mentees", side_effect=RuntimeError("no notification")),
        pytest.raises(RuntimeError),
    ):
        booked(cast.mentor, cast.student)
    assert count_sessions() == 0
    assert heard(cast.mentor) == []
    assert refreshes_of(cast.student) == []
