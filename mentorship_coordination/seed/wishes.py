"""Sessions that students asked for: waiting, declined, run out. They hold no time."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any, Final

from mentorship_coordination.enums import AssignmentState, SessionStatus, SessionType
from mentorship_coordination.models.sessions import MentorSession
from mentorship_coordination.seed.meetings import Meetings
from mentorship_coordination.seed.world import SeedCohort, SeedStudent, World

_SHARE: Final = 0.06
_STATES: Final = (SessionStatus.REQUESTED, SessionStatus.DECLINED, SessionStatus.EXPIRED)
_TITLES: Final = ("Stuck on the timeline", "A question about the last review", "How do I prepare for the capstone?")
_LENGTH: Final = timedelta(minutes=45)
_DAY: Final = timedelta(hours=24)


class Wishes:
    def __init__(self, world: World, meetings: Meetings, random: Random) -> None:
        self._world, self._meetings, self._random = world, meetings, random

    def add_for(self, cohort: SeedCohort) -> None:
        """One in some of the cohort's students; each state comes up in turn, so that a small cohort has them all."""
        able = [each for each in cohort.students if each.spell and each.spell.state == AssignmentState.ACTIVE]
        count = max(len(_STATES), round(len(able) * _SHARE))
        for number, student in enumerate(self._random.sample(able, min(count, len(able)))):
            self._add(cohort, student, _STATES[number % len(_STATES)])

    def _add(self, cohort: SeedCohort, student: SeedStudent, status: SessionStatus) -> None:
        world, random, spell = self._world, self._random, student.spell
        since, until = world.at + timedelta(days=2), world.at + timedelta(days=8)
        starts_at = self._meetings.find_start(student, since, until, random)
        if spell is None or starts_at is None:
            return
        waited = timedelta(hours=random.uniform(1, 20))
        asked_at = world.at - waited - (timedelta() if status == SessionStatus.REQUESTED else 3 * _DAY)
        asked_at = max(asked_at, spell.started_at)
        answered_at = min(asked_at + (_DAY if status == SessionStatus.EXPIRED else waited), world.at)
        endings: dict[SessionStatus, dict[str, Any]] = {
            SessionStatus.REQUESTED: {},
            SessionStatus.DECLINED: {
                "closed_at": answered_at,
                "closed_by_id": spell.mentor.id,
                "close_reason": "I am on the road that day. Does the week after suit you?",
            },
            SessionStatus.EXPIRED: {"closed_at": answered_at},
        }
        closed = endings[status]
        world.writer.add(
            MentorSession,
            id=world.ids.new(),
            mentor_id=spell.mentor.id,
            mentee_id=student.id,
            enrolment_id=student.enrolment_id,
            assignment_id=spell.assignment_id,
            cohort_id=cohort.id,
            title=random.choice(_TITLES),
            type=SessionType.ONE_ON_ONE,
            status=status,
            starts_at=starts_at,
            ends_at=starts_at + _LENGTH,
            created_at=asked_at,
            updated_at=closed.get("closed_at") or asked_at,
            **closed,
        )
