"""Goals that become overdue are noticed … (product.md §9, §11)"""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime

import pytest
from django.db import connections

from coaching.actions.goals import abandon_goal, change_goal, complete_goal
from coaching.events import GoalOverdue, GoalSettled
from coaching.models import Goal, MissedDeadline
from coaching.tests.world import (
    DAY,
    MONDAY,
    NOON,
    SECOND,
    end_goals,
    forget_refreshes,
    goal_now,
    goal_of,
    local,
    moved_to,
    refreshes,
    student_acting,
)
from conftest import Cast
from core import events
from core.enums import Rank
from mentorship_coordination.models.queue import MentorWorkQueue
from tests.database import as_system
from users.enums import EnrolmentState
from users.models import Enrolment, User

TUESDAY = datetime(2026, 2, 3, tzinfo=UTC)


@pytest.fixture
def goal(cast: Cast) -> Goal:
    """Due on Monday, overdue from Tuesday on."""
    made = goal_of(cast.student, MONDAY)
    forget_refreshes()
    return made


def overdue(
    cast: Cast, goal: Goal, *, due: date = MONDAY, number: int = 1, since: datetime = TUESDAY, at: datetime = TUESDAY
) -> GoalOverdue:
    return GoalOverdue(
        goal_id=goal.pk,
        student_id=cast.student.pk,
        enrolment_id=cast.enrolment.pk,
        title="Pass the practice exam",
        due_date=due,
        number=number,
        since=since,
        at=at,
    )


def missed() -> list[tuple[date, int]]:
    with as_system():
        return list(MissedDeadline.objects.order_by("number").values_list("due_date", "number"))


def move(student: User, goal: Goal, day: date, at: datetime) -> None:
    with student_acting(student):
        change_goal(goal_id=goal.pk, due_date=day, by=student, at=at)


def test_from_midnight_on_where_she_lives(cast: Cast, heard: list[object]) -> None:
    for zone, due, since in (
        ("Pacific/Kiritimati", MONDAY, datetime(2026, 2, 2, 10, tzinfo=UTC)),
        ("Asia/Kathmandu", MONDAY, datetime(2026, 2, 2, 18, 15, tzinfo=UTC)),
        ("UTC", MONDAY, TUESDAY),
        ("Pacific/Niue", MONDAY, datetime(2026, 2, 3, 11, tzinfo=UTC)),
        # The due day has 23 hours, then 25; the next day begins at one o'clock, then has two midnights (twice).
        ("America/New_York", date(2026, 3, 8), datetime(2026, 3, 9, 4, tzinfo=UTC)),
        ("America/New_York", date(2026, 11, 1), datetime(2026, 11, 2, 5, tzinfo=UTC)),
        ("America/Santiago", date(2026, 9, 5), datetime(2026, 9, 6, 4, tzinfo=UTC)),
        ("America/Havana", date(2026, 10, 31), datetime(2026, 11, 1, 4, tzinfo=UTC)),
        ("Atlantic/Azores", date(2026, 10, 24), datetime(2026, 10, 25, 0, tzinfo=UTC)),
    ):
        goal = goal_of(moved_to(cast.student, zone), due, at=local(zone, MONDAY))

        assert (zone, end_goals(since - SECOND), heard) == (zone, 0, [])
        assert end_goals(since) == 1

        assert heard == [overdue(cast, goal, due=due, since=since, at=since)]
        assert goal_now(goal).overdue_since == since
        heard.clear()


def test_with_a_mark_a_row_and_a_refresh_ahead_of_others(cast: Cast, goal: Goal, heard: list[object]) -> None:
    late = TUESDAY + 2 * DAY
    end_goals(late)

    kept = goal_now(goal)
    assert (kept.overdue_since, kept.state, kept.revision, kept.updated_at) == (TUESDAY, "open", 2, NOON)
    with as_system():
        row = MissedDeadline.objects.get()
    assert (row.goal_id, row.student_id, row.due_date) == (goal.pk, cast.student.pk, MONDAY)
    assert (row.number, row.noticed_at) == (1, late)
    assert heard == [overdue(cast, goal, at=late)]
    assert refreshes() == [(cast.student.pk, Rank.HIGH, ["goal_overdue"])]


def test_and_her_mentor_has_72_hours_from_that_midnight(cast: Cast, goal: Goal) -> None:
    end_goals(TUESDAY + SECOND)

    with as_system():
        item = MentorWorkQueue.objects.get()
    assert (item.type, item.reference_id, item.cycle) == ("goal_feedback", goal.pk, 1)
    assert (item.mentor_id, item.mentee_id) == (cast.mentor.pk, cast.student.pk)
    assert (item.clock_started_at, item.due_at) == (TUESDAY, TUESDAY + 3 * DAY)


def test_once(cast: Cast, goal: Goal, heard: list[object]) -> None:
    assert [end_goals(TUESDAY + day * DAY) for day in (0, 0, 1, 9)] == [1, 0, 0, 0]
    assert (len(heard), missed(), goal_now(goal).revision) == (1, [(MONDAY, 1)], 2)


