"""People by a part of their name, within what a role may see. Names that begin with it come first."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Case, IntegerField, QuerySet, Value, When

from mentorship_coordination.models.assignments import MenteeMentorAssignment
from users.enums import EnrolmentState
from users.models import Enrolment, User

MOST_FOUND = 8


def find_mentees_named(mentor_id: UUID, words: str) -> list[User]:
    """A mentor's current mentees, at most eight. One query."""
    mine = MenteeMentorAssignment.objects.of_mentor(mentor_id).live().values("mentee")
    return _first(User.objects.filter(pk__in=mine), words)


def find_students_named(cohort_ids: Sequence[UUID], words: str) -> list[User]:
    """Active students of the cohorts, at most eight. One query."""
    theirs = Enrolment.objects.filter(cohort__in=cohort_ids, state=EnrolmentState.ACTIVE).values("student")
    return _first(User.objects.filter(pk__in=theirs), words)


def find_mentors_named(cohort_ids: Sequence[UUID], words: str) -> list[User]:
    """Mentors who have a mentee in the cohorts, at most eight. One query."""
    theirs = MenteeMentorAssignment.objects.live().filter(cohort__in=cohort_ids).values("mentor")
    return _first(User.objects.filter(pk__in=theirs), words)


def _first(people: QuerySet[User], words: str) -> list[User]:
    begins = Case(When(name__istartswith=words, then=Value(0)), default=Value(1), output_field=IntegerField())
    return list(people.filter(name__icontains=words).order_by(begins, "name", "id")[:MOST_FOUND])
