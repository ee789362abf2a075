"""The inbox by a kept query: each shape shows what the query it keeps would."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import product

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from conftest import Cast
from core.enums import Rank
from mentorship_coordination.actions.clocks import pause_work_item
from mentorship_coordination.actions.queue import claim_work_item, snooze_work_item
from mentorship_coordination.enums import PauseReason, WorkType
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.selectors.queue import OVERDUE, PUT_OFF, fetch_inbox, fetch_open_items
from mentorship_coordination.tests.queue_world import HOUR, MONDAY, mentor_acting, open_item
from tests.database import as_system

AT = MONDAY + 30 * HOUR
STATUSES = ("", OVERDUE, "pending", "in_progress", PUT_OFF)
TYPES = ("", WorkType.GOAL_FEEDBACK.value, WorkType.RISK_FLAG.value)
RANKS = (None, Rank.URGENT.value, Rank.NORMAL.value)


@pytest.fixture
def items(cast: Cast) -> Iterator[list[MentorWorkQueue]]:
    """One of each kind that a filter tells apart, and a stranger's."""
    for number in range(4):
        open_item(cast.enrolment, title=f"Goal {number}")
    late, taken, paused, later = (
        open_item(cast.enrolment, type=WorkType.RISK_FLAG, title=title)
        for title in ("late", "taken", "paused", "put off")
    )
    open_item(cast.other_enrolment)
    with mentor_acting(cast.mentor):
        claim_work_item(item_id=taken, by=cast.mentor, at=AT)
        pause_work_item(item_id=paused, reason=PauseReason.WAITING_ON_STUDENT, note="", by=cast.mentor, at=MONDAY)
        snooze_work_item(item_id=later, until=AT + HOUR, by=cast.mentor, at=MONDAY)
    with as_system():
        MentorWorkQueue.objects.filter(pk=late).update(due_at=AT - HOUR, rank=Rank.URGENT)
        yield list(MentorWorkQueue.objects.select_related("mentee"))


def is_shown(item: MentorWorkQueue, status: str, at: datetime) -> bool:
    """What the page says of itself, in plain words."""
    is_late = item.due_at is not None and item.due_at < at
    is_away = item.snoozed_until is not None and item.snoozed_until > at and not is_late
    if status == PUT_OFF or is_away:
        return is_away and status == PUT_OFF
    return not status or (is_late if status == OVERDUE else item.status == status and not is_late)


@pytest.mark.parametrize("status", STATUSES)
def test_every_filter(cast: Cast, items: list[MentorWorkQueue], status: str) -> None:
    for type, rank in product(TYPES, RANKS):
        with mentor_acting(cast.mentor), transaction.atomic():
            found = fetch_inbox(cast.mentor.pk, AT, most=50, status=status, type=type, rank=rank)
        wanted = {
            each.title
            for each in items
            if each.mentor_id == cast.mentor.pk
            and is_shown(each, status, AT)
            and type in ("", each.type)
            and rank in (None, each.rank)
        }
        assert {each.title for each in found} == wanted, (type, rank)
        order = [(each.is_paused, each.rank, each.order_due_at, each.created_at, each.pk) for each in found]
        assert order == sorted(order), (type, rank)


def test_no_more_than_wanted_each_with_its_mentee(cast: Cast, items: list[MentorWorkQueue]) -> None:
    with mentor_acting(cast.mentor), transaction.atomic(), CaptureQueriesContext(connection) as captured:
        found = fetch_open_items(cast.mentor.pk, most=3)
        assert [each.mentee.name for each in found if each.mentee] == ["Mina Okafor"] * 3
        assert found[0].title == "late"
    assert len(captured) == 1
