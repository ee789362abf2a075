"""Two of everything: a student with mentor, former mentor and director, and the same again for strangers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model
from psycopg2.extras import DateTimeTZRange

from coaching.models import Goal, GoalFeedback, Habit, HabitLog, MissedDeadline, StreakBreak
from core import clock
from core.models import AuditEntry, IdempotencyKey, StreamCounter, StreamEvent
from core.tenancy.identity import ANON, SYSTEM, Identity, Role
from mentorship_coordination.enums import AssignmentState
from mentorship_coordination.models.assignments import (
    AssignmentEntry,
    AvailabilityOverride,
    MatchExclusion,
    MenteeMentorAssignment,
    MentorAbsence,
)
from mentorship_coordination.models.capacity import CapacityEpisode
from mentorship_coordination.models.decisions import DecisionSnooze
from mentorship_coordination.models.flags import MentorFlag, MentorFlagEntry
from mentorship_coordination.models.handovers import MentorHandover
from mentorship_coordination.models.matching import MatchFilling, MatchProposal, MatchRun
from mentorship_coordination.models.notifications import FeedbackSnippet, Notification
from mentorship_coordination.models.queue import MentorWorkQueue, SlaPause
from mentorship_coordination.models.sessions import (
    MentorSession,
    SessionActionItem,
    SessionNote,
    SessionParticipant,
    SessionRating,
)
from missions.models import CohortScore, MissionReview, MissionSubmission, SubmissionFile, SubmissionVersion
from student_dashboard.models import DashboardUpdateQueue, ReadinessSnapshot, RiskEpisode, StudentDashboard
from tests import factories
from users.models import Credential, Enrolment, FeedToken, LoginAttempt, LoginSession, OneTimeToken, User

HOUR = timedelta(hours=1)
_secrets = count(1)


def _secret() -> bytes:
    return next(_secrets).to_bytes(32, "big")


@dataclass
class Family:
    """A pair, the people around it, and the key of its row in each table."""

    enrolment: Enrolment
    assignment: MenteeMentorAssignment
    former_assignment: MenteeMentorAssignment
    people: dict[str, User]
    rows: dict[str, str] = field(default_factory=dict)
    rows_of_people: dict[tuple[str, str], str] = field(default_factory=dict)

    def keep(self, row: Model) -> None:
        self.rows[row._meta.db_table] = str(row.pk)

    def keep_of(self, who: str, row: Model) -> None:
        self.rows_of_people[who, row._meta.db_table] = str(row.pk)


@dataclass(frozen=True)
class World:
    mine: Family
    strange: Family

    def identity(self, role: str) -> Identity:
        if role == "anon":
            return ANON
        if role == "system":
            return SYSTEM
        held = Role.MENTOR if role == "former" else Role(role)
        return Identity(held, self.mine.people[role].pk)

    def key(self, role: str, table: str, whose: str, *, is_personal: bool) -> str | None:
        """The key of the row to try, or None where a table has no such row."""
        if not is_personal:
            return {"own": self.mine, "other": self.strange}[whose].rows[table] if whose != "related" else None
        if whose == "other":
            return self.strange.rows_of_people["student", table]
        if whose == "related":
            return self.mine.rows_of_people["mentor" if role == "student" else "student", table]
        return self.mine.rows_of_people["student" if role in {"anon", "system"} else role, table]


def build() -> World:
    """Run as the system, in a transaction."""
    return World(_family(), _family())


def _family() -> Family:
    enrolment = factories.EnrolmentFactory()
    ended = clock.now() - 20 * timedelta(days=1)
    former = factories.AssignmentFactory(enrolment=enrolment, state=AssignmentState.COMPLETED, ended_at=ended)
    current = factories.AssignmentFactory(enrolment=enrolment)
    people = {
        "person": factories.UserFactory(),
        "student": enrolment.student,
        "mentor": current.mentor,
        "former": former.mentor,
        "director": factories.CohortDirectorFactory(cohort=enrolment.cohort).user,
        "admin": factories.UserFactory(is_staff=True),
    }
    family = Family(enrolment, current, former, people)
    family.keep(enrolment)
    family.keep(current)
    # Written by the trigger, of whoever made the director one.
    family.keep(AuditEntry.objects.filter(table_name="users_cohortdirector").latest("id"))
    for who, person in people.items():
        _rows_of_person(family, who, person)
    _login_attempt(family)
    _dashboard(family)
    _coaching(family)
    _submission(family)
    _work(family)
    _session(family, current.mentor, current)
    _flag(family)
    _matching(family)
    return family


def _rows_of_person(family: Family, who: str, person: User) -> None:
    at = clock.now()
    counter = StreamCounter.objects.create(recipient=person, audience=1, last_number=1)
    rows: list[Model] = [
        person,
        counter,
        StreamEvent.objects.create(recipient=person, audience=1, number=1, event="session", data="{}", created_at=at),
        IdempotencyKey.objects.create(
            person=person, key="k", method="POST", path="/x", body_digest=_secret(), created_at=at
        ),
        Credential.objects.get(user=person),
        _login_session(person),
        OneTimeToken.objects.create(user=person, purpose="invitation", created_at=at, available_at=at),
        person.access_tokens.create(name="script", digest=_secret(), created_at=at),
        FeedToken.objects.create(user=person, digest=_secret(), created_at=at),
        AvailabilityOverride.objects.create(person=person, local_date=at.date()),
        Notification.objects.create(recipient=person, kind="session", title="Moved", created_at=at),
    ]
    for row in rows:
        family.keep_of(who, row)


def _login_session(person: User) -> LoginSession:
    """Made as signing in makes it: nobody inserts one by hand, the system included."""
    digest = _secret()
    with connection.cursor() as cursor:
        arguments: list[Any] = [digest, person.pk, 1, "", clock.now() + HOUR, True]
        cursor.execute("SELECT app.session_save(%s, %s, %s, %s, %s, %s)", arguments)
    return LoginSession.objects.get(key_digest=digest)


def _login_attempt(family: Family) -> None:
    digest = _secret()
    with connection.cursor() as cursor:
        cursor.execute("SELECT app.note_login_failure(%s, %s)", [digest, clock.now()])
    family.keep(LoginAttempt.objects.get(key_digest=digest))


def _about(family: Family) -> dict[str, Any]:
    return {
        "enrolment": family.enrolment,
        "cohort_id": family.enrolment.cohort_id,
        "mentee_id": family.enrolment.student_id,
    }


def _dashboard(family: Family) -> None:
    at, student = clock.now(), family.people["student"]
    family.keep(
        StudentDashboard.objects.create(
            student=student, enrolment=family.enrolment, cohort_id=family.enrolment.cohort_id
        )
    )
    family.keep(ReadinessSnapshot.objects.create(student=student, local_date=at.date(), formula_version=1))
    family.keep(
        DashboardUpdateQueue.objects.create(student=student, rank=1, reasons=["x"], requested_at=at, available_at=at)
    )


def _coaching(family: Family) -> None:
    at, student, mentor = clock.now(), family.people["student"], family.people["mentor"]
    stamps = {"created_at": at, "updated_at": at}
    # Not the one that is logged: a student takes up a habit without any streak.
    habit = Habit.objects.create(student=student, name="Read", cadence="daily", started_on=at.date(), **stamps)
    practised = Habit.objects.create(
        student=student, name="Write", cadence="daily", started_on=at.date(), archived_on=at.date(), **stamps
    )
    log = HabitLog.objects.create(habit=practised, student=student, local_date=at.date(), state="done", created_at=at)
    broken = StreakBreak.objects.create(
        habit=habit, student=student, last_date=at.date(), length=3, broken_on=at.date(), noticed_at=at
    )
    goal = Goal.objects.create(
        student=student,
        enrolment=family.enrolment,
        cohort_id=family.enrolment.cohort_id,
        title="Pass",
        due_date=at.date(),
        **stamps,
    )
    missed = MissedDeadline.objects.create(goal=goal, student=student, due_date=at.date(), number=1, noticed_at=at)
    feedback = GoalFeedback.objects.create(goal=goal, student=student, author=mentor, text="Soon.", created_at=at)
    episode = RiskEpisode.objects.create(student=student, enrolment=family.enrolment, opened_at=at, score=40)
    score = CohortScore.objects.create(
        cohort_id=family.enrolment.cohort_id, local_date=at.date(), mean_score=70, score_count=1
    )
    for row in (habit, log, broken, goal, missed, feedback, episode, score):
        family.keep(row)


def _submission(family: Family) -> None:
    at, enrolment = clock.now(), family.enrolment
    mission = factories.MissionFactory(track=enrolment.cohort.track)
    family.keep(mission)
    submission = MissionSubmission.objects.create(
        mission=mission,
        enrolment=enrolment,
        student_id=enrolment.student_id,
        cohort_id=enrolment.cohort_id,
        state="submitted",
        version=1,
        submitted_at=at,
        created_at=at,
        updated_at=at,
    )
    version = SubmissionVersion.objects.create(submission=submission, number=1, cycle=1, text="A", created_at=at)
    file = SubmissionFile.objects.create(
        version=version, name="a", content_type="text/plain", size=1, sha256="0", content="a", created_at=at
    )
    review = MissionReview.objects.create(
        submission=submission,
        version=version,
        reviewer=family.people["mentor"],
        decision="rejected",
        score=1,
        feedback="No.",
        created_at=at,
    )
    for row in (submission, version, file, review):
        family.keep(row)


def _work(family: Family) -> None:
    at = clock.now()
    item = MentorWorkQueue.objects.create(
        **_about(family),
        mentor=family.people["mentor"],
        type="mission_review",
        reference_id=UUID(family.rows["missions_missionsubmission"]),
        title="Review",
        status="in_progress",
        claimed_by=family.people["mentor"],
        lease_until=at + HOUR,
        base_rank=1,
        rank=1,
        budget_seconds=3600,
        clock_started_at=at,
        due_at=at + HOUR,
        created_at=at,
        updated_at=at,
    )
    family.keep(item)
    family.keep(SlaPause.objects.create(item=item, reason="dispute", opened_at=at, opened_by=family.people["mentor"]))


def _session(family: Family, mentor: User, assignment: MenteeMentorAssignment) -> None:
    at = clock.now()
    session = MentorSession.objects.create(
        **_about(family),
        mentor=mentor,
        assignment=assignment,
        title="Catch up",
        starts_at=at + HOUR,
        ends_at=at + 2 * HOUR,
        closed_by=mentor,
        created_at=at,
        updated_at=at,
    )
    during: Any = DateTimeTZRange(session.starts_at, session.ends_at)
    session.participants.create(person=mentor, role="mentor", during=during)
    student = family.people["student"]
    participant = SessionParticipant.objects.create(
        session=session, person=student, enrolment=family.enrolment, role="mentee", during=during
    )
    rating = SessionRating.objects.create(session=session, student=student, rating=4, comment="Clear.", rated_at=at)
    note = SessionNote.objects.create(session=session, author=mentor, text="Agreed.", created_at=at)
    task = SessionActionItem.objects.create(session=session, owner=student, text="Read.", created_at=at)
    for row in (session, participant, rating, note, task):
        family.keep(row)


def _flag(family: Family) -> None:
    at, mentor = clock.now(), family.people["mentor"]
    flag = MentorFlag.objects.create(
        **_about(family), mentor=mentor, author=mentor, reason="Silent.", created_at=at, updated_at=at
    )
    family.keep(flag)
    family.keep(MentorFlagEntry.objects.create(flag=flag, kind="raised", by=mentor, severity=2, created_at=at))


def _matching(family: Family) -> None:
    at, mentor, director = clock.now(), family.people["mentor"], family.people["director"]
    run = MatchRun.objects.create(
        cohort_id=family.enrolment.cohort_id, state="requested", requested_by=director, created_at=at
    )
    filling = MatchFilling.objects.create(run=run, mentor=mentor, load=1, places=1, taken=1, elsewhere=0, price=0)
    proposal = MatchProposal.objects.create(**_about(family), run=run, mentor=mentor, state="proposed")
    exclusion = MatchExclusion.objects.create(
        mentor=mentor, mentee=family.people["student"], reason="Kin.", created_by=director, created_at=at
    )
    absence = MentorAbsence.objects.create(
        mentor=mentor, backup=family.people["former"], starts_at=at, ends_at=at + HOUR
    )
    snippet = FeedbackSnippet.objects.create(mentor=mentor, title="Well done", text="Well done.", created_at=at)
    handover = MentorHandover.objects.create(mentor=mentor, reason="Leaves.", requested_by=director, created_at=at)
    entry = AssignmentEntry.objects.create(assignment=family.assignment, state="active", by=director, created_at=at)
    overload = CapacityEpisode.objects.create(mentor=mentor, kind="mentees", figure=2, limit=1, began_at=at)
    put_off = DecisionSnooze.objects.create(director=director, key="unmatched", until=at + HOUR, created_at=at)
    for row in (run, proposal, filling, exclusion, absence, snippet, handover, entry, overload, put_off):
        family.keep(row)
