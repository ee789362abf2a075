"""A submission as both sides see it: newest version first, each with what was said of it. Plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse

from mentorship_coordination.web.words import state_words
from missions.models import MissionReview, MissionSubmission, SubmissionVersion


@dataclass(frozen=True, slots=True)
class File:
    name: str
    size: int
    url: str


@dataclass(frozen=True, slots=True)
class Reply:
    state: str
    words: str
    score: int
    feedback: str
    competencies: list[str]
    reviewer: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Version:
    number: int
    at: datetime
    text: str
    links: list[str]
    files: list[File]
    reply: Reply | None


@dataclass(frozen=True, slots=True)
class Submission:
    id: UUID
    title: str
    brief: str
    student_id: UUID
    student: str
    state: str
    words: str
    version: int
    versions: list[Version]


def submission_of(row: MissionSubmission, *, file_url: str) -> Submission:
    """From `missions.selectors.get_submission`; `file_url` names the download of the viewer's role."""
    replies = {review.version_id: _reply(review) for review in row.reviews.all()}
    versions = [_version(each, replies.get(each.pk), file_url) for each in row.versions.all()]
    return Submission(
        id=row.pk,
        title=row.mission.title,
        brief=row.mission.brief,
        student_id=row.student_id,
        student=row.student.name,
        state=row.state,
        words=state_words(row.state),
        version=row.version,
        versions=versions[::-1],
    )


def _version(row: SubmissionVersion, reply: Reply | None, file_url: str) -> Version:
    files = [File(file.name, file.size, reverse(file_url, args=[file.pk])) for file in row.files.all()]
    return Version(row.number, row.created_at, row.text, row.links, files, reply)


def _reply(review: MissionReview) -> Reply:
    return Reply(
        state=review.decision,
        words=state_words(review.decision),
        score=review.score,
        feedback=review.feedback,
        competencies=review.competencies,
        reviewer=review.reviewer.name if review.reviewer else "",
        at=review.created_at,
    )
