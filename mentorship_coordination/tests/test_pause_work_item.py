"""Pausing an item's clock …"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from conftest import Cast
from core.errors import NotVisible
from mentorship_coordination.actions.clocks import (
    AlreadyPaused,
    ItemClosed,
    NotPaused,
    TooLateToPause,
    pause_work_item,
    resume_work_item,
)
from mentorship_coordination.actions.priorities import prioritize_work_queue
from mentorship_coordination.actions.queue import complete_work_item
from mentorship_coordination.enums import PauseReason, WorkType
from mentorship_coordination.models.queue import MentorWorkQueue, SlaPause
from mentorship_coordination.tests.queue_world import (
    HOUR,
    MONDAY,
    finishable_item,
    heard,
    mentor_acting,
    office_hours,
    open_item,
    policy,
    seen,
)
from tests.database import as_system, as_worker

WAITING, DISPUTE = PauseReason.WAITING_ON_STUDENT, PauseReason.DISPUTE
DUE = MONDAY + 72 * HOUR


def test_keeps_what_is_left_and_goes_last(cast: Cast) -> None:
    item_id, other_id = open_item(cast.enrolment), open_item(cast.enrolment, started_at=MONDAY + HOUR)
    with mentor_acting(cast.mentor):
        pause_work_item(item_id=item_id, reason=WAITING, by=cast.mentor, at=MONDAY + 10 * HOUR)
    item = seen(item_id)
    assert (item.due_at, item.remaining_seconds, item.next_cross_at) == (None, 62 * 3600, None)
    assert item.is_paused
    with as_system():
        assert list(MentorWorkQueue.objects.in_order().values_list("id", flat=True)) == [other_id, item_id]
    assert heard(cast.mentor)[-1] == {"event": "work_queue", "kind": "paused", "id": str(item_id)}


def test_and_resuming_moves_the_deadlines_by_the_pause(cast: Cast) -> None:
    item_id = open_item(cast.enrolment)
    with mentor_acting(cast.mentor):
        pause_work_item(item_id=item_id, reason=WAITING, by=cast.mentor, at=MONDAY + 60 * HOUR)
        resume_work_item(item_id=item_id, reason=WAITING, by=cast.mentor, at=MONDAY + 100 * HOUR)
    item = seen(item_id)
    assert (item.due_at, item.remaining_seconds) == (DUE + 40 * HOUR, None)
    # 75 % had run before the pause; 90 % had not.
    assert item.warn_75_at == MONDAY + 54 * HOUR
    assert item.warn_90_at == MONDAY + timedelta(hours=64, minutes=48) + 40 * HOUR


def test_agrees_with_the_table_of_the_product(cast: Cast) -> None:
    """4 h from Monday 09:00 in New York, paused Monday 10:00 to Tuesday 15:00: due Wednesday 10:00."""
    policy(WorkType.GOAL_FEEDBACK, seconds=4 * 3600, calendar=office_hours())
    item_id = open_item(cast.enrolment)
    with mentor_acting(cast.mentor):
        pause_work_item(item_id=item_id, reason=WAITING, by=cast.mentor, at=MONDAY + HOUR)
        assert seen(item_id).remaining_seconds == 3 * 3600
        resume_work_item(item_id=item_id, reason=WAITING, by=cast.mentor, at=MONDAY + 30 * HOUR)
    assert seen(item_id).due_at == datetime(2026, 1, 7, 15, 0, tzinfo=UTC)


def test_for_two_reasons_runs_on_only_when_both_have_ended(cast: Cast) -> None:
    item_id = open_item(cast.enrolment)
    with mentor_acting(cast.mentor):
        pause_work_item(item_id=item_id, reason=WAITING, by=cast.mentor, at=MONDAY + HOUR)
        pause_work_item(item_id=item_id, reason=DISPUTE, by=cast.mentor, at=MONDAY + 2 * HOUR)
        resume_work_item(item_id=item_id, reason=WAITING, by=cast.mentor, at=MONDAY + 3 * HOUR)
        assert (seen(item_id).due_at, seen(item_id).remaining_seconds) == (None, 71 * 3600)
        resume_work_item(item_id=item_id, reason=DISPUTE, by=cast.mentor, at=MONDAY + 5 * HOUR)
    assert seen(item_id).due_at == DUE + 4 * HOUR


def test_loses_no_fraction_of_a_second(cast: Cast) -> None:
    item_id = open_item(cast.enrolment)
    with mentor_acting(cast.mentor):
        for turn in range(1, 5):
            moment = MONDAY + turn * HOUR + timedelta(microseconds=400_000)
            pause_work_item(item_id=item_id, reason=WAITING, by=cast.mentor, at=moment)
            resume_work_item(item_id=item_id, reason=WAITING, by=cast.mentor, at=moment + timedelta(milliseconds=250))
    assert seen(item_id).due_at == DUE + timedelta(seconds=1)


def test_is_possible_at_the_due_time_and_refused_after_it(cast: Cast) -> None:
    first, second = open_item(cast.enrolment), open_item(cast.enrolment)
    with mentor_acting(cast.mentor):
        pause_work_item(item_id=first, reason=WAITING, by=cast.mentor, at=DUE)
        with pytest.raises(TooLateToPause):
            pause_work_item(item_id=second, reason=WAITING, by=cast.mentor, at=DUE + timedelta(microseconds=1))
        assert seen(first).remaining_seconds == 0
        resume_work_item(item_id=first, reason=WAITING, by=cast.mentor, at=DUE + HOUR)
    assert seen(first).due_at == DUE + HOUR
    with as_system():
        assert SlaPause.objects.filter(item=second).count() == 0


def test_twice_for_one_reason_is_refused(cast: Cast) -> None:
    item_id = open_item(cast.enrolment)
    with mentor_acting(cast.mentor):
        with pytest.raises(NotPaused):
            resume_work_item(item_id=item_id, reason=WAITING, by=cast.mentor, at=MONDAY)
        pause_work_item(item_id=item_id, reason=WAITING, by=cast.mentor, at=MONDAY)
        with pytest.raises(AlreadyPaused):
            pause_work_item(item_id=item_id, reason=WAITING, by=cast.mentor, at=MONDAY + HOUR)
        with pytest.raises(NotPaused):
            resume_work_item(item_id=item_id, reason=DISPUTE, by=cast.mentor, at=MONDAY + HOUR)


def test_is_refused_of_a_finished_item_and_a_strangers(cast: Cast) -> None:
    item_id = finishable_item(cast.enrolment)
    with mentor_acting(cast.other_mentor), pytest.raises(NotVisible):
        pause_work_item(item_id=item_id, reason=WAITING, by=cast.other_mentor, at=MONDAY)
    with mentor_acting(cast.mentor):
        complete_work_item(item_id=item_id, outcome="done", by=cast.mentor, at=MONDAY)
        with pytest.raises(ItemClosed):
            pause_work_item(item_id=item_id, reason=WAITING, by=cast.mentor, at=MONDAY)


def test_is_for_the_items_own_mentor_only(cast: Cast) -> None:
    """A director sees the item, and so does an admin; the clock is the mentor's to stop."""
    item_id = open_item(cast.enrolment)
    with as_system():
        with pytest.raises(NotVisible):
            pause_work_item(item_id=item_id, reason=WAITING, by=cast.director, at=MONDAY)
        pause_work_item(item_id=item_id, reason=WAITING, by=cast.mentor, at=MONDAY)
        with pytest.raises(NotVisible):
            resume_work_item(item_id=item_id, reason=WAITING, by=cast.director, at=MONDAY + HOUR)
        assert SlaPause.objects.get(item=item_id).closed_at is None


def test_keeps_the_prioritiser_away_until_the_clock_runs_again(cast: Cast) -> None:
    item_id = open_item(cast.enrolment)
    with mentor_acting(cast.mentor):
        pause_work_item(item_id=item_id, reason=WAITING, by=cast.mentor, at=MONDAY + 50 * HOUR)
    with as_worker():
        assert prioritize_work_queue(at=MONDAY + 200 * HOUR) == 0
    with mentor_acting(cast.mentor):
        resume_work_item(item_id=item_id, reason=WAITING, by=cast.mentor, at=MONDAY + 200 * HOUR)
    with as_worker():
        assert prioritize_work_queue(at=MONDAY + 200 * HOUR) == 1
        item = seen(item_id)
        assert (item.band, item.next_cross_at) == (0, MONDAY + 204 * HOUR)
        assert prioritize_work_queue(at=MONDAY + 204 * HOUR) == 1
    assert seen(item_id).band == 1
