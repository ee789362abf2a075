"""Sessions within both people's hours, none overlapping another, with notes and their work items."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Final

import numpy as np
import numpy.typing as npt
from django.conf import settings

from mentorship_coordination.enums import ParticipantRole, SessionStatus, SessionType, WorkType
from mentorship_coordination.matching.hours import QUARTER, monday_of, open_quarters
from mentorship_coordination.models.sessions import (
    MentorSession,
    SessionActionItem,
    SessionNote,
    SessionParticipant,
    SessionRating,
)
from mentorship_coordination.seed.endings import CANCELLED, Meeting, attended, closing_of, dispute_of
from mentorship_coordination.seed.items import Items, Work
from mentorship_coordination.seed.texts import session_title
from mentorship_coordination.seed.world import SeedCohort, SeedMentor, SeedStudent, World

Quarters = npt.NDArray[np.bool_]

_WEEKS_BACK: Final = 6
_LENGTH: Final = 3
_LATEST: Final = timedelta(days=10)
_NO_NOTICE: Final = timedelta(hours=2)
_ENDINGS: Final = (
    (SessionStatus.COMPLETED, 84),
    (SessionStatus.NO_SHOW_MENTEE, 5),
    (SessionStatus.CANCELLED_BY_MENTEE, 5),
    (SessionStatus.CANCELLED_BY_MENTOR, 4),
    (SessionStatus.NO_SHOW_MENTOR, 2),
)
_KINDS: Final = ((SessionType.ONE_ON_ONE, 80), (SessionType.GOAL_REVIEW, 13), (SessionType.CAPSTONE_REVIEW, 7))
_NOTES: Final = (
    "Went through the last review together; the next step is the timeline with sources.",
    "Agreed to start with the log sources and to write the summary last.",
    "Planned the week: two evenings in the lab, questions collected in one list.",
    "Talked about the pace. The next mission gets one more week of preparation.",
    "Rehearsed how to explain the finding to somebody without training.",
)
_PRIVATE_NOTE: Final = "Sounds more tired than last time. Ask again in the next session."
_TASKS: Final = (
    "Send the list of open questions",
    "Repeat the search with a second tool",
    "Read the feedback once more and mark what is unclear",
    "Prepare two slides for the group",
)


class Meetings:
    """Keeps the hours of one cohort's mentors; every session of a student is with one of them."""

    def __init__(self, world: World, items: Items, random: Random) -> None:
        self._world = world
        self._items = items
        self._random = random
        self._first_week = monday_of(world.at) - timedelta(weeks=_WEEKS_BACK)
        self._start = datetime.combine(self._first_week, time(), UTC)
        self._free: dict[str, Quarters] = {}
        self._held: Counter[tuple[str, int]] = Counter()

    def add_for(self, cohort: SeedCohort, student: SeedStudent) -> None:
        """Some sessions since the pair began and some to come; fewer when the two share few hours."""
        spell = student.spell
        if spell is None:
            return
        first, last = self._quarter(spell.started_at) + 1, self._quarter(self._world.at + _LATEST)
        for _ in range(self._random.randint(*self._world.options.amounts.sessions)):
            starts = self._starts(spell.mentor, [student], first, last)
            if starts.size:
                self._hold(cohort, spell.mentor, (student,), int(starts[self._random.randrange(starts.size)]))

    def add_group(self, cohort: SeedCohort, mentor: SeedMentor) -> None:
        """One group session of up to four mentees in the days to come, if they share an hour."""
        students = [each for each in cohort.students if each.working_mentor is mentor][:4]
        first = self._quarter(self._world.at + _NO_NOTICE) + 1
        starts = self._starts(mentor, students, first, self._quarter(self._world.at + _LATEST))
        if len(students) > 1 and starts.size:
            self._hold(
                cohort,
                mentor,
                tuple(students),
                int(starts[self._random.randrange(starts.size)]),
                type=SessionType.GROUP,
            )

    def add_missed(self, cohort: SeedCohort, student: SeedStudent, since: datetime, until: datetime) -> None:
        """A session in the span to which the student did not come, if she and her mentor share an hour then."""
        mentor = student.mentor
        if mentor is None:
            raise ValueError("A session is with a mentor.")
        starts = self._starts(mentor, [student], self._quarter(since) + 1, self._quarter(until))
        if starts.size:
            self._hold(cohort, mentor, (student,), int(starts[-1]), status=SessionStatus.NO_SHOW_MENTEE)

    def find_start(self, student: SeedStudent, since: datetime, until: datetime, random: Random) -> datetime | None:
        """A start in the span at which she and her mentor could meet; the time stays free."""
        if student.mentor is None:
            return None
        starts = self._starts(student.mentor, [student], self._quarter(since) + 1, self._quarter(until))
        return self._start + int(starts[random.randrange(starts.size)]) * QUARTER if starts.size else None

    def _quarter(self, at: datetime) -> int:
        return (at - self._start) // QUARTER

    def _open(self, availability: str, timezone: str) -> Quarters:
        return np.unpackbits(open_quarters(availability, timezone, self._first_week)).astype(bool)

    def _starts(self, mentor: SeedMentor, students: list[SeedStudent], first: int, last: int) -> npt.NDArray[np.int64]:
        """Half hours from which 45 minutes are free for all, in weeks in which the mentor has sessions left."""
        if mentor.id not in self._free:
            self._free[mentor.id] = self._open(mentor.availability, mentor.timezone)
        free = self._free[mentor.id]
        for student in students:
            free = free & self._open(student.availability, student.timezone)
        whole = free[:-2] & free[1:-1] & free[2:]
        whole[1::2] = False
        whole[: max(first, 0)] = False
        whole[max(last, 0) :] = False
        found = np.flatnonzero(whole)
        weeks = found // 672
        full = [week for week in np.unique(weeks) if self._held[mentor.id, int(week)] >= mentor.weekly_sessions - 2]
        return found[~np.isin(weeks, full)] if full else found

    def _hold(
        self,
        cohort: SeedCohort,
        mentor: SeedMentor,
        students: tuple[SeedStudent, ...],
        quarter: int,
        *,
        type: SessionType | None = None,
        status: SessionStatus | None = None,
    ) -> None:
        self._free[mentor.id][quarter : quarter + _LENGTH] = False
        self._held[mentor.id, quarter // 672] += 1
        starts_at = self._start + quarter * QUARTER
        kind = type or self._random.choices([each for each, _ in _KINDS], [weight for _, weight in _KINDS])[0]
        ends_at = starts_at + _LENGTH * QUARTER
        status = status or self._status(ends_at)
        self.write(cohort, Meeting(mentor, students, kind, status, starts_at, ends_at))

    def _status(self, ends_at: datetime) -> SessionStatus:
        """Who was there is known for what ended; of the last day some are not confirmed yet."""
        if ends_at > self._world.at:
            return SessionStatus.SCHEDULED
        if ends_at > self._world.ago(hours=24) and self._random.random() < 0.5:
            return SessionStatus.SCHEDULED
        return self._random.choices([each for each, _ in _ENDINGS], [weight for _, weight in _ENDINGS])[0]

    def block(self, mentor: SeedMentor, starts_at: datetime, ends_at: datetime) -> None:
        """Keep a span of the mentor's free of drawn sessions."""
        if mentor.id not in self._free:
            self._free[mentor.id] = self._open(mentor.availability, mentor.timezone)
        self._free[mentor.id][self._quarter(starts_at) : -((self._start - ends_at) // QUARTER)] = False

    def write(self, cohort: SeedCohort, meeting: Meeting) -> str:
        """The session with its participants, and what follows from its end."""
        random, session_id, title = self._random, self._world.ids.new(), self._title(cohort, meeting)
        student, is_group = meeting.students[0], meeting.type == SessionType.GROUP
        booked_at = min(meeting.starts_at, self._world.at) - timedelta(hours=random.uniform(72, 140))
        booked_at = max(booked_at, student.spell.started_at) if student.spell else booked_at
        closed = closing_of(meeting, random, booked_at)
        self._world.writer.add(
            MentorSession,
            id=session_id,
            mentor_id=meeting.mentor.id,
            mentee_id=None if is_group else student.id,
            enrolment_id=None if is_group else student.enrolment_id,
            assignment_id=None if is_group or student.spell is None else student.spell.assignment_id,
            cohort_id=cohort.id,
            title=title,
            type=meeting.type,
            status=meeting.status,
            starts_at=meeting.starts_at,
            ends_at=meeting.ends_at,
            meeting_url=f"{settings.JITSI_BASE_URL}/{random.getrandbits(128):032x}",
            meeting_provider="jitsi",
            created_at=booked_at,
            updated_at=closed.get("closed_at") or booked_at,
            **closed,
            **dispute_of(session_id, meeting.status, closed.get("closed_at"), self._world.at),
        )
        self._participants(session_id, meeting)
        if not is_group:
            self._follow_up(cohort, session_id, title, meeting)
        return session_id

    def _title(self, cohort: SeedCohort, meeting: Meeting) -> str:
        mission = self._random.choice(cohort.track.content.missions)
        return session_title(self._random, str(meeting.type), mission_title=mission.title)[:160]

    def _participants(self, session_id: str, meeting: Meeting) -> None:
        people = [(meeting.mentor.id, None, ParticipantRole.MENTOR)]
        people += [(each.id, each.enrolment_id, ParticipantRole.MENTEE) for each in meeting.students]  # type: ignore[misc]
        for person_id, enrolment_id, role in people:
            self._world.writer.add(
                SessionParticipant,
                id=self._world.ids.new(),
                session_id=session_id,
                person_id=person_id,
                enrolment_id=enrolment_id,
                role=role,
                during=f"[{meeting.starts_at},{meeting.ends_at})",
                is_active=meeting.status not in CANCELLED,
                attended=attended(meeting.status, role),
            )
        for student in meeting.students if meeting.status == SessionStatus.COMPLETED else ():
            self._rating(session_id, meeting, student)

    def _rating(self, session_id: str, meeting: Meeting, student: SeedStudent) -> None:
        """Most students say within hours of the end how it was."""
        if self._random.random() < 0.4:
            return
        rating = self._random.choice((3, 4, 4, 5, 5, 5))
        rated_at = meeting.ends_at + timedelta(minutes=self._random.randint(2, 600))
        self._world.writer.add(
            SessionRating,
            id=self._world.ids.new(),
            session_id=session_id,
            student_id=student.id,
            rating=rating,
            rated_at=min(rated_at, self._world.at),
        )

    def _follow_up(self, cohort: SeedCohort, session_id: str, title: str, meeting: Meeting) -> None:
        """A session that took place leaves an item; notes are written after a while, now and then too late."""
        if meeting.ends_at > self._world.at or meeting.status not in (SessionStatus.COMPLETED, SessionStatus.SCHEDULED):
            return
        random, student = self._random, meeting.students[0]
        hours = random.uniform(25, 40) if random.random() < 0.08 else random.uniform(0.2, 22)
        written_at: datetime | None = meeting.ends_at + timedelta(hours=hours)
        if meeting.status == SessionStatus.SCHEDULED or (written_at and written_at >= self._world.at):
            written_at = None
        work = Work(
            type=WorkType.SESSION_NOTES,
            reference_id=session_id,
            title=f"Notes: {title}",
            description="Write down what was agreed.",
            started_at=meeting.ends_at,
            closed_at=written_at,
            outcome="written" if written_at else "",
            is_plain=True,
        )
        self._items.add(cohort, student, work)
        if written_at:
            self._notes(session_id, meeting, student, written_at)

    def _notes(self, session_id: str, meeting: Meeting, student: SeedStudent, at: datetime) -> None:
        random, writer = self._random, self._world.writer
        note = {"session_id": session_id, "author_id": meeting.mentor.id, "created_at": at}
        writer.add(SessionNote, id=self._world.ids.new(), text=random.choice(_NOTES), **note)
        if random.random() < 0.1:
            writer.add(SessionNote, id=self._world.ids.new(), text=_PRIVATE_NOTE, is_private=True, **note)
        if random.random() < 0.4:
            writer.add(
                SessionActionItem,
                id=self._world.ids.new(),
                session_id=session_id,
                owner_id=student.id,
                text=random.choice(_TASKS),
                due_date=(at + timedelta(days=random.randint(2, 9))).date(),
                done_at=at + timedelta(days=2) if at < self._world.ago(days=9) else None,
                created_at=at,
            )
