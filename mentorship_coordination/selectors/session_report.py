"""How sessions went, per cohort and mentor: held, missed, called off late by either side. Source: product.md §7."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from core.sql import as_texts, fetch
from mentorship_coordination.selectors.period_reports import LineOf, PeriodReport, line_of, report_of
from mentorship_coordination.selectors.session_figures import OUTCOMES

SESSIONS: Final = f"""
SELECT grouping(s.cohort_id) = 0, grouping(s.mentor_id) = 0, coalesce(s.cohort_id, s.mentor_id), {OUTCOMES}
FROM mentorship_coordination_mentorsession s
WHERE s.starts_at >= %(from)s AND s.starts_at < %(to)s AND s.cohort_id = ANY (%(cohorts)s::uuid[])
  AND (%(mentor)s::uuid IS NULL OR s.mentor_id = %(mentor)s)
GROUP BY GROUPING SETS ((s.cohort_id), (s.mentor_id), ())
"""  # noqa: S608 - composed of our own words


@dataclass(slots=True)
class SessionLine:
    """One cohort, one mentor or all. A group counts once; late is less than 24 hours ahead."""

    id: UUID | None
    name: str
    held: int = 0
    mentee_no_shows: int = 0
    mentor_no_shows: int = 0
    mentee_late_cancellations: int = 0
    mentor_late_cancellations: int = 0

    @property
    def attendance_rate(self) -> float | None:
        """Of the sessions that were to take place and that no mentor kept from it: how many did."""
        expected = self.held + self.mentee_no_shows + self.mentee_late_cancellations
        return self.held / expected if expected else None


#: Of sessions that began, or were to begin, in the period; mentors with the lowest attendance first.
SessionReport = PeriodReport[SessionLine]


def get_session_report(
    cohort_ids: Sequence[UUID], *, since: datetime, until: datetime, mentor_id: UUID | None = None
) -> SessionReport:
    """How the sessions of these cohorts (and of one mentor, when named) went. Three queries."""
    values: dict[str, Any] = {"from": since, "to": until, "cohorts": as_texts(cohort_ids), "mentor": mentor_id}
    lines: dict[LineOf, list[SessionLine]] = defaultdict(list)
    for by_cohort, by_mentor, key, *counts in fetch(SESSIONS, **values):
        kind = line_of(by_cohort, by_mentor)
        line = SessionLine(key, "A former mentor" if kind == LineOf.MENTOR else "All", *counts)
        if any(counts):
            lines[kind].append(line)
    return report_of(lines, since=since, until=until, empty_total=SessionLine(None, "All"), worst_first=_lowest_first)


def _lowest_first(line: SessionLine) -> tuple[float, str, str]:
    rate = line.attendance_rate
    return (2.0 if rate is None else rate), line.name, str(line.id)
