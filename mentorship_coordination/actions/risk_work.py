"""The work item of an episode of risk, and who hears of worries that the figures raise. Source: product.md §8, §11."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from core.actions import action
from core.enums import Audience, StreamEventName
from core.stream.publish import emit
from mentorship_coordination.actions.queue import cancel_items_about, open_work_item
from mentorship_coordination.actions.queue_news import directors_of_enrolment
from mentorship_coordination.enums import WorkType
from mentorship_coordination.selectors.mentees import find_current_assignment
from mentorship_coordination.selectors.risk import reason_words
from users.models import User


@action
def open_risk_assessment(
    *,
    episode_id: UUID,
    student_id: UUID,
    enrolment_id: UUID,
    mentor_id: UUID | None,
    score: int,
    reasons: Iterable[str],
    at: datetime,
) -> bool:
    """Open the one item of an episode and tell whoever is responsible; is it new? Acts as the system."""
    name = User.objects.filter(pk=student_id).values_list("name", flat=True).first() or "A student"
    opened = open_work_item(
        type=WorkType.RISK_FLAG,
        reference_id=episode_id,
        cycle=1,
        version=1,
        enrolment_id=enrolment_id,
        title=f"Risk: {name}",
        description=f"Risk score {score}: {', '.join(map(reason_words, reasons))}.",
        started_at=at,
        at=at,
    )
    if opened.is_new:
        directors = () if mentor_id else directors_of_enrolment(enrolment_id)
        _tell(mentor_id, directors, {"kind": "risk_crossed", "mentee": str(student_id), "score": score})
    return opened.is_new


@action
def close_risk_assessment(
    *, episode_id: UUID, student_id: UUID, enrolment_id: UUID, mentor_id: UUID | None, at: datetime
) -> None:
    """Call the episode's item off, if nobody has seen to it yet: what raised it is gone. Acts as the system."""
    reason = "What raised the risk is gone."
    cancel_items_about(type=WorkType.RISK_FLAG, reference_id=episode_id, reason=reason, by=None, at=at)
    directors = () if mentor_id else directors_of_enrolment(enrolment_id)
    _tell(mentor_id, directors, {"kind": "risk_cleared", "mentee": str(student_id)})


@action
def tell_streak_broken(*, student_id: UUID, habit_name: str, length: int, at: datetime) -> None:
    """The mentor's page hears of it at once; whether it is a case, the risk score decides."""
    pair = find_current_assignment(student_id)
    news = {"kind": "streak_broken", "mentee": str(student_id), "habit": habit_name, "length": length}
    _tell(pair.mentor_id if pair else None, (), news)


def _tell(mentor_id: UUID | None, directors: Iterable[UUID], news: dict[str, Any]) -> None:
    if mentor_id is not None:
        emit(recipient_id=mentor_id, audience=Audience.MENTOR, event=StreamEventName.RISK_ALERT, data=news)
    for director_id in directors:
        emit(recipient_id=director_id, audience=Audience.DIRECTOR, event=StreamEventName.RISK_ALERT, data=news)
