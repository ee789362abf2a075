"""A submission as both sides see it: newest version first, each with what was said of it. Plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse

from mentorship_coordination.web.differences import Differences, differences_between
from mentorship_coordination.web.words import counted, state_words
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
    rubric: list[tuple[str, int]]
    reviewer: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Changes:
    """What came and went since the version before."""

    text: Differences
    links: list[tuple[bool, str]]
    files: list[tuple[bool, str]]
    words: str


@dataclass(frozen=True, slots=True)
class Version:
    number: int
    at: datetime
    text: str
    links: list[str]
    files: list[File]
    reply: Reply | None
    #: Against the version before; None of the first.
    changes: Changes | None


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
    rows = list(row.versions.all())
    befores = [None, *rows]
    versions = [
        _version(each, before, replies.get(each.pk), file_url) for each, before in zip(rows, befores, strict=False)
    ]
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


def _version(row: SubmissionVersion, before: SubmissionVersion | None, reply: Reply | None, file_url: str) -> Version:
    files = [File(file.name, file.size, reverse(file_url, args=[file.pk])) for file in row.files.all()]
    changes = None if before is None else _changes(before, row)
    return Version(row.number, row.created_at, row.text, row.links, files, reply, changes)


def _changes(before: SubmissionVersion, after: SubmissionVersion) -> Changes:
    text = differences_between(before.text, after.text)
    links = _came_and_went({link: link for link in before.links}, {link: link for link in after.links})
    files = _came_and_went(_files(before), _files(after))
    said = [
        counted(text.added, "line") + " added" if text.added else "",
        counted(text.removed, "line") + " removed" if text.removed else "",
        counted(len(links), "link") + " changed" if links else "",
        counted(len(files), "file") + " changed" if files else "",
    ]
    return Changes(text, links, files, ", ".join(each for each in said if each) or "nothing")


def _files(version: SubmissionVersion) -> dict[str, str]:
    return {f"{file.sha256} {file.name}": file.name for file in version.files.all()}


def _came_and_went(before: dict[str, str], after: dict[str, str]) -> list[tuple[bool, str]]:
    """Names by what identifies them: (it came, name), what went first."""
    gone = [(False, name) for key, name in before.items() if key not in after]
    return gone + [(True, name) for key, name in after.items() if key not in before]


def _reply(review: MissionReview) -> Reply:
    return Reply(
        state=review.decision,
        words=state_words(review.decision),
        score=review.score,
        feedback=review.feedback,
        competencies=review.competencies,
        rubric=list(review.rubric_scores.items()),
        reviewer=review.reviewer.name if review.reviewer else "",
        at=review.created_at,
    )
