"""The work item of an episode of risk …"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest

from conftest import Cast
from core.actions import action
from core.enums import Audience, Rank
from core.events import say
from core.identifiers import new_id
from core.models import StreamEvent
from mentorship_coordination.actions.queue import complete_work_item
from mentorship_coordination.enums import WorkStatus, WorkType
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.tests.coaching_world import items_of
from mentorship_coordination.tests.queue_world import HOUR, MONDAY, heard, mentor_acting, seen
from student_dashboard.events import RiskCleared, RiskLimitCrossed
from tests import factories
from tests.database import as_system, as_worker
from users.models import Enrolment, User


def crossing(enrolment: Enrolment, mentor: User | None) -> RiskLimitCrossed:
    return RiskLimitCrossed(
        episode_id=new_id(),
        student_id=enrolment.student_id,
        enrolment_id=enrolment.pk,
        mentor_id=mentor.pk if mentor else None,
        score=46,
        reasons=("missed_sessions", "failed_reviews", "silence"),
        at=MONDAY,
    )


def cleared(crossed: RiskLimitCrossed, at: datetime) -> RiskCleared:
    return RiskCleared(crossed.episode_id, crossed.student_id, crossed.enrolment_id, crossed.mentor_id, at)


@action
def _say(*events: object) -> None:
    for event in events:
        say(event)


def told(*events: object) -> None:
    """Said by the drain, in one transaction."""
    with as_worker():
        _say(*events)


def the_item(episode_id: UUID) -> MentorWorkQueue:
    (item,) = items_of(WorkType.RISK_FLAG, episode_id)
    return item


def test_is_opened_when_the_score_crosses_its_limit(cast: Cast) -> None:
    crossed = crossing(cast.enrolment, cast.mentor)
    told(crossed)
    item = the_item(crossed.episode_id)
    assert (item.title, item.description) == (
        "Risk: Mina Okafor",
        "Risk score 46: sessions missed, missions sent back, silent.",
    )
    assert (item.base_rank, item.rank, item.budget_seconds) == (Rank.HIGH, Rank.HIGH, 24 * 3600)
    assert (item.clock_started_at, item.due_at) == (MONDAY, MONDAY + 24 * HOUR)
    assert (item.mentor_id, item.mentee_id, item.cycle) == (cast.mentor.pk, cast.student.pk, 1)
    assert heard(cast.mentor) == [
        {"event": "work_queue", "kind": "opened", "id": str(item.pk)},
        {"event": "risk_alert", "kind": "risk_crossed", "mentee": str(cast.student.pk), "score": 46},
    ]
    assert heard(cast.director, Audience.DIRECTOR) == []


def test_waits_in_the_pool_and_tells_the_directors_without_a_mentor(cast: Cast) -> None:
    with as_system():
        waiting = factories.EnrolmentFactory(cohort=cast.cohort)
    crossed = crossing(waiting, None)
    told(crossed)
    item = the_item(crossed.episode_id)
    assert (item.mentor_id, item.enrolment_id) == (None, waiting.pk)
    assert heard(cast.director, Audience.DIRECTOR) == [
        {"event": "work_queue", "kind": "opened", "id": str(item.pk)},
        {"event": "risk_alert", "kind": "risk_crossed", "mentee": str(waiting.student_id), "score": 46},
    ]
    assert heard(cast.other_director, Audience.DIRECTOR) == heard(cast.mentor) == []


def test_is_opened_once_of_an_episode_said_twice(cast: Cast) -> None:
    crossed = crossing(cast.enrolment, cast.mentor)
    told(crossed)
    said = heard(cast.mentor)
    told(replace(crossed, score=60, at=MONDAY + HOUR))
    item = the_item(crossed.episode_id)
    assert (item.description, item.revision) == ("Risk score 46: sessions missed, missions sent back, silent.", 1)
    assert heard(cast.mentor) == said


def test_is_not_there_when_the_refresh_is_rolled_back(cast: Cast) -> None:
    @action
    def fail() -> None:
        say(crossing(cast.enrolment, cast.mentor))
        raise RuntimeError("the dashboard could not be written")

    with as_worker(), pytest.raises(RuntimeError):
        fail()
    with as_system():
        assert not MentorWorkQueue.objects.exists()
        assert not StreamEvent.objects.exists()


def test_is_called_off_with_a_reason_when_the_evidence_goes(cast: Cast) -> None:
    crossed = crossing(cast.enrolment, cast.mentor)
    told(crossed)
    told(cleared(crossed, MONDAY + 30 * HOUR))
    item = the_item(crossed.episode_id)
    assert (item.status, item.closed_reason) == (WorkStatus.CANCELLED, "What raised the risk is gone.")
    assert (item.completed_at, item.completed_by_id) == (MONDAY + 30 * HOUR, None)
    assert item.breached_at == MONDAY + 24 * HOUR
    assert heard(cast.mentor)[2:] == [
        {"event": "work_queue", "kind": "cancelled", "id": str(item.pk)},
        {"event": "risk_alert", "kind": "risk_cleared", "mentee": str(cast.student.pk)},
    ]


def test_stays_finished_when_the_mentor_has_seen_to_it(cast: Cast) -> None:
    crossed = crossing(cast.enrolment, cast.mentor)
    told(crossed)
    item_id = the_item(crossed.episode_id).pk
    with mentor_acting(cast.mentor):
        complete_work_item(item_id=item_id, outcome="called her", by=cast.mentor, at=MONDAY + HOUR)
    told(cleared(crossed, MONDAY + 2 * HOUR))
    told(crossed)
    item = seen(item_id)
    assert (item.status, item.outcome, item.closed_reason) == (WorkStatus.COMPLETED, "called her", "")
    assert (item.completed_at, item.revision) == (MONDAY + HOUR, 2)
    assert len(items_of(WorkType.RISK_FLAG)) == 1
    assert [news["kind"] for news in heard(cast.mentor)] == ["opened", "risk_crossed", "completed", "risk_cleared"]


def test_of_the_next_episode_is_another_one(cast: Cast) -> None:
    first = crossing(cast.enrolment, cast.mentor)
    second = replace(first, episode_id=new_id(), at=MONDAY + 80 * HOUR)
    told(first)
    told(cleared(first, MONDAY + HOUR))
    told(second)
    assert [item.status for item in items_of(WorkType.RISK_FLAG)] == [WorkStatus.CANCELLED, WorkStatus.PENDING]
    assert the_item(second.episode_id).due_at == MONDAY + 104 * HOUR
