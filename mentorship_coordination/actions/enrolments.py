"""A student leaves: her pairs, open work, sessions to come and flags end with her enrolment. Source: product.md §6.

One transaction under the enrolment's lock. What she did stays hers to read, and stays in everybody's figures.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection
from django.urls import reverse

from core.actions import action
from core.enums import Audience, Rank
from core.errors import Conflict, InvalidInput, NotVisible
from mentorship_coordination.actions.assignments import LONGEST_REASON, end_assignment
from mentorship_coordination.actions.flags import resolve_flag
from mentorship_coordination.actions.notifications import notify
from mentorship_coordination.actions.pair_news import tell_pair
from mentorship_coordination.actions.queue import cancel_items_of_enrolment
from mentorship_coordination.actions.queue_news import say
from mentorship_coordination.enums import AssignmentState, NotificationKind
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.selectors.departures import Departure, get_departure, list_enrolments_to_end
from mentorship_coordination.selectors.flags import list_directors
from student_dashboard.aggregation import DashboardAggregationService
from users.enums import ENROLMENT_ENDS, EnrolmentState
from users.models import User

ACCOUNT_CLOSED = "The account was closed."
#: What became of whatever was open: the reason of items, the outcome of flags, the words to the student.
WORDS = {
    EnrolmentState.COMPLETED: ("The student has completed.", "You have completed {cohort}"),
    EnrolmentState.WITHDRAWN: ("The student has left.", "Your place in {cohort} has ended"),
}
PAIR_ENDS = {
    EnrolmentState.COMPLETED: AssignmentState.COMPLETED,
    EnrolmentState.WITHDRAWN: AssignmentState.CANCELLED,
}


class EnrolmentEnded(Conflict):
    code = "enrolment_ended"
    message = "This enrolment has ended already, and an end is final."


@action
def end_enrolment(
    *,
    enrolment_id: UUID,
    state: EnrolmentState,
    reason: str,
    by: User | None,
    at: datetime,
    is_told: bool = True,
) -> Departure:
    """End an enrolment as completed or withdrawn, with everything that hangs on it; what that was.

    By a director in her cohorts, an admin or the system. Open items are called off, unresolved flags settled with the
    words that she has left, pairs end with `reason` in their history, sessions to come fall without charge. Her mentors
    hear of it, and with `is_told` she does; why stays with the directors. Disputes stay for the directors to settle.
    Raises InvalidInput (another state; no reason, or more than 300 characters), NotVisible, EnrolmentEnded.
    """
    if state not in ENROLMENT_ENDS:
        raise InvalidInput(fields={"state": [f"Choose one of {', '.join(ENROLMENT_ENDS)}."]})
    if not 1 <= len(reason.strip()) <= LONGEST_REASON:
        raise InvalidInput(fields={"reason": [f"Give 1 to {LONGEST_REASON} characters."]})
    with connection.cursor() as cursor:
        cursor.execute("SELECT app.end_enrolment(%s, %s, %s)", [enrolment_id, state.value, at])
        (became,) = cursor.fetchone()
    if became == "not_found":
        raise NotVisible
    departure = get_departure(enrolment_id, at)
    if became == "closed" and not departure.is_unended:
        raise EnrolmentEnded
    # One that was ended by other means, and left something behind, stays as it ended.
    state = EnrolmentState(departure.state)
    words, to_student = WORDS[state]
    cancel_items_of_enrolment(enrolment_id=enrolment_id, reason=words, by=by, at=at)
    for flag_id in _unresolved(enrolment_id):
        resolve_flag(flag_id=flag_id, outcome=words, note=reason.strip(), by=by, at=at)
    for pair in list(MenteeMentorAssignment.objects.live().filter(enrolment=enrolment_id).order_by("id")):
        _end_pair(pair, PAIR_ENDS[state], reason.strip(), by=by, at=at)
    if is_told:
        _tell_student(departure, to_student.format(cohort=departure.cohort), at)
    _tell_directors(departure)
    DashboardAggregationService.queue_update(departure.student_id, "enrolment_ended", Rank.HIGH)
    return departure


@action
def withdraw_leaver(*, person_id: UUID, by: User | None, at: datetime) -> list[Departure]:
    """What closing a student's account comes to: each enrolment that is not wholly ended is. Run as staff."""
    return [
        end_enrolment(
            enrolment_id=enrolment_id,
            state=EnrolmentState.WITHDRAWN,
            reason=ACCOUNT_CLOSED,
            by=by,
            at=at,
            is_told=False,
        )
        for enrolment_id in list_enrolments_to_end(person_id)
    ]


def _unresolved(enrolment_id: UUID) -> list[UUID]:
    unresolved = MentorFlag.objects.unresolved().filter(enrolment=enrolment_id)
    return list(unresolved.order_by("id").values_list("pk", flat=True))


def _end_pair(
    pair: MenteeMentorAssignment, state: AssignmentState, reason: str, *, by: User | None, at: datetime
) -> None:
    """What was announced only is called off, whatever became of the enrolment."""
    if pair.state == AssignmentState.PENDING:
        state = AssignmentState.CANCELLED
    ended = end_assignment(assignment_id=pair.pk, state=state, reason=reason, by=by, at=at, is_told=False)
    tell_pair(ended, ended.state, at=at, tells_mentee=False)


def _tell_student(departure: Departure, title: str, at: datetime) -> None:
    notify(
        recipient_id=departure.student_id,
        kind=NotificationKind.ASSIGNMENT,
        title=title,
        body="What you handed in, your habits, your goals and what was said of them stay here to read.",
        url=reverse("student-page"),
        dedupe_key=f"enrolment:{departure.enrolment_id}:ended",
        by_mail=True,
        at=at,
    )


def _tell_directors(departure: Departure) -> None:
    news = {"kind": "enrolment_ended", "mentee": str(departure.student_id)}
    for director_id in list_directors(departure.cohort_id):
        say(director_id, Audience.DIRECTOR, news)
