"""What the demo accounts find: a mentor with a bit of everything to do, and her mentee in the middle of the course."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from coaching.enums import Cadence, GoalState
from core.clock import local_date
from mentorship_coordination.enums import FlagCategory, SessionStatus, SessionType, Severity
from mentorship_coordination.seed.endings import Meeting
from mentorship_coordination.seed.goals import Aim, Goals
from mentorship_coordination.seed.meetings import Meetings
from mentorship_coordination.seed.practice import Practice
from mentorship_coordination.seed.submissions import Round, Submissions
from mentorship_coordination.seed.world import SeedCohort, SeedMentor, SeedStudent, World
from mentorship_coordination.seed.worries import Worries
from missions.enums import Decision

_OPENS: Final = time(7)
_CLOSES: Final = time(22)
_LENGTH: Final = timedelta(minutes=45)
#: A letter a day until today, as `Practice.write` takes them. The first streak stands at twelve and waits for today.
_HABITS: Final = (
    ("Thirty minutes in the lab", "dd.ldd.dddddddddddd.", Cadence.DAILY),
    ("Write down one thing learned", "dd.d.ddsddl..dddsdd", Cadence.DAILY),
    ("Meet the study group", "d......d......d...", Cadence.WEEKLY),
)
#: Eight days in a row, then eleven without a word: the streak broke nine days ago.
_GIVEN_UP: Final = "d.dddddddd..........."
_BEGAN_WELL_FOR: Final = 21


def add_demo_student(world: World, cohort: SeedCohort, submissions: Submissions) -> None:
    """One mission approved, one sent back for changes; the others are still to come."""
    student, mentor = cohort.students[0], cohort.mentors[0]
    began = max(student.enrolled_at, student.spells[-1].started_at)
    first = began + (world.at - began) * 0.3
    second = began + (world.at - began) * 0.7
    for number, (handed_in, decision) in enumerate(((first, Decision.APPROVED), (second, Decision.CHANGES_REQUESTED))):
        answered = handed_in + timedelta(hours=20)
        submissions.write(cohort, student, number, [Round((handed_in,), decision, answered, mentor)])


def demo_mentees(cohort: SeedCohort) -> list[SeedStudent]:
    """Up to four other mentees of the demo mentor, whose flags and latest missions are laid out by hand."""
    mentor = cohort.mentors[0]
    return [each for each in cohort.students[1:] if each.working_mentor is mentor][:4]


def demo_mentees_at_risk(world: World, cohort: SeedCohort) -> list[SeedStudent]:
    """One more mentee of the demo mentor, with her long enough to have begun well; none where nobody is left."""
    mentor, busy, began = cohort.mentors[0], demo_mentees(cohort), world.ago(days=_BEGAN_WELL_FOR)
    others = [each for each in cohort.students[1:] if each.working_mentor is mentor and each not in busy]
    return [each for each in others if each.spells[-1].started_at < began][:1]


def add_demo_flag(world: World, cohort: SeedCohort, worries: Worries) -> None:
    """The demo mentor worries about another mentee of hers, for two days now."""
    for student in demo_mentees(cohort)[:1]:
        worries.write(cohort, student, Severity.CRITICAL, FlagCategory.ENGAGEMENT, world.ago(days=2))


def add_demo_queue(world: World, cohort: SeedCohort, submissions: Submissions) -> None:
    """Of the demo mentor's mentees: one overdue, one due today, one of a flagged student, one whose clock stands."""
    due_soon = min(timedelta(hours=5), (_end_of_day(world, cohort.mentors[0]) - world.at) / 2)
    rounds = (
        Round((world.ago(hours=30),), is_plain=True),
        Round((world.ago(hours=57),), is_plain=True),
        Round((world.at + due_soon - timedelta(hours=48),), is_plain=True),
        Round((world.ago(hours=20),), is_plain=True, pause_after=timedelta(hours=6)),
    )
    for student, found in zip(demo_mentees(cohort), rounds, strict=False):
        submissions.write(cohort, student, len(cohort.track.missions) - 1, [found])


def add_demo_session(world: World, cohort: SeedCohort, meetings: Meetings) -> None:
    """A session of the demo accounts today: in an hour or so, or, late in the evening, one that has ended."""
    mentor, student = cohort.mentors[0], cohort.students[0]
    starts_at = _start_today(world, mentor)
    ends_at = starts_at + _LENGTH
    status = SessionStatus.SCHEDULED if ends_at > world.at else SessionStatus.COMPLETED
    meetings.block(mentor, starts_at, ends_at)
    meetings.write(cohort, Meeting(mentor, (student,), SessionType.ONE_ON_ONE, status, starts_at, ends_at))


def add_demo_habits(cohort: SeedCohort, practice: Practice) -> None:
    """Two daily habits and a weekly one, begun within the last three weeks."""
    for name, marks, cadence in _HABITS:
        practice.write(cohort.students[0], name, marks, cadence)


def add_demo_goals(world: World, cohort: SeedCohort, goals: Goals) -> None:
    """One goal reached in time, one to come, and one overdue since yesterday that waits for the mentor's words."""
    student, skill = cohort.students[0], cohort.track.content.skills[0].replace("-", " ")
    today, began = local_date(world.at, student.timezone), world.ago(days=18)
    reached_at = world.ago(days=6)
    reached = local_date(reached_at, student.timezone)
    for aim in (
        Aim("Build a small home lab and document it", began, reached, GoalState.COMPLETED, reached_at),
        Aim(f"Explain {skill} to a classmate in ten minutes", began, today - timedelta(days=2)),
        Aim("Hand in the next two missions before their date", began, today + timedelta(days=10)),
    ):
        goals.write(cohort, student, aim)


def add_demo_decline(world: World, cohort: SeedCohort, submissions: Submissions, meetings: Meetings) -> None:
    """One mission approved, the next one sent back and never taken up again, and a session that she did not come to."""
    rounds = ((20, Decision.APPROVED), (14, Decision.CHANGES_REQUESTED))
    for student in demo_mentees_at_risk(world, cohort):
        for number, (days, decision) in enumerate(rounds):
            answered = world.ago(days=days) + timedelta(hours=22)
            found = Round((world.ago(days=days),), decision, answered, cohort.mentors[0])
            submissions.write(cohort, student, number, [found])
        meetings.add_missed(cohort, student, world.ago(days=10), world.ago(days=1))


def add_demo_silence(world: World, cohort: SeedCohort, practice: Practice, goals: Goals) -> None:
    """A habit given up after a good week, and a goal whose date passed without a word."""
    for student in demo_mentees_at_risk(world, cohort):
        practice.write(student, "Read one incident report", _GIVEN_UP)
        due = local_date(world.at, student.timezone) - timedelta(days=3)
        goals.write(cohort, student, Aim("Catch up with the second mission", world.ago(days=18), due))


def _end_of_day(world: World, mentor: SeedMentor) -> datetime:
    tomorrow = world.at.astimezone(ZoneInfo(mentor.timezone)).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), ZoneInfo(mentor.timezone)).astimezone(UTC)


def _start_today(world: World, mentor: SeedMentor) -> datetime:
    zone = ZoneInfo(mentor.timezone)
    today = world.at.astimezone(zone).date()
    opens, closes = (datetime.combine(today, each, zone).astimezone(UTC) for each in (_OPENS, _CLOSES))
    half_hours = -((opens - world.at - timedelta(hours=1)) // timedelta(minutes=30))
    wished = max(opens, opens + half_hours * timedelta(minutes=30))
    return wished if wished + _LENGTH <= closes else opens
