"""Sessions as their people see them, and the figures that bound them. Source: product.md §6, §7."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db.models import (
    Exists,
    F,
    FilteredRelation,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
)

from core.clock import zone_info
from core.errors import NotVisible
from core.kept import attach, kept
from core.sql import as_texts, columns_of, fetch_instances, fetch_planned
from mentorship_coordination.enums import MET, WorkType
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.models.sessions import MentorSession, SessionActionItem, SessionNote, SessionParticipant
from users.enums import LIVING_ENROLMENTS
from users.models import User
from users.selectors import name_of

#: A session that ended longer ago gets no reminder to write notes.
NOTES_WITHIN = timedelta(days=30)
#: Still "scheduled" this long after its end: nobody said what became of it.
UNCONFIRMED_AFTER = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class SessionBudget:
    """Sessions of one enrolment: held or lost through the mentee, planned, and allowed."""

    used: int
    reserved: int
    max_sessions: int

    @property
    def is_exhausted(self) -> bool:
        return self.used + self.reserved >= self.max_sessions


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open, `[starts_at, ends_at)`, aware."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class NextSession:
    """What a student needs to know to be there."""

    id: UUID
    title: str
    type: str
    mentor_name: str | None
    starts_at: datetime
    ends_at: datetime
    meeting_url: str


def session_budget(enrolment_ids: Iterable[UUID]) -> dict[UUID, SessionBudget]:
    """Budgets by enrolment id, one query, of every mentor the enrolment had; hidden enrolments are left out.

    Rule: product.md §7.
    """
    statement = "SELECT enrolment_id, used, reserved, max_sessions FROM app.session_budgets(%(enrolments)s::uuid[])"
    rows = fetch_planned(statement, enrolments=as_texts(enrolment_ids))
    return {pk: SessionBudget(used, reserved, most) for pk, used, reserved, most in rows}


def week_of(zone: str, at: datetime) -> Span:
    """The week that holds `at`, in UTC: Monday 00:00 to the next Monday 00:00 in `zone`, 167 to 169 hours.

    Rule: product.md §3.
    """
    local = at.astimezone(zone_info(zone))
    monday = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None) - timedelta(days=local.weekday())
    starts_at, ends_at = (
        day.replace(tzinfo=zone_info(zone)).astimezone(UTC) for day in (monday, monday + timedelta(days=7))
    )
    return Span(starts_at, ends_at)


WEEKLY_LOAD = "SELECT count(*) FROM app.counted_sessions(%(mentor)s, %(start)s, %(end)s, %(but)s)"


def weekly_load(mentor: User, at: datetime, *, but: UUID | None = None) -> int:
    """How many sessions count against the mentor's week that holds `at`; `but` names one that is left out.

    A group session counts once. Run as the mentor or as the system. Rule: product.md §6.
    """
    week = week_of(mentor.timezone, at)
    [(count,)] = fetch_planned(WEEKLY_LOAD, mentor=mentor.pk, start=week.starts_at, end=week.ends_at, but=but)
    return int(count)


def list_sessions_of_mentor(mentor_id: UUID) -> QuerySet[MentorSession]:
    return _with_people(MentorSession.objects.of_mentor(mentor_id))


#: What takes place, or took place, within a span; as the lists of sessions show it.
HELD = f"""
SELECT {columns_of(MentorSession, "s")}, (SELECT u.name FROM users_user u WHERE u.id = s.mentee_id) AS mentee_name,
  (SELECT u.name FROM users_user u WHERE u.id = s.mentor_id) AS mentor_name
FROM mentorship_coordination_mentorsession s
WHERE s.mentor_id = %(mentor)s AND s.status IN ('scheduled', 'completed', 'no_show_mentee', 'no_show_mentor')
  AND s.starts_at < %(end)s AND s.ends_at > %(start)s
ORDER BY s.starts_at, s.id
"""  # noqa: S608 - columns of our own model


#: As `_people` has them.
PEOPLE = f"""
SELECT {columns_of(SessionParticipant, "p")}, (SELECT u.name FROM users_user u WHERE u.id = p.person_id) AS person_name
FROM mentorship_coordination_sessionparticipant p WHERE p.session_id = ANY (%(sessions)s::uuid[])
ORDER BY p.role DESC, p.id
"""  # noqa: S608 - columns of our own model


def list_held_sessions(mentor_id: UUID, between: tuple[datetime, datetime]) -> list[MentorSession]:
    """The mentor's sessions that overlap `[start, end)` and were not called off. A second query for their people."""
    start, end = between
    return _with_people_read(fetch_instances(MentorSession, HELD, mentor=mentor_id, start=start, end=end))


def fetch_sessions_of_mentor(mentor_id: UUID, *, most: int) -> list[MentorSession]:
    """The first `most` of `list_sessions_of_mentor`. A second query for their people."""
    return _with_people_read(_fetch_of_mentor(mentor_id, most=most))


def fetch_sessions_of_student(student_id: UUID, *, most: int) -> list[MentorSession]:
    """The first `most` of `list_sessions_of_student`. A second query for their people."""
    return _with_people_read(_fetch_of_student(student_id, most=most))


def get_session_of_mentor(mentor_id: UUID, session_id: UUID) -> MentorSession:
    """One of `list_sessions_of_mentor`. A second query for its people. Raises NotVisible."""
    found = _with_people_read(_fetch_one(mentor_id, session_id))
    if not found:
        raise NotVisible
    return found[0]


@kept
def _fetch_one(mentor_id: UUID, session_id: UUID) -> QuerySet[MentorSession]:
    return list_sessions_of_mentor(mentor_id).prefetch_related(None).filter(pk=session_id)


