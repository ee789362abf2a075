"""What becomes of open work that a director gives to another mentor: looked at before anything is written.

Work follows a pair (product.md §6): the new mentor stands in for the student until a day, with all her open work, and
what is left then goes back. Given to the student's own mentor, it goes back at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from mentorship_coordination.enums import AssignmentState, WorkType
from mentorship_coordination.matching.people import Candidate, Pool
from mentorship_coordination.matching.recheck import find_broken_rule
from mentorship_coordination.matching.words import WORDS
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.queue import MentorWorkQueue, WorkQueueQuerySet
from mentorship_coordination.selectors.matching import (
    list_away,
    list_candidates,
    list_forbidden_pairs,
    list_waiting_of,
)
from mentorship_coordination.selectors.mentor_loads import list_mentor_loads
from users.models import User

REFUSALS = {
    "same_mentor": "This mentor has the work already.",
    "stand_in_exists": "Somebody stands in for this student already.",
    "student_not_active": "The student is no longer in the cohort.",
    "mentor_away": "The mentor is away.",
    "mentor_not_available": "This person takes no mentees.",
    "full": "The mentor has no place left.",
    "pair_rests": "This is the student's own mentor, and their pair rests.",
}


@dataclass(frozen=True, slots=True)
class StudentMove:
    """All open work of one student. `refusal` is None when it can move.

    `stand_in_id`: the pair of whoever stands in now; `gives_back`: it ends, and the student's own mentor has the work.
    """

    enrolment_id: UUID
    cohort_id: UUID
    mentee_id: UUID
    mentee: str
    from_id: UUID | None
    from_name: str | None
    item_ids: tuple[UUID, ...]
    stand_in_id: UUID | None
    gives_back: bool
    refusal: str | None

    @property
    def words(self) -> str:
        if self.refusal is None:
            return ""
        broken = f"The matching's rules keep these two apart: {WORDS.get(self.refusal, self.refusal)}."
        return REFUSALS.get(self.refusal, broken)


@dataclass(frozen=True, slots=True)
class WorkMovePlan:
    """`missing`: ids asked for that are no open items the caller may see, or notes of sessions, which do not move."""

    to_id: UUID
    to_name: str
    students: list[StudentMove]
    missing: list[UUID]

    @property
    def moving(self) -> list[StudentMove]:
        return [each for each in self.students if each.refusal is None]


@dataclass(frozen=True, slots=True)
class LentWork:
    """A student's work that somebody does for a while. `own_id`: her own mentor, None while she has none that works."""

    mentee: str
    by_name: str
    own_id: UUID | None
    own_name: str | None
    until: datetime
    item_ids: tuple[UUID, ...]


def list_lent_work(cohort_ids: Sequence[UUID]) -> list[LentWork]:
    """Of these cohorts, what comes back first on top. Three queries."""
    live = MenteeMentorAssignment.objects.live().filter(cohort__in=cohort_ids)
    pairs = list(live.standing_in().select_related("mentee", "mentor").order_by("stands_in_until", "id"))
    enrolments = [each.enrolment_id for each in pairs]
    primary = live.primary().active().filter(enrolment__in=enrolments).select_related("mentor")
    own = {each.enrolment_id: each.mentor for each in primary}
    items = defaultdict(list)
    open_items = MentorWorkQueue.objects.open().filter(
        enrolment__in=enrolments, mentor__in=[p.mentor_id for p in pairs]
    )
    for enrolment_id, mentor_id, item_id in open_items.order_by("id").values_list("enrolment_id", "mentor_id", "id"):
        items[enrolment_id, mentor_id].append(item_id)
    return [_lent(each, own.get(each.enrolment_id), items[each.enrolment_id, each.mentor_id]) for each in pairs]


def _lent(pair: MenteeMentorAssignment, own: User | None, items: Sequence[UUID]) -> LentWork:
    until = pair.stands_in_until or pair.created_at
    name = own.name if own else None
    return LentWork(pair.mentee.name, pair.mentor.name, own.pk if own else None, name, until, tuple(items))


