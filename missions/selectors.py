"""What is read of missions and submissions. What row-level security hides is not there (product.md §3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Case, F, Prefetch, QuerySet, When

from core.errors import NotVisible
from core.kept import attach, kept
from core.sql import as_texts, fetch_planned
from missions.models import Mission, MissionReview, MissionSubmission, SubmissionFile, SubmissionVersion
from users.enums import EnrolmentState
from users.models import Enrolment


def find_active_enrolment(student_id: UUID) -> Enrolment | None:
    """The student's one active enrolment with its cohort, or None."""
    return next(iter(_fetch_active_enrolment(student_id)), None)


@kept
def _fetch_active_enrolment(student_id: UUID) -> QuerySet[Enrolment]:
    return Enrolment.objects.filter(student=student_id, state=EnrolmentState.ACTIVE).select_related("cohort")


def find_shown_enrolment(student_id: UUID) -> Enrolment | None:
    """Whose missions a student reads: of the active enrolment, else of one that rests, else of the last that ended."""
    own = Enrolment.objects.filter(student=student_id).select_related("cohort")
    return own.order_by(
        Case(When(state=EnrolmentState.ACTIVE, then=0), default=1), F("ended_at").desc(nulls_first=True), "-enrolled_at"
    ).first()


def lock_enrolment(enrolment_id: UUID) -> None:
    """Hold the enrolment until the transaction ends: the first lock of whatever changes a student's submissions, pair,
    sessions or flags, so that a hand-in or a booking and an end of the same pair wait for each other.

    Goes through a definer function, because neither students nor mentors may update an enrolment. A caller
    without a relation to the student is refused by PostgreSQL with SQLSTATE 42501.
    """
    fetch_planned("SELECT app.lock_enrolment(%(enrolment)s)", enrolment=enrolment_id)


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


def get_published_mission(track_id: UUID, mission_id: UUID) -> Mission:
    """Raises `NotVisible`."""
    found = _fetch_mission(track_id, mission_id)
    if not found:
        raise NotVisible
    return found[0]


@kept
def _fetch_mission(track_id: UUID, mission_id: UUID) -> QuerySet[Mission]:
    return Mission.objects.published().filter(track=track_id, pk=mission_id)


def list_submissions_of(student_id: UUID) -> QuerySet[MissionSubmission]:
    """The student's submissions of every enrolment with their missions, latest change first."""
    own = MissionSubmission.objects.of_student(student_id)
    return own.select_related("mission").order_by("-updated_at", "-id")


def get_submission(submission_id: UUID) -> MissionSubmission:
    """A visible submission with mission, student, versions, files and reviews in four queries.

    Raises `NotVisible`. A reviewer whom the caller may not see is None.
    """
    found = _fetch_submission(submission_id)
    if not found:
        raise NotVisible
    versions = _fetch_versions(submission_id)
    attach(versions, "files", _fetch_files(submission_id))
    attach(found, "versions", versions)
    attach(found, "reviews", _fetch_reviews(submission_id))
    return found[0]


@kept
def _fetch_submission(submission_id: UUID) -> QuerySet[MissionSubmission]:
    return MissionSubmission.objects.filter(pk=submission_id).select_related("mission", "student")


@kept
def _fetch_versions(submission_id: UUID) -> QuerySet[SubmissionVersion]:
    return SubmissionVersion.objects.filter(submission=submission_id).order_by("number")


@kept
def _fetch_files(submission_id: UUID) -> QuerySet[SubmissionFile]:
    return SubmissionFile.objects.filter(version__submission=submission_id)


@kept
def _fetch_reviews(submission_id: UUID) -> QuerySet[MissionReview]:
    reviews = MissionReview.objects.filter(submission=submission_id).select_related("version", "reviewer")
    return reviews.order_by("created_at", "id")


def find_submission_of(enrolment_id: UUID, mission_id: UUID) -> MissionSubmission | None:
    return next(iter(_fetch_own(enrolment_id, mission_id)), None)


@kept
def _fetch_own(enrolment_id: UUID, mission_id: UUID) -> QuerySet[MissionSubmission]:
    return MissionSubmission.objects.filter(enrolment=enrolment_id, mission=mission_id)


def get_file(file_id: UUID) -> SubmissionFile:
    """A file of a visible submission. Raises `NotVisible`."""
    file = SubmissionFile.objects.filter(pk=file_id).first()
    if file is None:
        raise NotVisible
    return file


def list_upload_paths(student_id: UUID) -> list[str]:
    """Where the files lie that a student handed in."""
    files = SubmissionFile.objects.filter(version__submission__student=student_id).exclude(content="")
    return list(files.order_by("pk").values_list("content", flat=True))


