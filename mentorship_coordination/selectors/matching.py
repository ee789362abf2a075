"""Reads the pool of a matching: who waits, who has places, who must never meet. Eight queries whatever the size."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.functions import Cast, Coalesce

from mentorship_coordination.enums import AssignmentState, MatchRunState
from mentorship_coordination.matching.people import Candidate, Pool, Waiting
from mentorship_coordination.matching.recheck import find_broken_rule
from mentorship_coordination.models.assignments import MatchExclusion, MenteeMentorAssignment, MentorAbsence
from mentorship_coordination.models.matching import MatchProposal, MatchRun
from users.enums import EnrolmentState
from users.models import Cohort, Enrolment, User


def list_waiting(cohort_ids: Iterable[UUID] | None) -> list[Waiting]:
    """Active enrolments (of some cohorts, or all) without a primary assignment, in the order in which they were made.

    Source: product.md §10.
    """
    taken = MenteeMentorAssignment.objects.primary().live().filter(enrolment=OuterRef("pk"))
    enrolments = Enrolment.objects.filter(~Exists(taken))
    if cohort_ids is not None:
        enrolments = enrolments.filter(cohort_id__in=list(cohort_ids))
    return _as_waiting(enrolments)


def list_waiting_of(enrolment_ids: Iterable[UUID]) -> list[Waiting]:
    """The active ones of these enrolments as if they had no mentor, in the order in which they were made."""
    return _as_waiting(Enrolment.objects.filter(pk__in=list(enrolment_ids)))


def _as_waiting(enrolments: QuerySet[Enrolment]) -> list[Waiting]:
    """Two queries. Who had a mentor before waits since the last of her pairs ended."""
    ended = MenteeMentorAssignment.objects.primary().filter(enrolment=OuterRef("pk"), ended_at__isnull=False)
    tracks = {
        cohort_id: (track_id, frozenset(skills))
        for cohort_id, track_id, skills in Cohort.objects.values_list("pk", "track_id", "track__skills")
    }
    rows = (
        enrolments.filter(state=EnrolmentState.ACTIVE, student__is_active=True)
        .annotate(
            since=Coalesce(Subquery(ended.order_by("-ended_at").values("ended_at")[:1]), "enrolled_at"),
            hours=Cast("student__student_availability", TextField()),
        )
        .order_by("enrolled_at", "id")
        .values_list(
            "pk",
            "cohort_id",
            "student_id",
            "student__languages",
            "student__wanted_skills",
            "student__timezone",
            "hours",
            "since",
            "student__name",
        )
    )
    return [
        Waiting(
            enrolment_id=pk,
            cohort_id=cohort_id,
            track_id=tracks[cohort_id][0],
            mentee_id=student_id,
            languages=frozenset(languages),
            wanted_skills=frozenset(wanted),
            track_skills=tracks[cohort_id][1],
            timezone=timezone,
            availability=hours,
            since=since,
            name=name,
        )
        for pk, cohort_id, student_id, languages, wanted, timezone, hours, since, name in rows
    ]


def list_away(at: datetime) -> frozenset[UUID]:
    """Mentors with an absence that covers `at`."""
    return frozenset(
        MentorAbsence.objects.filter(starts_at__lte=at, ends_at__gt=at).values_list("mentor_id", flat=True)
    )


def list_assigned(enrolment_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the enrolments that have a primary mentor."""
    pairs = MenteeMentorAssignment.objects.primary().live().filter(enrolment__in=enrolment_ids)
    return set(pairs.values_list("enrolment_id", flat=True))


def find_rule_between(*, enrolment_id: UUID, mentor_id: UUID, at: datetime) -> str | None:
    """The first hard rule of the matching that keeps an enrolment and a mentor apart; None when they may be a pair.

    Who mentors the student now does not matter. Source: product.md §10.
    """
    waiting = next(iter(list_waiting_of([enrolment_id])), None)
    if waiting is None:
        return "student_not_active"
    if mentor_id in list_away(at):
        return "mentor_away"
    candidate = next(iter(list_candidates(frozenset(), among=[mentor_id])), None)
    if candidate is None:
        return "mentor_not_available"
    return find_broken_rule(Pool((), (), list_forbidden_pairs(), at), waiting, candidate)


