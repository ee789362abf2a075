"""The mean score of each cohort, stored once a day in its zone. Source: product.md §9 "quality"."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from core.actions import action
from core.enums import Rank
from core.sql import fetch
from student_dashboard.aggregation import DashboardAggregationService

STORE = """
INSERT INTO missions_cohortscore (cohort_id, local_date, mean_score, score_count)
SELECT c.id, (%(at)s AT TIME ZONE c.timezone)::date, round(avg(s.score), 2), count(*)
FROM users_cohort c
JOIN users_enrolment e ON e.cohort_id = c.id AND e.state = 'active'
JOIN missions_missionsubmission s ON s.enrolment_id = e.id AND s.score IS NOT NULL
JOIN missions_mission m ON m.id = s.mission_id AND m.is_published
WHERE NOT EXISTS (SELECT FROM missions_cohortscore known
  WHERE known.cohort_id = c.id AND known.local_date = (%(at)s AT TIME ZONE c.timezone)::date)
GROUP BY c.id, c.timezone ORDER BY c.id
ON CONFLICT (cohort_id, local_date) DO NOTHING RETURNING cohort_id::text, local_date, mean_score
"""

#: Whose quality rests on a mean: who has a score, in a cohort whose mean is another one than it was.
MOVED = """
SELECT DISTINCT e.student_id FROM unnest(%(cohorts)s::uuid[], %(days)s::date[], %(means)s::numeric[])
  AS stored(cohort_id, local_date, mean_score)
LEFT JOIN LATERAL (SELECT k.mean_score FROM missions_cohortscore k
  WHERE k.cohort_id = stored.cohort_id AND k.local_date < stored.local_date
  ORDER BY k.local_date DESC LIMIT 1) AS before ON true
JOIN users_enrolment e ON e.cohort_id = stored.cohort_id AND e.state = 'active'
JOIN missions_missionsubmission s ON s.enrolment_id = e.id AND s.score IS NOT NULL
WHERE before.mean_score IS DISTINCT FROM stored.mean_score ORDER BY e.student_id
"""


@action
def store_cohort_scores(*, at: datetime) -> int:
    """Store today's mean (0..100) of the scores that stand for each cohort that lacks it; how many.

    Asks for the refresh of everybody whose quality moves with it. A cohort without a score has none. Acts as the
    system; a second run on the same day stores nothing.
    """
    stored = store_means(at=at)
    if stored:
        cohorts, days, means = (list(column) for column in zip(*stored, strict=True))
        for (student_id,) in fetch(MOVED, cohorts=cohorts, days=days, means=means):
            DashboardAggregationService.queue_update(student_id, "cohort_mean", Rank.LOW)
    return len(stored)


def store_means(*, at: datetime) -> list[tuple[str, date, Decimal]]:
    """(cohort, local date, mean) of what `store_cohort_scores` stores; nobody's refresh is asked for."""
    return [(cohort_id, day, mean) for cohort_id, day, mean in fetch(STORE, at=at)]
