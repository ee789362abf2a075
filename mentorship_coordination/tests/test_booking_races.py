"""Bookings at the same moment …"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from conftest import Cast
from mentorship_coordination.models.sessions import SessionParticipant
from mentorship_coordination.tests.session_world import (
    HOUR,
    TOMORROW,
    at_once,
    booked,
    count_sessions,
    mentees_of,
)
from tests import factories
from tests.database import as_system


def codes(results: Sequence[object]) -> Counter[str]:
    """What became of each: booked, the code of a refusal, or the name of an error that is none."""
    failed = (type(result).__name__ if isinstance(result, BaseException) else "booked" for result in results)
    return Counter(getattr(result, "code", name) for result, name in zip(results, failed, strict=True))


def test_of_one_slot_give_one_session(cast: Cast) -> None:
    with as_system():
        cast.mentor.mentor_capacity_weekly = 100
        cast.mentor.save(update_fields=["mentor_capacity_weekly"])
    results = at_once([partial(booked, cast.mentor, cast.student)] * 30)
    assert codes(results) == {"booked": 1, "slot_taken": 29}
    assert count_sessions() == 1


def test_by_two_mentors_of_one_mentee_give_one_session(cast: Cast) -> None:
    with as_system():
        others = [factories.AssignmentFactory(enrolment=cast.enrolment, is_primary=False) for _ in range(4)]
    mentors = [cast.mentor, *(each.mentor for each in others)] * 2
    results = at_once([partial(booked, mentor, cast.student) for mentor in mentors])
    assert codes(results) == {"booked": 1, "slot_taken": 9}


def test_of_a_person_who_is_mentor_here_and_mentee_there_give_one_session(cast: Cast) -> None:
    with as_system():
        above = factories.AssignmentFactory(enrolment__student=cast.mentor)
    as_mentor = partial(booked, cast.mentor, cast.student)
    as_mentee = partial(booked, above.mentor, cast.mentor)
    results = at_once([as_mentor, as_mentee] * 5)
    assert codes(results) == {"booked": 1, "slot_taken": 9}


def test_of_two_people_who_mentor_each_other_do_not_deadlock(cast: Cast) -> None:
    with as_system():
        cast.student.is_mentor = True
        cast.student.save(update_fields=["is_mentor"])
        back = factories.AssignmentFactory(enrolment__student=cast.mentor, mentor=cast.student)
    results = at_once([partial(booked, cast.mentor, cast.student), partial(booked, back.mentor, cast.mentor)] * 5)
    assert codes(results) == {"booked": 1, "slot_taken": 9}


def test_never_exceed_the_budget(cast: Cast) -> None:
    with as_system():
        cast.enrolment.max_sessions = 3
        cast.enrolment.save(update_fields=["max_sessions"])
    times = [TOMORROW + number * HOUR for number in range(10)]
    results = at_once([partial(booked, cast.mentor, cast.student, time) for time in times])
    assert codes(results) == {"booked": 3, "session_budget_exhausted": 7}
    assert count_sessions() == 3


def test_never_exceed_the_weekly_capacity(cast: Cast) -> None:
    with as_system():
        cast.mentor.mentor_capacity_weekly = 3
        cast.mentor.save(update_fields=["mentor_capacity_weekly"])
    pairs = mentees_of(cast.mentor, 10)
    calls = [
        partial(booked, cast.mentor, pair.mentee, TOMORROW + number * timedelta(minutes=45))
        for number, pair in enumerate(pairs)
    ]
    assert codes(at_once(calls)) == {"booked": 3, "weekly_capacity_reached": 7}
    with as_system():
        assert SessionParticipant.objects.filter(person=cast.mentor).count() == 3
