"""Who is away, and who stands in for whom. Source: product.md §6."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from core.sql import fetch
from mentorship_coordination.models.assignments import AvailabilityOverride, MentorAbsence
from mentorship_coordination.models.sessions import MentorSession


class StandIn(NamedTuple):
    """A mentee of a mentor who is away, and the backup who could stand in until `until`."""

    enrolment_id: UUID
    cohort_id: UUID
    mentee_id: UUID
    mentor_id: UUID
    backup_id: UUID
    until: datetime


#: Of absences that overlap, the one that ends last counts. Nobody stands in who is away herself, who leaves, or who is
#: the student.
COVERED = """
SELECT DISTINCT ON (a.enrolment_id) a.enrolment_id, a.cohort_id, a.mentee_id, a.mentor_id, b.backup_id, b.ends_at
FROM mentorship_coordination_menteementorassignment a
JOIN mentorship_coordination_mentorabsence b
  ON b.mentor_id = a.mentor_id AND b.starts_at <= %(at)s AND b.ends_at > %(at)s
JOIN users_user u ON u.id = b.backup_id AND u.is_mentor AND u.is_active AND u.leaving_at IS NULL
WHERE a.is_primary AND a.state IN ('active', 'paused') AND b.backup_id <> a.mentee_id
  AND NOT EXISTS (SELECT FROM mentorship_coordination_mentorabsence o
    WHERE o.mentor_id = b.backup_id AND o.starts_at <= %(at)s AND o.ends_at > %(at)s)
  AND (%(enrolment)s::uuid IS NULL OR a.enrolment_id = %(enrolment)s)
ORDER BY a.enrolment_id, b.ends_at DESC, b.id
"""
TO_BEGIN = f"""
SELECT c.* FROM ({COVERED}) c
WHERE NOT EXISTS (SELECT FROM mentorship_coordination_menteementorassignment s
  WHERE s.enrolment_id = c.enrolment_id AND (s.stands_in_until IS NOT NULL OR s.mentor_id = c.backup_id)
    AND s.state IN ('pending', 'active', 'paused'))
ORDER BY c.enrolment_id
"""  # noqa: S608 - composed of our own words
TO_END = f"""
SELECT s.id FROM mentorship_coordination_menteementorassignment s
LEFT JOIN ({COVERED}) c ON c.enrolment_id = s.enrolment_id AND c.backup_id = s.mentor_id
WHERE s.stands_in_until IS NOT NULL AND s.state IN ('pending', 'active', 'paused')
  AND CASE WHEN s.relieves THEN s.stands_in_until <= %(at)s ELSE c.enrolment_id IS NULL END
ORDER BY s.enrolment_id
"""  # noqa: S608


def list_stand_ins_to_begin(at: datetime) -> list[StandIn]:
    """Those that an absence asks for and that have not begun. One query."""
    return [StandIn(*row) for row in fetch(TO_BEGIN, at=at, enrolment=None)]


def list_stand_ins_to_end(at: datetime) -> list[UUID]:
    """Ids of stand-in pairs that no absence asks for any more, or whose time is over. One query."""
    return [pk for (pk,) in fetch(TO_END, at=at, enrolment=None)]


def find_stand_in(stand_in: StandIn, at: datetime) -> StandIn | None:
    """The same, if it is still asked for and has not begun."""
    found = [StandIn(*row) for row in fetch(TO_BEGIN, at=at, enrolment=stand_in.enrolment_id)]
    return next((each for each in found if each.backup_id == stand_in.backup_id), None)


def list_own_absences(mentor_id: UUID, at: datetime) -> QuerySet[MentorAbsence]:
    """A mentor's absences that are not over, each with `sessions_within`: her planned sessions in it."""
    return with_sessions_within(MentorAbsence.objects.filter(mentor=mentor_id, ends_at__gt=at))


def with_sessions_within(absences: QuerySet[MentorAbsence]) -> QuerySet[MentorAbsence]:
    within = MentorSession.objects.scheduled().filter(
        mentor=OuterRef("mentor"), starts_at__lt=OuterRef("ends_at"), ends_at__gt=OuterRef("starts_at")
    )
    counted = within.order_by().values("mentor").values(count=Count("pk"))
    return absences.annotate(sessions_within=Coalesce(Subquery(counted), 0))


def list_own_dates(person_id: UUID, today: date) -> QuerySet[AvailabilityOverride]:
    """Dates from `today` on that have hours of their own, the next one first."""
    return AvailabilityOverride.objects.filter(person=person_id, local_date__gte=today).order_by("local_date")
