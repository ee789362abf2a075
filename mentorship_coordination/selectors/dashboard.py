"""What a mentor sees first: the queue in figures, today, who is at risk, the week, what happened lately.

A constant number of queries, whatever the number of mentees. Source: interfaces.md §1, product.md §1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import CharField, Count, F, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Concat

from coaching.enums import GoalState
from coaching.models import Goal
from mentorship_coordination.enums import SessionStatus, Severity, WorkStatus, WorkType
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.models.sessions import MentorSession
from mentorship_coordination.selectors.mentees import with_figures
from mentorship_coordination.selectors.queue import QueueCounters, count_queue, day_of
from mentorship_coordination.selectors.risk import RiskReason, reasons_of
from mentorship_coordination.selectors.session_figures import Satisfaction, SessionFigures, get_session_figures
from mentorship_coordination.selectors.sessions import list_sessions_of_mentor
from mentorship_coordination.selectors.slots import WeekCapacity, get_week_capacity
from missions.models import MissionReview, MissionSubmission
from users.models import User

ACTIVITY_FOR = timedelta(days=7)
ACTIVITY_ROWS = 20
#: Sessions that began longer ago than this before the activity's span are not looked through.
SESSIONS_CLOSED_WITHIN = timedelta(days=30)
#: What takes place, or took place, on a day.
HELD = (
    SessionStatus.SCHEDULED,
    SessionStatus.COMPLETED,
    SessionStatus.NO_SHOW_MENTEE,
    SessionStatus.NO_SHOW_MENTOR,
)
COLUMNS = ("action", "time", "person", "person_name", "subject", "reference")


@dataclass(frozen=True, slots=True)
class MenteeAtRisk:
    """A current mentee with unresolved flags, overdue items or a risk score over the limit.

    `flag` is the worst, `reasons` the parts of the score; figures without data are None.
    """

    mentee_id: UUID
    name: str
    readiness: Decimal | None
    readiness_trend: Decimal | None
    habit_streak: int | None
    risk_score: Decimal | None
    risk_since: datetime | None
    reasons: list[RiskReason]
    flag: MentorFlag | None
    unresolved_flags: int
    overdue_items: int


@dataclass(frozen=True, slots=True)
class Activity:
    """One line of what happened. `mentee` is her name, None when the caller may not see her any more."""

    action: str
    time: datetime
    mentee_id: UUID | None
    mentee: str | None
    title: str
    reference_id: UUID


@dataclass(frozen=True, slots=True)
class MentorDashboard:
    work_queue: QueueCounters
    today_sessions: list[MentorSession]
    at_risk_mentees: list[MenteeAtRisk]
    capacity: WeekCapacity
    satisfaction: Satisfaction
    session_figures: SessionFigures
    recent_activity: list[Activity]


def get_mentor_dashboard(mentor: User, at: datetime) -> MentorDashboard:
    """The mentor's own dashboard; "today" and the week are those of her zone."""
    satisfaction, session_figures = get_session_figures(mentor.pk, at)
    return MentorDashboard(
        work_queue=count_queue(mentor.pk, mentor.timezone, at),
        today_sessions=_today_sessions(mentor, at),
        at_risk_mentees=list_mentees_at_risk(mentor.pk, at),
        capacity=get_week_capacity(mentor, at),
        satisfaction=satisfaction,
        session_figures=session_figures,
        recent_activity=list_recent_activity(mentor.pk, at),
    )


def list_mentees_at_risk(mentor_id: UUID, at: datetime) -> list[MenteeAtRisk]:
    """Worst flag first, then highest risk over the limit, most overdue items, name. Three queries."""
    flags: dict[UUID, list[MentorFlag]] = {}
    for flag in MentorFlag.objects.unresolved().filter(mentor=mentor_id).order_by("-severity", "created_at", "id"):
        flags.setdefault(flag.mentee_id, []).append(flag)
    overdue = dict(
        MentorWorkQueue.objects.of_mentor(mentor_id)
        .overdue(at)
        .values_list("mentee_id")
        .annotate(n=Count("id"))
        .order_by()
    )
    pairs = _current_pairs(mentor_id, {*flags, *overdue})
    found = {pair.mentee_id: _at_risk(pair, flags.get(pair.mentee_id, []), overdue) for pair in pairs}
    return sorted(found.values(), key=_urgency)


def list_recent_activity(mentor_id: UUID, at: datetime) -> list[Activity]:
    """Hand-ins, reviews, sessions, goals and finished items of the last 7 days, newest first, at most 20. One query."""
    since = at - ACTIVITY_FOR
    rows = (
        _handed_in(mentor_id, since)
        .union(
            _reviewed(mentor_id, since),
            _sessions(mentor_id, since),
            _finished(mentor_id, since),
            _reached(mentor_id, since),
            all=True,
        )
        .order_by("-time", "reference")[:ACTIVITY_ROWS]
    )
    return [Activity(*(row[name] for name in COLUMNS)) for row in rows]