def test_a_second_time_when_it_was_moved_and_missed_again(cast: Cast, goal: Goal, heard: list[object]) -> None:
    end_goals(TUESDAY)
    move(cast.student, goal, MONDAY + 4 * DAY, NOON + DAY)
    forget_refreshes()

    assert [end_goals(TUESDAY + 4 * DAY - SECOND), end_goals(TUESDAY + 4 * DAY)] == [0, 1]

    later = TUESDAY + 4 * DAY
    said = [event for event in heard if isinstance(event, GoalOverdue)]
    assert said[1:] == [overdue(cast, goal, due=MONDAY + 4 * DAY, number=2, since=later, at=later)]
    assert missed() == [(MONDAY, 1), (MONDAY + 4 * DAY, 2)]
    assert refreshes() == [(cast.student.pk, Rank.HIGH, ["goal_overdue"])]


def test_not_again_for_a_day_that_it_had_before(cast: Cast, goal: Goal, heard: list[object]) -> None:
    """She misses it in the east, flies west where the day is not over, and moves it away and back."""
    east, at = moved_to(cast.student, "Pacific/Kiritimati"), datetime(2026, 2, 2, 10, 30, tzinfo=UTC)
    assert end_goals(at) == 1
    west = moved_to(east, "Pacific/Niue")
    move(west, goal, MONDAY + DAY, at)
    move(west, goal, MONDAY, at)

    assert end_goals(datetime(2026, 2, 3, 11, tzinfo=UTC)) == 1

    assert [type(event) for event in heard] == [GoalOverdue, GoalSettled, GoalSettled]
    assert (missed(), goal_now(goal).overdue_since) == ([(MONDAY, 1)], datetime(2026, 2, 3, 11, tzinfo=UTC))


def test_and_counted_on_from_there(cast: Cast, goal: Goal, heard: list[object]) -> None:
    for number, due in enumerate((MONDAY + DAY, MONDAY + 2 * DAY, MONDAY + 3 * DAY)):
        end_goals(TUESDAY + number * DAY)
        move(cast.student, goal, due, NOON + (number + 1) * DAY)

    assert [event.number for event in heard if isinstance(event, GoalOverdue)] == [1, 2, 3]


def test_not_when_they_are_closed(cast: Cast, heard: list[object]) -> None:
    for act in (complete_goal, abandon_goal):
        goal = goal_of(cast.student, MONDAY, title=act.__name__)
        with student_acting(cast.student):
            act(goal_id=goal.pk, by=cast.student, at=NOON)
    heard.clear()

    assert (end_goals(TUESDAY), heard, missed()) == (0, [], [])


def test_not_while_the_enrolment_is_not_active(cast: Cast, goal: Goal, heard: list[object]) -> None:
    def enrol(state: EnrolmentState, ended_at: datetime | None = None) -> None:
        with as_system():
            Enrolment.objects.filter(pk=cast.enrolment.pk).update(state=state, ended_at=ended_at)

    for state, ended_at in (
        (EnrolmentState.PAUSED, None),
        (EnrolmentState.WITHDRAWN, NOON),
        (EnrolmentState.COMPLETED, NOON),
    ):
        enrol(state, ended_at)
        assert (end_goals(TUESDAY), heard, missed()) == (0, [], [])

    enrol(EnrolmentState.ACTIVE)
    assert end_goals(TUESDAY + DAY) == 1
    assert heard == [overdue(cast, goal, at=TUESDAY + DAY)]


def test_in_batches_oldest_first(cast: Cast, heard: list[object]) -> None:
    goals = [goal_of(cast.student, MONDAY + day * DAY, title="Pass the practice exam") for day in (2, 0, 1)]

    assert [end_goals(TUESDAY + 2 * DAY, limit=2) for _ in range(3)] == [2, 1, 0]

    said = [event.goal_id for event in heard if isinstance(event, GoalOverdue)]
    assert (set(said[:2]), said[2]) == ({goals[1].pk, goals[2].pk}, goals[0].pk)


def test_or_not_at_all_when_a_listener_fails(
    cast: Cast, goal: Goal, heard: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(event: object) -> None:
        raise RuntimeError("nobody listens")

    with monkeypatch.context() as broken_wire:
        broken_wire.setitem(events._handlers, GoalOverdue, [*events._handlers[GoalOverdue], fail])
        with pytest.raises(RuntimeError, match="nobody listens"):
            end_goals(TUESDAY)
    assert (missed(), refreshes()) == ([], [])
    assert (goal_now(goal).overdue_since, goal_now(goal).revision) == (None, 1)
    with as_system():
        assert not MentorWorkQueue.objects.exists()
    heard.clear()

    assert (end_goals(TUESDAY), len(heard)) == (1, 1)


def test_by_one_of_two_that_look_at_once(cast: Cast, goal: Goal, monkeypatch: pytest.MonkeyPatch) -> None:
    has_noticed, may_commit = threading.Event(), threading.Event()
    said: list[object] = []

    def hold(event: object) -> None:
        said.append(event)
        has_noticed.set()
        assert may_commit.wait(10)

    def work() -> None:
        try:
            end_goals(TUESDAY)
        finally:
            connections.close_all()

    monkeypatch.setitem(events._handlers, GoalOverdue, [*events._handlers[GoalOverdue], hold])
    first = threading.Thread(target=work)
    first.start()
    assert has_noticed.wait(10)
    during = end_goals(TUESDAY)
    may_commit.set()
    first.join(10)

    assert (during, end_goals(TUESDAY), len(said), missed()) == (0, 0, 1, [(MONDAY, 1)])
