"""What happened to one mentee lately, as one list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from coaching.models import Goal
from core.sql import as_texts, fetch_planned
from mentorship_coordination.enums import NEVER_PLANNED
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.models.sessions import MentorSession
from missions.models import MissionSubmission

LOOKS_BACK = timedelta(days=90)
MOST_ENTRIES = 100
EPOCH = date(1970, 1, 1)
#: Kind, time, name, a figure (a version, a score, a streak's length, a due date as days since 1970), what it is about.
NOTICED = f"""
(SELECT 'submitted', v.created_at, '', v.number, v.submission_id FROM missions_submissionversion v
 WHERE v.submission_id = ANY (%(submissions)s::uuid[]) AND v.created_at > %(since)s
 ORDER BY v.created_at DESC LIMIT {MOST_ENTRIES})
UNION ALL
(SELECT r.decision, r.created_at, '', r.score, r.submission_id FROM missions_missionreview r
 WHERE r.submission_id = ANY (%(submissions)s::uuid[]) AND r.created_at > %(since)s
 ORDER BY r.created_at DESC LIMIT {MOST_ENTRIES})
UNION ALL
(SELECT 'streak_broken', b.noticed_at, h.name, b.length, b.habit_id
 FROM coaching_streakbreak b JOIN coaching_habit h ON h.id = b.habit_id
 WHERE b.student_id = %(student)s AND b.noticed_at > %(since)s ORDER BY b.noticed_at DESC LIMIT {MOST_ENTRIES})
UNION ALL
(SELECT 'goal_overdue', d.noticed_at, g.title, d.due_date - date '1970-01-01', d.goal_id
 FROM coaching_misseddeadline d JOIN coaching_goal g ON g.id = d.goal_id
 WHERE d.student_id = %(student)s AND d.noticed_at > %(since)s ORDER BY d.noticed_at DESC LIMIT {MOST_ENTRIES})
"""  # noqa: S608 - a number of our own


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
    """The last 90 days up to `at`, newest first, at most 100 entries. One query besides what is given.

    Sessions that are still to come are not in it, nor are wishes that came to nothing.
    """
    since = at - LOOKS_BACK
    entries = [
        *_noticed(student_id, submissions, since),
        *(entry for goal in goals for entry in _goal(goal)),
        *(_session(each) for each in sessions if each.status not in NEVER_PLANNED),
        *(TimelineEntry(each.created_at, "flag", each.get_category_display(), each.pk) for each in flags),
    ]
    within = [entry for entry in entries if since < entry.at <= at]
    return sorted(within, key=lambda entry: (entry.at, entry.reference_id), reverse=True)[:MOST_ENTRIES]


def _session(session: MentorSession) -> TimelineEntry:
    return TimelineEntry(session.starts_at, f"session_{session.status}", session.title, session.pk)


def _noticed(student_id: UUID, submissions: Sequence[MissionSubmission], since: datetime) -> Iterator[TimelineEntry]:
    """What was handed in and judged, and what midnight brought: streaks that ended, goals that became overdue."""
    titles = {each.pk: each.mission.title for each in submissions}
    rows = fetch_planned(NOTICED, student=student_id, submissions=as_texts(titles), since=since)
    for kind, at, name, figure, pk in rows:
        if kind == "submitted":
            yield TimelineEntry(at, kind, f"Handed in version {figure} of {titles[pk]}", pk)
        elif kind == "streak_broken":
            yield TimelineEntry(at, kind, f"“{name}” broke off after {figure} in a row", pk)
        elif kind == "goal_overdue":
            yield TimelineEntry(at, kind, f"{name} was due on {EPOCH + timedelta(days=figure):%d %B}", pk)
        else:
            yield TimelineEntry(at, kind, f"{titles[pk]}: {figure} points", pk)


def _goal(goal: Goal) -> Iterator[TimelineEntry]:
    yield TimelineEntry(goal.created_at, "goal_set", goal.title, goal.pk)
    for feedback in goal.feedback.all():
        yield TimelineEntry(feedback.created_at, "goal_answered", goal.title, goal.pk)
    if goal.closed_at is not None:
        yield TimelineEntry(goal.closed_at, f"goal_{goal.state}", goal.title, goal.pk)
