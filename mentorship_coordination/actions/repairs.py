"""Reviews that wait without an item are found, and get theirs. Source: product.md §12, invariant 3."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction

from core.actions import action
from core.one_by_one import one_by_one
from mentorship_coordination.actions.reviews import open_mission_review
from mentorship_coordination.selectors.queue import find_submission_without_item, list_submissions_without_item
from missions.selectors import lock_enrolment

logger = structlog.get_logger(__name__)

BATCH = 500


def repair_mission_reviews(*, at: datetime) -> int:
    """Open the item that each submission awaiting review lacks, its clock running since the hand-in.

    Also brings an open item up to the submission's version. Safe to run twice; acts as the system, a transaction a
    submission. Returns how many were mended.
    """
    with transaction.atomic():
        found = list_submissions_without_item(BATCH)
    with one_by_one("opening a review that was missing") as rows:
        return rows.count(found, lambda each: _repair(submission_id=each[0], enrolment_id=each[1], at=at))


@action
def _repair(*, submission_id: UUID, enrolment_id: UUID, at: datetime) -> bool:
    lock_enrolment(enrolment_id)
    submission = find_submission_without_item(submission_id)
    if submission is None or submission.submitted_at is None:
        return False
    open_mission_review(
        submission_id=submission.pk,
        enrolment_id=enrolment_id,
        mission_title=submission.mission.title,
        student_name=submission.student.name,
        version=submission.version,
        cycle=submission.cycle,
        started_at=submission.submitted_at,
        at=at,
    )
    logger.warning("a submission had no open review", submission=str(submission_id))
    return True
