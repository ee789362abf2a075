"""What happens when something happens: every line of the product's table of triggers (product.md §11)."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from conftest import Cast
from core import wakeup
from core.actions import action
from core.errors import DomainError
from core.stream import bus
from mentorship_coordination.tests.coaching_world import a_habit, logged, nothing_waits, streaks_noticed
from mentorship_coordination.tests.queue_world import heard
from student_dashboard.aggregation import DRAIN
from tests import factories
from tests import trigger_world as world
from tests.database import as_system
from tests.trigger_world import Act, Trigger, acting, everything, lines, overheard, prepared, say_again

#: What is there once more after the second flag of a category (product.md §8).
COMMENTED = "mentor hears risk_alert: commented; director hears risk_alert: commented"

TRIGGERS = (
    Trigger("a mission is submitted", "student", world.hand_in, is_repeatable=False, effects="""
        item mission_review 1 v1: pending, high, 48 h, mentor
        refresh student: mission_submitted, high
        mentor hears work_queue: opened"""),
    Trigger("a mission is submitted again", "student", world.hand_in_while_it_waits, is_repeatable=False, effects="""
        item mission_review 1 v2: pending, high, 48 h, mentor
        refresh student: mission_submitted, high
        mentor hears work_queue: updated"""),
    Trigger("a mission is submitted anew", "student", world.hand_in_after_changes, is_repeatable=False, effects="""
        item mission_review 2 v2: pending, high, 48 h, mentor
        refresh student: mission_submitted, high
        mentor hears work_queue: opened"""),
    Trigger("a mission is reviewed", "mentor", world.judge, refused="already_decided", effects="""
        review of v1: approved
        item mission_review 1 v1: completed, high, 48 h, mentor
        refresh student: mission_reviewed, high
        mentor hears work_queue: completed
        student is told review:*; student hears notification: review
        wakes mentorship_coordination.deliver_notifications"""),
    Trigger("a streak is broken", "system", world.break_a_streak, effects="""
        streak of 3 broken after 2026-02-28
        refresh student: streak_broken, high
        mentor hears risk_alert: streak_broken"""),
    Trigger("the risk score crosses its limit", "system", world.cross_the_limit, effects="""
        item risk_flag 1 v1: pending, high, 24 h, mentor
        mentor hears work_queue: opened; mentor hears risk_alert: risk_crossed"""),
    Trigger("a goal becomes overdue", "system", world.miss_a_goal, effects="""
        deadline 1 missed: 2026-03-01
        item goal_feedback 1 v1: pending, normal, 72 h, mentor
        refresh student: goal_overdue, high
        mentor hears work_queue: opened"""),
    Trigger("a goal is answered", "mentor", world.answer, is_repeatable=False,
            again="wakes mentorship_coordination.keep_goal_items", effects="""
        item goal_feedback 1 v1: completed, normal, 72 h, mentor
        refresh student: goal_answered, high
        mentor hears work_queue: completed
        student is told goal:*; student hears notification: goal"""),
    Trigger("an overdue goal is reached", "student", world.reach_a_goal, refused="goal_closed", effects="""
        refresh student: goal_completed, normal
        wakes mentorship_coordination.keep_goal_items"""),
    Trigger("a session is scheduled", "mentor", world.book, refused="slot_taken", effects="""
        session 0: scheduled
        refresh student: session_scheduled, normal
        mentor hears session: scheduled; student hears session: scheduled
        student is told session:*:0:scheduled; student hears notification: session
        wakes mentorship_coordination.deliver_notifications"""),
    Trigger("a session is moved", "mentor", world.move_a_session, refused="stale", effects="""
        session 1: scheduled
        refresh student: session_moved, normal
        mentor hears session: moved; student hears session: moved
        student is told session:*:1:moved; student hears notification: session
        wakes mentorship_coordination.deliver_notifications"""),
    Trigger("a session is cancelled", "mentor", world.cancel_a_session, refused="session_closed", effects="""
        session 1: cancelled_by_mentor
        refresh student: session_cancelled, normal
        mentor hears session: cancelled; student hears session: cancelled
        student is told session:*:1:cancelled; student hears notification: session
        wakes mentorship_coordination.deliver_notifications"""),
    Trigger("a session is called off", "student", world.call_a_session_off, refused="session_closed", effects="""
        session 1: cancelled_by_mentee
        refresh student: session_cancelled, normal
        mentor hears session: cancelled; student hears session: cancelled
        mentor is told session:*:1:cancelled:*; mentor hears notification: session
        wakes mentorship_coordination.deliver_notifications"""),
    Trigger("a session ends", "system", world.end_a_session, effects="""
        item session_notes 1 v1: pending, normal, 24 h, mentor
        refresh student: session_ended, normal
        mentor hears work_queue: opened; mentor hears session: ended; student hears session: ended"""),
    Trigger("a flag is raised", "mentor", world.worry, again=COMMENTED, effects="""
        flag open: medium
        refresh student: flag_raised, urgent
        mentor hears risk_alert: raised; director hears risk_alert: raised"""),
    Trigger("a grave flag is raised", "mentor", world.worry_gravely, again=COMMENTED, effects="""
        flag open: high
        refresh student: flag_raised, urgent
        mentor hears risk_alert: raised; director hears risk_alert: raised
        director is told flag:*:3; director hears notification: flag
        wakes mentorship_coordination.deliver_notifications"""),
    Trigger("a flag gets worse", "mentor", world.worry_more, again=COMMENTED, effects="""
        flag open: critical
        refresh student: flag_worsened, urgent
        item goal_feedback 1 v1: pending, urgent, 72 h, mentor; mentor hears work_queue: ranked
        mentor hears risk_alert: worsened; director hears risk_alert: worsened
        director is told flag:*:4; director hears notification: flag
        wakes mentorship_coordination.deliver_notifications"""),
    Trigger("an assignment starts", "system", world.start_a_pair, refused="already_assigned", effects="""
        pair with other_mentor: active
        item goal_feedback 1 v1: pending, normal, 72 h, other_mentor
        refresh student: assignment_started, high
        other_mentor hears work_queue: assignment_started
        student is told assignment:*:1:active; student hears notification: assignment
        other_mentor is told assignment:*:1:active; other_mentor hears notification: assignment
        wakes mentorship_coordination.deliver_notifications"""),
    Trigger("an assignment is paused", "system", world.pause_a_pair, refused="illegal_move", effects="""
        pair with mentor: paused
        item goal_feedback 1 v1: pending, normal, 72 h, pool
        refresh student: assignment_paused, high
        mentor hears work_queue: assignment_paused
        student is told assignment:*:2:paused; student hears notification: assignment
        mentor is told assignment:*:2:paused; mentor hears notification: assignment
        wakes mentorship_coordination.deliver_notifications"""),
    Trigger("an assignment ends", "system", world.end_a_pair, refused="illegal_move", effects="""
        pair with mentor: completed
        item goal_feedback 1 v1: pending, normal, 72 h, pool
        session 1: cancelled_by_mentor
        refresh student: assignment_completed, session_cancelled, session_left, high
        mentor hears work_queue: assignment_completed
        mentor hears session: cancelled; student hears session: cancelled
        mentor hears session: left; student hears session: left
        student is told session:*:1:cancelled; student is told session:*:0:left
        student hears notification: session; student hears notification: session
        student is told assignment:*:2:completed; student hears notification: assignment
        mentor is told assignment:*:2:completed; mentor hears notification: assignment
        wakes mentorship_coordination.deliver_notifications"""),
    Trigger("a mentee changes hands", "system", world.transfer_a_mentee, refused="illegal_move", effects="""
        pair with mentor: cancelled; pair with other_mentor: active
        item goal_feedback 1 v1: pending, normal, 72 h, other_mentor
        refresh student: assignment_cancelled, assignment_started, high
        mentor hears work_queue: assignment_cancelled; other_mentor hears work_queue: assignment_started
        mentor is told assignment:*:2:cancelled; mentor hears notification: assignment
        student is told assignment:*:1:active; student hears notification: assignment
        other_mentor is told assignment:*:1:active; other_mentor hears notification: assignment
        wakes mentorship_coordination.deliver_notifications"""),
    Trigger("a mentor is switched off", "admin", world.leave, effects="""
        wakes mentorship_coordination.carry_out_handovers"""),
    Trigger("a mentor leaves", "system", world.hand_over, effects="""
        pair with mentor: cancelled
        item goal_feedback 1 v1: pending, normal, 72 h, pool
        session 1: cancelled_by_mentor
        refresh student: assignment_cancelled, session_cancelled, high
        mentor hears work_queue: assignment_cancelled
        mentor hears session: cancelled; student hears session: cancelled
        student is told session:*:1:cancelled; student hears notification: session
        student is told assignment:*:handed_over; student hears notification: assignment
        wakes mentorship_coordination.deliver_notifications"""),
    Trigger("a mentor's capacity changes", "admin", world.lower_the_capacity, effects="""
        wakes mentorship_coordination.check_mentor_capacity"""),
    Trigger("a mentor has more than she can carry", "system", world.look_for_overload, effects="""
        mentor is told capacity:*; mentor hears notification: capacity; mentor hears capacity:
        director is told capacity:*; director hears notification: capacity; director hears capacity:
        wakes mentorship_coordination.deliver_notifications"""),
)  # fmt: skip
every_trigger = pytest.mark.parametrize("trigger", TRIGGERS, ids=lambda trigger: trigger.name)


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tasks that were woken; none runs."""
    names: list[str] = []
    monkeypatch.setattr(wakeup._Wake, "_send", lambda wake: names.append(wake.task_name))
    return names


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What was sent to listeners."""
    batches: list[object] = []
    monkeypatch.setattr(bus, "send", batches.append)
    return batches


def new(cast: Cast, before: Counter[str], woken: list[str]) -> list[str]:
    """Which effects there are since `before`; the drain, which every refresh wakes, is left out."""
    waking = [f"wakes {name}" for name in dict.fromkeys(woken) if name != DRAIN]
    return sorted([*(everything(cast) - before).elements(), *waking])


@every_trigger
def test_has_its_effects_once_and_no_others(cast: Cast, woken: list[str], sent: list[object], trigger: Trigger) -> None:
    act, before = prepared(trigger, cast)
    del woken[:], sent[:]
    with acting(trigger.by, cast), overheard() as said:
        act()
    effects = lines(trigger.effects)
    assert new(cast, before, woken) == effects
    assert (DRAIN in woken) == any(effect.startswith("refresh") for effect in effects)
    assert bool(sent) == any("hears" in effect for effect in effects)
    with acting(trigger.by, cast):
        assert once_more(trigger, act, said) == trigger.refused
    assert new(cast, before, woken) == sorted(effects + lines(trigger.again))


def once_more(trigger: Trigger, act: Act, said: list[object]) -> str:
    """Do it again, or let its events be said again; the code of the refusal."""
    if not trigger.is_repeatable:
        assert said
        act = partial(say_again, said)
    try:
        act()
    except DomainError as refusal:
        return refusal.code
    return ""


class BrokenOff(Exception):
    """What comes after the act fails."""


@action
def as_a_part_of_an_action(act: Act) -> None:
    act()
    raise BrokenOff


def as_a_part_of_a_request(act: Act) -> None:
    with transaction.atomic():
        act()
        raise BrokenOff


@every_trigger
def test_rolled_back_has_none(cast: Cast, woken: list[str], sent: list[object], trigger: Trigger) -> None:
    act, before = prepared(trigger, cast)
    del woken[:], sent[:]
    for attempt in (as_a_part_of_an_action, as_a_part_of_a_request):
        with acting(trigger.by, cast), pytest.raises(BrokenOff):
            attempt(act)
        assert everything(cast) == before
    assert woken == sent == []


def test_a_streak_breaks_as_midnight_passes_where_the_student_lives(cast: Cast) -> None:
    """Logged until 28 February everywhere; 1 March is empty, and over first in Kiritimati, last in Los Angeles."""
    zones = ("Pacific/Kiritimati", "Asia/Kathmandu", "UTC", "America/Los_Angeles")
    midnights = [datetime(2026, 3, 2, tzinfo=ZoneInfo(zone)) for zone in zones]
    for zone in zones:
        with as_system():
            student = factories.AssignmentFactory(mentor=cast.mentor, enrolment__student__timezone=zone).mentee
        a_habit(student, done=[datetime(2026, 2, day, 12, tzinfo=ZoneInfo(zone)) for day in (26, 27, 28)], name=zone)
    nothing_waits()
    for midnight in midnights:
        assert [streaks_noticed(midnight - timedelta(microseconds=1)), streaks_noticed(midnight)] == [0, 1]
    assert streaks_noticed(midnights[-1] + timedelta(days=30)) == 0
    assert [news["habit"] for news in heard(cast.mentor)] == list(zones)


def test_a_streak_breaks_once_an_episode(cast: Cast) -> None:
    """Two days are no streak worth a word; three are, again."""

    def day(number: int) -> datetime:
        return datetime(2026, 3, number, 9, tzinfo=ZoneInfo("UTC"))

    habit = a_habit(cast.student, done=[day(number) for number in (2, 3, 4)])
    assert [streaks_noticed(day(number)) for number in (5, 6, 7)] == [0, 1, 0]
    for number in (9, 10):
        logged(cast.student, habit, at=day(number))
    assert [streaks_noticed(day(number)) for number in (12, 13)] == [1, 0]
    for number in (14, 15, 16):
        logged(cast.student, habit, at=day(number))
    assert [streaks_noticed(day(number)) for number in (18, 19)] == [1, 0]
    assert [line for line in sorted(everything(cast)) if line.startswith("streak")] == [
        "streak of 3 broken after 2026-03-04",
        "streak of 3 broken after 2026-03-16",
    ]
    assert [news["length"] for news in heard(cast.mentor)] == [3, 3]
