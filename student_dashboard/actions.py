"""What an admin may do with the outbox."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from core.actions import action
from core.enums import Rank
from student_dashboard.aggregation import DashboardAggregationService
from student_dashboard.models import DashboardUpdateQueue


@action
def revive_refreshes(*, row_ids: Collection[int], at: datetime) -> int:
    """Ask again for the refreshes among `row_ids` that were given up; returns how many there were."""
    dead = DashboardUpdateQueue.objects.filter(pk__in=row_ids, dead_at__isnull=False)
    students = list(dead.select_for_update().values_list("student_id", flat=True))
    dead.delete()
    for student_id in students:
        DashboardAggregationService.queue_update(student_id, "revived", Rank.NORMAL)
    return len(students)
