"""The named cast, the logins, the clients. Tests run as the application's role, never as the owner."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from unittest import mock

import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.cache import cache
from django.db import connections
from redis import Redis
from rest_framework.test import APIClient

from mentorship_coordination.models.assignments import MenteeMentorAssignment
from missions.models import Mission
from tests import factories
from tests.api_client import DocumentedClient
from tests.database import Rebuilt, as_system, is_at_rest
from users.models import Cohort, Enrolment, User
from users.secrets import digest_of, new_secret


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Many tests sign in, and none is about how long that takes."""
    with mock.patch.multiple(Argon2PasswordHasher, time_cost=1, memory_cost=8, parallelism=1):
        yield


@pytest.fixture(scope="session")
def rebuilt_database(django_db_blocker: object) -> Iterator[Rebuilt]:
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        built = Rebuilt()
        yield built
        built.owner.close()


@pytest.fixture
def db(rebuilt_database: Rebuilt, django_db_blocker: object) -> Iterator[None]:
    """The database, as the application's login. What the test commits is deleted after it."""
    cache.clear()
    Redis.from_url(settings.REDIS_URL).flushdb()
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        if not connections["default"].is_usable():  # the test before may have stopped the server
            connections["default"].close()
        connections["default"].queries_log.clear()  # a full one would take no more of the test's queries
        yield
        if not is_at_rest(connections["default"]):
            connections["default"].close()
            del connections["default"]  # a transaction that a test left open would go on in the next one
    rebuilt_database.empty()


@dataclass(frozen=True)
class Cast:
    """A student with her mentor and director, and the same again for strangers in another cohort."""

    student: User
    mentor: User
    director: User
    admin: User
    stranger: User
    other_mentor: User
    other_director: User
    cohort: Cohort
    enrolment: Enrolment
    assignment: MenteeMentorAssignment
    mission: Mission
    other_enrolment: Enrolment
    other_assignment: MenteeMentorAssignment


@pytest.fixture
def cast(db: None) -> Cast:
    with as_system():
        cohort = factories.CohortFactory()
        enrolment = factories.EnrolmentFactory(cohort=cohort, student__name="Mina Okafor")
        assignment = factories.AssignmentFactory(enrolment=enrolment, mentor__name="Tomas Berg")
        director = factories.CohortDirectorFactory(cohort=cohort, user__name="Dana Reyes").user
        other_enrolment = factories.EnrolmentFactory(student__name="Sam Stranger")
        other_assignment = factories.AssignmentFactory(enrolment=other_enrolment, mentor__name="Olga Other")
        other_director = factories.CohortDirectorFactory(cohort=other_enrolment.cohort, user__name="Odd Director")
        return Cast(
            student=enrolment.student,
            mentor=assignment.mentor,
            director=director,
            admin=factories.UserFactory(name="Ada Admin", is_staff=True),
            stranger=other_enrolment.student,
            other_mentor=other_assignment.mentor,
            other_director=other_director.user,
            cohort=cohort,
            enrolment=enrolment,
            assignment=assignment,
            mission=factories.MissionFactory(track=cohort.track),
            other_enrolment=other_enrolment,
            other_assignment=other_assignment,
        )


@pytest.fixture
def api(db: None) -> Callable[[User | None], APIClient]:
    """A client of the REST API, signed in by a token of its own (or not at all, for None)."""

    def signed_in(person: User | None) -> APIClient:
        client = DocumentedClient()
        if person is not None:
            secret = new_secret()
            with as_system():
                person.access_tokens.create(name="test", digest=digest_of(secret), created_at=person.created_at)
            client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        return client

    return signed_in
