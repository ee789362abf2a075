"""What happened to a submission, for whoever listens above. Source: product.md §11."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class SubmissionReceived:
    """A version was handed in. `is_resubmission` from the second version on, whatever the cycle."""

    submission_id: UUID
    enrolment_id: UUID
    student_id: UUID
    mission_id: UUID
    mission_title: str
    student_name: str
    version: int
    cycle: int
    is_resubmission: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class SubmissionReviewed:
    """The current version was judged. `decision` is a value of `missions.enums.Decision`."""

    submission_id: UUID
    enrolment_id: UUID
    student_id: UUID
    mission_title: str
    review_id: UUID
    reviewer_id: UUID
    decision: str
    score: int
    version: int
    at: datetime
