"""A slow mentor with too much to do, and a quick one with room, in one cohort."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from conftest import Cast
from mentorship_coordination.actions.queue import complete_work_item
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.tests.queue_world import HOUR, finishable_item, mentor_acting, open_item
from mentorship_coordination.tests.session_world import NOW
from tests import factories
from tests.database import as_system
from users.models import Enrolment, User

WEEK = timedelta(days=7)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Slow:
    """Tomas has seven items due on Thursday at 09:00: after 24 of his hours, in which he does six."""

    items: list[UUID]
    quick: User
    quick_pair: MenteeMentorAssignment


def finished(enrolment: Enrolment, mentor: User, begin: datetime, end: datetime) -> None:
    item_id = finishable_item(enrolment, started_at=begin)
    with mentor_acting(mentor):
        complete_work_item(item_id=item_id, outcome="done", by=mentor, at=end)


def a_slow_mentor(cast: Cast) -> Slow:
    """Last week Tomas finished one item, Quinn five on Monday and five on Tuesday, each in an hour.

    On their busiest days (of eight hours) six items in all: 2.7 hours each. Weighed against five items at that pace
    Tomas takes 3.6 hours for one and Quinn 2.1. Both turn to an item after an hour.
    """
    with as_system():
        enrolment = factories.EnrolmentFactory(cohort=cast.cohort, student__name="Noor Haddad")
        pair = factories.AssignmentFactory(
            enrolment=enrolment, mentor__name="Quinn Quick", created_at=NOW - 60 * DAY, started_at=NOW - 60 * DAY
        )
    finished(cast.enrolment, cast.mentor, NOW - WEEK, NOW - WEEK + 104 * HOUR)
    for number in range(10):
        begin = NOW - WEEK + (number // 5) * DAY + (number % 5) * HOUR
        finished(enrolment, pair.mentor, begin, begin + HOUR)
    items = [open_item(cast.enrolment, started_at=NOW, title=f"Item {number}") for number in range(1, 8)]
    return Slow(items, pair.mentor, pair)
