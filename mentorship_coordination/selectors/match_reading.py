"""What a director reads of the runs of her cohorts: the row policies show no others. Source: product.md §10."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import F, QuerySet

from core.errors import NotVisible
from mentorship_coordination.enums import OPEN_RUNS, MatchRunKind, MatchScope, ProposalState
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.matching import MatchFilling, MatchProposal, MatchRun
from mentorship_coordination.selectors.match_runs import cohorts_of
from users.models import CohortDirector, User

#: Students that a comparison lists; the counts count them all.
MOST_LISTED: Final = 200


def list_match_runs() -> QuerySet[MatchRun]:
    """The newest first, with cohort, asker and weights."""
    return MatchRun.objects.select_related("cohort", "requested_by", "weights")


def find_newest_open_run() -> MatchRun | None:
    """That something is still to be decided about."""
    return MatchRun.objects.filter(state__in=OPEN_RUNS).exclude(kind=MatchRunKind.WHAT_IF).first()


def get_match_run(run_id: UUID) -> MatchRun:
    """Raises NotVisible."""
    run = list_match_runs().filter(pk=run_id).first()
    if run is None:
        raise NotVisible
    return run


def list_proposals(run_id: UUID) -> QuerySet[MatchProposal]:
    """Of one run, the unmatched first, then the lowest scores; with everybody's names."""
    proposals = MatchProposal.objects.filter(run=run_id).select_related("mentee", "mentor", "former_mentor", "cohort")
    return proposals.order_by(F("score").asc(nulls_first=True), "id")


def list_fillings(run_id: UUID) -> QuerySet[MatchFilling]:
    """Of one run, the mentors with most free places first."""
    return MatchFilling.objects.filter(run=run_id).select_related("mentor").order_by("-places", "taken", "id")


def is_hers(run: MatchRun, director_id: UUID) -> bool:
    """Whether a director who sees a run may change it: not one that an admin asked for over everybody."""
    return run.cohort_id is not None or (
        run.options.get("scope") == MatchScope.MINE and run.requested_by_id == director_id
    )


def list_mentees_not_in(run: MatchRun, mentee_ids: Iterable[UUID]) -> list[UUID]:
    """Those of the ids whom a run does not match: of a rematch, who has no mentor. Two queries, none for nothing."""
    wanted = sorted(set(mentee_ids))
    if not wanted:
        return []
    if run.kind == MatchRunKind.REMATCH:
        # Its proposals do not list whoever stays.
        cohort_ids = cohorts_of(run)
        pairs = MenteeMentorAssignment.objects.primary().active().filter(mentee__in=wanted)
        known = set(
            (pairs if cohort_ids is None else pairs.filter(cohort__in=cohort_ids)).values_list("mentee_id", flat=True)
        )
    else:
        known = set(MatchProposal.objects.filter(run=run, mentee__in=wanted).values_list("mentee_id", flat=True))
    return [each for each in wanted if each not in known]


def list_unknown_mentors(mentor_ids: Iterable[UUID]) -> list[UUID]:
    """Those of the ids that are of no mentor. One query, none for nothing."""
    wanted = sorted(set(mentor_ids))
    known = set(User.objects.filter(pk__in=wanted, is_mentor=True).values_list("pk", flat=True)) if wanted else set()
    return [each for each in wanted if each not in known]


def list_mentor_names() -> list[tuple[UUID, str]]:
    """(id, name) of the mentors who take mentees, by name. One query."""
    mentors = User.objects.filter(is_mentor=True, is_active=True, leaving_at__isnull=True)
    return list(mentors.order_by("name", "id").values_list("pk", "name"))


def list_own_cohorts(director_id: UUID) -> list[tuple[UUID, str]]:
    """(id, name) of the cohorts that a person directs, by name. One query."""
    mine = CohortDirector.objects.filter(user=director_id)
    return list(mine.order_by("cohort__name", "cohort_id").values_list("cohort_id", "cohort__name"))


@dataclass(frozen=True, slots=True)
class Wish:
    """A pair that the director wants in a draft, or out of it."""

    mentor_id: UUID
    mentor: str
    mentee_id: UUID
    mentee: str
    is_wanted: bool


def list_wishes(run: MatchRun) -> list[Wish]:
    """Those of a run, wanted ones first. One query, none without a wish."""
    entries = [(each, True) for each in run.options.get("pinned") or ()]
    entries += [(each, False) for each in run.options.get("unwanted") or ()]
    people = {UUID(each[side]) for each, _ in entries for side in ("mentor", "mentee")}
    names = dict(User.objects.filter(pk__in=people).values_list("pk", "name")) if people else {}
    return [
        Wish(mentor, names.get(mentor, "A mentor"), mentee, names.get(mentee, "A student"), is_wanted)
        for each, is_wanted in entries
        for mentor, mentee in [(UUID(each["mentor"]), UUID(each["mentee"]))]
    ]


@dataclass(frozen=True)
class Comparison:
    """`counts` of students by what became of them from one run to the other; `changed` the first 200 who differ."""

    counts: dict[str, int]
    changed: list[dict[str, Any]]
    before: dict[str, Any]
    after: dict[str, Any]


def compare_runs(before: MatchRun, after: MatchRun) -> Comparison:
    """What `after` does otherwise than `before`, by what both stored. Two queries."""
    old, new = _answers(before), _answers(after)
    counts = {"same": 0, "other_mentor": 0, "newly_matched": 0, "newly_unmatched": 0, "joining": 0, "gone": 0}
    changed = []
    for enrolment_id in sorted(old.keys() | new.keys()):
        was, now = old.get(enrolment_id), new.get(enrolment_id)
        kind = _kind(was, now)
        counts[kind] += 1
        if kind not in ("same", "joining", "gone"):
            known: MatchProposal = now or was  # type: ignore[assignment]
            changed.append(
                {
                    "enrolment": str(enrolment_id),
                    "mentee": known.mentee.name,
                    "kind": kind,
                    "before": was.mentor.name if was and was.mentor else None,
                    "after": now.mentor.name if now and now.mentor else None,
                }
            )
    return Comparison(counts, changed[:MOST_LISTED], before.summary, after.summary)


def _answers(run: MatchRun) -> dict[UUID, MatchProposal]:
    proposals = MatchProposal.objects.filter(run=run).exclude(state=ProposalState.LOST)
    return {each.enrolment_id: each for each in proposals.select_related("mentee", "mentor")}


def _kind(was: MatchProposal | None, now: MatchProposal | None) -> str:
    if was is None:
        return "joining"
    if now is None:
        return "gone"
    if was.mentor_id == now.mentor_id:
        return "same"
    if was.mentor_id is None:
        return "newly_matched"
    return "newly_unmatched" if now.mentor_id is None else "other_mentor"
