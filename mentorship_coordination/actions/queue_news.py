"""Who hears of a change in the work queue: the mentor, or the cohort's directors while the item waits in the pool."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from core.enums import Audience, StreamEventName
from core.stream.publish import emit
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.selectors.flags import list_directors
from users.models import CohortDirector


def tell(item: MentorWorkQueue, kind: str) -> None:
    """Say to whoever is responsible for the item that `kind` happened to it."""
    directors = () if item.mentor_id else list_directors(item.cohort_id)
    tell_responsible(kind, item.pk, item.mentor_id, directors)


def tell_responsible(kind: str, item_id: UUID, mentor_id: UUID | None, directors: Iterable[UUID]) -> None:
    news = {"kind": kind, "id": str(item_id)}
    if mentor_id is not None:
        say(mentor_id, Audience.MENTOR, news)
        return
    for director_id in directors:
        say(director_id, Audience.DIRECTOR, news)


def say(recipient_id: UUID, audience: Audience, news: dict[str, Any]) -> None:
    emit(recipient_id=recipient_id, audience=audience, event=StreamEventName.WORK_QUEUE, data=news)


def directors_of_enrolment(enrolment_id: UUID) -> list[UUID]:
    return list(CohortDirector.objects.filter(cohort__enrolments=enrolment_id).values_list("user_id", flat=True))
