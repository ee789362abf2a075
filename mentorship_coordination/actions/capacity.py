"""Tells when a mentor has more than she can carry; breaks nothing by itself. Source: product.md §6."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from core.actions import action
from core.enums import Audience, StreamEventName
from core.stream.publish import emit
from mentorship_coordination.actions.notifications import notify
from mentorship_coordination.enums import NotificationKind
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.selectors.capacity import Overload, list_overloads
from mentorship_coordination.selectors.responsible import map_responsible


@action
def check_mentor_capacity(*, at: datetime) -> int:
    """Tell each overloaded mentor and whoever answers for her cohorts, once per episode; how many notices were new.

    An episode of mentees is the state of the mentor's profile (only a lowered limit can bring it about); an episode of
    sessions is her week.
    """
    overloads = list_overloads(at)
    responsible = _responsible_for(each.mentor_id for each in overloads)
    return sum(_tell(each, responsible[each.mentor_id], at) for each in overloads)


def _responsible_for(mentor_ids: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    cohorts: dict[UUID, set[UUID]] = defaultdict(set)
    for mentor_id, cohort_id in (
        MenteeMentorAssignment.objects.live()
        .filter(mentor__in=list(mentor_ids))
        .values_list("mentor_id", "cohort_id")
        .distinct()
    ):
        cohorts[cohort_id].add(mentor_id)
    responsible: dict[UUID, set[UUID]] = defaultdict(set)
    for cohort_id, people in map_responsible(cohorts).items():
        for mentor_id in cohorts[cohort_id]:
            responsible[mentor_id].update(people)
    return responsible


def _tell(overload: Overload, responsible: set[UUID], at: datetime) -> int:
    told = 0
    if overload.has_too_many_mentees:
        told += _tell_all(
            overload,
            responsible,
            key=f"mentees:{overload.mentor_id}:{overload.revision}",
            fact=f"{overload.mentees} mentees, {overload.max_mentees} at most",
            at=at,
        )
    if overload.has_too_many_sessions:
        told += _tell_all(
            overload,
            responsible,
            key=f"sessions:{overload.mentor_id}:{overload.week}:{overload.weekly_sessions}",
            fact=f"{overload.sessions} sessions this week, {overload.weekly_sessions} at most",
            at=at,
        )
    if told:
        emit(
            recipient_id=overload.mentor_id,
            audience=Audience.MENTOR,
            event=StreamEventName.CAPACITY,
            data={"mentees": overload.mentees, "sessions": overload.sessions},
        )
    return told


def _tell_all(overload: Overload, responsible: set[UUID], *, key: str, fact: str, at: datetime) -> int:
    people = [overload.mentor_id, *sorted(responsible)]
    return sum(
        notify(
            recipient_id=person,
            kind=NotificationKind.CAPACITY,
            title="You are over your capacity" if person == overload.mentor_id else f"{overload.name} is over capacity",
            body=f"{fact}. New matches and bookings are stopped until there is room.",
            url="",
            dedupe_key=f"capacity:{key}",
            by_mail=True,
            at=at,
        )
        for person in people
    )
