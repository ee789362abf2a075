"""A director's cohort with students who wait, mentors with places, and the job that carries runs out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from conftest import Cast
from core import clock
from core.tenancy.identity import Identity, Role, acting_as
from mentorship_coordination.actions.match_runs import request_match_run
from mentorship_coordination.models.matching import MatchProposal, MatchRun
from mentorship_coordination.tasks.matching import carry_out_match_runs
from tests import factories
from tests.database import as_system, as_worker
from users.models import Enrolment, User


@contextmanager
def director_acting(director: User) -> Iterator[None]:
    with acting_as(Identity(Role.DIRECTOR, director.pk)):
        yield


def waits(cast: Cast, name: str = "Wanda Waits", **person: Any) -> Enrolment:
    """A student of the director's cohort without a mentor."""
    with as_system():
        enrolment: Enrolment = factories.EnrolmentFactory(
            cohort=cast.cohort, student__name=name, **{f"student__{key}": value for key, value in person.items()}
        )
    return enrolment


def mentor_of(name: str, **values: Any) -> User:
    with as_system():
        mentor: User = factories.MentorFactory(name=name, **values)
    return mentor


def asked(cast: Cast, **values: Any) -> UUID:
    """A run of the director's cohort, asked for by her."""
    with director_acting(cast.director):
        run = request_match_run(**{"cohort_id": cast.cohort.pk, "by": cast.director, "at": clock.now(), **values})
    return run.pk


def job_runs() -> int:
    with as_worker():
        return int(carry_out_match_runs())


def drafted(cast: Cast, **values: Any) -> MatchRun:
    run_id = asked(cast, **values)
    assert job_runs() == 1
    return run_of(run_id)


def run_of(run_id: UUID) -> MatchRun:
    with as_system():
        return MatchRun.objects.get(pk=run_id)


def given_by(run_id: UUID) -> dict[str, str | None]:
    """Student's name → mentor's name, as the run proposes."""
    with as_system():
        return dict(MatchProposal.objects.filter(run=run_id).values_list("mentee__name", "mentor__name"))
