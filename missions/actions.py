"""Handing in and judging.

Lock order: enrolment, submission, then whatever the listeners lock (architecture.md §3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import ProgrammingError, transaction
from django.db.models import QuerySet

from core.actions import action
from core.enums import Rank
from core.errors import Conflict, InvalidInput, NotPermitted, NotVisible
from core.events import say
from core.kept import kept
from core.tenancy.identity import Role, current
from missions import handed_in, judgement, selectors, uploads
from missions.enums import OPEN_TO_SUBMIT, SubmissionState
from missions.events import SubmissionReceived, SubmissionReviewed
from missions.models import Mission, MissionReview, MissionSubmission, SubmissionFile, SubmissionVersion
from student_dashboard.aggregation import DashboardAggregationService
from users.models import Enrolment, User

INSUFFICIENT_PRIVILEGE = "42501"
#: A file this old whose row is missing belongs to no request that is still running.
ORPHANED_AFTER = timedelta(hours=24)


class NoActiveEnrolment(Conflict):
    code = "no_active_enrolment"
    message = "Missions are handed in while your enrolment is active: it rests or has ended."


def submit_mission(
    *,
    mission_id: UUID,
    by: User,
    text: str = "",
    links: Sequence[str] = (),
    files: Sequence[UploadedFile[bytes]] = (),
    at: datetime,
) -> MissionSubmission:
    """Hand in a version of a mission of the student's active enrolment (product.md §4, §5).

    While it waits for review: version + 1 in the same cycle. After "changes requested": version + 1 and
    cycle + 1. Says `SubmissionReceived` and queues the student's refresh (high). Returns the submission as it
    is now.

    Raises `InvalidInput` (nothing or something unfit handed in), `TooLarge` (a file), `NoActiveEnrolment` (hers
    rests or has ended), `NotVisible` (not a published mission of hers) and `Conflict` with `current_version` and
    `state` (decided already).
    """
    content = handed_in.checked(text=text, links=links, files=files)
    # Outside of the action: nothing is locked while files are written, and a transaction that is tried again
    # does not store them again.
    with uploads.stored(content.files, at=at) as stored:
        return _hand_in(mission_id=mission_id, by=by, content=content, stored=stored, at=at)


@action
def _hand_in(
    *,
    mission_id: UUID,
    by: User,
    content: handed_in.HandedIn,
    stored: Sequence[uploads.StoredFile],
    at: datetime,
) -> MissionSubmission:
    enrolment = _lock_active_enrolment(by)
    mission = selectors.get_published_mission(enrolment.cohort.track_id, mission_id)
    submission = _move_to_submitted(mission, enrolment, at)
    _append_version(submission, content, stored, at)
    say(
        SubmissionReceived(
            submission_id=submission.pk,
            enrolment_id=enrolment.pk,
            student_id=by.pk,
            mission_id=mission.pk,
            mission_title=mission.title,
            student_name=by.name,
            version=submission.version,
            cycle=submission.cycle,
            is_resubmission=submission.version > 1,
            at=at,
        )
    )
    DashboardAggregationService.queue_update(by.pk, "mission_submitted", Rank.HIGH)
    return submission


def _lock_active_enrolment(student: User) -> Enrolment:
    found = selectors.find_active_enrolment(student.pk)
    if found is None:
        raise NoActiveEnrolment
    selectors.lock_enrolment(found.pk)
    # Read again: whoever held the lock before may have ended it.
    enrolment = selectors.find_active_enrolment(student.pk)
    if enrolment is None or enrolment.pk != found.pk:
        raise NoActiveEnrolment
    return enrolment


def _move_to_submitted(mission: Mission, enrolment: Enrolment, at: datetime) -> MissionSubmission:
    """The enrolment's lock is held: nobody else makes or moves a submission of it meanwhile."""
    submission = selectors.find_submission_of(enrolment.pk, mission.pk)
    if submission is None:
        return MissionSubmission.objects.create(
            mission=mission,
            enrolment=enrolment,
            student_id=enrolment.student_id,
            cohort_id=enrolment.cohort_id,
            state=SubmissionState.SUBMITTED,
            version=1,
            submitted_at=at,
            created_at=at,
            updated_at=at,
        )
    if submission.state not in OPEN_TO_SUBMIT:
        raise _moved_on(submission, "This mission is decided already.", "already_decided")
    submission.cycle += submission.state == SubmissionState.CHANGES_REQUESTED
    submission.version += 1
    submission.state = SubmissionState.SUBMITTED
    submission.submitted_at = submission.updated_at = at
    # The verdict was on an older version: the reviews keep it.
    submission.score = submission.decided_at = None
    submission.save(update_fields=["cycle", "version", "state", "submitted_at", "updated_at", "score", "decided_at"])
    return submission


def _append_version(
    submission: MissionSubmission,
    content: handed_in.HandedIn,
    stored: Sequence[uploads.StoredFile],
    at: datetime,
) -> None:
    version = SubmissionVersion.objects.create(
        submission=submission,
        number=submission.version,
        cycle=submission.cycle,
        text=content.text,
        links=list(content.links),
        created_at=at,
    )
    SubmissionFile.objects.bulk_create(
        SubmissionFile(
            version=version,
            name=file.name,
            content_type=file.content_type,
            size=file.size,
            sha256=file.sha256,
            content=file.path,
            created_at=at,
        )
        for file in stored
    )


