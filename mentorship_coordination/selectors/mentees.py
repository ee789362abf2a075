"""What a mentor sees of her mentees: the list, and the cockpit of one. Source: interfaces.md §1, product.md §1."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, OuterRef, QuerySet, Subquery

from core.errors import NotVisible
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.models.sessions import MentorSession
from mentorship_coordination.selectors.sessions import SessionBudget, session_budget
from missions.enums import SubmissionState
from missions.models import Mission, MissionReview, MissionSubmission, SubmissionVersion
from student_dashboard.models import StudentDashboard

TIMELINE_LENGTH = 50


def list_mentees(mentor_id: UUID, at: datetime) -> QuerySet[MenteeMentorAssignment]:
    """The current pairs of a mentor with the figures of the list, each a column of the one query."""
    open_items = (
        MentorWorkQueue.objects.of_mentor(mentor_id)
        .open()
        .filter(mentee=OuterRef("mentee"))
        .order_by()
        .values("mentee")
    )
    flags = MentorFlag.objects.unresolved().filter(mentee=OuterRef("mentee")).order_by().values("mentee")
    upcoming = MentorSession.objects.scheduled().filter(mentee=OuterRef("mentee"), ends_at__gt=at)
    dashboard = StudentDashboard.objects.filter(student=OuterRef("mentee"))
    return (
        MenteeMentorAssignment.objects.of_mentor(mentor_id)
        .current()
        .select_related("mentee", "cohort__track", "enrolment")
        .annotate(
            open_items=Subquery(open_items.annotate(n=Count("id")).values("n")),
            overdue_items=Subquery(open_items.filter(due_at__lt=at).annotate(n=Count("id")).values("n")),
            unresolved_flags=Subquery(flags.annotate(n=Count("id")).values("n")),
            next_session_at=Subquery(upcoming.order_by("starts_at").values("starts_at")[:1]),
            readiness=Subquery(dashboard.values("readiness")[:1]),
            trend_7d=Subquery(dashboard.values("trend_7d")[:1]),
        )
    )


@dataclass(frozen=True)
class TimelineEntry:
    at: datetime
    kind: str
    title: str
    reference_id: UUID


@dataclass(frozen=True)
class Cockpit:
    assignment: MenteeMentorAssignment
    dashboard: StudentDashboard | None
    submissions: list[MissionSubmission]
    missions_published: int
    sessions: list[MentorSession]
    session_use: SessionBudget
    flags: list[MentorFlag]
    open_items: list[MentorWorkQueue]
    timeline: list[TimelineEntry]

    @property
    def missions_completed(self) -> int:
        return sum(each.state == SubmissionState.APPROVED for each in self.submissions)

    @property
    def mean_score(self) -> float | None:
        """Mean of the current scores, 0 to 100; None while nothing is scored."""
        scores = [each.score for each in self.submissions if each.score is not None]
        return round(sum(scores) / len(scores), 1) if scores else None


def get_cockpit(*, mentor_id: UUID, mentee_id: UUID) -> Cockpit:
    """Everything the mentor sees of one current mentee, in a constant number of queries. Raises NotVisible."""
    assignment = (
        MenteeMentorAssignment.objects.of_mentor(mentor_id)
        .of_mentee(mentee_id)
        .current()
        .select_related("mentee", "enrolment", "cohort__track")
        .first()
    )
    if assignment is None:
        raise NotVisible
    enrolment = assignment.enrolment
    submissions = list(
        MissionSubmission.objects.filter(enrolment=enrolment).select_related("mission").order_by("mission__number")
    )
    sessions = list(MentorSession.objects.filter(enrolment=enrolment).order_by("-starts_at"))
    flags = list(MentorFlag.objects.about(mentee_id))
    return Cockpit(
        assignment=assignment,
        dashboard=StudentDashboard.objects.filter(student=mentee_id).first(),
        submissions=submissions,
        missions_published=Mission.objects.filter(track=assignment.cohort.track_id, is_published=True).count(),
        sessions=sessions,
        session_use=session_budget([enrolment.pk])[enrolment.pk],
        flags=flags,
        open_items=list(MentorWorkQueue.objects.of_mentor(mentor_id).open().filter(mentee=mentee_id).in_order()),
        timeline=_timeline(submissions, sessions, flags),
    )


def _timeline(
    submissions: list[MissionSubmission], sessions: list[MentorSession], flags: list[MentorFlag]
) -> list[TimelineEntry]:
    titles = {each.pk: each.mission.title for each in submissions}
    versions = (
        SubmissionVersion.objects.filter(submission__in=titles)
        .order_by("-created_at")
        .values_list("created_at", "number", "submission_id")[:TIMELINE_LENGTH]
    )
    reviews = (
        MissionReview.objects.filter(submission__in=titles)
        .order_by("-created_at")
        .values_list("created_at", "decision", "score", "submission_id")[:TIMELINE_LENGTH]
    )
    entries = [
        *(
            TimelineEntry(at, "submitted", f"Handed in version {number} of {titles[submission]}", submission)
            for at, number, submission in versions
        ),
        *(
            TimelineEntry(at, decision, f"{titles[submission]}: {score} points", submission)
            for at, decision, score, submission in reviews
        ),
        *(TimelineEntry(each.starts_at, f"session_{each.status}", each.title, each.pk) for each in sessions),
        *(TimelineEntry(each.created_at, "flag", each.get_category_display(), each.pk) for each in flags),
    ]
    return sorted(entries, key=lambda entry: (entry.at, entry.reference_id), reverse=True)[:TIMELINE_LENGTH]


def find_current_assignment(mentee_id: UUID) -> MenteeMentorAssignment | None:
    """The pair that a student is in now, with her mentor; None while she waits for one."""
    return (
        MenteeMentorAssignment.objects.of_mentee(mentee_id)
        .primary()
        .current()
        .select_related("mentor", "cohort__track")
        .first()
    )
