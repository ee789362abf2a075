"""What happened to one mentee lately, as one list. Source: interfaces.md §1."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from coaching.models import Goal, MissedDeadline, StreakBreak
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.models.sessions import MentorSession
from missions.models import MissionReview, MissionSubmission, SubmissionVersion

LOOKS_BACK = timedelta(days=90)
MOST_ENTRIES = 100


@dataclass(frozen=True)
class TimelineEntry:
    at: datetime
    kind: str
    title: str
    reference_id: UUID


def list_timeline(
    student_id: UUID,
    *,
    submissions: Sequence[MissionSubmission],
    sessions: Iterable[MentorSession],
    flags: Iterable[MentorFlag],
    goals: Iterable[Goal],
    at: datetime,
) -> list[TimelineEntry]:
    """The last 90 days up to `at`, newest first, at most 100 entries; four queries besides what is given.

    Sessions that are still to come are not in it.
    """
    since = at - LOOKS_BACK
    entries = [
        *_submissions(submissions, since),
        *_noticed(student_id, since),
        *(entry for goal in goals for entry in _goal(goal)),
        *(TimelineEntry(each.starts_at, f"session_{each.status}", each.title, each.pk) for each in sessions),
        *(TimelineEntry(each.created_at, "flag", each.get_category_display(), each.pk) for each in flags),
    ]
    within = [entry for entry in entries if since < entry.at <= at]
    return sorted(within, key=lambda entry: (entry.at, entry.reference_id), reverse=True)[:MOST_ENTRIES]


def _submissions(submissions: Sequence[MissionSubmission], since: datetime) -> Iterator[TimelineEntry]:
    titles = {each.pk: each.mission.title for each in submissions}
    versions = SubmissionVersion.objects.filter(submission__in=titles, created_at__gt=since).order_by("-created_at")
    for at, number, pk in versions.values_list("created_at", "number", "submission_id")[:MOST_ENTRIES]:
        yield TimelineEntry(at, "submitted", f"Handed in version {number} of {titles[pk]}", pk)
    reviews = MissionReview.objects.filter(submission__in=titles, created_at__gt=since).order_by("-created_at")
    for at, decision, score, pk in reviews.values_list("created_at", "decision", "score", "submission_id")[
        :MOST_ENTRIES
    ]:
        yield TimelineEntry(at, decision, f"{titles[pk]}: {score} points", pk)


def _noticed(student_id: UUID, since: datetime) -> Iterator[TimelineEntry]:
    """What midnight brought: streaks that ended, goals that became overdue."""
    breaks = StreakBreak.objects.filter(student=student_id, noticed_at__gt=since).select_related("habit")
    for each in breaks[:MOST_ENTRIES]:
        title = f"“{each.habit.name}” broke off after {each.length} in a row"
        yield TimelineEntry(each.noticed_at, "streak_broken", title, each.habit_id)
    missed = MissedDeadline.objects.filter(student=student_id, noticed_at__gt=since).select_related("goal")
    for deadline in missed[:MOST_ENTRIES]:
        title = f"{deadline.goal.title} was due on {deadline.due_date:%d %B}"
        yield TimelineEntry(deadline.noticed_at, "goal_overdue", title, deadline.goal_id)


def _goal(goal: Goal) -> Iterator[TimelineEntry]:
    yield TimelineEntry(goal.created_at, "goal_set", goal.title, goal.pk)
    for feedback in goal.feedback.all():
        yield TimelineEntry(feedback.created_at, "goal_answered", goal.title, goal.pk)
    if goal.closed_at is not None:
        yield TimelineEntry(goal.closed_at, f"goal_{goal.state}", goal.title, goal.pk)
