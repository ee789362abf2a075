"""The repair of lost reviews …"""

from __future__ import annotations

from conftest import Cast
from mentorship_coordination.actions.queue import complete_items_about
from mentorship_coordination.enums import WorkType
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.tasks.queue import create_mission_review_queue_item
from mentorship_coordination.tests.queue_world import HOUR, MONDAY, at, heard, review_item, seen, submitted
from missions.enums import SubmissionState
from tests.database import as_system, as_worker


def repair() -> int:
    with as_worker(), at(MONDAY + 30 * HOUR):
        return int(create_mission_review_queue_item())


def test_opens_the_item_with_the_clock_of_the_hand_in(cast: Cast) -> None:
    submission = submitted(cast.enrolment, cast.mission)
    assert repair() == 1
    with as_system():
        item = MentorWorkQueue.objects.get()
    assert (item.type, item.reference_id, item.cycle) == (WorkType.MISSION_REVIEW, submission.pk, 1)
    assert (item.mentor_id, item.clock_started_at) == (cast.mentor.pk, MONDAY)
    assert (item.due_at, item.created_at) == (MONDAY + 48 * HOUR, MONDAY + 30 * HOUR)
    assert item.title == f"Review: {cast.mission.title}"
    assert [news["kind"] for news in heard(cast.mentor)] == ["opened"]


def test_changes_nothing_the_second_time(cast: Cast) -> None:
    submitted(cast.enrolment, cast.mission)
    repair()
    with as_system():
        before = list(MentorWorkQueue.objects.values())
    assert repair() == 0
    with as_system():
        assert list(MentorWorkQueue.objects.values()) == before


def test_brings_an_item_up_to_the_version_handed_in(cast: Cast) -> None:
    submission = submitted(cast.enrolment, cast.mission, version=2)
    with as_system():
        type(submission).objects.filter(pk=submission.pk).update(version=1)
    submission.version = 1
    opened = review_item(cast.enrolment, submission)
    with as_system():
        type(submission).objects.filter(pk=submission.pk).update(version=2)
    assert repair() == 1
    assert seen(opened.item_id).reference_version == 2


def test_leaves_what_is_decided_or_closed(cast: Cast) -> None:
    submission = submitted(cast.enrolment, cast.mission)
    review_item(cast.enrolment, submission)
    with as_worker():
        complete_items_about(
            type=WorkType.MISSION_REVIEW, reference_id=submission.pk, outcome="approved", by=None, at=MONDAY
        )
    assert repair() == 0
    with as_system():
        type(submission).objects.filter(pk=submission.pk).update(state=SubmissionState.APPROVED)
        MentorWorkQueue.objects.all().delete()
    assert repair() == 0
