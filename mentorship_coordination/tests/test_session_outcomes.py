"""A session …"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from conftest import Cast
from core import clock
from core.enums import Audience, Rank
from core.errors import Conflict, NotVisible
from core.tenancy.identity import Identity, Role, acting_as
from mentorship_coordination.actions.session_outcomes import (
    IllegalSessionMove,
    SessionNotBegun,
    cancel_participation,
    cancel_session,
    complete_session,
    mark_no_show,
)
from mentorship_coordination.actions.session_time import SessionNotOpen, SlotTaken
from mentorship_coordination.actions.sessions import (
    WeeklyCapacityReached,
    book_group_session,
    reschedule_session,
)
from mentorship_coordination.enums import ParticipantRole, SessionStatus, WorkStatus, WorkType
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.models.sessions import MentorSession
from mentorship_coordination.selectors.sessions import (
    SessionBudget,
    list_ended_without_notes,
    session_budget,
    weekly_load,
)
from mentorship_coordination.tasks.sessions import close_ended_sessions
from mentorship_coordination.tests.queue_world import heard
from mentorship_coordination.tests.session_world import (
    HOUR,
    NOW,
    TOMORROW,
    booked,
    mentees_of,
    notifications_of,
    refreshes_of,
    stored,
)
from tests.database import as_system, as_worker
from users.models import User

DAY = timedelta(days=1)
END = TOMORROW + timedelta(minutes=45)


def as_mentor(cast: Cast, act: Callable[..., MentorSession], session: MentorSession, **given: Any) -> MentorSession:
    with acting_as(Identity(Role.MENTOR, cast.mentor.pk)):
        act(session_id=session.pk, by=cast.mentor, **given)
    return stored(session.pk)


def called_off_by(student: User, session: MentorSession, at: datetime) -> MentorSession:
    with acting_as(Identity(Role.STUDENT, student.pk)):
        cancel_participation(session_id=session.pk, by=student, at=at)
    return stored(session.pk)


def budget(cast: Cast) -> SessionBudget:
    with as_system():
        return session_budget([cast.enrolment.pk])[cast.enrolment.pk]


def load(cast: Cast) -> int:
    with as_system():
        return weekly_load(cast.mentor, TOMORROW)


def activity(session: MentorSession) -> set[bool]:
    return {person.is_active for person in session.participants.all()}


def attendance(session: MentorSession) -> dict[str, bool | None]:
    return {person.role: person.attended for person in session.participants.all()}


def swept(at: datetime) -> int:
    with as_worker(), clock.pinned(at):
        return int(close_ended_sessions())


def notes_items() -> list[MentorWorkQueue]:
    with as_system():
        return list(MentorWorkQueue.objects.filter(type=WorkType.SESSION_NOTES))


def test_reserves_budget_and_week_while_it_is_planned(cast: Cast) -> None:
    booked(cast.mentor, cast.student)
    assert budget(cast) == SessionBudget(used=0, reserved=1, max_sessions=12)
    assert load(cast) == 1


def test_costs_nothing_when_the_mentor_calls_it_off(cast: Cast) -> None:
    session = booked(cast.mentor, cast.student)
    called_off = as_mentor(cast, cancel_session, session, at=TOMORROW - HOUR, reason="I am ill.")
    assert (called_off.status, called_off.close_reason) == (SessionStatus.CANCELLED_BY_MENTOR, "I am ill.")
    assert (called_off.sequence, activity(called_off)) == (1, {False})
    assert budget(cast) == SessionBudget(used=0, reserved=0, max_sessions=12)
    assert load(cast) == 0
    assert notifications_of(cast.student)[-1].title == "Session cancelled: Catch up"
    assert refreshes_of(cast.student) == [(Rank.NORMAL, ["session_cancelled", "session_scheduled"])]
    booked(cast.mentor, cast.student)


@pytest.mark.parametrize(
    ("before", "is_late", "used"), [(DAY, False, 0), (DAY - timedelta(seconds=1), True, 1), (HOUR, True, 1)]
)
def test_is_charged_when_the_mentee_calls_it_off_within_24_hours(
    cast: Cast, before: timedelta, is_late: bool, used: int
) -> None:
    session = booked(cast.mentor, cast.student, TOMORROW + DAY)
    called_off = called_off_by(cast.student, session, TOMORROW + DAY - before)
    assert (called_off.status, called_off.is_late_cancel) == (SessionStatus.CANCELLED_BY_MENTEE, is_late)
    assert activity(called_off) == {False}
    assert budget(cast) == SessionBudget(used=used, reserved=0, max_sessions=12)
    assert load(cast) == used
    (told,) = notifications_of(cast.mentor)
    assert told.title == "Mina Okafor cancelled: Catch up"
    assert [news["kind"] for news in heard(cast.mentor)] == ["scheduled", "cancelled", "session"]


def test_of_a_group_goes_on_when_one_mentee_leaves(cast: Cast) -> None:
    other = mentees_of(cast.mentor, 1)[0]
    with acting_as(Identity(Role.MENTOR, cast.mentor.pk)):
        group = book_group_session(
            mentee_ids=[cast.student.pk, other.mentee_id],
            title="Kick-off",
            starts_at=TOMORROW,
            by=cast.mentor,
            at=NOW,
        )
    left = called_off_by(cast.student, group, TOMORROW - HOUR)
    assert left.status == SessionStatus.SCHEDULED
    assert {p.person_id for p in left.participants.all() if p.is_active} == {cast.mentor.pk, other.mentee_id}
    assert budget(cast) == SessionBudget(used=0, reserved=0, max_sessions=12)
    with pytest.raises(SessionNotOpen):
        called_off_by(cast.student, group, TOMORROW - HOUR)


def test_is_nothing_to_a_student_who_is_not_in_it(cast: Cast) -> None:
    session = booked(cast.mentor, cast.student)
    with pytest.raises(NotVisible):
        called_off_by(cast.stranger, session, NOW)
    assert stored(session.pk).status == SessionStatus.SCHEDULED


def test_cannot_be_called_off_once_it_has_begun(cast: Cast) -> None:
    session = booked(cast.mentor, cast.student)
    with pytest.raises(SessionNotOpen):
        called_off_by(cast.student, session, TOMORROW)
    with pytest.raises(SessionNotOpen):
        as_mentor(cast, cancel_session, session, at=TOMORROW)


def test_is_used_up_when_it_took_place(cast: Cast) -> None:
    session = booked(cast.mentor, cast.student)
    held = as_mentor(cast, complete_session, session, at=TOMORROW)
    assert (held.status, held.closed_at) == (SessionStatus.COMPLETED, TOMORROW)
    assert attendance(held) == {"mentor": True, "mentee": True}
    assert budget(cast) == SessionBudget(used=1, reserved=0, max_sessions=12)
    assert load(cast) == 1


@pytest.mark.parametrize(
    ("who", "status", "used"),
    [
        (ParticipantRole.MENTEE, SessionStatus.NO_SHOW_MENTEE, 1),
        (ParticipantRole.MENTOR, SessionStatus.NO_SHOW_MENTOR, 0),
    ],
)
def test_charges_a_missing_mentee_and_no_missing_mentor(
    cast: Cast, who: ParticipantRole, status: SessionStatus, used: int
) -> None:
    session = booked(cast.mentor, cast.student)
    missed = as_mentor(cast, mark_no_show, session, who=who, at=END)
    assert missed.status == status
    assert attendance(missed) == {"mentor": who != "mentor", "mentee": who != "mentee"}
    assert budget(cast) == SessionBudget(used=used, reserved=0, max_sessions=12)
    assert load(cast) == used


def test_took_place_only_after_it_has_begun(cast: Cast) -> None:
    session = booked(cast.mentor, cast.student)
    with pytest.raises(SessionNotBegun):
        as_mentor(cast, complete_session, session, at=TOMORROW - timedelta(seconds=1))


def test_ends_once(cast: Cast) -> None:
    session = booked(cast.mentor, cast.student)
    as_mentor(cast, complete_session, session, at=END)
    with pytest.raises(IllegalSessionMove):
        as_mentor(cast, mark_no_show, session, who=ParticipantRole.MENTEE, at=END)
    with pytest.raises(SessionNotOpen):
        as_mentor(cast, reschedule_session, session, starts_at=TOMORROW + DAY, at=END)


def test_moves_with_all_its_people(cast: Cast) -> None:
    session = booked(cast.mentor, cast.student)
    moved = as_mentor(cast, reschedule_session, session, starts_at=TOMORROW + HOUR, duration_minutes=30, at=NOW)
    assert (moved.starts_at, moved.ends_at) == (TOMORROW + HOUR, TOMORROW + HOUR + timedelta(minutes=30))
    assert (moved.sequence, moved.revision, moved.meeting_url) == (1, 2, session.meeting_url)
    assert {p.during.lower for p in moved.participants.all()} == {TOMORROW + HOUR}
    assert [told.title for told in notifications_of(cast.student)] == [
        "Session booked: Catch up",
        "Session moved: Catch up",
    ]
    assert [n["kind"] for n in heard(cast.student, Audience.STUDENT) if n["event"] == "session"] == [
        "scheduled",
        "moved",
    ]


def test_may_move_into_its_own_time(cast: Cast) -> None:
    session = booked(cast.mentor, cast.student)
    moved = as_mentor(cast, reschedule_session, session, starts_at=TOMORROW + timedelta(minutes=15), at=NOW)
    assert moved.starts_at == TOMORROW + timedelta(minutes=15)


def test_does_not_move_onto_another_one(cast: Cast) -> None:
    session = booked(cast.mentor, cast.student)
    booked(cast.mentor, cast.student, TOMORROW + HOUR)
    with pytest.raises(SlotTaken):
        as_mentor(cast, reschedule_session, session, starts_at=TOMORROW + HOUR, at=NOW)
    assert stored(session.pk).sequence == 0


def test_does_not_move_into_a_full_week_but_within_one(cast: Cast) -> None:
    with as_system():
        cast.mentor.mentor_capacity_weekly = 1
        cast.mentor.save(update_fields=["mentor_capacity_weekly"])
    session = booked(cast.mentor, cast.student)
    booked(cast.mentor, cast.student, TOMORROW + 7 * DAY)
    with pytest.raises(WeeklyCapacityReached):
        as_mentor(cast, reschedule_session, session, starts_at=TOMORROW + 7 * DAY + HOUR, at=NOW)
    assert as_mentor(cast, reschedule_session, session, starts_at=TOMORROW + DAY, at=NOW).sequence == 1


def test_with_another_title_keeps_its_sequence(cast: Cast) -> None:
    session = booked(cast.mentor, cast.student)
    changed = as_mentor(cast, reschedule_session, session, title="Timeline", at=NOW)
    assert (changed.title, changed.sequence, changed.revision) == ("Timeline", 0, 2)
    assert len(notifications_of(cast.student)) == 1


def test_is_not_changed_by_who_saw_an_older_one(cast: Cast) -> None:
    session = booked(cast.mentor, cast.student)
    as_mentor(cast, reschedule_session, session, title="Timeline", revision=1, at=NOW)
    with pytest.raises(Conflict) as refusal:
        as_mentor(cast, reschedule_session, session, title="Other", revision=1, at=NOW)
    assert refusal.value.code == "stale"


def test_bears_its_notes_item_when_it_ends(cast: Cast) -> None:
    session = booked(cast.mentor, cast.student)
    assert swept(END - timedelta(seconds=1)) == 0
    assert swept(END + HOUR) == 1
    (item,) = notes_items()
    assert (item.reference_id, item.mentor_id, item.mentee_id) == (session.pk, cast.mentor.pk, cast.student.pk)
    assert (item.clock_started_at, item.due_at) == (END, END + DAY)
    assert stored(session.pk).status == SessionStatus.SCHEDULED
    assert refreshes_of(cast.student) == [(Rank.NORMAL, ["session_ended", "session_scheduled"])]


def test_bears_its_notes_item_once(cast: Cast) -> None:
    session = booked(cast.mentor, cast.student)
    as_mentor(cast, complete_session, session, at=TOMORROW)
    assert [swept(END), swept(END), swept(END + HOUR)] == [1, 0, 0]
    assert len(notes_items()) == 1
    with as_system():
        assert list_ended_without_notes(END, limit=9) == []


def test_that_was_called_off_bears_no_notes_item(cast: Cast) -> None:
    session = booked(cast.mentor, cast.student)
    as_mentor(cast, cancel_session, session, at=NOW)
    assert swept(END) == 0
    assert notes_items() == []


def test_that_was_missed_has_nothing_to_note(cast: Cast) -> None:
    session = booked(cast.mentor, cast.student)
    swept(END)
    as_mentor(cast, mark_no_show, session, who=ParticipantRole.MENTEE, at=END)
    (item,) = notes_items()
    assert (item.status, item.closed_reason) == (WorkStatus.CANCELLED, "no_show_mentee")
    assert swept(END + HOUR) == 0
