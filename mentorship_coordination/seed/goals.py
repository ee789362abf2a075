"""Goals, the deadlines that they missed, and what mentors wrote about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from coaching.enums import GoalState
from coaching.models import Goal, GoalFeedback, MissedDeadline
from core.clock import local_date
from mentorship_coordination.enums import WorkType
from mentorship_coordination.seed.items import Items, Work
from mentorship_coordination.seed.texts import goal_feedback, goal_title
from mentorship_coordination.seed.world import SeedCohort, SeedStudent, World, draw

_GOALS_OF_A_STUDENT: Final = ((0, 20), (1, 50), (2, 30))
_ANSWERED: Final = 0.45
_SETTLED: Final = "The goal is closed, or its due date was moved."


class _Course(StrEnum):
    AHEAD = "ahead"
    IN_TIME = "in time"
    LATE = "late"
    GIVEN_UP = "given up"
    OVERDUE = "overdue"


_COURSES: Final = (
    (_Course.AHEAD, 46),
    (_Course.IN_TIME, 27),
    (_Course.LATE, 8),
    (_Course.GIVEN_UP, 7),
    (_Course.OVERDUE, 12),
)


@dataclass(frozen=True, slots=True)
class Aim:
    """What a goal's rows are made of. `answered_at` is an instant after the due date, if a mentor wrote then."""

    title: str
    created_at: datetime
    due_date: date
    state: GoalState = GoalState.OPEN
    closed_at: datetime | None = None
    answered_at: datetime | None = None


class Goals:
    def __init__(self, world: World, items: Items, random: Random) -> None:
        self._world = world
        self._items = items
        self._random = random

    def add_for(self, cohort: SeedCohort, student: SeedStudent) -> None:
        """Two goals, one or none; who has no mentor yet has only just set hers."""
        random = self._random
        for _ in range(draw(random, _GOALS_OF_A_STUDENT)):
            course = _Course.AHEAD if student.is_new else draw(random, _COURSES)
            self.write(cohort, student, self._aim(cohort, student, course))

    def write(self, cohort: SeedCohort, student: SeedStudent, aim: Aim) -> None:
        """The goal, and what followed if its due date passed while it was open."""
        goal_id, since = self._world.ids.new(), day_after(aim.due_date, student.timezone)
        is_missed = since <= (aim.closed_at or self._world.at)
        self._world.writer.add(
            Goal,
            id=goal_id,
            student_id=student.id,
            enrolment_id=student.enrolment_id,
            cohort_id=cohort.id,
            title=aim.title,
            due_date=aim.due_date,
            state=aim.state,
            closed_at=aim.closed_at,
            closed_date=local_date(aim.closed_at, student.timezone) if aim.closed_at else None,
            overdue_since=since if is_missed and not aim.closed_at else None,
            created_at=aim.created_at,
            updated_at=aim.closed_at or aim.created_at,
            revision=1 + is_missed + (aim.closed_at is not None),
        )
        if is_missed:
            self._missed(cohort, student, goal_id, aim, since)

    def _aim(self, cohort: SeedCohort, student: SeedStudent, course: _Course) -> Aim:
        random, at, zone = self._random, self._world.at, student.timezone
        mission = random.choice(cohort.track.content.missions)
        title = goal_title(random, mission_title=mission.title, skills=cohort.track.content.skills)[:160]
        created_at = student.enrolled_at + (at - student.enrolled_at) * random.uniform(0.05, 0.5)
        today, first = local_date(at, zone), local_date(created_at, zone)
        if course == _Course.AHEAD:
            return Aim(title, created_at, today + timedelta(days=random.randint(0, 28)))
        if course == _Course.OVERDUE:
            due = max(first, today - timedelta(days=1 + int(6 * random.random() ** 2)))
            return Aim(title, created_at, due, answered_at=self._answered(student, due, at))
        closed_at = created_at + (at - created_at) * random.uniform(0.2, 0.98)
        closed_on = local_date(closed_at, zone)
        if course == _Course.LATE:
            due = max(first, closed_on - timedelta(days=random.randint(1, 5)))
            answered_at = self._answered(student, due, closed_at)
            return Aim(title, created_at, due, GoalState.COMPLETED, closed_at, answered_at)
        state = GoalState.COMPLETED if course == _Course.IN_TIME else GoalState.ABANDONED
        return Aim(title, created_at, closed_on + timedelta(days=random.randint(0, 12)), state, closed_at)

    def _answered(self, student: SeedStudent, due_date: date, until: datetime) -> datetime | None:
        since = day_after(due_date, student.timezone)
        at = since + (until - since) * self._random.uniform(0.1, 0.9)
        is_answered = since < until and self._random.random() < _ANSWERED
        return at if is_answered and student.mentor_at(at) else None

    def _missed(self, cohort: SeedCohort, student: SeedStudent, goal_id: str, aim: Aim, since: datetime) -> None:
        """The deadline, its work item, and the answer that finished it. What is closed unanswered is called off."""
        self._world.writer.add(
            MissedDeadline,
            id=self._world.ids.new(),
            goal_id=goal_id,
            student_id=student.id,
            due_date=aim.due_date,
            number=1,
            noticed_at=since,
        )
        work = Work(
            type=WorkType.GOAL_FEEDBACK,
            reference_id=goal_id,
            title=f"Goal: {aim.title}",
            description=f"It was due on {aim.due_date:%d %B %Y} and is still open.",
            started_at=since,
            closed_at=aim.answered_at or aim.closed_at,
            outcome="answered" if aim.answered_at else "",
            called_off="" if aim.answered_at or not aim.closed_at else _SETTLED,
        )
        self._items.add(cohort, student, work)
        if aim.answered_at:
            self._answer(student, goal_id, aim.answered_at)

    def _answer(self, student: SeedStudent, goal_id: str, at: datetime) -> None:
        mentor = student.mentor_at(at)
        self._world.writer.add(
            GoalFeedback,
            id=self._world.ids.new(),
            goal_id=goal_id,
            student_id=student.id,
            author_id=mentor.id if mentor else None,
            text=goal_feedback(self._random),
            created_at=at,
        )


def day_after(day: date, zone: str) -> datetime:
    """The midnight at which `day` ends in `zone`, in UTC."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)
