"""Work items as the product makes them, and ways to look at what became of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from core import clock
from core.enums import Audience, Rank
from core.identifiers import new_id
from core.models import StreamEvent
from core.tenancy.identity import Identity, Role, acting_as
from mentorship_coordination.actions.queue import OpenedItem, open_work_item
from mentorship_coordination.enums import WorkType
from mentorship_coordination.models.queue import BusinessCalendar, MentorWorkQueue, SlaPolicy
from missions.enums import SubmissionState
from missions.models import Mission, MissionSubmission, SubmissionVersion
from tests.database import as_system, as_worker
from users.models import Enrolment, User

#: A Monday, 09:00 in New York.
MONDAY = datetime(2026, 1, 5, 14, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
OFFICE_HOURS = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


@contextmanager
def mentor_acting(mentor: User) -> Iterator[None]:
    with acting_as(Identity(Role.MENTOR, mentor.pk)):
        yield


@contextmanager
def student_acting(student: User) -> Iterator[None]:
    with acting_as(Identity(Role.STUDENT, student.pk)):
        yield


def submitted(enrolment: Enrolment, mission: Mission, *, at: datetime = MONDAY, version: int = 1) -> MissionSubmission:
    """A submission that awaits review, without the item that a hand-in would open."""
    with as_system():
        submission = MissionSubmission.objects.create(
            mission=mission,
            enrolment=enrolment,
            student_id=enrolment.student_id,
            cohort_id=enrolment.cohort_id,
            state=SubmissionState.SUBMITTED,
            version=version,
            submitted_at=at,
            created_at=at,
            updated_at=at,
        )
        for number in range(1, version + 1):
            SubmissionVersion.objects.create(submission=submission, number=number, cycle=1, text="Done.", created_at=at)
    return submission


def open_item(
    enrolment: Enrolment,
    *,
    type: WorkType = WorkType.GOAL_FEEDBACK,
    started_at: datetime = MONDAY,
    at: datetime | None = None,
    title: str = "Talk about the goal",
) -> UUID:
    """An item opened by the system. Of the default type, it is finished by answering the goal and not by `complete`."""
    with as_worker():
        opened = open_work_item(
            type=type,
            reference_id=new_id(),
            cycle=1,
            version=1,
            enrolment_id=enrolment.pk,
            title=title,
            description="",
            started_at=started_at,
            at=at or started_at,
        )
    assert opened.item_id is not None
    return opened.item_id


def finishable_item(enrolment: Enrolment, **changes: Any) -> UUID:
    """As `open_item`, of a type that `complete` may finish and with the same 72 hours and rank."""
    with as_system():
        like_goals = {"priority": Rank.NORMAL, "budget_seconds": 72 * 3600}
        SlaPolicy.objects.filter(type=WorkType.RISK_FLAG, is_current=True).update(**like_goals)
    return open_item(enrolment, type=WorkType.RISK_FLAG, **changes)


def review_item(enrolment: Enrolment, submission: MissionSubmission, at: datetime = MONDAY) -> OpenedItem:
    """What the handler opens, opened as the student who hands in."""
    with student_acting(enrolment.student):
        return open_work_item(
            type=WorkType.MISSION_REVIEW,
            reference_id=submission.pk,
            cycle=submission.cycle,
            version=submission.version,
            enrolment_id=enrolment.pk,
            title="Review: it",
            description="",
            started_at=at,
            at=at,
        )


def policy(
    type: WorkType, *, seconds: int, rank: Rank = Rank.NORMAL, track: Any = None, calendar: Any = None
) -> SlaPolicy:
    """Makes this the current policy of the type, for the track or for all."""
    with as_system():
        SlaPolicy.objects.filter(type=type, track=track, is_current=True).update(is_current=False)
        return SlaPolicy.objects.create(
            type=type, track=track, version=2, priority=rank, budget_seconds=seconds, calendar=calendar
        )


def office_hours(zone: str = "America/New_York") -> BusinessCalendar:
    with as_system():
        return BusinessCalendar.objects.create(name=f"Office hours {zone}", timezone=zone, windows=OFFICE_HOURS)


def seen(item_id: UUID | None) -> MentorWorkQueue:
    assert item_id is not None
    with as_system():
        return MentorWorkQueue.objects.get(pk=item_id)


def heard(person: User, audience: Audience = Audience.MENTOR) -> list[dict[str, Any]]:
    """The data of every event of that stream, in order, each with its `event`."""
    with as_system():
        events = StreamEvent.objects.filter(recipient=person, audience=audience).order_by("number")
        return [{"event": each.event, **json.loads(each.data)} for each in events]


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    with clock.pinned(instant):
        yield
