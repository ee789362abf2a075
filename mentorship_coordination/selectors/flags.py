"""Flags as mentors and directors see them; students have no way here. Source: product.md §8."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Max, Prefetch, QuerySet

from core.errors import NotVisible
from core.kept import attach, kept
from core.sql import as_texts, columns_of, fetch, fetch_instances, fetch_planned
from mentorship_coordination.enums import FlagEntryKind, Severity
from mentorship_coordination.models.flags import MentorFlag, MentorFlagEntry
from users.models import CohortDirector
from users.selectors import name_of


def list_flags_of_mentor(mentor_id: UUID) -> QuerySet[MentorFlag]:
    """Worst first, then newest; resolved ones included."""
    return _with_people(MentorFlag.objects.filter(mentor=mentor_id))


def fetch_flags_of_mentor(mentor_id: UUID, *, most: int) -> list[MentorFlag]:
    """The first `most` of `list_flags_of_mentor`. A second query for their entries."""
    return _with_entries_read(_fetch_of_mentor(mentor_id, most=most))


def get_flag_of_mentor(mentor_id: UUID, flag_id: UUID) -> MentorFlag:
    """One of `list_flags_of_mentor`. A second query for its entries. Raises NotVisible."""
    found = _with_entries_read(_fetch_one(mentor_id, flag_id))
    if not found:
        raise NotVisible
    return found[0]


def _with_entries_read(flags: list[MentorFlag]) -> list[MentorFlag]:
    if flags:
        entries = fetch_instances(MentorFlagEntry, ENTRIES, flags=as_texts(each.pk for each in flags))
        attach(flags, "entries", entries)
    return flags


@kept
def _fetch_one(mentor_id: UUID, flag_id: UUID) -> QuerySet[MentorFlag]:
    return list_flags_of_mentor(mentor_id).prefetch_related(None).filter(pk=flag_id)


@kept
def _fetch_of_mentor(mentor_id: UUID, *, most: int) -> QuerySet[MentorFlag]:
    return list_flags_of_mentor(mentor_id).prefetch_related(None)[:most]


#: As `_with_people` has them.
ENTRIES = f"""
SELECT {columns_of(MentorFlagEntry, "e")} FROM mentorship_coordination_mentorflagentry e
WHERE e.flag_id = ANY (%(flags)s::uuid[]) ORDER BY e.created_at, e.id
"""  # noqa: S608 - columns of our own model


def list_flags_of_cohorts(cohort_ids: Iterable[UUID]) -> QuerySet[MentorFlag]:
    """Worst first, then newest; resolved ones included."""
    return _with_people(MentorFlag.objects.filter(cohort__in=list(cohort_ids)))


def list_directed_cohorts(director_id: UUID) -> list[UUID]:
    return list(CohortDirector.objects.filter(user=director_id).values_list("cohort_id", flat=True))


DIRECTORS = "SELECT user_id FROM users_cohortdirector WHERE cohort_id = %(cohort)s ORDER BY user_id"


def list_directors(cohort_id: UUID) -> list[UUID]:
    """In order of id."""
    return [director_id for (director_id,) in fetch_planned(DIRECTORS, cohort=cohort_id)]


def get_flag(flags: QuerySet[MentorFlag], flag_id: UUID) -> MentorFlag:
    """One of `flags`. Raises NotVisible."""
    flag = flags.filter(pk=flag_id).first()
    if flag is None:
        raise NotVisible
    return flag


def _with_people(flags: QuerySet[MentorFlag]) -> QuerySet[MentorFlag]:
    entries = MentorFlagEntry.objects.order_by("created_at", "id")
    return (
        flags.annotate(mentee_name=name_of("mentee_id"), mentor_name=name_of("mentor_id"))
        .prefetch_related(Prefetch("entries", queryset=entries))
        .order_by("-severity", "-created_at", "-id")
    )


GRAVELY_FLAGGED = """
SELECT DISTINCT mentee_id FROM mentorship_coordination_mentorflag
WHERE mentee_id = ANY (%(mentees)s::uuid[]) AND state <> 'resolved' AND severity >= %(lowest)s
"""


def list_gravely_flagged(mentee_ids: Iterable[UUID]) -> set[UUID]:
    """Who of `mentee_ids` has an unresolved flag of high or critical severity. One query."""
    rows = fetch_planned(GRAVELY_FLAGGED, mentees=as_texts(mentee_ids), lowest=Severity.HIGH.value)
    return {mentee_id for (mentee_id,) in rows}


#: What begins an episode of a flag.
BEGINS = (FlagEntryKind.RAISED, FlagEntryKind.WORSENED, FlagEntryKind.REOPENED)


#: An escalation at `last` times the patience has told everybody, an earlier one whoever is asked first.
PAST_PATIENCE = """
SELECT f.id FROM mentorship_coordination_mentorflag f
JOIN unnest(%(severities)s::smallint[], %(patience)s::interval[]) p (severity, patience) ON p.severity = f.severity
CROSS JOIN LATERAL (
  SELECT coalesce(max(e.created_at) FILTER (WHERE e.kind = ANY (%(begins)s)), f.created_at) AS begun_at,
    max(e.created_at) FILTER (WHERE e.kind = 'escalated') AS told_at
  FROM mentorship_coordination_mentorflagentry e WHERE e.flag_id = f.id) told
WHERE f.state = 'open' AND f.created_at <= %(at)s - p.patience AND told.begun_at <= %(at)s - p.patience
  AND (told.told_at IS NULL OR told.told_at < told.begun_at
    OR told.told_at < told.begun_at + %(last)s * p.patience AND told.begun_at <= %(at)s - %(last)s * p.patience)
ORDER BY f.severity DESC, f.id
"""


def list_flags_past_patience(patience: Mapping[Severity, timedelta], at: datetime, *, last: int) -> list[UUID]:
    """Open flags whose present episode is as old as their severity's patience, or `last` times as old, and of which
    nobody has been told since; gravest first. One query.
    """
    grave = {severity.value: wait for severity, wait in patience.items()}
    values = {"severities": list(grave), "patience": list(grave.values()), "begins": [each.value for each in BEGINS]}
    return [flag_id for (flag_id,) in fetch(PAST_PATIENCE, at=at, last=last, **values)]


def told_at(flag: MentorFlag) -> datetime:
    """When the flag's present episode began: raised, worsened or reopened last. One query."""
    last = flag.entries.filter(kind__in=BEGINS).aggregate(at=Max("created_at"))["at"]
    return last or flag.created_at