def list_candidates(away: frozenset[UUID], *, among: Iterable[UUID] | None = None) -> list[Candidate]:
    """Active mentors who are neither leaving nor away; those without a free place stay, to be counted as full.

    `among`: of these alone. Four queries.
    """
    live = MenteeMentorAssignment.objects.live()
    begun = MenteeMentorAssignment.objects.primary().exclude(state=AssignmentState.PENDING)
    mentors = User.objects.filter(is_mentor=True, is_active=True, leaving_at__isnull=True)
    if among is not None:
        chosen = list(among)
        live, begun, mentors = (
            live.filter(mentor__in=chosen),
            begun.filter(mentor__in=chosen),
            mentors.filter(pk__in=chosen),
        )
    load = dict(live.values("mentor").annotate(n=Count("id")).values_list("mentor", "n"))
    cohorts: dict[UUID, set[UUID]] = defaultdict(set)
    # In no order: that of the model would make each pair a row of its own.
    for mentor_id, cohort_id in live.values_list("mentor", "cohort").order_by().distinct():
        cohorts[mentor_id].add(cohort_id)
    experience: dict[UUID, dict[UUID, int]] = defaultdict(dict)
    for mentor_id, track_id, count in (
        begun.values_list("mentor", "cohort__track").annotate(n=Count("mentee", distinct=True)).order_by()
    ):
        experience[mentor_id][track_id] = count
    # The database writes equal values as equal text: that is how people with the same hours are told.
    hours = Cast("mentor_availability", TextField())
    known = mentors.order_by("id").values_list(
        "pk", "name", "languages", "mentor_specialties", "timezone", hours, "mentor_max_mentees"
    )
    return [
        Candidate(
            id=pk,
            languages=frozenset(languages),
            specialties=frozenset(specialties),
            timezone=zone,
            availability=available,
            places=max(most - load.get(pk, 0), 0),
            load=load.get(pk, 0),
            cohorts=frozenset(cohorts.get(pk, ())),
            experience=experience.get(pk, {}),
            name=name,
        )
        for pk, name, languages, specialties, zone, available, most in known
        if pk not in away
    ]


def list_forbidden_pairs() -> frozenset[tuple[UUID, UUID]]:
    """(mentor, mentee) that are excluded or whose spell ended harmfully."""
    excluded = MatchExclusion.objects.values_list("mentor_id", "mentee_id")
    harmful = MenteeMentorAssignment.objects.filter(ended_harmfully=True).values_list("mentor_id", "mentee_id")
    return frozenset(excluded) | frozenset(harmful)


def get_pool(*, cohort_ids: Iterable[UUID] | None, at: datetime) -> Pool:
    """Who waits in these cohorts (None: in all), and every mentor. Empty when nobody waits."""
    waiting = tuple(list_waiting(cohort_ids))
    if not waiting:
        return Pool((), (), frozenset(), at)
    away = list_away(at)
    return Pool(waiting, tuple(list_candidates(away)), list_forbidden_pairs(), at, away)


def get_pools(cohort_ids: Iterable[UUID], at: datetime) -> dict[UUID, Pool]:
    """The pool of each of these cohorts in which somebody waits. As many queries as for one."""
    pool = get_pool(cohort_ids=cohort_ids, at=at)
    waiting: dict[UUID, list[Waiting]] = defaultdict(list)
    for each in pool.waiting:
        waiting[each.cohort_id].append(each)
    return {cohort_id: replace(pool, waiting=tuple(students)) for cohort_id, students in waiting.items()}


def find_last_published_answers(cohort_id: UUID) -> dict[UUID, dict[str, int]] | None:
    """What the cohort's newest published run said of whom it left unmatched: enrolment → counts per blocking rule."""
    run = MatchRun.objects.filter(cohort_id=cohort_id, state=MatchRunState.PUBLISHED).first()
    if run is None:
        return None
    unmatched = MatchProposal.objects.filter(run=run, mentor__isnull=True)
    return dict(unmatched.values_list("enrolment_id", "blocked"))


def list_cohorts_to_match() -> list[UUID]:
    """Cohorts that match automatically and have somebody waiting."""
    taken = MenteeMentorAssignment.objects.primary().live().filter(enrolment=OuterRef("pk"))
    waiting = Enrolment.objects.filter(
        ~Exists(taken), Q(cohort__matches_automatically=True), state=EnrolmentState.ACTIVE, student__is_active=True
    )
    return list(waiting.order_by("cohort_id").values_list("cohort_id", flat=True).distinct())
