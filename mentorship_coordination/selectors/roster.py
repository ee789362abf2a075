"""What a roster is compared with: the accounts, enrolments and cohorts that it names, in constant queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from mentorship_coordination.roster.changes import Known, KnownCohort, KnownPerson
from users.enums import EnrolmentState
from users.models import Cohort, Enrolment, Track, User

#: What a roster can set of a person.
COLUMNS = (
    "name",
    "timezone",
    "languages",
    "wanted_skills",
    "student_availability",
    "is_mentor",
    "mentor_specialties",
    "mentor_availability",
    "mentor_capacity_weekly",
    "mentor_max_mentees",
)


def list_known_tracks() -> dict[str, str]:
    """Slug → name of every track."""
    return dict(Track.objects.values_list("slug", "name"))


def get_known(*, emails: Iterable[str], cohorts: Iterable[str], today: date) -> Known:
    """The people of these addresses and the cohorts of these names. Run as an admin or the system."""
    people = list(User.objects.filter(email__in=list(emails)).values_list("id", "email", "is_active", *COLUMNS))
    enrolled: dict[object, set[str]] = defaultdict(set)
    active: dict[object, str] = {}
    for student, cohort, state in Enrolment.objects.filter(student__in=[row[0] for row in people]).values_list(
        "student_id", "cohort__name", "state"
    ):
        enrolled[student].add(cohort)
        if state == EnrolmentState.ACTIVE:
            active[student] = cohort
    known = Cohort.objects.filter(name__in=list(cohorts)).values_list("name", "track__slug", "end_date")
    return Known(
        people={
            email: KnownPerson(
                person,
                is_active,
                dict(zip(COLUMNS, values, strict=True)),
                frozenset(enrolled[person]),
                active.get(person),
            )
            for person, email, is_active, *values in people
        },
        cohorts={name: KnownCohort(track, end_date) for name, track, end_date in known},
        today=today,
    )
