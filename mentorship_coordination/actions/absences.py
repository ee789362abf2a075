"""A backup stands in while a mentor is away: she gets the work, and gives back what is left. Source: product.md §6.

The stand-in is a pair beside the mentor's own, so that the backup may read, review and meet; it takes one of her
places. Triggers move open items and submissions, clocks unchanged; flags and figures stay with the mentor.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction
from django.urls import reverse

from core.actions import action
from core.clock import time_words
from core.errors import Conflict
from core.one_by_one import one_by_one
from mentorship_coordination.actions.assignments import end_assignment, save_assignment
from mentorship_coordination.actions.notifications import notify
from mentorship_coordination.enums import AssignmentState, NotificationKind
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.selectors.absences import (
    StandIn,
    find_stand_in,
    list_stand_ins_to_begin,
    list_stand_ins_to_end,
)
from missions.selectors import lock_enrolment
from users.models import User

REASON = "The mentor has the work again."

logger = structlog.get_logger(__name__)


def follow_absences(*, at: datetime) -> int:
    """Let stand-ins begin and end as the absences say; how many did. Run as the system, a transaction a pair.

    A mentee for whom the backup has no place stays with her mentor. Safe to run again.
    """
    with transaction.atomic():
        ending, beginning = list_stand_ins_to_end(at), list_stand_ins_to_begin(at)
    began: Counter[tuple[UUID, UUID, datetime]] = Counter()

    def begin(each: StandIn) -> bool:
        try:
            has_begun = _begin(stand_in=each, at=at)
        except Conflict as refusal:
            logger.info("a backup does not stand in", enrolment=str(each.enrolment_id), code=refusal.code)
            return False
        began[each.backup_id, each.mentor_id, each.until] += has_begun
        return has_begun

    with one_by_one("letting a stand-in begin or end") as rows:
        moved = rows.count(ending, lambda pk: _end(assignment_id=pk, at=at)) + rows.count(beginning, begin)
        for (backup_id, mentor_id, until), count in (+began).items():
            _tell_backup(backup_id=backup_id, mentor_id=mentor_id, until=until, count=count, at=at)
        return moved


@action
def _begin(*, stand_in: StandIn, at: datetime) -> bool:
    lock_enrolment(stand_in.enrolment_id)
    # Read again: the mentor may be back, or the pair over, by now.
    if find_stand_in(stand_in, at) is None:
        return False
    save_assignment(
        MenteeMentorAssignment(
            enrolment_id=stand_in.enrolment_id,
            cohort_id=stand_in.cohort_id,
            mentee_id=stand_in.mentee_id,
            mentor_id=stand_in.backup_id,
            is_primary=False,
            stands_in_until=stand_in.until,
            state=AssignmentState.ACTIVE,
            started_at=at,
            created_at=at,
        ),
        by=None,
        at=at,
        reason="Stands in.",
    )
    return True


@action
def _end(*, assignment_id: UUID, at: datetime) -> bool:
    end_assignment(assignment_id=assignment_id, state=AssignmentState.COMPLETED, reason=REASON, by=None, at=at)
    return True


@action
def _tell_backup(*, backup_id: UUID, mentor_id: UUID, until: datetime, count: int, at: datetime) -> None:
    people = {person.pk: person for person in User.objects.filter(pk__in=(backup_id, mentor_id))}
    students = "student" if count == 1 else "students"
    notify(
        recipient_id=backup_id,
        kind=NotificationKind.ASSIGNMENT,
        title=f"You stand in for {people[mentor_id].name}: {count} {students}",
        body=f"Until {time_words(until, people[backup_id].timezone)}.",
        url=reverse("mentees-page"),
        dedupe_key=f"stand-in:{mentor_id}:{at.isoformat()}",
        at=at,
    )
