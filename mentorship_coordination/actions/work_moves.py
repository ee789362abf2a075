"""A director gives open work to another mentor, who stands in until a day. Source: product.md §6.

The stand-in is a pair beside the mentor's own: only so may the new mentor read and review. Clocks run on to the second.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.urls import reverse

from core.actions import action
from core.clock import time_words
from core.enums import Audience
from core.errors import Conflict, InvalidInput, NotVisible
from mentorship_coordination.actions.assignments import end_assignment, save_assignment
from mentorship_coordination.actions.notifications import notify
from mentorship_coordination.actions.queue_news import say
from mentorship_coordination.enums import AssignmentState, NotificationKind
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.selectors.flags import list_directors
from mentorship_coordination.selectors.work_moves import StudentMove, WorkMovePlan, plan_work_moves
from missions.selectors import lock_enrolment
from users.models import User

USUAL_STAY = timedelta(days=7)
LONGEST_STAY = timedelta(days=28)
MOST_ITEMS = 200
LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class WorkMoveRequest:
    """Which open items go to whom, until when (None: seven days) and why."""

    item_ids: Sequence[UUID]
    mentor_id: UUID
    until: datetime | None = None
    reason: str = ""


def preview_work_moves(*, request: WorkMoveRequest, at: datetime) -> WorkMovePlan:
    """What `move_work` would do now; nothing is changed. Raises InvalidInput, NotVisible (no such mentor)."""
    _check(request, at)
    return plan_work_moves(item_ids=request.item_ids, to=_get_mentor(request.mentor_id), at=at)


@action
def move_work(*, request: WorkMoveRequest, by: User, at: datetime) -> WorkMovePlan:
    """Give the open work of the items' students to another mentor; what became of each student.

    Whoever cannot move stays as she was, with the reason; the others move. All the student's open work goes along, and
    comes back at `until`, or when it is given to her own mentor. Raises InvalidInput, NotVisible (no such mentor).
    """
    _check(request, at)
    to = _get_mentor(request.mentor_id)
    items = MentorWorkQueue.objects.open().filter(pk__in=request.item_ids)
    # All locks of enrolments before the mentor's, which the pairs take: two requests cannot wait for each other.
    for enrolment_id in sorted(set(items.values_list("enrolment_id", flat=True))):
        lock_enrolment(enrolment_id)
    plan = plan_work_moves(item_ids=request.item_ids, to=to, at=at)
    until = request.until or at + USUAL_STAY
    students = [_move(each, plan, until=until, reason=request.reason, by=by, at=at) for each in plan.students]
    done = replace(plan, students=students)
    _tell(done, until=until, at=at)
    return done


def _check(request: WorkMoveRequest, at: datetime) -> None:
    problems: dict[str, list[str]] = {}
    if not 1 <= len(request.item_ids) <= MOST_ITEMS:
        problems["items"] = [f"Name 1 to {MOST_ITEMS} items."]
    if request.until is not None and not at < request.until <= at + LONGEST_STAY:
        problems["until"] = [f"Give a time in the next {LONGEST_STAY.days} days."]
    if len(request.reason) > LONGEST_REASON:
        problems["reason"] = [f"Give at most {LONGEST_REASON} characters."]
    if problems:
        raise InvalidInput(fields=problems)


def _get_mentor(mentor_id: UUID) -> User:
    mentor = User.objects.filter(pk=mentor_id, is_mentor=True, is_active=True).first()
    if mentor is None:
        raise NotVisible
    return mentor


def _move(
    student: StudentMove, plan: WorkMovePlan, *, until: datetime, reason: str, by: User, at: datetime
) -> StudentMove:
    if student.refusal is not None:
        return student
    if student.gives_back and student.stand_in_id is not None:
        words = reason or "The mentor has the work again."
        end_assignment(assignment_id=student.stand_in_id, state=AssignmentState.COMPLETED, reason=words, by=by, at=at)
        return student
    pair = MenteeMentorAssignment(
        enrolment_id=student.enrolment_id,
        cohort_id=student.cohort_id,
        mentee_id=student.mentee_id,
        mentor_id=plan.to_id,
        is_primary=False,
        stands_in_until=until,
        relieves=True,
        state=AssignmentState.ACTIVE,
        started_at=at,
        created_at=at,
    )
    try:
        save_assignment(pair, by=by, at=at, reason=reason or "Stands in.")
    except Conflict as refusal:
        return replace(student, refusal={"mentor_full": "full"}.get(refusal.code, refusal.code))
    return student


def _tell(plan: WorkMovePlan, *, until: datetime, at: datetime) -> None:
    """The new mentor and the former ones by a notification, everybody's page at once."""
    moved = plan.moving
    if not moved:
        return
    people = {
        person.pk: person for person in User.objects.filter(pk__in=[plan.to_id, *(each.from_id for each in moved)])
    }
    taken, returned = ([each for each in moved if each.gives_back is is_back] for is_back in (False, True))
    if taken:
        _notify(people[plan.to_id], f"You have more work: {_students(len(taken))}", at, until)
    if returned:
        _notify(people[plan.to_id], f"You have the work of {_students(len(returned))} again", at)
    for mentor_id, count in Counter(each.from_id for each in taken if each.from_id in people).items():
        _notify(people[mentor_id], f"{plan.to_name} does the work of {_students(count)} of yours", at, until)
    for mentor_id, count in Counter(each.from_id for each in returned if each.from_id in people).items():
        _notify(people[mentor_id], f"{plan.to_name} has the work of {_students(count)} again", at)
    news = {"kind": "reassigned", "count": sum(len(each.item_ids) for each in moved)}
    for mentor_id in people:
        say(mentor_id, Audience.MENTOR, news)
    for director_id in sorted({pk for each in moved for pk in list_directors(each.cohort_id)}):
        say(director_id, Audience.DIRECTOR, news)


def _notify(person: User, title: str, at: datetime, until: datetime | None = None) -> None:
    notify(
        recipient_id=person.pk,
        kind=NotificationKind.ASSIGNMENT,
        title=title,
        body="" if until is None else f"Until {time_words(until, person.timezone)}.",
        url=reverse("queue-page"),
        at=at,
    )


def _students(count: int) -> str:
    return f"{count} student" if count == 1 else f"{count} students"