@kept
def _fetch_of_mentor(mentor_id: UUID, *, most: int) -> QuerySet[MentorSession]:
    return list_sessions_of_mentor(mentor_id).prefetch_related(None)[:most]


@kept
def _fetch_of_student(student_id: UUID, *, most: int) -> QuerySet[MentorSession]:
    return list_sessions_of_student(student_id).prefetch_related(None)[:most]


def _with_people_read(sessions: list[MentorSession]) -> list[MentorSession]:
    if sessions:
        people = fetch_instances(SessionParticipant, PEOPLE, sessions=as_texts(each.pk for each in sessions))
        attach(sessions, "participants", people)
    return sessions


def list_sessions_of_student(student_id: UUID) -> QuerySet[MentorSession]:
    """Her own sessions and the groups she is or was in, each with what she said of it, None where she did not."""
    attended = SessionParticipant.objects.filter(person=student_id).order_by().values("session")
    asked_for = MentorSession.objects.filter(mentee=student_id).order_by().values("pk")
    # As a union both halves have their index; joined by "or" every session of the academy would be looked at.
    sessions = MentorSession.objects.filter(pk__in=asked_for.union(attended))
    own = FilteredRelation("ratings", condition=Q(ratings__student=student_id))
    return _with_people(sessions).annotate(
        own=own, rating=F("own__rating"), rating_comment=F("own__comment"), rated_at=F("own__rated_at")
    )


def list_disputes(cohort_ids: Iterable[UUID]) -> QuerySet[MentorSession]:
    """Disputed sessions of these cohorts, settled ones too, with the names of their two people."""
    disputed = MentorSession.objects.filter(cohort__in=list(cohort_ids), disputed_at__isnull=False)
    return disputed.annotate(mentee_name=name_of("mentee_id"), mentor_name=name_of("mentor_id"))


def list_attendance_disputes(cohort_ids: Iterable[UUID]) -> QuerySet[SessionParticipant]:
    """What mentees of these cohorts dispute of their attendance in groups, settled ones too, with session and names."""
    disputed = SessionParticipant.objects.disputed().filter(enrolment__cohort__in=list(cohort_ids))
    return disputed.select_related("session").annotate(
        mentee_name=name_of("person_id"), mentor_name=name_of("session__mentor_id")
    )


def get_session(sessions: QuerySet[MentorSession], session_id: UUID) -> MentorSession:
    """One of `sessions`. Raises NotVisible."""
    session = sessions.filter(pk=session_id).first()
    if session is None:
        raise NotVisible
    return session


def _with_people(sessions: QuerySet[MentorSession]) -> QuerySet[MentorSession]:
    return (
        sessions.annotate(mentee_name=name_of("mentee_id"), mentor_name=name_of("mentor_id"))
        .prefetch_related(_people())
        .order_by("starts_at", "id")
    )


def _people() -> Prefetch[str]:
    people = SessionParticipant.objects.annotate(person_name=name_of("person_id")).order_by("-role", "id")
    return Prefetch("participants", queryset=people)


def list_ended_without_notes(at: datetime, *, limit: int) -> list[UUID]:
    """Sessions that ended in the last 30 days, were not called off, and never had a `session_notes` item.

    Of whoever has left nothing is to be noted, and by nobody who has parted from her, nor what has been noted already.
    Groups have no enrolment whose service level could be measured, and so no item.
    """
    item = MentorWorkQueue.objects.about(WorkType.SESSION_NOTES, OuterRef("pk"))  # type: ignore[arg-type]
    pair = MenteeMentorAssignment.objects.current().filter(enrolment=OuterRef("enrolment"), mentor=OuterRef("mentor"))
    ended = MentorSession.objects.filter(
        ~Exists(item),
        ~Exists(SessionNote.objects.filter(session=OuterRef("pk"))),
        ~Exists(SessionActionItem.objects.filter(session=OuterRef("pk"))),
        Exists(pair),
        status__in=MET,
        ends_at__lte=at,
        ends_at__gt=at - NOTES_WITHIN,
        enrolment__state__in=LIVING_ENROLMENTS,
    )
    return list(ended.order_by("ends_at", "id").values_list("pk", flat=True)[:limit])


def is_noted(session_id: UUID) -> bool:
    """Whether the mentor has written something down, or who is to do what."""
    notes = SessionNote.objects.filter(session=session_id)
    return notes.exists() or SessionActionItem.objects.filter(session=session_id).exists()


#: Group sessions included.
NEXT_SESSIONS = """
SELECT DISTINCT ON (p.person_id) p.person_id, s.id, s.title, s.type, u.name, s.starts_at, s.ends_at, s.meeting_url
FROM mentorship_coordination_sessionparticipant p
JOIN mentorship_coordination_mentorsession s ON s.id = p.session_id
LEFT JOIN users_user u ON u.id = s.mentor_id
WHERE p.person_id = ANY (%(students)s::uuid[]) AND p.role = 'mentee' AND p.is_active AND s.status = 'scheduled'
  AND s.ends_at > %(at)s
ORDER BY p.person_id, s.starts_at, s.id
"""


def list_next_sessions(student_ids: Iterable[UUID], at: datetime) -> dict[UUID, NextSession]:
    """Each student's next or running session, by student id. One query, fast for hundreds of students.

    A mentor whom the caller may not see has no name.
    """
    rows = fetch_planned(NEXT_SESSIONS, students=as_texts(student_ids), at=at)
    return {student: NextSession(*session) for student, *session in rows}
