"""Opening a work item …"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import ProgrammingError

from conftest import Cast
from core.actions import action
from core.enums import Audience, Rank
from core.identifiers import new_id
from core.tenancy.identity import Identity, Role, acting_as
from mentorship_coordination.actions.assignments import pause_assignment
from mentorship_coordination.actions.queue import complete_items_about, open_work_item
from mentorship_coordination.enums import FlagCategory, Severity, WorkStatus, WorkType
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.models.queue import MentorWorkQueue, SlaPolicy
from mentorship_coordination.sla.policies import NoServiceLevel
from mentorship_coordination.tests.queue_world import (
    HOUR,
    MONDAY,
    heard,
    office_hours,
    open_item,
    policy,
    review_item,
    seen,
    submitted,
)
from tests.database import as_system, as_worker


def test_gives_a_hand_in_to_the_mentor_with_the_default_clock(cast: Cast) -> None:
    opened = review_item(cast.enrolment, submitted(cast.enrolment, cast.mission))
    item = seen(opened.item_id)
    assert (opened.is_new, opened.mentor_id) == (True, cast.mentor.pk)
    assert (item.mentor_id, item.mentee_id, item.cohort_id) == (cast.mentor.pk, cast.student.pk, cast.cohort.pk)
    assert (item.rank, item.base_rank, item.budget_seconds) == (Rank.HIGH, Rank.HIGH, 48 * 3600)
    assert (item.status, item.clock_started_at, item.created_at) == (WorkStatus.PENDING, MONDAY, MONDAY)
    assert item.warn_75_at == item.next_cross_at == MONDAY + 36 * HOUR
    assert item.warn_90_at == MONDAY + timedelta(hours=43, minutes=12)
    assert item.due_at == MONDAY + 48 * HOUR


def test_tells_the_mentor_once(cast: Cast) -> None:
    opened = review_item(cast.enrolment, submitted(cast.enrolment, cast.mission))
    assert heard(cast.mentor) == [{"event": "work_queue", "kind": "opened", "id": str(opened.item_id)}]
    assert heard(cast.director, Audience.DIRECTOR) == []


def test_again_changes_nothing(cast: Cast) -> None:
    submission = submitted(cast.enrolment, cast.mission)
    first = review_item(cast.enrolment, submission)
    before = seen(first.item_id)
    second = review_item(cast.enrolment, submission, at=MONDAY + HOUR)
    assert (second.item_id, second.is_new) == (first.item_id, False)
    assert seen(first.item_id).revision == before.revision == 1
    assert len(heard(cast.mentor)) == 1


def test_of_a_newer_version_keeps_the_item_and_its_clock(cast: Cast) -> None:
    submission = submitted(cast.enrolment, cast.mission)
    first = review_item(cast.enrolment, submission)
    submission.version = 2
    with as_system():
        submission.save(update_fields=["version"])
    second = review_item(cast.enrolment, submission, at=MONDAY + 5 * HOUR)
    item = seen(first.item_id)
    assert (second.item_id, second.is_new) == (first.item_id, False)
    assert (item.reference_version, item.revision) == (2, 2)
    assert (item.clock_started_at, item.due_at) == (MONDAY, MONDAY + 48 * HOUR)
    assert [news["kind"] for news in heard(cast.mentor)] == ["opened", "updated"]


def test_of_the_next_cycle_is_another_item(cast: Cast) -> None:
    submission = submitted(cast.enrolment, cast.mission)
    first = review_item(cast.enrolment, submission)
    with as_worker():
        complete_items_about(
            type=WorkType.MISSION_REVIEW,
            reference_id=submission.pk,
            outcome="changes_requested",
            by=None,
            at=MONDAY + HOUR,
        )
    again = review_item(cast.enrolment, submission, at=MONDAY + 2 * HOUR)
    assert (again.item_id, again.is_new) == (None, False)
    submission.cycle, submission.version = 2, 2
    with as_system():
        submission.save(update_fields=["cycle", "version"])
    second = review_item(cast.enrolment, submission, at=MONDAY + 2 * HOUR)
    assert second.is_new
    assert second.item_id != first.item_id


def test_without_a_mentor_waits_in_the_pool_and_tells_the_directors(cast: Cast) -> None:
    submission = submitted(cast.enrolment, cast.mission)
    with as_worker():
        pause_assignment(assignment_id=cast.assignment.pk, by=None, at=MONDAY)
    told_before = len(heard(cast.mentor))
    opened = review_item(cast.enrolment, submission)
    assert opened.mentor_id is None
    assert seen(opened.item_id).mentor_id is None
    assert heard(cast.director, Audience.DIRECTOR) == [
        {"event": "work_queue", "kind": "opened", "id": str(opened.item_id)}
    ]
    assert len(heard(cast.mentor)) == told_before
    assert heard(cast.other_director, Audience.DIRECTOR) == []


def test_uses_the_tracks_policy_before_the_general_one(cast: Cast) -> None:
    policy(WorkType.GOAL_FEEDBACK, seconds=7200, rank=Rank.HIGH, track=cast.cohort.track)
    mine, other = seen(open_item(cast.enrolment)), seen(open_item(cast.other_enrolment))
    assert (mine.rank, mine.due_at) == (Rank.HIGH, MONDAY + 2 * HOUR)
    assert (other.rank, other.due_at) == (Rank.NORMAL, MONDAY + 72 * HOUR)


def test_counts_business_hours_of_the_policys_calendar(cast: Cast) -> None:
    policy(WorkType.GOAL_FEEDBACK, seconds=3600, calendar=office_hours())
    friday = datetime(2026, 1, 9, 21, 30, tzinfo=UTC)
    item = seen(open_item(cast.enrolment, started_at=friday))
    assert item.due_at == datetime(2026, 1, 12, 14, 30, tzinfo=UTC)
    assert item.warn_75_at == datetime(2026, 1, 12, 14, 15, tzinfo=UTC)
    assert item.warn_90_at == datetime(2026, 1, 12, 14, 24, tzinfo=UTC)


def test_is_urgent_while_the_mentee_has_a_critical_flag(cast: Cast) -> None:
    with as_system():
        MentorFlag.objects.create(
            mentee=cast.student,
            enrolment=cast.enrolment,
            cohort=cast.cohort,
            mentor=cast.mentor,
            author=cast.mentor,
            category=FlagCategory.WELLBEING,
            severity=Severity.CRITICAL,
            reason="Gone silent.",
            created_at=MONDAY,
            updated_at=MONDAY,
        )
    item = seen(open_item(cast.enrolment))
    assert (item.rank, item.base_rank, item.rank_reasons) == (Rank.URGENT, Rank.NORMAL, ["critical_flag"])


def test_is_refused_for_another_students_enrolment(cast: Cast) -> None:
    submission = submitted(cast.enrolment, cast.mission)
    with pytest.raises(ProgrammingError, match="no relation"), acting_as(Identity(Role.STUDENT, cast.stranger.pk)):
        open_work_item(
            type=WorkType.MISSION_REVIEW,
            reference_id=submission.pk,
            cycle=1,
            version=1,
            enrolment_id=cast.enrolment.pk,
            title="Mine",
            description="",
            started_at=MONDAY,
            at=MONDAY,
        )
    with as_system():
        assert not MentorWorkQueue.objects.exists()


def test_is_refused_without_a_service_level(cast: Cast) -> None:
    with as_system():
        SlaPolicy.objects.filter(type=WorkType.GOAL_FEEDBACK).update(is_current=False)
    with pytest.raises(NoServiceLevel):
        open_item(cast.enrolment)


def test_leaves_nothing_when_what_follows_fails(cast: Cast) -> None:
    @action
    def opens_and_fails() -> None:
        open_work_item(
            type=WorkType.GOAL_FEEDBACK,
            reference_id=new_id(),
            cycle=1,
            version=1,
            enrolment_id=cast.enrolment.pk,
            title="Gone",
            description="",
            started_at=MONDAY,
            at=MONDAY,
        )
        raise RuntimeError("the second write failed")

    with pytest.raises(RuntimeError), as_worker():
        opens_and_fails()
    with as_system():
        assert not MentorWorkQueue.objects.exists()
    assert heard(cast.mentor) == []
