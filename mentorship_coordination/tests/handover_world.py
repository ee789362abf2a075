"""Mentors who leave, and what they held."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.crypto import get_random_string

from core import clock
from core.tenancy.identity import SYSTEM, acting_as
from mentorship_coordination.actions.handover import carry_out, request_handover
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.handovers import MentorHandover
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.selectors.invariants import check_invariants
from mentorship_coordination.tests.session_world import NOW
from tests import factories
from tests.database import as_system, login
from users.models import User


@contextmanager
def as_job() -> Iterator[None]:
    """The worker's login, outside of any transaction, as a job runs."""
    with login(settings.DATABASE_WORKER_URL), acting_as(SYSTEM):
        yield


def a_mentor(**changes: Any) -> User:
    with as_system():
        return factories.MentorFactory(name=f"Mentor {get_random_string(6)}", **changes)


def started(mentor: User, *, at: datetime = NOW, **changes: Any) -> UUID:
    with as_system():
        return request_handover(
            mentor_id=mentor.pk, reason="Another post.", by=None, at=at, is_started=True, **changes
        ).pk


def handed_over(mentor: User, *, at: datetime = NOW, **changes: Any) -> MentorHandover:
    """Asked for and carried out."""
    handover_id = started(mentor, at=at, **changes)
    carried_out(handover_id, at=at)
    return stored_handover(handover_id)


def carried_out(handover_id: UUID, *, at: datetime = NOW) -> bool:
    with as_job(), clock.pinned(at):
        return carry_out(handover_id=handover_id, at=at)


def stored_handover(handover_id: UUID) -> MentorHandover:
    with as_system():
        return MentorHandover.objects.select_related("mentor").get(pk=handover_id)


def pair_of(mentee: User) -> MenteeMentorAssignment | None:
    with as_system():
        return MenteeMentorAssignment.objects.live().primary().of_mentee(mentee.pk).select_related("mentor").first()


def item(item_id: UUID) -> MentorWorkQueue:
    with as_system():
        return MentorWorkQueue.objects.get(pk=item_id)


def broken_invariants(at: datetime = NOW) -> list[int]:
    with as_system():
        return [finding.invariant.number for finding in check_invariants(at) if finding.offending]
