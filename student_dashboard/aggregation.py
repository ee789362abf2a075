"""The one way in for whatever changes what a student sees. Source: product.md §11, architecture.md §6."""

from __future__ import annotations

from uuid import UUID

from django.db import connection, transaction

from core import clock
from core.actions import buffer, register_flusher
from core.enums import Rank
from core.wakeup import wake
from users.models import User

DRAIN = "student_dashboard.drain_dashboard_updates"


class DashboardAggregationService:
    @classmethod
    def queue_update(cls, user: User | UUID, reason: str, priority: Rank) -> None:
        """Ask for a refresh of this student's dashboard; call it inside an action."""
        student_id = user.pk if isinstance(user, User) else user
        buffer("dashboard_updates", (student_id, priority, reason))


def _flush(items: list[tuple[UUID, Rank, str]]) -> None:
    wanted: dict[UUID, tuple[int, set[str]]] = {}
    for student_id, rank, reason in items:
        best, reasons = wanted.get(student_id, (int(rank), set()))
        wanted[student_id] = min(best, int(rank)), reasons | {reason}
    students = sorted(wanted)
    ranks = [wanted[each][0] for each in students]
    reasons_of = [",".join(sorted(wanted[each][1])) for each in students]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT app.queue_updates(%s::uuid[], %s::smallint[], %s::text[], %s)",
            [[str(each) for each in students], ranks, reasons_of, clock.now()],
        )
    transaction.on_commit(lambda: wake(DRAIN))


register_flusher("dashboard_updates", _flush, order=10)
