"""Reviews that wait without an item are found, and get theirs. Source: product.md §12, invariant 3."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import transaction

from core.actions import action
from core.errors import NotVisible
from mentorship_coordination.actions.queue import open_work_item
from mentorship_coordination.enums import WorkType
from mentorship_coordination.selectors.queue import find_submission_without_item, list_submissions_without_item

logger = structlog.get_logger(__name__)

BATCH = 500


def repair_mission_reviews(*, at: datetime) -> int:
    """Open the item that each submission awaiting review lacks, its clock running since the hand-in.

    Also brings an open item up to the submission's version. Safe to run twice; acts as the system, a transaction a
    submission. Returns how many were mended.
    """
    with transaction.atomic():
        submission_ids = list_submissions_without_item(BATCH)
    return sum(_repair(submission_id=submission_id, at=at) for submission_id in submission_ids)
