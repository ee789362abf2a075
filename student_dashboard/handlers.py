"""What this app does when it hears a fact of the app below."""

from __future__ import annotations

from core.enums import Rank
from core.events import handles
from student_dashboard.aggregation import DashboardAggregationService
from users.events import ZoneChanged


@handles(ZoneChanged)
def count_days_anew(event: ZoneChanged) -> None:
    """Her days begin at another instant now: streaks, due dates and the day of her readiness are counted anew."""
    DashboardAggregationService.queue_update(event.person_id, "zone_changed", Rank.NORMAL)
