"""The "missions" section of students' dashboards: what is done, what was said last, what is next.

Missions that nobody has begun are counted; `GET missions` lists them. Feedback texts stay with the reviews: the section
has how they begin.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from core.clock import local_date, rfc3339
from missions import selectors, standing
from missions.api.section_serializers import MissionsSectionSerializer
from missions.selectors import Place, Told
from missions.standing import NOT_STARTED, STATES, Line
from student_dashboard.sections import Section, register_section

SECTION = "missions"
FEEDBACK_SHOWN, EXCERPT = 3, 140
#: State, score, id, version, when handed in and when decided of a mission without a submission.
UNTOUCHED = (NOT_STARTED, None, None, None, None, None)
#: By mission: what is published, and the line of whoever has not begun it.
Missions = dict[str, tuple[tuple[Any, ...], Line]]


def mission_sections(student_ids: Sequence[UUID], at: datetime) -> Mapping[UUID, Section]:
    """Student → section, in five queries however many students. Without an active enrolment it is empty.

    `mean_score` is the mean (0..100, two decimals) of the verdicts that stand, or None.
    """
    places = selectors.active_places(student_ids)
    enrolment_ids = [place.enrolment_id for place in places.values()]
    published = selectors.published_missions(place.track_id for place in places.values())
    # Most missions are untouched: their lines are the same for everybody of a track.
    tracks: dict[str, Missions] = {
        track_id: {each[0]: (each, Line(*(*each, *UNTOUCHED))) for each in found}
        for track_id, found in published.items()
    }
    submissions = selectors.handed_in(enrolment_ids)
    reviews = selectors.recent_reviews(enrolment_ids, most=FEEDBACK_SHOWN, excerpt=EXCERPT)
    means = selectors.cohort_means(place.cohort_id for place in places.values())
    sections = {}
    for student_id in student_ids:
        place = places.get(student_id)
        if place is None:
            sections[student_id] = Section(_content([], []))
            continue
        own = submissions.get(place.enrolment_id, {})
        missions = tracks.get(place.track_id, {})
        lines = [Line(*each, *own[pk]) if pk in own else line for pk, (each, line) in missions.items()]
        told = reviews.get(place.enrolment_id, [])
        sections[student_id] = _section(place, lines, told, means.get(place.cohort_id), at)
    return sections


def _section(
    place: Place, lines: Sequence[Line], told: Sequence[Told], cohort_mean: float | None, at: datetime
) -> Section:
    days = (local_date(at, place.timezone) - place.start_date).days
    return Section(
        content=_content(lines, told),
        inputs=standing.readiness_inputs(lines, days=days, cohort_mean=cohort_mean),
        evidence={"failed_reviews": standing.refusals(lines, at)},
        active_at=max((line.submitted_at for line in lines if line.submitted_at), default=None),
    )


def _content(lines: Sequence[Line], told: Sequence[Told]) -> dict[str, Any]:
    approved = [line for line in lines if line.is_approved]
    scores = [line.score for line in lines if line.score is not None]
    counts = Counter(line.state for line in lines)
    return {
        "total_count": len(lines),
        "total_weight": sum(line.weight for line in lines),
        "approved_count": len(approved),
        "approved_weight": sum(line.weight for line in approved),
        "counts": {state: counts[state] for state in STATES},
        "mean_score": round(sum(scores) / len(scores), 2) if scores else None,
        "next_recommended": standing.recommended(lines),
        "recent_feedback": [_feedback(each) for each in told],
        "missions": [_row(line) for line in lines if line.submission_id],
    }


def _row(line: Line) -> dict[str, Any]:
    return {
        "mission_id": line.mission_id,
        "number": line.number,
        "title": line.title,
        "weight": line.weight,
        "level": line.level,
        "state": line.state,
        "score": line.score,
        "submission_id": line.submission_id,
        "version": line.version,
    }


def _feedback(told: Told) -> dict[str, Any]:
    return {
        "mission_id": told.mission_id,
        "mission_title": told.mission_title,
        "submission_id": told.submission_id,
        "decision": told.decision,
        "score": told.score,
        "excerpt": told.excerpt,
        "at": rfc3339(told.at),
    }


register_section(
    SECTION,
    mission_sections,
    shape=MissionsSectionSerializer,
    parts=standing.PARTS,
    signals=standing.SIGNALS,
)
