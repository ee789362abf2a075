"""What is read of missions and submissions. What row-level security hides is not there (product.md §3)."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import connection
from django.db.models import Prefetch, QuerySet

from core.errors import NotVisible
from missions.models import Mission, MissionReview, MissionSubmission, SubmissionFile, SubmissionVersion
from users.enums import EnrolmentState
from users.models import Enrolment


def find_active_enrolment(student_id: UUID) -> Enrolment | None:
    """The student's one active enrolment with its cohort, or None."""
    return active_enrolments([student_id]).get(student_id)


def lock_enrolment(enrolment_id: UUID) -> None:
    """Hold the enrolment until the transaction ends: the first lock of all that change a submission.

    Goes through a definer function, because neither students nor mentors may update an enrolment. A caller
    without a relation to the student is refused by PostgreSQL with SQLSTATE 42501.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT app.lock_enrolment(%s)", [enrolment_id])


def list_missions_of(enrolment: Enrolment | None) -> QuerySet[Mission]:
    """Published missions of the enrolment's track in order, each with `own_submissions`: one or none.

    Without an enrolment there are none. Evaluates in two queries.
    """
    if enrolment is None:
        return Mission.objects.none()
    own = Prefetch("submissions", MissionSubmission.objects.filter(enrolment=enrolment), to_attr="own_submissions")
    missions = Mission.objects.published().of_tracks([enrolment.cohort.track_id])
    return missions.prefetch_related(own).order_by("number", "id")


def get_mission_of(enrolment: Enrolment | None, mission_id: UUID) -> Mission:
    """One of `list_missions_of`. Raises `NotVisible`."""
    mission = list_missions_of(enrolment).filter(pk=mission_id).first()
    if mission is None:
        raise NotVisible
    return mission


def list_submissions_of(student_id: UUID) -> QuerySet[MissionSubmission]:
    """The student's submissions of every enrolment with their missions, latest change first."""
    own = MissionSubmission.objects.of_student(student_id)
    return own.select_related("mission").order_by("-updated_at", "-id")


def get_submission(submission_id: UUID) -> MissionSubmission:
    """A visible submission with mission, student, versions, files and reviews in four queries.

    Raises `NotVisible`. A reviewer whom the caller may not see is None.
    """
    versions = SubmissionVersion.objects.prefetch_related("files").order_by("number")
    reviews = MissionReview.objects.select_related("version", "reviewer").order_by("created_at", "id")
    submission = (
        MissionSubmission.objects.filter(pk=submission_id)
        .select_related("mission", "student")
        .prefetch_related(Prefetch("versions", versions), Prefetch("reviews", reviews))
        .first()
    )
    if submission is None:
        raise NotVisible
    return submission


def get_file(file_id: UUID) -> SubmissionFile:
    """A file of a visible submission. Raises `NotVisible`."""
    file = SubmissionFile.objects.filter(pk=file_id).first()
    if file is None:
        raise NotVisible
    return file


def active_enrolments(student_ids: Iterable[UUID]) -> dict[UUID, Enrolment]:
    """Student → active enrolment with its cohort, in one query. Who has none is missing."""
    found = Enrolment.objects.filter(student__in=student_ids, state=EnrolmentState.ACTIVE)
    return {enrolment.student_id: enrolment for enrolment in found.select_related("cohort")}


def latest_reviews(enrolment_ids: Iterable[UUID]) -> dict[UUID, MissionReview]:
    """Enrolment → its latest review with submission and mission, in one query."""
    found = (
        MissionReview.objects.filter(submission__enrolment__in=enrolment_ids)
        .select_related("submission__mission")
        .order_by("submission__enrolment_id", "-created_at", "-id")
        .distinct("submission__enrolment_id")
    )
    return {review.submission.enrolment_id: review for review in found}


def known_upload_paths(folder: str) -> set[str]:
    """Storage paths under `folder` that a file row names."""
    return set(SubmissionFile.objects.filter(content__startswith=f"{folder}/").values_list("content", flat=True))
