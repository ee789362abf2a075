"""Who came to sessions and who did not: a part of readiness and a signal of risk. Source: product.md §8, §9."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from core.clock import rfc3339
from core.sql import as_texts, fetch_planned
from student_dashboard.readiness import ReadinessPart
from student_dashboard.risk import RiskSignal

MISSES_COUNT_FOR = timedelta(days=28)
POINTS_OF_A_MISS, MOST_FOR_MISSES = 10, 20

#: Presence is known of sessions that were held or that the mentee missed; what the mentor missed says nothing of her.
#: A late cancellation is hers, less than a day ahead, of a session of two (product.md §7).
ATTENDANCE = """
SELECT p.person_id, count(*) FILTER (WHERE p.attended)::int, count(*) FILTER (WHERE NOT p.attended)::int,
  count(*) FILTER (WHERE s.is_late_cancel)::int,
  max(s.ends_at) FILTER (WHERE p.attended),
  array_agg(s.id ORDER BY s.starts_at) FILTER (WHERE NOT p.attended AND s.starts_at > %(since)s),
  array_agg(s.title::text ORDER BY s.starts_at) FILTER (WHERE NOT p.attended AND s.starts_at > %(since)s),
  array_agg(s.starts_at ORDER BY s.starts_at) FILTER (WHERE NOT p.attended AND s.starts_at > %(since)s)
FROM mentorship_coordination_sessionparticipant p
JOIN mentorship_coordination_mentorsession s ON s.id = p.session_id
WHERE p.enrolment_id = ANY (%(enrolments)s::uuid[]) AND p.role = 'mentee'
  AND (s.status IN ('completed', 'no_show_mentee') AND p.attended IS NOT NULL
    OR s.status = 'cancelled_by_mentee' AND s.is_late_cancel)
GROUP BY p.person_id
"""


@dataclass(frozen=True, slots=True)
class Missed:
    session_id: UUID
    title: str
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Attendance:
    """Of one enrolment: sessions attended, missed and called off late, the end of the last attended, misses lately."""

    attended: int = 0
    missed: int = 0
    late_cancellations: int = 0
    last_at: datetime | None = None
    missed_lately: tuple[Missed, ...] = ()

    def inputs(self) -> dict[str, Any]:
        return {"attended": self.attended, "missed": self.missed}

    def evidence(self) -> dict[str, Any]:
        return {
            "sessions": [
                {"session_id": str(each.session_id), "title": each.title, "at": rfc3339(each.starts_at)}
                for each in self.missed_lately
            ]
        }


def attendance_value(inputs: Mapping[str, Any]) -> float | None:
    """Sessions attended over sessions attended or missed; None before the first."""
    known = inputs["attended"] + inputs["missed"]
    return inputs["attended"] / known if known else None


def miss_points(evidence: Mapping[str, Any]) -> int:
    """Ten points for each session missed in the last 28 days."""
    return min(MOST_FOR_MISSES, POINTS_OF_A_MISS * len(evidence["sessions"]))


PARTS = (ReadinessPart("attendance", 15, attendance_value),)
SIGNALS = (RiskSignal("missed_sessions", MOST_FOR_MISSES, miss_points),)


def attendance_of(enrolment_ids: Iterable[UUID], at: datetime) -> dict[UUID, Attendance]:
    """Student → attendance of the given enrolments as of `at`; who has none is missing. One query."""
    rows = fetch_planned(ATTENDANCE, enrolments=as_texts(enrolment_ids), since=at - MISSES_COUNT_FOR)
    return {
        student_id: Attendance(
            attended, missed, late, last_at, tuple(map(Missed, ids or (), titles or (), starts or ()))
        )
        for student_id, attended, missed, late, last_at, ids, titles, starts in rows
    }
