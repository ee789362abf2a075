"""Finishing, cancelling and putting off an item …"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from conftest import Cast
from core.errors import InvalidInput, NotVisible
from core.identifiers import new_id
from mentorship_coordination.actions.clocks import ItemClosed, pause_work_item
from mentorship_coordination.actions.queue import (
    HasItsOwnAction,
    ItemClaimed,
    cancel_items_about,
    complete_items_about,
    complete_work_item,
    snooze_work_item,
)
from mentorship_coordination.enums import PauseReason, WorkStatus, WorkType
from mentorship_coordination.models.queue import SlaPause
from mentorship_coordination.tests.queue_world import (
    HOUR,
    MONDAY,
    finishable_item,
    heard,
    mentor_acting,
    open_item,
    review_item,
    seen,
    submitted,
)
from tests.database import as_system, as_worker

DUE = MONDAY + 72 * HOUR
A_MICROSECOND = timedelta(microseconds=1)


def test_by_its_due_time_is_on_time(cast: Cast) -> None:
    item_id = finishable_item(cast.enrolment)
    with mentor_acting(cast.mentor):
        complete_work_item(item_id=item_id, outcome=" talked it over ", by=cast.mentor, at=DUE)
    item = seen(item_id)
    assert (item.status, item.outcome, item.completed_at) == (WorkStatus.COMPLETED, "talked it over", DUE)
    assert (item.completed_by_id, item.breached_at, item.revision) == (cast.mentor.pk, None, 2)
    assert item.next_cross_at is None
    assert heard(cast.mentor)[1:] == [{"event": "work_queue", "kind": "completed", "id": str(item_id)}]


def test_after_its_due_time_is_breached_at_the_due_time(cast: Cast) -> None:
    item_id = finishable_item(cast.enrolment)
    with mentor_acting(cast.mentor):
        complete_work_item(item_id=item_id, outcome="done", by=cast.mentor, at=DUE + A_MICROSECOND)
    item = seen(item_id)
    assert (item.status, item.breached_at, item.due_at) == (WorkStatus.COMPLETED, DUE, DUE)


def test_twice_is_refused(cast: Cast) -> None:
    item_id = finishable_item(cast.enrolment)
    with mentor_acting(cast.mentor):
        complete_work_item(item_id=item_id, outcome="done", by=cast.mentor, at=MONDAY)
        with pytest.raises(ItemClosed):
            complete_work_item(item_id=item_id, outcome="again", by=cast.mentor, at=MONDAY)
    assert seen(item_id).outcome == "done"


def test_of_what_has_its_own_action_is_refused_with_a_hint(cast: Cast) -> None:
    review = review_item(cast.enrolment, submitted(cast.enrolment, cast.mission)).item_id
    hints = {
        review: "Review the mission to finish this item.",
        open_item(cast.enrolment): "Answer the goal to finish this item.",
    }
    for item_id, hint in hints.items():
        assert item_id is not None
        with mentor_acting(cast.mentor), pytest.raises(HasItsOwnAction, match=hint):
            complete_work_item(item_id=item_id, outcome="done", by=cast.mentor, at=MONDAY)
        assert (seen(item_id).status, seen(item_id).revision) == (WorkStatus.PENDING, 1)


@pytest.mark.parametrize("outcome", ["", "   ", "x" * 41])
def test_needs_an_outcome(cast: Cast, outcome: str) -> None:
    item_id = finishable_item(cast.enrolment)
    with mentor_acting(cast.mentor), pytest.raises(InvalidInput) as refused:
        complete_work_item(item_id=item_id, outcome=outcome, by=cast.mentor, at=MONDAY)
    assert "outcome" in refused.value.fields


def test_is_only_for_the_items_mentor(cast: Cast) -> None:
    item_id = finishable_item(cast.enrolment)
    with mentor_acting(cast.other_mentor):
        with pytest.raises(NotVisible):
            complete_work_item(item_id=item_id, outcome="done", by=cast.other_mentor, at=MONDAY)
        with pytest.raises(NotVisible):
            snooze_work_item(item_id=item_id, until=DUE, by=cast.other_mentor, at=MONDAY)
    assert seen(item_id).revision == 1


def test_of_what_somebody_else_holds_is_refused(cast: Cast) -> None:
    item_id = finishable_item(cast.enrolment)
    with as_system():
        item = seen(item_id)
        item.status, item.claimed_by, item.lease_until = WorkStatus.IN_PROGRESS, cast.director, MONDAY + HOUR
        item.save(update_fields=["status", "claimed_by", "lease_until"])
    with mentor_acting(cast.mentor), pytest.raises(ItemClaimed):
        complete_work_item(item_id=item_id, outcome="done", by=cast.mentor, at=MONDAY)


def test_ends_open_pauses_first(cast: Cast) -> None:
    """Paused after 10 h and finished a month later: 62 h of its 72 are left, so it is on time."""
    item_id = finishable_item(cast.enrolment)
    month = MONDAY + timedelta(days=30)
    with mentor_acting(cast.mentor):
        for reason in PauseReason:
            pause_work_item(item_id=item_id, reason=reason, by=cast.mentor, at=MONDAY + 10 * HOUR)
        complete_work_item(item_id=item_id, outcome="done", by=cast.mentor, at=month)
    item = seen(item_id)
    assert (item.breached_at, item.due_at, item.remaining_seconds) == (None, month + 62 * HOUR, None)
    with as_system():
        assert set(SlaPause.objects.values_list("closed_at", flat=True)) == {month}


def test_about_a_reference_takes_late_items_too_and_no_others(cast: Cast) -> None:
    submission = submitted(cast.enrolment, cast.mission)
    opened, other = review_item(cast.enrolment, submission), open_item(cast.enrolment)
    late = MONDAY + 100 * HOUR
    with mentor_acting(cast.mentor):
        closed = complete_items_about(
            type=WorkType.MISSION_REVIEW, reference_id=submission.pk, outcome="approved", by=cast.mentor, at=late
        )
    item = seen(opened.item_id)
    assert closed == [opened.item_id]
    assert (item.status, item.outcome, item.completed_by_id) == (
        WorkStatus.COMPLETED,
        "approved",
        cast.mentor.pk,
    )
    assert item.breached_at == item.due_at == MONDAY + 48 * HOUR
    assert seen(other).status == WorkStatus.PENDING


def test_by_cancelling_keeps_the_reason(cast: Cast) -> None:
    item_id = open_item(cast.enrolment)
    with as_worker():
        about = {"type": WorkType.GOAL_FEEDBACK, "reference_id": seen(item_id).reference_id}
        assert cancel_items_about(**about, reason="goal dropped", by=None, at=MONDAY) == [item_id]  # type: ignore[arg-type]
        assert cancel_items_about(**about, reason="again", by=None, at=MONDAY) == []  # type: ignore[arg-type]
        assert (
            cancel_items_about(type=WorkType.GOAL_FEEDBACK, reference_id=new_id(), reason="", by=None, at=MONDAY) == []
        )
    item = seen(item_id)
    assert (item.status, item.closed_reason, item.completed_by_id) == (WorkStatus.CANCELLED, "goal dropped", None)
    assert [news["kind"] for news in heard(cast.mentor)] == ["opened", "cancelled"]


def test_later_does_not_stop_the_clock(cast: Cast) -> None:
    item_id = open_item(cast.enrolment)
    until = datetime(2026, 1, 7, 9, 0, tzinfo=UTC)
    with mentor_acting(cast.mentor):
        snooze_work_item(item_id=item_id, until=until, by=cast.mentor, at=MONDAY)
        assert seen(item_id).snoozed_until == until
        assert (seen(item_id).due_at, seen(item_id).status) == (DUE, WorkStatus.PENDING)
        snooze_work_item(item_id=item_id, until=None, by=cast.mentor, at=MONDAY)
    assert seen(item_id).snoozed_until is None
    assert [news["kind"] for news in heard(cast.mentor)] == ["opened", "snoozed", "woken"]


def test_until_a_time_that_has_passed_is_refused(cast: Cast) -> None:
    item_id = open_item(cast.enrolment)
    with mentor_acting(cast.mentor), pytest.raises(InvalidInput):
        snooze_work_item(item_id=item_id, until=MONDAY, by=cast.mentor, at=MONDAY)
