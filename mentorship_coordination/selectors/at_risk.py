"""The mentees whom a mentor should look at first. Source: product.md §8."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from core.sql import fetch_planned
from mentorship_coordination.enums import Severity
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.selectors.risk import RiskReason, reasons_of

#: In the order of the model, which `from_db` asks for.
FLAG = ("id", "category", "severity", "reason", "state", "created_at")
#: The worst flag of each mentee, and how many more there are; her overdue items; what her snapshot says.
AT_RISK = """
WITH flags AS (
  SELECT DISTINCT ON (f.mentee_id) f.mentee_id, f.id, f.severity, f.category, f.reason, f.state, f.created_at,
    count(*) OVER (PARTITION BY f.mentee_id) AS unresolved
  FROM mentorship_coordination_mentorflag f WHERE f.mentor_id = %(mentor)s AND f.state IN ('open', 'acknowledged')
  ORDER BY f.mentee_id, f.severity DESC, f.created_at, f.id
), late AS (
  SELECT i.mentee_id, count(*) AS items FROM mentorship_coordination_mentorworkqueue i
  WHERE i.mentor_id = %(mentor)s AND i.status IN ('pending', 'in_progress') AND i.due_at < %(at)s
  GROUP BY i.mentee_id
)
SELECT a.mentee_id, (SELECT u.name FROM users_user u WHERE u.id = a.mentee_id), d.readiness, d.trend_7d,
  (d.sections->'habits'->>'current_streak')::int, d.risk_score, d.risk_since, d.risk_parts,
  coalesce(flags.unresolved, 0), coalesce(late.items, 0),
  flags.id, flags.category, flags.severity, flags.reason, flags.state, flags.created_at
FROM mentorship_coordination_menteementorassignment a
LEFT JOIN student_dashboard_studentdashboard d ON d.student_id = a.mentee_id
LEFT JOIN flags ON flags.mentee_id = a.mentee_id
LEFT JOIN late ON late.mentee_id = a.mentee_id
WHERE a.mentor_id = %(mentor)s AND a.state IN ('active', 'paused')
  AND (d.risk_since IS NOT NULL OR flags.id IS NOT NULL OR late.items IS NOT NULL)
"""


@dataclass(frozen=True, slots=True)
class MenteeAtRisk:
    """A current mentee with unresolved flags, overdue items or a risk score over the limit.

    `flag` is the worst, `reasons` the parts of the score; figures without data are None.
    """

    mentee_id: UUID
    name: str
    readiness: Decimal | None
    readiness_trend: Decimal | None
    habit_streak: int | None
    risk_score: Decimal | None
    risk_since: datetime | None
    reasons: list[RiskReason]
    flag: MentorFlag | None
    unresolved_flags: int
    overdue_items: int


def list_mentees_at_risk(mentor_id: UUID, at: datetime) -> list[MenteeAtRisk]:
    """Worst flag first, then highest risk over the limit, most overdue items, name. One query."""
    found = {row[0]: _at_risk(*row) for row in fetch_planned(AT_RISK, mentor=mentor_id, at=at)}
    return sorted(found.values(), key=_urgency)


def _at_risk(
    mentee_id: UUID,
    name: str,
    readiness: Decimal | None,
    trend: Decimal | None,
    streak: int | None,
    score: Decimal | None,
    since: datetime | None,
    parts: str | None,
    unresolved: int,
    overdue: int,
    *flag: Any,
) -> MenteeAtRisk:
    return MenteeAtRisk(
        mentee_id=mentee_id,
        name=name,
        readiness=readiness,
        readiness_trend=trend,
        habit_streak=streak,
        risk_score=score,
        risk_since=since,
        reasons=reasons_of(json.loads(parts or "[]")),
        flag=MentorFlag.from_db("default", FLAG, flag) if unresolved else None,
        unresolved_flags=unresolved,
        overdue_items=overdue,
    )


def _urgency(mentee: MenteeAtRisk) -> tuple[int, float, int, str, UUID]:
    severity = Severity(mentee.flag.severity) if mentee.flag else 0
    risk = float(mentee.risk_score or 0) if mentee.risk_since else 0.0
    return -severity, -risk, -mentee.overdue_items, mentee.name, mentee.mentee_id
