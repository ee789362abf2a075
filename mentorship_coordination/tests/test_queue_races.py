"""Two people at one item at the same moment leave one truth, whoever comes first …"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from conftest import Cast
from core.tenancy.identity import Identity, Role, acting_as
from mentorship_coordination.actions.assignments import end_assignment
from mentorship_coordination.actions.priorities import prioritize_work_queue
from mentorship_coordination.actions.queue import (
    cancel_items_about,
    claim_work_item,
    complete_work_item,
    snooze_work_item,
)
from mentorship_coordination.enums import AssignmentState, WorkStatus, WorkType
from mentorship_coordination.tests.queue_world import HOUR, MONDAY, finishable_item, heard, mentor_acting, seen
from mentorship_coordination.tests.session_world import at_once
from tests.database import as_worker
from users.models import User

Call = Callable[[], Any]
ROUNDS = range(6)


def as_mentor(mentor: User, act: Callable[..., Any], **arguments: Any) -> Any:
    with mentor_acting(mentor):
        return act(by=mentor, **arguments)


def ended(cast: Cast) -> Any:
    with acting_as(Identity(Role.DIRECTOR, cast.director.pk)):
        return end_assignment(
            assignment_id=cast.assignment.pk,
            state=AssignmentState.COMPLETED,
            reason="The course is over.",
            by=cast.director,
            at=MONDAY,
        )


def codes(results: list[Any]) -> list[str]:
    return [getattr(result, "code", "done") for result in results]


@pytest.mark.parametrize("_", ROUNDS)
@pytest.mark.parametrize("act", [claim_work_item, partial(snooze_work_item, until=MONDAY + HOUR)])
def test_taking_or_putting_off_against_the_end_of_the_pair(cast: Cast, act: Callable[..., Any], _: int) -> None:
    item_id = finishable_item(cast.enrolment)
    taking: Call = partial(as_mentor, cast.mentor, act, item_id=item_id, at=MONDAY)
    answer, end = codes(at_once([taking, partial(ended, cast)]))
    item = seen(item_id)
    assert end == "done"
    assert answer in ("done", "not_found")
    assert (item.mentor_id, item.status, item.claimed_by_id, item.lease_until) == (None, WorkStatus.PENDING, None, None)
    assert item.snoozed_until is None
    assert item.revision == (3 if answer == "done" else 2)


@pytest.mark.parametrize("_", ROUNDS)
def test_finishing_against_calling_off(cast: Cast, _: int) -> None:
    item_id = finishable_item(cast.enrolment)

    def cancelled() -> Any:
        with as_worker():
            return cancel_items_about(
                type=WorkType.RISK_FLAG, reference_id=seen(item_id).reference_id, reason="Settled.", by=None, at=MONDAY
            )

    finishing: Call = partial(
        as_mentor, cast.mentor, complete_work_item, item_id=item_id, outcome="done", at=MONDAY + HOUR
    )
    finished, called_off = at_once([finishing, cancelled])
    item = seen(item_id)
    if called_off:
        assert (item.status, item.closed_reason, getattr(finished, "code", None)) == (
            WorkStatus.CANCELLED, "Settled.", "item_closed"
        )  # fmt: skip
    else:
        assert (item.status, item.outcome, item.closed_reason) == (WorkStatus.COMPLETED, "done", "")
    assert item.revision == 2
    assert [news["kind"] for news in heard(cast.mentor)] == ["opened", item.status]


@pytest.mark.parametrize("_", ROUNDS)
def test_finishing_against_the_end_of_the_lease(cast: Cast, _: int) -> None:
    item_id = finishable_item(cast.enrolment)
    as_mentor(cast.mentor, claim_work_item, item_id=item_id, at=MONDAY)
    late = MONDAY + HOUR

    def swept() -> Any:
        with as_worker():
            return prioritize_work_queue(at=late)

    finishing: Call = partial(as_mentor, cast.mentor, complete_work_item, item_id=item_id, outcome="done", at=late)
    finished, given_back = at_once([finishing, swept])
    item = seen(item_id)
    assert getattr(finished, "code", None) is None
    assert (item.status, item.outcome, item.claimed_by_id, item.lease_until) == (
        WorkStatus.COMPLETED, "done", None, None
    )  # fmt: skip
    assert item.revision == 3 + (given_back == 1)
