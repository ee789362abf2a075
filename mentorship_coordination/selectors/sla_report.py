"""How well service levels were kept, per cohort and per mentor. Source: product.md §4.

Response: from the start of the student's clock to the end of the work, as the student lived it, nights included.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from core.sql import as_texts, fetch
from mentorship_coordination.selectors.period_reports import LineOf, PeriodReport, line_of, report_of


class Cause(StrEnum):
    """What stood in the way when an item ran out of time; the first that holds."""

    NO_MENTOR = "no_mentor"
    MENTOR_AWAY = "mentor_away"
    OVER_CAPACITY = "over_capacity"
    NOT_REACHED = "not_reached"


class Step(StrEnum):
    DAY = "day"
    WEEK = "week"


CAUSES_IN_WORDS = {
    Cause.NO_MENTOR: "the student had no active mentor",
    Cause.MENTOR_AWAY: "the mentor was away",
    Cause.OVER_CAPACITY: "the mentor was over capacity",
    Cause.NOT_REACHED: "not reached in time",
}

FINISHED = """
SELECT grouping(i.cohort_id) = 0, grouping(i.mentor_id) = 0, coalesce(i.cohort_id, i.mentor_id), count(*),
  count(*) FILTER (WHERE i.completed_at <= i.due_at),
  percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY extract(epoch FROM i.completed_at - i.clock_started_at))
FROM mentorship_coordination_mentorworkqueue i
WHERE i.status = 'completed' AND i.completed_at >= %(from)s AND i.completed_at < %(to)s
  AND i.cohort_id = ANY (%(cohorts)s::uuid[]) AND (%(mentor)s::uuid IS NULL OR i.mentor_id = %(mentor)s)
GROUP BY GROUPING SETS ((i.cohort_id), (i.mentor_id), ())
"""
#: Whoever had the work when its time ran out answers for it, wherever it went afterwards.
BREACHED = f"""
SELECT grouping(b.cohort_id) = 0, grouping(b.mentor_id) = 0, coalesce(b.cohort_id, b.mentor_id), b.cause, count(*)
FROM (
  SELECT i.cohort_id, w.mentor_id, CASE
    WHEN w.mentor_id IS NULL THEN '{Cause.NO_MENTOR}'
    WHEN EXISTS (SELECT FROM mentorship_coordination_mentorabsence o WHERE o.mentor_id = w.mentor_id
      AND o.starts_at <= i.breached_at AND o.ends_at > i.breached_at) THEN '{Cause.MENTOR_AWAY}'
    WHEN EXISTS (SELECT FROM mentorship_coordination_capacityepisode c WHERE c.mentor_id = w.mentor_id
      AND c.began_at <= i.breached_at AND (c.ended_at IS NULL OR c.ended_at > i.breached_at))
      THEN '{Cause.OVER_CAPACITY}'
    ELSE '{Cause.NOT_REACHED}' END AS cause
  FROM mentorship_coordination_mentorworkqueue i
  LEFT JOIN LATERAL (
    SELECT a.mentor_id FROM mentorship_coordination_menteementorassignment a
    WHERE a.enrolment_id = i.enrolment_id AND (a.is_primary OR a.stands_in_until IS NOT NULL)
      AND a.started_at <= i.breached_at AND (a.ended_at IS NULL OR a.ended_at > i.breached_at)
      AND 'paused' IS DISTINCT FROM (SELECT e.state FROM mentorship_coordination_assignmententry e
        WHERE e.assignment_id = a.id AND e.created_at <= i.breached_at ORDER BY e.created_at DESC, e.id DESC LIMIT 1)
    ORDER BY a.is_primary LIMIT 1) w ON true
  WHERE i.breached_at >= %(from)s AND i.breached_at < %(to)s AND i.status <> 'cancelled'
    AND i.cohort_id = ANY (%(cohorts)s::uuid[]) AND (%(mentor)s::uuid IS NULL OR w.mentor_id = %(mentor)s)) b
GROUP BY GROUPING SETS ((b.cohort_id, b.cause), (b.mentor_id, b.cause), (b.cause))
"""  # noqa: S608 - composed of our own words


#: By local days, or by local weeks from Monday.
COURSE = """
SELECT (date_trunc(%(step)s, i.completed_at AT TIME ZONE %(zone)s))::date, count(*),
  count(*) FILTER (WHERE i.completed_at <= i.due_at)
FROM mentorship_coordination_mentorworkqueue i
WHERE i.status = 'completed' AND i.completed_at >= %(from)s AND i.completed_at < %(to)s
  AND i.cohort_id = ANY (%(cohorts)s::uuid[])
GROUP BY 1 ORDER BY 1
"""


@dataclass(slots=True)
class SlaLine:
    """One cohort, one mentor (`id` None: the pool) or all. Seconds; None where nothing was finished.

    `finished` and `on_time` count what was finished in the period, `breaches` what ran out of time in it, by cause.
    """

    id: UUID | None
    name: str
    finished: int = 0
    on_time: int = 0
    median_seconds: float | None = None
    p90_seconds: float | None = None
    breaches: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Cause, 0))

    @property
    def on_time_share(self) -> float | None:
        return self.on_time / self.finished if self.finished else None

    @property
    def breached(self) -> int:
        return sum(self.breaches.values())


@dataclass(frozen=True, slots=True)
class FinishedIn:
    """What was finished in one step of a period, from its first local day on."""

    first: date
    finished: int
    on_time: int


#: Mentors with the smallest share on time first.
SlaReport = PeriodReport[SlaLine]


def get_sla_report(
    cohort_ids: Sequence[UUID], *, since: datetime, until: datetime, mentor_id: UUID | None = None
) -> SlaReport:
    """How the work of these cohorts (and of one mentor, when named) went. Four queries."""
    values: dict[str, Any] = {"from": since, "to": until, "cohorts": as_texts(cohort_ids), "mentor": mentor_id}
    lines: dict[LineOf, dict[UUID | None, SlaLine]] = defaultdict(dict)
    for by_cohort, by_mentor, key, finished, on_time, shares in fetch(FINISHED, **values):
        line = _line(lines, line_of(by_cohort, by_mentor), key)
        line.finished, line.on_time = finished, on_time
        line.median_seconds, line.p90_seconds = shares or (None, None)
    for by_cohort, by_mentor, key, cause, count in fetch(BREACHED, **values):
        _line(lines, line_of(by_cohort, by_mentor), key).breaches[cause] = count
    return report_of(
        {kind: list(found.values()) for kind, found in lines.items()},
        since=since,
        until=until,
        empty_total=SlaLine(None, "All"),
        worst_first=_worst_first,
    )


def get_sla_course(
    cohort_ids: Sequence[UUID], *, since: datetime, until: datetime, step: Step, zone: str
) -> list[FinishedIn]:
    """What these cohorts' mentors finished in `[since, until)`, a line for each local day or week that has some."""
    rows = fetch(
        COURSE,
        **{"from": since, "to": until, "cohorts": as_texts(cohort_ids), "step": step.value, "zone": zone},
    )
    return [FinishedIn(*row) for row in rows]


def _line(lines: dict[LineOf, dict[UUID | None, SlaLine]], kind: LineOf, key: UUID | None) -> SlaLine:
    names = {LineOf.ALL: "All", LineOf.MENTOR: "In the pool" if key is None else "A former mentor", LineOf.COHORT: ""}
    return lines[kind].setdefault(key, SlaLine(key, names[kind]))


def _worst_first(line: SlaLine) -> tuple[float, int, str, str]:
    share = line.on_time_share
    return (2.0 if share is None else share), -line.breached, line.name, str(line.id)
