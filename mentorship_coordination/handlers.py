"""What this app does when it hears a fact of the apps below. Each runs in the speaker's transaction."""

from __future__ import annotations

from core.events import handles
from core.wakeup import wake
from mentorship_coordination.actions.leaving import release_mentor
from mentorship_coordination.actions.queue import complete_items_about
from mentorship_coordination.actions.reviews import open_mission_review
from mentorship_coordination.enums import WorkType
from missions.events import SubmissionReceived, SubmissionReviewed
from users.events import MentorCapacityChanged, MentorLeft
from users.models import User


@handles(SubmissionReceived)
def open_or_update_review(event: SubmissionReceived) -> None:
    open_mission_review(
        submission_id=event.submission_id,
        enrolment_id=event.enrolment_id,
        mission_title=event.mission_title,
        student_name=event.student_name,
        version=event.version,
        cycle=event.cycle,
        started_at=event.at,
        at=event.at,
    )


@handles(SubmissionReviewed)
def complete_reviews(event: SubmissionReviewed) -> None:
    complete_items_about(
        type=WorkType.MISSION_REVIEW,
        reference_id=event.submission_id,
        outcome=event.decision,
        by=event.reviewer_id,
        at=event.at,
    )


@handles(MentorCapacityChanged)
def check_capacity_soon(event: MentorCapacityChanged) -> None:
    wake("mentorship_coordination.check_mentor_capacity")


@handles(MentorLeft)
def release_leaver(event: MentorLeft) -> None:
    by = User.objects.get(pk=event.by_id) if event.by_id else None
    release_mentor(mentor_id=event.mentor_id, by=by, at=event.at)