def _today_sessions(mentor: User, at: datetime) -> list[MentorSession]:
    start, end = day_of(mentor.timezone, at)
    return list(list_sessions_of_mentor(mentor.pk).filter(status__in=HELD, starts_at__lt=end, ends_at__gt=start))


def _current_pairs(mentor_id: UUID, mentee_ids: set[UUID]) -> QuerySet[MenteeMentorAssignment]:
    """Those of the given mentees, and of whoever's risk is over the limit."""
    pairs = with_figures(MenteeMentorAssignment.objects.of_mentor(mentor_id).current().select_related("mentee"))
    return pairs.filter(Q(mentee__in=mentee_ids) | Q(risk_since__isnull=False))


def _at_risk(pair: Any, flags: list[MentorFlag], overdue: Mapping[UUID, int]) -> MenteeAtRisk:
    return MenteeAtRisk(
        mentee_id=pair.mentee_id,
        name=pair.mentee.name,
        readiness=pair.readiness,
        readiness_trend=pair.trend_7d,
        habit_streak=pair.habit_streak,
        risk_score=pair.risk_score,
        risk_since=pair.risk_since,
        reasons=reasons_of(pair.risk_parts or []),
        flag=flags[0] if flags else None,
        unresolved_flags=len(flags),
        overdue_items=overdue.get(pair.mentee_id, 0),
    )


def _urgency(mentee: MenteeAtRisk) -> tuple[int, float, int, str, UUID]:
    severity = Severity(mentee.flag.severity) if mentee.flag else 0
    risk = float(mentee.risk_score or 0) if mentee.risk_since else 0.0
    return -severity, -risk, -mentee.overdue_items, mentee.name, mentee.mentee_id


def _rows(found: QuerySet[Any], **columns: Any) -> QuerySet[Any, dict[str, Any]]:
    """`found` as rows of the union: newest first, no more than can be shown."""
    rows: QuerySet[Any, dict[str, Any]] = found.annotate(**columns).order_by("-time").values(*COLUMNS)
    return rows[:ACTIVITY_ROWS]


def _word(text: str) -> Value:
    return Value(text, output_field=CharField())


def _handed_in(mentor_id: UUID, since: datetime) -> QuerySet[Any, dict[str, Any]]:
    return _rows(
        MissionSubmission.objects.filter(mentor=mentor_id, updated_at__gte=since, submitted_at__gte=since),
        action=_word("submitted"),
        time=F("submitted_at"),
        person=F("student_id"),
        person_name=F("student__name"),
        subject=F("mission__title"),
        reference=F("id"),
    )


def _reviewed(mentor_id: UUID, since: datetime) -> QuerySet[Any, dict[str, Any]]:
    # A review touches its submission: the submission's index by mentor and time finds them all.
    return _rows(
        MissionReview.objects.filter(
            submission__mentor=mentor_id, submission__updated_at__gte=since, created_at__gte=since
        ),
        action=F("decision"),
        time=F("created_at"),
        person=F("submission__student_id"),
        person_name=F("submission__student__name"),
        subject=F("submission__mission__title"),
        reference=F("submission_id"),
    )


def _sessions(mentor_id: UUID, since: datetime) -> QuerySet[Any, dict[str, Any]]:
    sessions = MentorSession.objects.of_mentor(mentor_id).filter(starts_at__gte=since - SESSIONS_CLOSED_WITHIN)
    return _rows(
        sessions.annotate(happened_at=Coalesce("closed_at", "created_at")).filter(happened_at__gte=since),
        action=Concat(_word("session_"), "status", output_field=CharField()),
        time=F("happened_at"),
        person=F("mentee_id"),
        person_name=F("mentee__name"),
        subject=F("title"),
        reference=F("id"),
    )


def _reached(mentor_id: UUID, since: datetime) -> QuerySet[Any, dict[str, Any]]:
    """Goals that present mentees reached."""
    present = MenteeMentorAssignment.objects.of_mentor(mentor_id).current().values("mentee")
    return _rows(
        Goal.objects.filter(student__in=present, state=GoalState.COMPLETED, closed_at__gte=since),
        action=_word("goal_completed"),
        time=F("closed_at"),
        person=F("student_id"),
        person_name=F("student__name"),
        subject=F("title"),
        reference=F("id"),
    )


def _finished(mentor_id: UUID, since: datetime) -> QuerySet[Any, dict[str, Any]]:
    """Finished items but reviews, which the reviews themselves tell of."""
    finished = MentorWorkQueue.objects.of_mentor(mentor_id).filter(status=WorkStatus.COMPLETED, completed_at__gte=since)
    return _rows(
        finished.exclude(type=WorkType.MISSION_REVIEW),
        action=Concat(_word("completed_"), "type", output_field=CharField()),
        time=F("completed_at"),
        person=F("mentee_id"),
        person_name=F("mentee__name"),
        subject=F("title"),
        reference=F("id"),
    )
