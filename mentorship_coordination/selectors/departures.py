"""What ends when a student leaves: read before it happens, and told after. Source: product.md §6 "A student leaves"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from core.errors import NotVisible
from mentorship_coordination.enums import SessionStatus, Severity
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.models.sessions import MentorSession
from missions.models import MissionSubmission
from users.enums import LIVING_ENROLMENTS
from users.models import Enrolment, User


@dataclass(frozen=True, slots=True)
class EndingPair:
    mentor: str
    stands_in: bool


@dataclass(frozen=True, slots=True)
class FallingSession:
    """`is_group`: the session goes on without her."""

    title: str
    starts_at: datetime
    is_group: bool


@dataclass(frozen=True, slots=True)
class SettledFlag:
    id: UUID
    severity: str
    category: str
    is_acknowledged: bool


@dataclass(frozen=True, slots=True)
class Departure:
    """Everything that hangs on one enrolment, as far as the caller sees it; empty once the student has left.

    `undecided` are the titles of missions that wait for a review; `disputes` those of sessions that a director has
    still to settle, which leaving does not touch. Groups of several cohorts are unknown to a director, and end alike.
    """

    enrolment_id: UUID
    student_id: UUID
    student: str
    cohort_id: UUID
    cohort: str
    state: str
    pairs: tuple[EndingPair, ...]
    items: tuple[str, ...]
    sessions: tuple[FallingSession, ...]
    requests: int
    flags: tuple[SettledFlag, ...]
    undecided: tuple[str, ...]
    disputes: tuple[str, ...]

    @property
    def is_living(self) -> bool:
        return self.state in LIVING_ENROLMENTS

    @property
    def is_unended(self) -> bool:
        """It lives, or ended by other means and left something open."""
        return self.is_living or bool(self.pairs or self.items or self.flags)


def get_departure(enrolment_id: UUID, at: datetime) -> Departure:
    """What would end with this enrolment now. Eight queries. Raises NotVisible."""
    enrolment = Enrolment.objects.filter(pk=enrolment_id).select_related("cohort").first()
    if enrolment is None:
        raise NotVisible
    pairs = list(MenteeMentorAssignment.objects.live().filter(enrolment=enrolment).order_by("-is_primary", "id"))
    # No joins: a person whom the caller may not see would take the row away.
    names = dict(
        User.objects.filter(pk__in=[enrolment.student_id, *(pair.mentor_id for pair in pairs)]).values_list(
            "pk", "name"
        )
    )
    sessions = MentorSession.objects.of_enrolment(enrolment.pk)
    disputed = sessions.filter(disputed_at__isnull=False, dispute_settled_at__isnull=True)
    open_items = MentorWorkQueue.objects.open().filter(enrolment=enrolment).in_order()
    waiting = MissionSubmission.objects.awaiting_review().filter(enrolment=enrolment).order_by("submitted_at", "id")
    return Departure(
        enrolment_id=enrolment.pk,
        student_id=enrolment.student_id,
        student=names.get(enrolment.student_id, "A student"),
        cohort_id=enrolment.cohort_id,
        cohort=enrolment.cohort.name,
        state=enrolment.state,
        pairs=tuple(
            EndingPair(names.get(pair.mentor_id, "A mentor"), pair.stands_in_until is not None) for pair in pairs
        ),
        items=tuple(open_items.values_list("title", flat=True)),
        sessions=tuple(
            FallingSession(title, starts_at, mentee_id is None)
            for title, starts_at, mentee_id in sessions.scheduled()
            .filter(starts_at__gt=at)
            .order_by("starts_at", "id")
            .values_list("title", "starts_at", "mentee_id")
        ),
        requests=sessions.filter(status=SessionStatus.REQUESTED).count(),
        flags=tuple(
            SettledFlag(flag.pk, Severity(flag.severity).label, flag.category, flag.acknowledged_at is not None)
            for flag in MentorFlag.objects.unresolved().filter(enrolment=enrolment)
        ),
        undecided=tuple(waiting.values_list("mission__title", flat=True)),
        disputes=tuple(disputed.order_by("starts_at", "id").values_list("title", flat=True)),
    )


def list_enrolments_to_end(student_id: UUID) -> list[UUID]:
    """Ids of the student's enrolments that have not ended, or that left something open when they did, by id."""
    left = (
        Exists(MenteeMentorAssignment.objects.live().filter(enrolment=OuterRef("pk")))
        | Exists(MentorWorkQueue.objects.open().filter(enrolment=OuterRef("pk")))
        | Exists(MentorFlag.objects.unresolved().filter(enrolment=OuterRef("pk")))
    )
    unended = Enrolment.objects.filter(Q(state__in=LIVING_ENROLMENTS) | left, student=student_id)
    return list(unended.order_by("pk").values_list("pk", flat=True))


def find_enrolment_of(student_id: UUID, cohort_ids: list[UUID]) -> UUID | None:
    """The living enrolment of a student in one of the cohorts, if any."""
    living = Enrolment.objects.filter(student=student_id, cohort__in=cohort_ids, state__in=LIVING_ENROLMENTS)
    return living.order_by("state", "-enrolled_at").values_list("pk", flat=True).first()