def plan_work_moves(*, item_ids: Sequence[UUID], to: User, at: datetime) -> WorkMovePlan:
    """What giving these items to `to` would do, student by student. Ten queries, whatever the number of items."""
    asked = _movable().filter(pk__in=item_ids)
    found = dict(asked.values_list("pk", "enrolment_id"))
    enrolment_ids = sorted(set(found.values()))
    judge = _Judge(enrolment_ids, to, at)
    students = [judge.move_of(enrolment_id, items) for enrolment_id, items in _open_work(enrolment_ids).items()]
    return WorkMovePlan(to.pk, to.name, students, [pk for pk in item_ids if pk not in found])


def _movable() -> WorkQueueQuerySet:
    return MentorWorkQueue.objects.open().exclude(type=WorkType.SESSION_NOTES)


def _open_work(enrolment_ids: Sequence[UUID]) -> dict[UUID, list[MentorWorkQueue]]:
    items = _movable().filter(enrolment__in=enrolment_ids)
    items = items.select_related("enrolment", "mentee", "mentor")
    work: dict[UUID, list[MentorWorkQueue]] = defaultdict(list)
    for item in items.order_by("enrolment_id", "id"):
        work[item.enrolment_id].append(item)
    return work


class _Judge:
    """The rules between one mentor and the students, with her places going down as she takes them."""

    def __init__(self, enrolment_ids: Sequence[UUID], to: User, at: datetime) -> None:
        self._to = to
        self._is_away = to.pk in list_away(at)
        self._candidate = self._find_candidate(at)
        self._waiting = {each.enrolment_id: each for each in list_waiting_of(enrolment_ids)}
        self._pool = Pool((), (), list_forbidden_pairs(), at)
        pairs = MenteeMentorAssignment.objects.live().filter(enrolment__in=enrolment_ids)
        self._stand_ins = {pair.enrolment_id: pair for pair in pairs.standing_in()}
        self._own = dict(pairs.primary().filter(mentor=to).values_list("enrolment_id", "state"))

    def move_of(self, enrolment_id: UUID, items: Sequence[MentorWorkQueue]) -> StudentMove:
        stand_in = self._stand_ins.get(enrolment_id)
        gives_back = stand_in is not None and self._own.get(enrolment_id) == AssignmentState.ACTIVE
        if gives_back:
            refusal = "mentor_away" if self._is_away else None
        else:
            refusal = self._find_refusal(enrolment_id, items[0].mentor_id)
        if refusal is None and not gives_back and self._candidate is not None:
            self._candidate = replace(self._candidate, places=self._candidate.places - 1)
        mentee, mentor = items[0].mentee, items[0].mentor
        return StudentMove(
            enrolment_id=enrolment_id,
            cohort_id=items[0].cohort_id,
            mentee_id=items[0].enrolment.student_id,
            mentee=mentee.name if mentee else "A former student",
            from_id=items[0].mentor_id,
            from_name=mentor.name if mentor else None,
            item_ids=tuple(each.pk for each in items),
            stand_in_id=stand_in.pk if stand_in else None,
            gives_back=gives_back,
            refusal=refusal,
        )

    def _find_refusal(self, enrolment_id: UUID, working_id: UUID | None) -> str | None:
        waiting = self._waiting.get(enrolment_id)
        if working_id == self._to.pk:
            return "same_mentor"
        if waiting is None:
            return "student_not_active"
        if enrolment_id in self._own:
            return "pair_rests"
        if enrolment_id in self._stand_ins:
            return "stand_in_exists"
        if self._candidate is None:
            return "mentor_away" if self._is_away else "mentor_not_available"
        return find_broken_rule(self._pool, waiting, self._candidate)

    def _find_candidate(self, at: datetime) -> Candidate | None:
        """With the places that are left over all cohorts, as far as the caller may know."""
        if self._is_away:
            return None
        candidate = next(iter(list_candidates(frozenset(), among=[self._to.pk])), None)
        load = next((each for each in list_mentor_loads(at) if each.id == self._to.pk), None)
        if candidate is None or load is None:
            return candidate
        return replace(candidate, places=max(load.max_mentees - load.mentees, 0))
