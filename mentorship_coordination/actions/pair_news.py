"""What mentor and student are told of their pair, by notification and by mail. Source: product.md §6, §11."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse

from core.clock import time_words
from mentorship_coordination.actions.notifications import notify
from mentorship_coordination.enums import AssignmentState, NotificationKind
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from users.models import User

#: To the student, about her mentor; to the mentor, about the student.
WORDS: dict[str, tuple[str, str]] = {
    AssignmentState.ACTIVE: ("Your mentor is {name}", "You mentor {name}"),
    "resumed": ("Your mentorship with {name} goes on", "Your mentorship with {name} goes on"),
    AssignmentState.PAUSED: ("Your mentorship with {name} rests", "Your mentorship with {name} rests"),
    AssignmentState.COMPLETED: ("Your mentorship with {name} has ended", "Your mentorship with {name} has ended"),
    AssignmentState.CANCELLED: ("Your mentorship with {name} has ended", "Your mentorship with {name} has ended"),
}


def tell_pair(assignment: MenteeMentorAssignment, what: str, *, at: datetime, tells_mentee: bool = True) -> None:
    """Tell both that their pair began, rests, goes on or has ended. Why is not told: the reason is the directors'.

    A student who changes hands hears of her new mentor alone. Of a stand-in only the student hears here; whoever
    arranges it tells the mentors.
    """
    names = dict(User.objects.filter(pk__in=(assignment.mentee_id, assignment.mentor_id)).values_list("pk", "name"))
    if assignment.stands_in_until is not None:
        _tell_of_stand_in(assignment, what, names.get(assignment.mentor_id, "a mentor"), at)
        return
    to_mentee, to_mentor = WORDS[what]
    people = (
        (assignment.mentee_id, to_mentee, names.get(assignment.mentor_id, "your mentor"), reverse("student-page")),
        (assignment.mentor_id, to_mentor, names.get(assignment.mentee_id, "a student"), reverse("mentees-page")),
    )
    for recipient_id, words, name, url in people if tells_mentee else people[1:]:
        notify(
            recipient_id=recipient_id,
            kind=NotificationKind.ASSIGNMENT,
            title=words.format(name=name),
            body="",
            url=url,
            dedupe_key=f"assignment:{assignment.pk}:{assignment.revision}:{what}",
            by_mail=True,
            at=at,
        )


def _tell_of_stand_in(assignment: MenteeMentorAssignment, what: str, name: str, at: datetime) -> None:
    if what != AssignmentState.ACTIVE or assignment.stands_in_until is None:
        return
    zone = User.objects.values_list("timezone", flat=True).get(pk=assignment.mentee_id)
    notify(
        recipient_id=assignment.mentee_id,
        kind=NotificationKind.ASSIGNMENT,
        title=f"{name} looks after your work for a while",
        body=f"Until {time_words(assignment.stands_in_until, zone)}.",
        url=reverse("student-page"),
        dedupe_key=f"assignment:{assignment.pk}:stands_in",
        by_mail=True,
        at=at,
    )
