"""The prioritiser …"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from conftest import Cast
from core.enums import Audience, Rank
from mentorship_coordination.actions.clocks import pause_work_item
from mentorship_coordination.actions.priorities import prioritize_work_queue
from mentorship_coordination.actions.queue import claim_work_item
from mentorship_coordination.enums import Band, NotificationKind, PauseReason, WorkStatus, WorkType
from mentorship_coordination.models.notifications import Notification
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.tasks.queue import prioritize_work_queue as task
from mentorship_coordination.tests.queue_world import (
    HOUR,
    MONDAY,
    at,
    heard,
    mentor_acting,
    open_item,
    policy,
    seen,
)
from tests.database import as_system, as_worker
from users.models import User

DUE = MONDAY + 72 * HOUR
A_MICROSECOND = timedelta(microseconds=1)
WEEK = timedelta(days=7)


def run(at: datetime) -> int:
    with as_worker():
        return prioritize_work_queue(at=at)


def told(person: User) -> list[tuple[str, str]]:
    with as_system():
        found = Notification.objects.filter(recipient=person).order_by("created_at", "id")
        return list(found.values_list("kind", "title"))


def everything() -> list[Any]:
    with as_system():
        return list(MentorWorkQueue.objects.order_by("id").values())


@pytest.mark.parametrize(
    ("moment", "band", "rank", "reasons", "next_cross"),
    [
        (MONDAY + 54 * HOUR - A_MICROSECOND, Band.ON_TIME, Rank.NORMAL, [], MONDAY + 54 * HOUR),
        (MONDAY + 54 * HOUR, Band.WARNED_75, Rank.HIGH, ["ran_75"], MONDAY + 64.8 * HOUR),
        (MONDAY + 64.8 * HOUR, Band.WARNED_90, Rank.HIGH, ["ran_90"], DUE + A_MICROSECOND),
        (DUE, Band.WARNED_90, Rank.HIGH, ["ran_90"], DUE + A_MICROSECOND),
        (DUE + A_MICROSECOND, Band.BREACHED, Rank.URGENT, ["breached"], None),
        (DUE + 400 * HOUR, Band.BREACHED, Rank.URGENT, ["breached"], None),
    ],
)
def test_moves_an_item_through_its_bands(
    cast: Cast, moment: datetime, band: Band, rank: Rank, reasons: list[str], next_cross: datetime | None
) -> None:
    item_id = open_item(cast.enrolment)
    run(moment)
    item = seen(item_id)
    assert (item.band, item.rank, item.base_rank) == (band, rank, Rank.NORMAL)
    assert (item.rank_reasons, item.next_cross_at) == (reasons, next_cross)
    assert item.breached_at == (DUE if band == Band.BREACHED else None)
    assert item.due_at == DUE


def test_changes_nothing_the_second_time(cast: Cast) -> None:
    open_item(cast.enrolment), open_item(cast.other_enrolment, started_at=MONDAY - 100 * HOUR)
    for moment in (MONDAY + 60 * HOUR, DUE, DUE + HOUR):
        assert run(moment) > 0 or moment == DUE
        before, heard_before, told_before = everything(), heard(cast.mentor), told(cast.mentor)
        assert run(moment) == 0
        assert (everything(), heard(cast.mentor), told(cast.mentor)) == (before, heard_before, told_before)


def test_warns_the_mentor_twice_and_tells_of_the_breach_once(cast: Cast) -> None:
    item_id = open_item(cast.enrolment, title="Goal of May")
    for hours in (54, 60, 65, 70, 73, 80):
        run(MONDAY + hours * HOUR)
    assert told(cast.mentor) == [
        (NotificationKind.WARNING, "75 % of the time has run: Goal of May"),
        (NotificationKind.WARNING, "90 % of the time has run: Goal of May"),
        (NotificationKind.BREACH, "Overdue: Goal of May"),
    ]
    assert told(cast.director) == [(NotificationKind.BREACH, "Overdue: Goal of May")]
    assert told(cast.other_director) == told(cast.student) == []
    ranked = {"event": "work_queue", "kind": "ranked", "ids": [str(item_id)], "count": 1}
    assert [news for news in heard(cast.mentor) if news["event"] == "work_queue"][1:] == [ranked] * 3
    assert [news for news in heard(cast.director, Audience.DIRECTOR) if news["event"] == "work_queue"] == [ranked]


def test_tells_only_of_the_breach_when_all_bands_passed_unseen(cast: Cast) -> None:
    open_item(cast.enrolment, title="Goal of May")
    run(DUE + HOUR)
    assert told(cast.mentor) == [(NotificationKind.BREACH, "Overdue: Goal of May")]


def test_says_one_event_to_each_mentor_for_all_her_items(cast: Cast) -> None:
    mine = [open_item(cast.enrolment) for _ in range(3)]
    open_item(cast.other_enrolment)
    assert run(MONDAY + 54 * HOUR) == 4
    news = [each for each in heard(cast.mentor) if each["kind"] == "ranked"]
    assert news == [{"event": "work_queue", "kind": "ranked", "ids": sorted(map(str, mine)), "count": 3}]
    assert [each["kind"] for each in heard(cast.other_mentor)].count("ranked") == 1


def test_takes_a_batch_at_a_time_and_the_task_takes_them_all(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        open_item(cast.enrolment)
    with as_worker():
        assert prioritize_work_queue(at=MONDAY + 54 * HOUR, limit=2) == 2
    monkeypatch.setattr("mentorship_coordination.actions.priorities.BATCH", 1)
    with as_worker(), at(DUE + HOUR):
        assert task() == 5
        assert task() == 0


def test_leaves_finished_items_alone(cast: Cast) -> None:
    item_id = open_item(cast.enrolment)
    with as_system():
        item = seen(item_id)
        item.status, item.completed_at = WorkStatus.COMPLETED, MONDAY
        item.save(update_fields=["status", "completed_at"])
    assert run(DUE + HOUR) == 0
    assert seen(item_id).band == Band.ON_TIME


@pytest.mark.parametrize(
    ("after", "rank", "reasons"),
    [
        (WEEK - A_MICROSECOND, Rank.LOW, []),
        (WEEK, Rank.NORMAL, ["aged"]),
        (2 * WEEK, Rank.HIGH, ["aged"]),
        (3 * WEEK, Rank.URGENT, ["aged"]),
        (8 * WEEK, Rank.URGENT, ["ran_75", "aged"]),
    ],
)
def test_lifts_a_low_item_a_step_every_five_business_days(
    cast: Cast, after: timedelta, rank: Rank, reasons: list[str]
) -> None:
    policy(WorkType.GOAL_FEEDBACK, seconds=70 * 24 * 3600, rank=Rank.LOW)
    item_id = open_item(cast.enrolment)
    assert seen(item_id).next_cross_at == MONDAY + WEEK
    for week in range(1, 9):
        if week * WEEK <= after:
            run(MONDAY + week * WEEK)
    run(MONDAY + after)
    item = seen(item_id)
    assert (item.rank, item.base_rank, item.rank_reasons) == (rank, Rank.LOW, reasons)


def test_gives_back_what_was_taken_and_left(cast: Cast) -> None:
    item_id = open_item(cast.enrolment)
    before = seen(item_id)
    with mentor_acting(cast.mentor):
        claim_work_item(item_id=item_id, by=cast.mentor, at=MONDAY)
    assert run(MONDAY + 0.5 * HOUR - A_MICROSECOND) == 0
    assert run(MONDAY + 0.5 * HOUR) == 1
    item = seen(item_id)
    assert (item.status, item.claimed_by_id, item.lease_until) == (WorkStatus.PENDING, None, None)
    assert (item.rank, item.order_due_at, item.created_at) == (before.rank, before.order_due_at, before.created_at)
    assert heard(cast.mentor)[-1] == {"event": "work_queue", "kind": "ranked", "ids": [str(item_id)], "count": 1}


def test_leaves_a_row_that_is_held_for_the_next_run(cast: Cast) -> None:
    item_id = open_item(cast.enrolment)
    with as_system():
        MentorWorkQueue.objects.locked(item_id).get()
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(run, DUE + HOUR).result(timeout=10) == 0
    assert run(DUE + HOUR) == 1


def in_order() -> list[UUID]:
    with as_system():
        return list(MentorWorkQueue.objects.open().in_order().values_list("id", flat=True))


def test_keeps_the_order_of_work(cast: Cast) -> None:
    """Breached before warned before fresh; equal ranks by due time, then by age."""
    fresh = open_item(cast.enrolment, started_at=MONDAY + 71 * HOUR)
    warned = open_item(cast.enrolment, started_at=MONDAY + 10 * HOUR)
    older_warned = open_item(cast.enrolment, started_at=MONDAY + 9 * HOUR)
    breached = open_item(cast.enrolment, started_at=MONDAY - 10 * HOUR)
    longer_breached = open_item(cast.enrolment, started_at=MONDAY - 20 * HOUR)
    run(MONDAY + 72 * HOUR)
    assert in_order() == [longer_breached, breached, older_warned, warned, fresh]


def test_gives_back_a_paused_item_and_moves_nothing_else_of_it(cast: Cast) -> None:
    item_id = open_item(cast.enrolment)
    with mentor_acting(cast.mentor):
        claim_work_item(item_id=item_id, by=cast.mentor, at=MONDAY)
        pause_work_item(item_id=item_id, reason=PauseReason.DISPUTE, by=cast.mentor, at=MONDAY)
    before = seen(item_id)
    assert [run(DUE + HOUR), run(DUE + HOUR)] == [1, 0]
    item = seen(item_id)
    assert (item.status, item.claimed_by_id, item.lease_until) == (WorkStatus.PENDING, None, None)
    for field in ("band", "rank", "rank_reasons", "due_at", "remaining_seconds", "next_cross_at", "breached_at"):
        assert getattr(item, field) == getattr(before, field)
    assert told(cast.mentor) == []


def test_moves_an_item_and_gives_it_back_at_once(cast: Cast) -> None:
    item_id = open_item(cast.enrolment)
    with mentor_acting(cast.mentor):
        claim_work_item(item_id=item_id, by=cast.mentor, at=MONDAY)
    assert [run(DUE + HOUR), run(DUE + HOUR)] == [1, 0]
    item = seen(item_id)
    assert (item.status, item.band, item.revision) == (WorkStatus.PENDING, Band.BREACHED, 3)


def test_sends_admins_to_the_admin_where_no_director_works(cast: Cast) -> None:
    """A director who is no longer active answers for nothing: the admins do, and directors' pages are not theirs."""
    item_id = open_item(cast.enrolment)
    with as_system():
        User.objects.filter(pk=cast.director.pk).update(is_active=False)
    run(DUE + A_MICROSECOND)
    with as_system():
        notice = Notification.objects.get(recipient=cast.admin, kind=NotificationKind.BREACH)
    assert notice.url == f"/admin/mentorship_coordination/mentorworkqueue/{item_id}/change/"
