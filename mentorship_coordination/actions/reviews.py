"""The work item of a submission: born with it, finished by its review. Source: product.md §4, §5."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.actions import action
from mentorship_coordination.actions.queue import OpenedItem, open_work_item
from mentorship_coordination.enums import WorkType


@action
def open_mission_review(
    *,
    submission_id: UUID,
    enrolment_id: UUID,
    mission_title: str,
    student_name: str,
    version: int,
    cycle: int,
    started_at: datetime,
    at: datetime,
) -> OpenedItem:
    """Open the review of a submission's cycle, or bring the open one up to `version`. Raises what opening raises."""
    return open_work_item(
        type=WorkType.MISSION_REVIEW,
        reference_id=submission_id,
        cycle=cycle,
        version=version,
        enrolment_id=enrolment_id,
        title=f"Review: {mission_title}",
        description=f"{student_name} has handed in “{mission_title}”.",
        started_at=started_at,
        at=at,
    )
