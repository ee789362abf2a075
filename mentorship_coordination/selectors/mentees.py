"""A mentor's current mentees. Source: product.md §1."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast

from core.kept import kept
from core.sql import as_texts, columns_of, fetch_instances, fetch_planned
from mentorship_coordination.enums import SessionStatus
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.models.sessions import SessionParticipant
from mentorship_coordination.sql_relations import CURRENT


def with_figures(pairs: QuerySet[MenteeMentorAssignment]) -> QuerySet[MenteeMentorAssignment]:
    """Each pair with what the mentee's snapshot says; all None before her first refresh."""
    streak = KeyTextTransform("current_streak", KeyTransform("habits", "mentee__dashboard__sections"))
    return pairs.annotate(
        readiness=F("mentee__dashboard__readiness"),
        trend_7d=F("mentee__dashboard__trend_7d"),
        risk_score=F("mentee__dashboard__risk_score"),
        risk_parts=F("mentee__dashboard__risk_parts"),
        risk_since=F("mentee__dashboard__risk_since"),
        habit_streak=Cast(streak, IntegerField()),
    )


def list_mentees(mentor_id: UUID, at: datetime) -> QuerySet[MenteeMentorAssignment]:
    """The current pairs of a mentor with the figures of the list, each a column of the one query."""
    open_items = (
        MentorWorkQueue.objects.of_mentor(mentor_id)
        .open()
        .filter(mentee=OuterRef("mentee"))
        .order_by()
        .values("mentee")
    )
    flags = MentorFlag.objects.unresolved().filter(mentee=OuterRef("mentee")).order_by().values("mentee")
    upcoming = SessionParticipant.objects.filter(
        person=OuterRef("mentee"), is_active=True, session__status=SessionStatus.SCHEDULED, session__ends_at__gt=at
    )
    pairs = MenteeMentorAssignment.objects.of_mentor(mentor_id).current()
    return with_figures(pairs.select_related("mentee", "cohort__track", "enrolment")).annotate(
        open_items=Subquery(open_items.annotate(n=Count("id")).values("n")),
        overdue_items=Subquery(open_items.filter(due_at__lt=at).annotate(n=Count("id")).values("n")),
        unresolved_flags=Subquery(flags.annotate(n=Count("id")).values("n")),
        next_session_at=Subquery(upcoming.order_by("session__starts_at").values("session__starts_at")[:1]),
    )


@kept
def fetch_mentees(
    mentor_id: UUID, at: datetime, *, order: tuple[str, ...], most: int | None = None
) -> QuerySet[MenteeMentorAssignment]:
    """The first `most` of `list_mentees`, or all."""
    return list_mentees(mentor_id, at).order_by(*order)[:most]


PAIRS_WITH = f"""
FROM mentorship_coordination_menteementorassignment a
WHERE a.mentor_id = %(mentor)s AND a.mentee_id = ANY (%(mentees)s::uuid[]) AND a.state IN {CURRENT}
"""
ENROLMENTS = f"SELECT a.enrolment_id {PAIRS_WITH} ORDER BY a.enrolment_id"
PAIRS = f"""
SELECT DISTINCT ON (a.mentee_id) {columns_of(MenteeMentorAssignment, "a")} {PAIRS_WITH}
ORDER BY a.mentee_id, a.is_primary DESC, a.id
"""


def list_current_enrolments(mentor_id: UUID, mentee_ids: Iterable[UUID]) -> list[UUID]:
    """Of the mentor's pairs with these mentees, in the order in which enrolments are locked. One query."""
    return [enrolment for (enrolment,) in fetch_planned(ENROLMENTS, mentor=mentor_id, mentees=as_texts(mentee_ids))]


def list_current_pairs(mentor_id: UUID, mentee_ids: Iterable[UUID]) -> list[MenteeMentorAssignment]:
    """One a mentee, by the mentees' ids: the mentor's own rather than one in which she stands in. One query."""
    return fetch_instances(MenteeMentorAssignment, PAIRS, mentor=mentor_id, mentees=as_texts(mentee_ids))


def find_current_assignment(mentee_id: UUID) -> MenteeMentorAssignment | None:
    """The newest pair that a student is in now, with her mentor; None while she waits for one."""
    return next(iter(_fetch_current(mentee_id)), None)


def find_asked_assignment(mentee_id: UUID) -> MenteeMentorAssignment | None:
    """The pair that a student asks for a session, as `app.request_session` finds it: who stands in comes first."""
    return next(iter(_fetch_asked(mentee_id)), None)


@kept
def _fetch_asked(mentee_id: UUID) -> QuerySet[MenteeMentorAssignment]:
    pairs = MenteeMentorAssignment.objects.of_mentee(mentee_id).current()
    pairs = pairs.filter(Q(is_primary=True) | Q(stands_in_until__isnull=False))
    return pairs.select_related("mentor", "mentee", "cohort__track").order_by("state", "is_primary", "-created_at")[:1]


@kept
def _fetch_current(mentee_id: UUID) -> QuerySet[MenteeMentorAssignment]:
    pairs = MenteeMentorAssignment.objects.of_mentee(mentee_id).primary().current()
    return pairs.select_related("mentor", "mentee", "cohort__track")[:1]


class PresentMentor(NamedTuple):
    """Who mentors a student now; `since` is None while the pair has not begun."""

    mentor_id: str
    name: str
    state: str
    since: datetime | None


#: A pending pair has not begun; of two current ones there is none (one_primary_mentor).
PRESENT_MENTORS = """
SELECT a.mentee_id, a.mentor_id::text, u.name, a.state, a.started_at
FROM mentorship_coordination_menteementorassignment a JOIN users_user u ON u.id = a.mentor_id
WHERE a.mentee_id = ANY (%(mentees)s::uuid[]) AND a.is_primary AND a.state IN ('active', 'paused')
ORDER BY a.created_at
"""


def list_present_mentors(mentee_ids: Iterable[UUID]) -> dict[UUID, PresentMentor]:
    """Mentee → her present mentor; who waits for one is missing. One query, fast for hundreds of mentees."""
    rows = fetch_planned(PRESENT_MENTORS, mentees=as_texts(mentee_ids))
    return {mentee_id: PresentMentor(*mentor) for mentee_id, *mentor in rows}
