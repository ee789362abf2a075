"""What surrounds a test. The world under test is set up through actions."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Any

import factory
from django.contrib.auth.hashers import make_password

from core import clock
from mentorship_coordination.enums import AssignmentState
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from missions.models import Mission
from users.models import Cohort, CohortDirector, Credential, Enrolment, Track, User

PASSWORD = "correct horse battery"


@cache
def _hash() -> str:
    return make_password(PASSWORD)


WORKING_HOURS = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


class UserFactory(factory.django.DjangoModelFactory[User]):
    class Meta:
        model = User
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Person {n}")
    email = factory.Sequence(lambda n: f"person{n}@academy.example")
    languages = ["en"]
    created_at = factory.LazyFunction(clock.now)
    updated_at = factory.SelfAttribute("created_at")

    @factory.post_generation
    def password(self: User, create: bool, extracted: Any, **kwargs: Any) -> None:
        if create:
            Credential.objects.create(user=self, password=_hash(), changed_at=clock.now())


class StudentFactory(UserFactory):
    name = factory.Sequence(lambda n: f"Student {n}")
    student_availability = WORKING_HOURS


class MentorFactory(UserFactory):
    name = factory.Sequence(lambda n: f"Mentor {n}")
    is_mentor = True
    mentor_availability = WORKING_HOURS
    mentor_specialties = ["forensics"]


class TrackFactory(factory.django.DjangoModelFactory[Track]):
    class Meta:
        model = Track

    slug = factory.Sequence(lambda n: f"track-{n}")
    name = factory.Sequence(lambda n: f"Track {n}")
    skills = ["forensics", "triage"]


class CohortFactory(factory.django.DjangoModelFactory[Cohort]):
    class Meta:
        model = Cohort

    track = factory.SubFactory(TrackFactory)
    name = factory.Sequence(lambda n: f"Cohort {n}")
    start_date = date(2026, 1, 5)
    end_date = date(2027, 12, 31)


class EnrolmentFactory(factory.django.DjangoModelFactory[Enrolment]):
    class Meta:
        model = Enrolment

    student = factory.SubFactory(StudentFactory)
    cohort = factory.SubFactory(CohortFactory)
    enrolled_at = factory.LazyFunction(clock.now)


class CohortDirectorFactory(factory.django.DjangoModelFactory[CohortDirector]):
    class Meta:
        model = CohortDirector

    cohort = factory.SubFactory(CohortFactory)
    user = factory.SubFactory(UserFactory)


class MissionFactory(factory.django.DjangoModelFactory[Mission]):
    class Meta:
        model = Mission

    track = factory.SubFactory(TrackFactory)
    number = factory.Sequence(lambda n: n + 1)
    title = factory.Sequence(lambda n: f"Mission {n}")
    brief = "Find out what happened on the host."
    expected_after_days = 14


class AssignmentFactory(factory.django.DjangoModelFactory[MenteeMentorAssignment]):
    class Meta:
        model = MenteeMentorAssignment

    enrolment = factory.SubFactory(EnrolmentFactory)
    cohort = factory.SelfAttribute("enrolment.cohort")
    mentee = factory.SelfAttribute("enrolment.student")
    mentor = factory.SubFactory(MentorFactory)
    state = AssignmentState.ACTIVE
    started_at = factory.LazyFunction(lambda: clock.now() - timedelta(days=30))
    created_at = factory.LazyFunction(lambda: clock.now() - timedelta(days=30))
