"""Episodes of risk begin and end with the score, inside the refresh that computed it. Source: product.md §8."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from core.events import say
from core.identifiers import new_id
from student_dashboard.events import RiskCleared, RiskLimitCrossed
from student_dashboard.figures import Figures
from student_dashboard.models import RiskEpisode
from student_dashboard.snapshot_rows import Subject


def follow_episodes(
    subjects: Mapping[UUID, Subject], figures: Sequence[Figures], mentors: Mapping[UUID, UUID | None], at: datetime
) -> None:
    """Open what has begun and close what is over; says RiskLimitCrossed and RiskCleared once for each.

    The students' dashboards are locked, so that nobody opens a second one meanwhile. No query where nothing changed.
    """
    begun = [each for each in figures if each.risk_since and subjects[each.student_id].risk_since is None]
    over = [subjects[each.student_id] for each in figures if each.risk_since != subjects[each.student_id].episode_since]
    # Closed first: of one student one is open at a time.
    _close([subject for subject in over if subject.episode_id is not None], mentors, at)
    _open(begun, subjects, mentors, at)


def _open(
    begun: Sequence[Figures], subjects: Mapping[UUID, Subject], mentors: Mapping[UUID, UUID | None], at: datetime
) -> None:
    if not begun:
        return
    episodes = [_episode(each, subjects[each.student_id], at) for each in begun]
    RiskEpisode.objects.bulk_create(episodes)
    for episode in episodes:
        reasons = tuple(part["name"] for part in episode.parts)
        say(
            RiskLimitCrossed(
                episode_id=episode.pk,
                student_id=episode.student_id,
                enrolment_id=episode.enrolment_id,
                mentor_id=mentors.get(episode.student_id),
                score=episode.score,
                reasons=reasons,
                at=at,
            )
        )


def _episode(figures: Figures, subject: Subject, at: datetime) -> RiskEpisode:
    if figures.risk is None or subject.enrolment_id is None:
        raise ValueError("nobody is at risk without an active enrolment")
    return RiskEpisode(
        id=new_id(),
        student_id=figures.student_id,
        enrolment_id=subject.enrolment_id,
        opened_at=at,
        score=figures.risk.score,
        parts=figures.risk_parts(),
    )


def _close(over: Sequence[Subject], mentors: Mapping[UUID, UUID | None], at: datetime) -> None:
    if not over:
        return
    RiskEpisode.objects.filter(pk__in=[subject.episode_id for subject in over]).update(closed_at=at)
    for subject in over:
        if subject.episode_id is not None and subject.episode_enrolment_id is not None:
            mentor_id = mentors.get(subject.student_id)
            say(RiskCleared(subject.episode_id, subject.student_id, subject.episode_enrolment_id, mentor_id, at))
