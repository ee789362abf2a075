"""What a trigger leaves behind, in words, and the acts that set it off."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from coaching.actions.goals import answer_goal, complete_goal
from coaching.actions.midnight import notice_broken_streaks, notice_overdue_goals
from coaching.models import MissedDeadline, StreakBreak
from conftest import Cast
from core import clock, events
from core.actions import action
from core.enums import Audience, Rank
from core.identifiers import new_id
from core.models import StreamEvent
from core.tenancy.identity import Identity, Role, acting_as
from mentorship_coordination.actions import assignments, session_outcomes
from mentorship_coordination.actions.capacity import check_mentor_capacity
from mentorship_coordination.actions.flags import raise_flag
from mentorship_coordination.actions.handover import carry_out, request_handover
from mentorship_coordination.actions.sessions import book_group_session, book_session, reschedule_session
from mentorship_coordination.enums import AssignmentState, FlagCategory, Severity
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.models.notifications import Notification
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.models.sessions import MentorSession
from mentorship_coordination.tests.coaching_world import a_goal, a_habit, goals_noticed, nothing_waits
from mentorship_coordination.tests.queue_world import mentor_acting, open_item
from mentorship_coordination.tests.session_world import HOUR, NOW, TOMORROW, booked
from missions.actions import review_submission, submit_mission
from missions.models import MissionReview
from missions.tests.world import review, submit
from student_dashboard.events import RiskLimitCrossed
from student_dashboard.models import DashboardUpdateQueue
from tests.database import as_system, as_worker
from users.actions.access import change_person
from users.models import User

Act = Callable[[], object]
ROLES = {"student": Role.STUDENT, "mentor": Role.MENTOR, "admin": Role.ADMIN}
ANY_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Trigger:
    """`prepare` makes the world and returns the act, which `by` performs at NOW: it leaves `effects` and no others.

    Done a second time it is refused with the code `refused`, or leaves what is in `again`. What may rightly be done
    twice has `is_repeatable=False`: its events are said again instead.
    """

    name: str
    by: str
    prepare: Callable[[Cast], Act]
    effects: str
    refused: str = ""
    again: str = ""
    is_repeatable: bool = True


def lines(effects: str) -> list[str]:
    """One effect each, sorted; they are written on lines of their own or divided by semicolons."""
    return sorted(filter(None, (each.strip() for each in re.split("[;\n]", effects))))


@contextmanager
def acting(by: str, cast: Cast) -> Iterator[None]:
    """As that person of the cast, or as the worker; the clock stands at NOW."""
    who = as_worker() if by == "system" else acting_as(Identity(ROLES[by], getattr(cast, by).pk))
    with who, clock.pinned(NOW):
        yield


@contextmanager
def overheard() -> Iterator[list[object]]:
    """Every event that is said meanwhile."""
    said: list[object] = []
    for handlers in events._handlers.values():
        handlers.append(said.append)
    try:
        yield said
    finally:
        for handlers in events._handlers.values():
            handlers.remove(said.append)


@action
def say_again(said: list[object]) -> None:
    for event in said:
        events.say(event)


def prepared(trigger: Trigger, cast: Cast) -> tuple[Act, Counter[str]]:
    """The act, and what there is before it."""
    with clock.pinned(NOW - HOUR):
        act = trigger.prepare(cast)
    nothing_waits()
    return act, everything(cast)


def everything(cast: Cast) -> Counter[str]:
    """All that triggers leave, a line for each: rows with what makes them once and for all, ids as `*`."""
    names = {getattr(cast, name).pk: name for name in vars(cast) if isinstance(getattr(cast, name), User)}
    with as_system():
        return Counter([*_work(names), *_news(names), *_facts(names)])


def _work(names: dict[UUID, str]) -> Iterator[str]:
    for item in MentorWorkQueue.objects.all():
        level = f"{Rank(item.rank).label}, {item.budget_seconds // 3600} h"
        holder = names[item.mentor_id] if item.mentor_id else "pool"
        yield f"item {item.type} {item.cycle} v{item.reference_version}: {item.status}, {level}, {holder}"
    for row in DashboardUpdateQueue.objects.all():
        yield f"refresh {names[row.student_id]}: {', '.join(sorted(row.reasons))}, {Rank(row.rank).label}"


def _news(names: dict[UUID, str]) -> Iterator[str]:
    for said in StreamEvent.objects.all():
        kind = re.search('"kind":"([a-z_]+)"', said.data)
        audience, name = Audience(said.audience).label, names[said.recipient_id]
        whom = name if audience in name else f"{name} as {audience}"
        yield f"{whom} hears {said.event}: {kind.group(1) if kind else ''}".strip()
    for told in Notification.objects.all():
        yield f"{names[told.recipient_id]} is told {ANY_ID.sub('*', told.dedupe_key or 'without a key')}"


def _facts(names: dict[UUID, str]) -> Iterator[str]:
    for broken in StreakBreak.objects.all():
        yield f"streak of {broken.length} broken after {broken.last_date}"
    for missed in MissedDeadline.objects.all():
        yield f"deadline {missed.number} missed: {missed.due_date}"
    for verdict in MissionReview.objects.select_related("version"):
        yield f"review of v{verdict.version.number}: {verdict.decision}"
    for session in MentorSession.objects.all():
        yield f"session {session.sequence}: {session.status}"
    for flag in MentorFlag.objects.all():
        yield f"flag {flag.state}: {Severity(flag.severity).label}"
    for pair in MenteeMentorAssignment.objects.all():
        yield f"pair with {names[pair.mentor_id]}: {pair.state}"


def hand_in(cast: Cast) -> Act:
    return partial(submit_mission, mission_id=cast.mission.pk, by=cast.student, text="My answer.", at=NOW)


def hand_in_while_it_waits(cast: Cast) -> Act:
    submit(cast.student, cast.mission, at=NOW - DAY)
    return hand_in(cast)


def hand_in_after_changes(cast: Cast) -> Act:
    submission = submit(cast.student, cast.mission, at=NOW - DAY)
    review(cast.mentor, submission, at=NOW - HOUR, decision="changes_requested")
    return hand_in(cast)


def judge(cast: Cast) -> Act:
    submission = submit(cast.student, cast.mission, at=NOW - DAY)
    verdict = {"decision": "approved", "score": 80, "feedback": "Sound."}
    return partial(review_submission, submission_id=submission.pk, by=cast.mentor, at=NOW, **verdict)  # type: ignore[arg-type]


def break_a_streak(cast: Cast) -> Act:
    a_habit(cast.student, done=[datetime(2026, 2, day, 9, 0, tzinfo=UTC) for day in (26, 27, 28)])
    return partial(notice_broken_streaks, at=NOW)


def cross_the_limit(cast: Cast) -> Act:
    student, mentor = cast.student.pk, cast.mentor.pk
    crossed = RiskLimitCrossed(new_id(), student, cast.enrolment.pk, mentor, 44, ("silence", "goals_overdue"), NOW)
    return partial(say_again, [crossed])


def miss_a_goal(cast: Cast) -> Act:
    a_goal(cast.student, due=date(2026, 3, 1), at=NOW - 5 * DAY)
    return partial(notice_overdue_goals, at=NOW)


def answer(cast: Cast) -> Act:
    goal = a_goal(cast.student, due=date(2026, 3, 1), at=NOW - 5 * DAY)
    goals_noticed(NOW - HOUR)
    return partial(answer_goal, goal_id=goal.pk, text="What holds you up?", by=cast.mentor, at=NOW)


def reach_a_goal(cast: Cast) -> Act:
    goal = a_goal(cast.student, due=date(2026, 3, 1), at=NOW - 5 * DAY)
    goals_noticed(NOW - HOUR)
    return partial(complete_goal, goal_id=goal.pk, by=cast.student, at=NOW)


def book(cast: Cast) -> Act:
    wish: dict[str, Any] = {"title": "Catch up", "starts_at": TOMORROW}
    return partial(book_session, mentee_id=cast.student.pk, by=cast.mentor, at=NOW, **wish)


def move_a_session(cast: Cast) -> Act:
    session = booked(cast.mentor, cast.student)
    seen: dict[str, Any] = {"session_id": session.pk, "revision": session.revision}
    return partial(reschedule_session, starts_at=TOMORROW + HOUR, by=cast.mentor, at=NOW, **seen)


def cancel_a_session(cast: Cast) -> Act:
    session = booked(cast.mentor, cast.student)
    return partial(session_outcomes.cancel_session, session_id=session.pk, by=cast.mentor, at=NOW)


def call_a_session_off(cast: Cast) -> Act:
    session = booked(cast.mentor, cast.student, NOW + 2 * DAY)
    return partial(session_outcomes.cancel_participation, session_id=session.pk, by=cast.student, at=NOW)


def end_a_session(cast: Cast) -> Act:
    session = booked(cast.mentor, cast.student, NOW - 2 * HOUR, at=NOW - DAY)
    return partial(session_outcomes.close_ended_session, session_id=session.pk, at=NOW)


def worry(cast: Cast, severity: Severity = Severity.MEDIUM) -> Act:
    about: dict[str, Any] = {"category": FlagCategory.ENGAGEMENT, "reason": "Silent.", "severity": severity}
    return partial(raise_flag, mentee_id=cast.student.pk, by=cast.mentor, at=NOW, **about)


def worry_gravely(cast: Cast) -> Act:
    return worry(cast, Severity.HIGH)


def worry_more(cast: Cast) -> Act:
    open_item(cast.enrolment, started_at=NOW)
    with mentor_acting(cast.mentor):
        worry(cast)()
    return worry(cast, Severity.CRITICAL)


def start_a_pair(cast: Cast) -> Act:
    open_item(cast.enrolment, started_at=NOW)
    with as_worker():
        _end(cast.assignment, AssignmentState.COMPLETED)
    pair: dict[str, Any] = {"enrolment_id": cast.enrolment.pk, "mentor_id": cast.other_mentor.pk}
    return partial(assignments.start_assignment, by=None, at=NOW, **pair)


def pause_a_pair(cast: Cast) -> Act:
    open_item(cast.enrolment, started_at=NOW)
    return partial(assignments.pause_assignment, assignment_id=cast.assignment.pk, by=None, at=NOW)


def end_a_pair(cast: Cast) -> Act:
    open_item(cast.enrolment, started_at=NOW)
    booked(cast.mentor, cast.student)
    with acting_as(Identity(Role.MENTOR, cast.mentor.pk)):
        wish: dict[str, Any] = {"title": "Kick-off", "starts_at": TOMORROW + DAY, "by": cast.mentor, "at": NOW}
        book_group_session(mentee_ids=[cast.student.pk], **wish)
    return partial(_end, cast.assignment, AssignmentState.COMPLETED)


def transfer_a_mentee(cast: Cast) -> Act:
    open_item(cast.enrolment, started_at=NOW)
    pair: dict[str, Any] = {"assignment_id": cast.assignment.pk, "mentor_id": cast.other_mentor.pk}
    return partial(assignments.transfer_assignment, reason="Moved away.", by=None, at=NOW, **pair)


def leave(cast: Cast) -> Act:
    open_item(cast.enrolment, started_at=NOW)
    booked(cast.mentor, cast.student)
    return partial(_change_mentor, cast, is_mentor=False)


def hand_over(cast: Cast) -> Act:
    """Nobody else has room."""
    open_item(cast.enrolment, started_at=NOW)
    booked(cast.mentor, cast.student)
    with as_system():
        User.objects.filter(pk=cast.other_mentor.pk).update(mentor_max_mentees=1)
    with as_worker():
        asked = request_handover(mentor_id=cast.mentor.pk, reason="Leaves.", by=None, at=NOW, is_started=True)
    return partial(carry_out, handover_id=asked.pk, at=NOW)


def lower_the_capacity(cast: Cast) -> Act:
    return partial(_change_mentor, cast, mentor_capacity_weekly=0)


def look_for_overload(cast: Cast) -> Act:
    booked(cast.mentor, cast.student)
    with acting("admin", cast):
        _change_mentor(cast, mentor_capacity_weekly=0)
    return partial(check_mentor_capacity, at=NOW)


def _end(pair: MenteeMentorAssignment, state: AssignmentState) -> object:
    return assignments.end_assignment(assignment_id=pair.pk, state=state, reason="", by=None, at=NOW)


@action
def _change_mentor(cast: Cast, **changes: object) -> None:
    mentor = User.objects.get(pk=cast.mentor.pk)
    for name, value in changes.items():
        setattr(mentor, name, value)
    change_person(person=mentor, by=cast.admin, at=NOW)
