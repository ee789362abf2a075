"""Taking an item, and giving it back …"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connections

from conftest import Cast
from core.errors import DomainError, NotVisible
from core.identifiers import new_id
from mentorship_coordination.actions.clocks import ItemClosed
from mentorship_coordination.actions.queue import (
    ItemClaimed,
    NotClaimed,
    claim_work_item,
    complete_work_item,
    release_work_item,
)
from mentorship_coordination.enums import WorkStatus
from mentorship_coordination.tests.queue_world import (
    HOUR,
    MONDAY,
    finishable_item,
    heard,
    mentor_acting,
    open_item,
    seen,
)
from tests.database import as_system
from users.models import User

HALF_AN_HOUR = timedelta(minutes=30)


def test_holds_it_for_half_an_hour(cast: Cast) -> None:
    item_id = open_item(cast.enrolment)
    with mentor_acting(cast.mentor):
        taken = claim_work_item(item_id=item_id, by=cast.mentor, at=MONDAY + HOUR)
    item = seen(item_id)
    assert (item.status, item.claimed_by_id) == (WorkStatus.IN_PROGRESS, cast.mentor.pk)
    assert item.lease_until == taken.lease_until == MONDAY + HOUR + HALF_AN_HOUR
    assert (item.updated_at, item.revision) == (MONDAY + HOUR, 2)
    assert heard(cast.mentor)[1:] == [{"event": "work_queue", "kind": "claimed", "id": str(item_id)}]


def test_again_extends_the_lease(cast: Cast) -> None:
    item_id = open_item(cast.enrolment)
    with mentor_acting(cast.mentor):
        claim_work_item(item_id=item_id, by=cast.mentor, at=MONDAY)
        claim_work_item(item_id=item_id, by=cast.mentor, at=MONDAY + HALF_AN_HOUR)
    assert seen(item_id).lease_until == MONDAY + HOUR


def test_is_refused_while_somebody_else_holds_it(cast: Cast) -> None:
    item_id = open_item(cast.enrolment)
    with as_system():
        item = seen(item_id)
        item.status, item.claimed_by, item.lease_until = WorkStatus.IN_PROGRESS, cast.director, MONDAY + HOUR
        item.save(update_fields=["status", "claimed_by", "lease_until"])
    with mentor_acting(cast.mentor):
        with pytest.raises(ItemClaimed) as refused:
            claim_work_item(item_id=item_id, by=cast.mentor, at=MONDAY)
        assert refused.value.extra == {"lease_until": MONDAY + HOUR}
        assert claim_work_item(item_id=item_id, by=cast.mentor, at=MONDAY + HOUR).claimed_by_id == cast.mentor.pk


def test_is_refused_once_it_is_finished(cast: Cast) -> None:
    item_id = finishable_item(cast.enrolment)
    with mentor_acting(cast.mentor):
        complete_work_item(item_id=item_id, outcome="done", by=cast.mentor, at=MONDAY)
        with pytest.raises(ItemClosed):
            claim_work_item(item_id=item_id, by=cast.mentor, at=MONDAY)
        with pytest.raises(ItemClosed):
            release_work_item(item_id=item_id, by=cast.mentor, at=MONDAY)


def test_is_only_for_the_items_mentor(cast: Cast) -> None:
    item_id = open_item(cast.enrolment)
    with mentor_acting(cast.other_mentor):
        with pytest.raises(NotVisible):
            claim_work_item(item_id=item_id, by=cast.other_mentor, at=MONDAY)
        with pytest.raises(NotVisible):
            release_work_item(item_id=new_id(), by=cast.other_mentor, at=MONDAY)
    assert seen(item_id).revision == 1


def test_gives_it_back_with_its_place_kept(cast: Cast) -> None:
    item_id = open_item(cast.enrolment)
    before = seen(item_id)
    with mentor_acting(cast.mentor):
        claim_work_item(item_id=item_id, by=cast.mentor, at=MONDAY)
        release_work_item(item_id=item_id, by=cast.mentor, at=MONDAY + HOUR)
    item = seen(item_id)
    assert (item.status, item.claimed_by_id, item.lease_until) == (WorkStatus.PENDING, None, None)
    assert (item.rank, item.order_due_at, item.created_at) == (before.rank, before.order_due_at, before.created_at)
    assert [news["kind"] for news in heard(cast.mentor)] == ["opened", "claimed", "released"]


def test_gives_back_only_what_was_taken(cast: Cast) -> None:
    item_id = open_item(cast.enrolment)
    with mentor_acting(cast.mentor), pytest.raises(NotClaimed):
        release_work_item(item_id=item_id, by=cast.mentor, at=MONDAY)


def test_from_two_tabs_against_a_third_that_finishes_leaves_one_truth(cast: Cast) -> None:
    """Twenty tabs claim while one completes: whoever comes after the end is refused, and nothing is half done."""
    item_id = finishable_item(cast.enrolment)
    start = Barrier(21)

    def tab(number: int) -> str:
        mentor = User(pk=cast.mentor.pk)
        try:
            with mentor_acting(mentor):
                start.wait()
                if number == 0:
                    complete_work_item(item_id=item_id, outcome="done", by=mentor, at=MONDAY)
                    return "completed"
                claim_work_item(item_id=item_id, by=mentor, at=MONDAY)
                return "claimed"
        except DomainError as refusal:
            return refusal.code
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(21) as pool:
        answers = list(pool.map(tab, range(21)))
    item = seen(item_id)
    assert answers[0] == "completed"
    assert set(answers[1:]) <= {"claimed", "item_closed"}
    assert (item.status, item.claimed_by_id, item.lease_until) == (WorkStatus.COMPLETED, None, None)
    assert item.revision == 2 + answers.count("claimed")
    assert len(heard(cast.mentor)) == 2 + answers.count("claimed")