@action
def review_submission(
    *,
    submission_id: UUID,
    by: User,
    decision: str,
    score: int,
    feedback: str = "",
    competencies: Sequence[str] = (),
    rubric_scores: Mapping[str, int] | None = None,
    version: int | None = None,
    reason: str = "",
    at: datetime,
) -> MissionReview:
    """Judge the current version as its mentor, or as a director with a `reason` (product.md §5).

    `score` and rubric scores are 0..100; `version`, if given, is the one that was read. Says
    `SubmissionReviewed` and queues the student's refresh (high). Returns the review with its version and
    reviewer.

    Raises `InvalidInput` (per field), `NotVisible`, `NotPermitted` (her own submission, another role, a pair
    that is not active) and `Conflict` with `current_version` and `state` (decided already, or a newer version
    came).
    """
    verdict = judgement.checked(
        decision=decision,
        score=score,
        feedback=feedback,
        competencies=competencies,
        rubric_scores=rubric_scores or {},
    )
    why = _reason_for_role(reason)
    submission = _lock_submission(submission_id, by)
    _require_undecided(submission, version)
    review = _append_review(submission, verdict, why, by, at)
    submission.state = SubmissionState(verdict.decision.value)
    submission.score = verdict.score
    submission.decided_at = submission.updated_at = at
    submission.save(update_fields=["state", "score", "decided_at", "updated_at"])
    say(_reviewed(submission, review))
    DashboardAggregationService.queue_update(submission.student_id, "mission_reviewed", Rank.HIGH)
    return review


def _reason_for_role(reason: str) -> str:
    role = current().role
    if role is Role.DIRECTOR:
        return judgement.checked_reason(reason)
    if role is not Role.MENTOR:
        raise NotPermitted("Reviews are written by mentors and directors.")
    if reason.strip():
        raise InvalidInput(fields={"reason": ["A mentor's review needs no reason."]})
    return ""


def _lock_submission(submission_id: UUID, by: User) -> MissionSubmission:
    found = _fetch_whose(submission_id)
    if not found:
        raise NotVisible
    if found[0].student_id == by.pk:
        raise NotPermitted("Nobody reviews their own submission.")
    selectors.lock_enrolment(found[0].enrolment_id)
    locked = _fetch_locked(submission_id)
    if not locked:
        raise NotVisible
    return locked[0]


@kept
def _fetch_whose(submission_id: UUID) -> QuerySet[MissionSubmission]:
    return MissionSubmission.objects.filter(pk=submission_id).only("enrolment_id", "student_id")


@kept
def _fetch_locked(submission_id: UUID) -> QuerySet[MissionSubmission]:
    return MissionSubmission.objects.locked(submission_id).select_related("mission")


@kept
def _fetch_version(submission_id: UUID, number: int) -> QuerySet[SubmissionVersion]:
    return SubmissionVersion.objects.filter(submission=submission_id, number=number)


def _require_undecided(submission: MissionSubmission, version: int | None) -> None:
    if submission.state != SubmissionState.SUBMITTED:
        raise _moved_on(submission, "There is nothing to decide: see its state.", "already_decided")
    if version is not None and version != submission.version:
        raise _moved_on(submission, "The student has handed in another version.", "newer_version")


def _moved_on(submission: MissionSubmission, message: str, code: str) -> Conflict:
    extra = {"current_version": submission.version, "state": submission.state}
    return Conflict(message, code=code, extra=extra)


def _append_review(
    submission: MissionSubmission, verdict: judgement.Judgement, reason: str, by: User, at: datetime
) -> MissionReview:
    [version] = _fetch_version(submission.pk, submission.version)
    try:
        return MissionReview.objects.create(
            submission=submission,
            version=version,
            reviewer=by,
            decision=verdict.decision,
            score=verdict.score,
            feedback=verdict.feedback,
            competencies=verdict.competencies,
            rubric_scores=verdict.rubric_scores,
            reason=reason,
            created_at=at,
        )
    except ProgrammingError as error:
        # The policy on reviews asks for an active pair; the mentor of a paused one still sees the submission.
        if getattr(error.__cause__, "pgcode", None) == INSUFFICIENT_PRIVILEGE:
            raise NotPermitted("Only the mentor of an active pair reviews.") from error
        raise


def _reviewed(submission: MissionSubmission, review: MissionReview) -> SubmissionReviewed:
    return SubmissionReviewed(
        submission_id=submission.pk,
        enrolment_id=submission.enrolment_id,
        student_id=submission.student_id,
        mission_title=submission.mission.title,
        review_id=review.pk,
        reviewer_id=review.reviewer_id,  # type: ignore[arg-type]
        decision=review.decision,
        score=review.score,
        version=submission.version,
        at=review.created_at,
    )


def sweep_orphaned_uploads(*, at: datetime) -> int:
    """Remove files older than 24 hours that no row names; returns how many. A second run finds none.

    Not one transaction: each folder's rows are read in a transaction of their own, removing touches no row.
    """
    removed = 0
    for folder in uploads.folders():
        old = uploads.written_before(folder, at - ORPHANED_AFTER)
        if not old:
            continue
        with transaction.atomic():
            orphans = old - selectors.known_upload_paths(folder)
        for path in orphans:
            uploads.remove(path)
        removed += len(orphans)
    return removed
