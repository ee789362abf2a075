"""Everything a mentor sees of one mentee. Source: product.md §1.

Readiness, streaks and risk come from the snapshot, which says when it was computed; the rest is read as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from coaching.models import Goal
from coaching.selectors import fetch_goals
from core.clock import local_date
from core.errors import NotVisible
from core.kept import kept
from core.sql import fetch_planned
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.models.sessions import MentorSession
from mentorship_coordination.selectors.queue import fetch_open_items_of
from mentorship_coordination.selectors.risk import RiskReason, reasons_of
from mentorship_coordination.selectors.sessions import SessionBudget
from mentorship_coordination.selectors.timeline import TimelineEntry, list_timeline
from missions.enums import SubmissionState
from missions.models import MissionSubmission
from student_dashboard.models import StudentDashboard

#: The sparkline's days.
DAYS_SHOWN = timedelta(days=28)
FIGURES = """
SELECT (SELECT count(*) FROM missions_mission WHERE track_id = %(track)s AND is_published),
  b.used, b.reserved, b.max_sessions, d.dates, d.figures
FROM app.session_budgets(ARRAY[%(enrolment)s]::uuid[]) b
CROSS JOIN (
  SELECT coalesce(array_agg(local_date ORDER BY local_date), '{}') AS dates,
    coalesce(array_agg(readiness ORDER BY local_date), '{}') AS figures
  FROM student_dashboard_readinesssnapshot WHERE student_id = %(mentee)s AND local_date >= %(since)s) d
"""


@dataclass(frozen=True, slots=True)
class Day:
    """Readiness at the end of a local day of the mentee; today's as it stands."""

    date: date
    readiness: Decimal | None


@dataclass(frozen=True, slots=True)
class _Figures:
    missions_published: int
    session_use: SessionBudget
    days: list[Day]


@dataclass(frozen=True)
class Cockpit:
    assignment: MenteeMentorAssignment
    dashboard: StudentDashboard | None
    days: list[Day]
    submissions: list[MissionSubmission]
    missions_published: int
    sessions: list[MentorSession]
    session_use: SessionBudget
    flags: list[MentorFlag]
    goals: list[Goal]
    open_items: list[MentorWorkQueue]
    timeline: list[TimelineEntry]

    @property
    def missions_completed(self) -> int:
        return sum(each.state == SubmissionState.APPROVED for each in self._published)

    @property
    def mean_score(self) -> float | None:
        """Mean of the scores that stand, 0 to 100, two decimals; None while nothing is scored."""
        scores = [each.score for each in self._published if each.score is not None]
        return round(sum(scores) / len(scores), 2) if scores else None

    @property
    def _published(self) -> list[MissionSubmission]:
        return [each for each in self.submissions if each.mission.is_published]

    @property
    def practice(self) -> Mapping[str, Any]:
        """The snapshot's section on habits; empty before the first refresh."""
        return (self.dashboard.sections.get("habits") if self.dashboard else None) or {}

    @property
    def habits(self) -> list[dict[str, Any]]:
        return list(self.practice.get("habits", []))

    @property
    def readiness_parts(self) -> list[dict[str, Any]]:
        """Name, weight, value (0 to 1 or None) and inputs of each part."""
        return list(self.dashboard.inputs.get("parts", [])) if self.dashboard else []

    @property
    def attendance(self) -> float | None:
        """Sessions that she attended of those that she attended or missed, 0 to 1; None before the first."""
        return next((each["value"] for each in self.readiness_parts if each["name"] == "attendance"), None)

    @property
    def late_cancellations(self) -> int:
        """Sessions of two that she called off less than a day ahead."""
        return sum(each.is_late_cancel and each.mentee_id is not None for each in self.sessions)

    @property
    def risk_reasons(self) -> list[RiskReason]:
        return reasons_of(self.dashboard.risk_parts) if self.dashboard else []


@kept
def _fetch_pair(mentor_id: UUID, mentee_id: UUID) -> QuerySet[MenteeMentorAssignment]:
    pairs = MenteeMentorAssignment.objects.of_mentor(mentor_id).of_mentee(mentee_id).current()
    return pairs.select_related("mentee__dashboard", "enrolment", "cohort__track")[:1]


@kept
def _fetch_submissions(enrolment_id: UUID) -> QuerySet[MissionSubmission]:
    found = MissionSubmission.objects.filter(enrolment=enrolment_id).select_related("mission")
    return found.defer("mission__brief", "mission__competencies", "mission__rubric").order_by("mission__number")


@kept
def _fetch_sessions(enrolment_id: UUID) -> QuerySet[MentorSession]:
    return MentorSession.objects.of_enrolment(enrolment_id).order_by("-starts_at")


@kept
def _fetch_flags(mentee_id: UUID) -> QuerySet[MentorFlag]:
    return MentorFlag.objects.about(mentee_id)


def get_cockpit(*, mentor_id: UUID, mentee_id: UUID, at: datetime) -> Cockpit:
    """Everything the mentor sees of one current mentee, in a constant number of queries. Raises NotVisible."""
    assignment = next(iter(_fetch_pair(mentor_id, mentee_id)), None)
    if assignment is None:
        raise NotVisible
    submissions = _fetch_submissions(assignment.enrolment_id)
    sessions = _fetch_sessions(assignment.enrolment_id)
    flags = _fetch_flags(mentee_id)
    goals = fetch_goals(mentee_id)
    figures = _figures(assignment, at)
    return Cockpit(
        assignment=assignment,
        dashboard=getattr(assignment.mentee, "dashboard", None),
        days=figures.days,
        submissions=submissions,
        missions_published=figures.missions_published,
        sessions=sessions,
        session_use=figures.session_use,
        flags=flags,
        goals=goals,
        open_items=fetch_open_items_of(mentor_id, mentee_id),
        timeline=list_timeline(mentee_id, submissions=submissions, sessions=sessions, flags=flags, goals=goals, at=at),
    )


def _figures(assignment: MenteeMentorAssignment, at: datetime) -> _Figures:
    since = local_date(at - DAYS_SHOWN, assignment.mentee.timezone)
    [(published, used, reserved, most, dates, readiness)] = fetch_planned(
        FIGURES,
        track=assignment.cohort.track_id,
        enrolment=assignment.enrolment_id,
        mentee=assignment.mentee_id,
        since=since,
    )
    days = [Day(*each) for each in zip(dates, readiness, strict=True)]
    return _Figures(published, SessionBudget(used, reserved, most), days)
