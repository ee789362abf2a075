"""The plan of a hand-over …"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from mentorship_coordination.handover.plan import (
    LeavingPair,
    MentorTime,
    Obstacle,
    PlannedSession,
    make_plan,
    plan_document,
    words_of_plan,
)
from mentorship_coordination.matching.people import Pairing, Waiting
from mentorship_coordination.sla.timeline import to_microseconds
from mentorship_coordination.slots.hours import hours_from
from users.availability import DAYS

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
NEW = uuid4()


def pair(**changes: object) -> LeavingPair:
    values = {
        "assignment_id": uuid4(),
        "enrolment_id": uuid4(),
        "mentee_id": uuid4(),
        "mentee": "Mina",
        "is_active": True,
        "open_items": 2,
    }
    return LeavingPair(**{**values, **changes})  # type: ignore[arg-type]


def pairing(of: LeavingPair, mentor_id: UUID | None) -> Pairing:
    nothing: frozenset[str] = frozenset()
    waiting = Waiting(of.enrolment_id, uuid4(), uuid4(), of.mentee_id, nothing, nothing, nothing, "UTC", "{}", MONDAY)
    if mentor_id is None:
        return Pairing(waiting, None, None, {}, {"full": 3})
    return Pairing(waiting, mentor_id, 40, {"skills": 40}, {"full": 2})


def session(of: LeavingPair | None, starts_at: datetime) -> PlannedSession:
    return PlannedSession(uuid4(), of.assignment_id if of else None, "Catch up", starts_at, starts_at + HOUR)


def time(capacity: int = 10) -> MentorTime:
    return MentorTime("UTC", capacity, hours_from({day: [["09:00", "17:00"]] for day in DAYS}, "UTC"))


def fates(sessions: list[PlannedSession], pairs: list[LeavingPair], mentor: MentorTime) -> dict[UUID, Obstacle | None]:
    weeks = {("UTC", each.session_id): MONDAY for each in sessions}
    plan = make_plan(pairs, {each.enrolment_id: pairing(each, NEW) for each in pairs}, sessions, {NEW: mentor}, weeks)
    moves = [*(each for move in plan.moves for each in move.sessions), *plan.groups]
    return {each.session.session_id: each.obstacle for each in moves}


def test_takes_the_sessions_over_that_the_new_mentor_can_hold() -> None:
    mina = pair()
    kept, early, taken = (session(mina, MONDAY + hours * HOUR) for hours in (10, 8, 13))
    mentor = time()
    mentor.busy.append((to_microseconds(taken.starts_at + HOUR / 2), to_microseconds(taken.ends_at + HOUR)))
    assert fates([kept, early, taken], [mina], mentor) == {
        kept.session_id: None,
        early.session_id: Obstacle.OUTSIDE_HOURS,
        taken.session_id: Obstacle.BUSY,
    }


def test_does_not_promise_one_hour_twice() -> None:
    """Two mentees of the leaver meet her in different weeks of hers, and would meet the new mentor at once."""
    mina, noor = pair(), pair()
    first, second = session(mina, MONDAY + 10 * HOUR), session(noor, MONDAY + 10 * HOUR)
    assert fates([first, second], [mina, noor], time()) == {
        first.session_id: None,
        second.session_id: Obstacle.BUSY,
    }


def test_stops_at_the_new_mentors_week() -> None:
    mina = pair()
    first, second = session(mina, MONDAY + 10 * HOUR), session(mina, MONDAY + 12 * HOUR)
    mentor = time(capacity=3)
    mentor.load[MONDAY] = 2
    assert fates([first, second], [mina], mentor) == {first.session_id: None, second.session_id: Obstacle.WEEK_FULL}


def test_calls_groups_off() -> None:
    group = session(None, MONDAY + 10 * HOUR)
    assert fates([group], [pair()], time()) == {group.session_id: Obstacle.GROUP}


def test_lets_wait_whom_nobody_can_take() -> None:
    mina = pair()
    meeting = session(mina, MONDAY + 10 * HOUR)
    plan = make_plan([mina], {mina.enrolment_id: pairing(mina, None)}, [meeting], {}, {})
    [move] = plan.moves
    assert (move.mentor_id, move.blocked, move.sessions[0].obstacle) == (None, {"full": 3}, Obstacle.NO_MENTOR)
    document = plan_document(plan, {})
    assert words_of_plan(document) == (
        "0 of 1 mentees to new mentors, 1 to the waiting list; 0 sessions taken over, 1 called off."
    )
