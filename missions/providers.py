"""The "missions" section of students' dashboards: what is there, what is done, what was said last.

Feedback texts stay with the reviews: the section names the review's decision and score alone.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from missions import selectors
from missions.enums import SubmissionState
from missions.models import Mission, MissionReview, MissionSubmission
from student_dashboard.sections import register_section

SECTION = "missions"
NOT_STARTED = "not_started"
STATES = (NOT_STARTED, *SubmissionState.values)


def mission_sections(student_ids: Sequence[UUID], at: datetime) -> Mapping[UUID, dict[str, Any]]:
    """Student → section, in four queries however many students. Without an active enrolment it is empty.

    `mean_score` is the mean (0..100, two decimals) of the verdicts that stand, or None.
    """
    enrolments = selectors.active_enrolments(student_ids)
    enrolment_ids = [enrolment.pk for enrolment in enrolments.values()]
    missions = _by_track(enrolment.cohort.track_id for enrolment in enrolments.values())
    submissions = _by_enrolment(enrolment_ids)
    reviews = selectors.latest_reviews(enrolment_ids)
    sections = {}
    for student_id in student_ids:
        enrolment = enrolments.get(student_id)
        sections[student_id] = (
            _section(missions[enrolment.cohort.track_id], submissions[enrolment.pk], reviews.get(enrolment.pk))
            if enrolment
            else _section([], {}, None)
        )
    return sections


def _by_track(track_ids: Iterable[UUID]) -> dict[UUID, list[Mission]]:
    found: dict[UUID, list[Mission]] = defaultdict(list)
    for mission in Mission.objects.published().of_tracks(set(track_ids)).defer("brief").order_by("number"):
        found[mission.track_id].append(mission)
    return found


def _by_enrolment(enrolment_ids: Sequence[UUID]) -> dict[UUID, dict[UUID, MissionSubmission]]:
    """Enrolment → mission → submission."""
    found: dict[UUID, dict[UUID, MissionSubmission]] = defaultdict(dict)
    for submission in MissionSubmission.objects.of_enrolments(enrolment_ids):
        found[submission.enrolment_id][submission.mission_id] = submission
    return found


def _section(
    missions: Sequence[Mission], submissions: Mapping[UUID, MissionSubmission], latest: MissionReview | None
) -> dict[str, Any]:
    rows = [_row(mission, submissions.get(mission.pk)) for mission in missions]
    approved = [row for row in rows if row["state"] == SubmissionState.APPROVED]
    scores = [row["score"] for row in rows if row["score"] is not None]
    counts = Counter(row["state"] for row in rows)
    return {
        "total_count": len(rows),
        "total_weight": sum(row["weight"] for row in rows),
        "approved_count": len(approved),
        "approved_weight": sum(row["weight"] for row in approved),
        "counts": {state: counts[state] for state in STATES},
        "mean_score": round(sum(scores) / len(scores), 2) if scores else None,
        "latest_feedback": _feedback(latest) if latest else None,
        "missions": rows,
    }


def _row(mission: Mission, submission: MissionSubmission | None) -> dict[str, Any]:
    return {
        "mission_id": str(mission.pk),
        "number": mission.number,
        "title": mission.title,
        "weight": mission.weight,
        "state": submission.state if submission else NOT_STARTED,
        "score": submission.score if submission else None,
        "submission_id": str(submission.pk) if submission else None,
        "version": submission.version if submission else None,
    }


def _feedback(review: MissionReview) -> dict[str, Any]:
    return {
        "mission_id": str(review.submission.mission_id),
        "mission_title": review.submission.mission.title,
        "submission_id": str(review.submission_id),
        "decision": review.decision,
        "score": review.score,
        "at": review.created_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
    }


register_section(SECTION, mission_sections)
