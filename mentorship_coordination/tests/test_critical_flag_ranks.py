"""A critical flag …"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import ProgrammingError

from conftest import Cast
from core.enums import Audience, Rank
from mentorship_coordination.actions.assignments import pause_assignment
from mentorship_coordination.actions.priorities import prioritize_work_queue
from mentorship_coordination.actions.queue import apply_critical_flag
from mentorship_coordination.enums import FlagCategory, FlagState, Severity
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.tests.queue_world import (
    HOUR,
    MONDAY,
    heard,
    mentor_acting,
    open_item,
    seen,
    student_acting,
)
from tests.database import as_system, as_worker


def critical_flag(cast: Cast, category: FlagCategory = FlagCategory.WELLBEING) -> MentorFlag:
    with as_system():
        return MentorFlag.objects.create(
            mentee=cast.student,
            enrolment=cast.enrolment,
            cohort=cast.cohort,
            mentor=cast.mentor,
            author=cast.mentor,
            category=category,
            severity=Severity.CRITICAL,
            reason="Gone silent.",
            created_at=MONDAY,
            updated_at=MONDAY,
        )


def resolve(flag: MentorFlag) -> None:
    with as_system():
        MentorFlag.objects.filter(pk=flag.pk).update(state=FlagState.RESOLVED, resolved_at=MONDAY)


def test_makes_the_mentees_open_items_urgent_and_no_others(cast: Cast) -> None:
    mine, other = open_item(cast.enrolment), open_item(cast.other_enrolment)
    critical_flag(cast)
    with mentor_acting(cast.mentor):
        assert apply_critical_flag(mentee_id=cast.student.pk, at=MONDAY + HOUR) == [mine]
        assert apply_critical_flag(mentee_id=cast.student.pk, at=MONDAY + HOUR) == []
    item = seen(mine)
    assert (item.rank, item.base_rank, item.rank_reasons) == (Rank.URGENT, Rank.NORMAL, ["critical_flag"])
    assert (item.revision, item.updated_at) == (2, MONDAY + HOUR)
    assert seen(other).rank == Rank.NORMAL
    assert heard(cast.mentor)[1:] == [{"event": "work_queue", "kind": "ranked", "id": str(mine)}]


def test_falls_back_to_what_the_clock_says_when_the_last_is_resolved(cast: Cast) -> None:
    item_id = open_item(cast.enrolment)
    first, second = critical_flag(cast), critical_flag(cast, FlagCategory.CONDUCT)
    with mentor_acting(cast.mentor):
        apply_critical_flag(mentee_id=cast.student.pk, at=MONDAY)
    with as_worker():
        prioritize_work_queue(at=MONDAY + 54 * HOUR)
    assert seen(item_id).rank_reasons == ["critical_flag", "ran_75"]
    resolve(first)
    with mentor_acting(cast.mentor):
        assert apply_critical_flag(mentee_id=cast.student.pk, at=MONDAY + 55 * HOUR) == []
        resolve(second)
        assert apply_critical_flag(mentee_id=cast.student.pk, at=MONDAY + 55 * HOUR) == [item_id]
    item = seen(item_id)
    assert (item.rank, item.rank_reasons) == (Rank.HIGH, ["ran_75"])


def test_reaches_items_in_the_pool_and_tells_the_directors(cast: Cast) -> None:
    item_id = open_item(cast.enrolment)
    with as_worker():
        pause_assignment(assignment_id=cast.assignment.pk, by=None, at=MONDAY)
    critical_flag(cast)
    with mentor_acting(cast.mentor):
        assert apply_critical_flag(mentee_id=cast.student.pk, at=MONDAY + timedelta(hours=1)) == [item_id]
    assert seen(item_id).rank == Rank.URGENT
    assert heard(cast.director, Audience.DIRECTOR)[-1] == {
        "event": "work_queue",
        "kind": "ranked",
        "id": str(item_id),
    }


def test_is_not_for_strangers_or_students_to_apply(cast: Cast) -> None:
    item_id = open_item(cast.enrolment)
    critical_flag(cast)
    with mentor_acting(cast.other_mentor), pytest.raises(ProgrammingError, match="no relation"):
        apply_critical_flag(mentee_id=cast.student.pk, at=MONDAY)
    with student_acting(cast.student), pytest.raises(ProgrammingError, match="permission denied"):
        apply_critical_flag(mentee_id=cast.student.pk, at=MONDAY)
    assert seen(item_id).rank == Rank.NORMAL
