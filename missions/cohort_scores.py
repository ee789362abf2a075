"""The mean score of each cohort, stored once a day in its zone. Source: product.md §9 "quality"."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from core.actions import action

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
ON CONFLICT (cohort_id, local_date) DO NOTHING
"""


@action
def store_cohort_scores(*, at: datetime) -> int:
    """Store today's mean (0..100) of the scores that stand for each cohort that lacks it; how many.

    A cohort without a score has none. Acts as the system; a second run on the same day stores nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute(STORE, {"at": at})
        return int(cursor.rowcount)