def latest_reviews(enrolment_ids: Iterable[UUID]) -> dict[UUID, MissionReview]:
    """Enrolment → its latest review with submission and mission, in one query."""
    found = (
        MissionReview.objects.filter(submission__enrolment__in=enrolment_ids)
        .select_related("submission__mission")
        .order_by("submission__enrolment_id", "-created_at", "-id")
        .distinct("submission__enrolment_id")
    )
    return {review.submission.enrolment_id: review for review in found}


class Place(NamedTuple):
    """Where a student studies: her active enrolment, and when and where its cohort began. Ids are text."""

    enrolment_id: str
    cohort_id: str
    track_id: str
    start_date: date
    timezone: str


class Told(NamedTuple):
    """What a review said, as far as a dashboard shows it."""

    mission_id: str
    mission_title: str
    submission_id: str
    decision: str
    score: int
    excerpt: str
    at: datetime


#: These answer for many students at once, with ids as text: nobody computes with them, they go into JSON.
PLACES = """
SELECT e.student_id, e.id::text, e.cohort_id::text, c.track_id::text, c.start_date, c.timezone
FROM users_enrolment e JOIN users_cohort c ON c.id = e.cohort_id
WHERE e.student_id = ANY (%(students)s::uuid[]) AND e.state = 'active'
"""
MISSIONS = """
SELECT track_id::text, id::text, number, title, weight, level, expected_after_days FROM missions_mission
WHERE is_published AND track_id = ANY (%(tracks)s::uuid[]) ORDER BY number
"""
HANDED_IN = """
SELECT enrolment_id::text, mission_id::text, state, score, id::text, version, submitted_at, decided_at
FROM missions_missionsubmission WHERE enrolment_id = ANY (%(enrolments)s::uuid[])
"""
#: A student's own reviews first, then the newest: a planner who has not counted the rows walks through everybody's.
RECENT_REVIEWS = """
SELECT wanted.id::text, last.mission_id::text, m.title, last.submission_id::text, last.decision, last.score,
  left(last.feedback, %(excerpt)s), last.created_at
FROM unnest(%(enrolments)s::uuid[]) AS wanted(id)
CROSS JOIN LATERAL (
  SELECT own.* FROM (
    SELECT s.mission_id, r.id, r.submission_id, r.decision, r.score, r.feedback, r.created_at
    FROM missions_missionsubmission s JOIN missions_missionreview r ON r.submission_id = s.id
    WHERE s.enrolment_id = wanted.id OFFSET 0) AS own
  ORDER BY own.created_at DESC, own.id DESC LIMIT %(most)s
) AS last
JOIN missions_mission m ON m.id = last.mission_id ORDER BY last.created_at DESC, last.id DESC
"""
COHORT_MEANS = """
SELECT DISTINCT ON (cohort_id) cohort_id::text, mean_score::float FROM missions_cohortscore
WHERE cohort_id = ANY (%(cohorts)s::uuid[]) ORDER BY cohort_id, local_date DESC
"""


def active_places(student_ids: Iterable[UUID]) -> dict[UUID, Place]:
    """Student → where she studies, in one query. Who has no active enrolment is missing."""
    return {student_id: Place(*place) for student_id, *place in fetch_planned(PLACES, students=as_texts(student_ids))}


def published_missions(track_ids: Iterable[str]) -> dict[str, list[tuple[Any, ...]]]:
    """Track → id, number, title, weight, level and expected day of its missions, by number. One query."""
    found: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for track_id, *mission in fetch_planned(MISSIONS, tracks=list(set(track_ids))):
        found[track_id].append(tuple(mission))
    return found


def handed_in(enrolment_ids: Sequence[str]) -> dict[str, dict[str, tuple[Any, ...]]]:
    """Enrolment → mission → state, score, id, version, when handed in and when decided. One query."""
    found: dict[str, dict[str, tuple[Any, ...]]] = defaultdict(dict)
    for enrolment_id, mission_id, *submission in fetch_planned(HANDED_IN, enrolments=list(enrolment_ids)):
        found[enrolment_id][mission_id] = tuple(submission)
    return found


def recent_reviews(enrolment_ids: Sequence[str], *, most: int, excerpt: int) -> dict[str, list[Told]]:
    """Enrolment → its last `most` reviews, newest first, `excerpt` characters of each. One query."""
    found: dict[str, list[Told]] = defaultdict(list)
    rows = fetch_planned(RECENT_REVIEWS, enrolments=list(enrolment_ids), most=most, excerpt=excerpt)
    for enrolment_id, *told in rows:
        found[enrolment_id].append(Told(*told))
    return found


def cohort_means(cohort_ids: Iterable[str]) -> dict[str, float]:
    """Cohort → the mean score (0..100) stored last; a cohort without any is missing. One query."""
    return dict(fetch_planned(COHORT_MEANS, cohorts=list(set(cohort_ids))))


def known_upload_paths(folder: str) -> set[str]:
    """Storage paths under `folder` that a file row names."""
    return set(SubmissionFile.objects.filter(content__startswith=f"{folder}/").values_list("content", flat=True))
