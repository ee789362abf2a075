"""Publishing a draft: every rule is checked again under locks, then all pairs that still may begin, begin at once.

Run as the system. One transaction: all of it happens or nothing. Source: product.md §10.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from core.actions import action
from core.enums import Audience, Rank, StreamEventName
from core.errors import Conflict, NotVisible, RuleBroken
from core.stream.publish import emit
from mentorship_coordination.actions.assignments import start_assignment, transfer_assignment
from mentorship_coordination.actions.match_runs import RunClosed, tell_run
from mentorship_coordination.actions.match_solving import draft_match_run
from mentorship_coordination.actions.notices import Notice, tell_all
from mentorship_coordination.actions.pair_news import WORDS as PAIR_WORDS
from mentorship_coordination.enums import (
    DRAFT_RUNS,
    AssignmentState,
    MatchRunKind,
    MatchRunState,
    NotificationKind,
    ProposalState,
)
from mentorship_coordination.matching.engine import match
from mentorship_coordination.matching.people import Pool
from mentorship_coordination.matching.recheck import find_broken_rules
from mentorship_coordination.models.assignments import AssignmentEntry, MenteeMentorAssignment
from mentorship_coordination.models.matching import MatchProposal, MatchRun
from mentorship_coordination.selectors.match_runs import cohorts_of
from mentorship_coordination.selectors.matching import find_last_published_answers, get_pool, list_assigned
from student_dashboard.aggregation import DashboardAggregationService
from users.models import User

ROWS_AT_ONCE: Final = 2000
#: Pairs up to which each begins by itself, with news of its own; from here on a mentor hears of all hers together.
FEW: Final = 20


@action
def publish_match_run(*, run_id: UUID, by: User | None, at: datetime) -> MatchRun:
    """Start every proposed pair whose rules still hold; the others are marked lost, with the rule that broke.

    Raises NotVisible, RunClosed. Source: product.md §10.
    """
    run = MatchRun.objects.select_for_update(of=("self",)).filter(pk=run_id).first()
    if run is None:
        raise NotVisible
    if run.state not in (*DRAFT_RUNS, MatchRunState.PUBLISHING) or run.kind == MatchRunKind.WHAT_IF:
        raise RunClosed
    proposals = list(run.proposals.filter(state=ProposalState.PROPOSED).order_by("mentor_id", "enrolment_id"))
    if run.kind == MatchRunKind.REMATCH:
        lost = _move_pairs(proposals, by=by, at=at)
    else:
        lost = _start_pairs(run, proposals, by=by, at=at)
    _mark(run, lost)
    run.state, run.published_at = MatchRunState.PUBLISHED, at
    run.summary |= {
        "published": len(proposals) - len(lost),
        "lost": len(lost),
        "lost_reasons": dict(Counter(lost.values())),
    }
    run.save(update_fields=["state", "published_at", "summary"])
    tell_run(run)
    return run


@action
def match_cohort_automatically(*, cohort_id: UUID, at: datetime) -> MatchRun | None:
    """What beat does: match whoever waits, with existing pairs as they are, and publish at once what is proved best.

    Returns None, and writes nothing, when nobody can be matched and the reasons are those of the last run. Raises
    DraftExists when a director has a run open for this cohort, SolverFailed.
    """
    answers = match(get_pool(cohort_ids=[cohort_id], at=at))
    blocked = {each.waiting.enrolment_id: each.blocked for each in answers.pairings if each.mentor_id is None}
    matched = len(answers.pairings) - len(blocked)
    if not matched and blocked == (find_last_published_answers(cohort_id) or {}):
        return None
    run = draft_match_run(cohort_id=cohort_id, by=None, at=at, is_automatic=True)
    return publish_match_run(run_id=run.pk, by=None, at=at) if run.certificate["is_proved"] else run


def _start_pairs(
    run: MatchRun, proposals: Sequence[MatchProposal], *, by: User | None, at: datetime
) -> dict[UUID, str]:
    """Why pairs could not begin, by proposal. Locks as everywhere: enrolments by id, then mentors by id."""
    if not proposals:
        return {}
    enrolment_ids = sorted({each.enrolment_id for each in proposals})
    _lock("app.lock_enrolment", enrolment_ids)
    _lock("app.lock_mentor", sorted({each.mentor_id for each in proposals if each.mentor_id}))
    pool = get_pool(cohort_ids=cohorts_of(run), at=at)
    pairs = [(each.enrolment_id, each.mentor_id) for each in proposals if each.mentor_id]
    broken = find_broken_rules(pool, pairs, list_assigned(enrolment_ids))
    lost = {each.pk: rule for each, rule in zip(proposals, broken, strict=True) if rule}
    good = [each for each in proposals if each.pk not in lost]
    stood_in = set(
        MenteeMentorAssignment.objects.live()
        .standing_in()
        .filter(enrolment__in=enrolment_ids)
        .values_list("enrolment_id", flat=True)
    )
    together = [each for each in good if each.enrolment_id not in stood_in]
    if len(together) <= FEW or not _start_together(run, together, pool, by=by, at=at):
        stood_in |= {each.enrolment_id for each in together}
    for each in good:
        if each.enrolment_id in stood_in:
            reason = _start_alone(run, each, by=by, at=at)
            if reason:
                lost[each.pk] = reason
    return lost


def _start_alone(run: MatchRun, proposal: MatchProposal, *, by: User | None, at: datetime) -> str:
    try:
        with transaction.atomic():
            start_assignment(
                enrolment_id=proposal.enrolment_id,
                mentor_id=proposal.mentor_id,  # type: ignore[arg-type]
                by=by,
                at=at,
                match_run_id=run.pk,
            )
    except (Conflict, NotVisible) as refusal:
        return refusal.code
    return ""


def _start_together(
    run: MatchRun, proposals: Sequence[MatchProposal], pool: Pool, *, by: User | None, at: datetime
) -> bool:
    """Begin all in a few statements. False, with nothing done, when the database refuses one that was thought good."""
    pairs = [
        MenteeMentorAssignment(
            enrolment_id=each.enrolment_id,
            cohort_id=each.cohort_id,
            mentee_id=each.mentee_id,
            mentor_id=each.mentor_id,  # type: ignore[misc]
            state=AssignmentState.ACTIVE,
            started_at=at,
            match_run_id=run.pk,
            created_at=at,
        )
        for each in proposals
    ]
    try:
        with transaction.atomic():
            MenteeMentorAssignment.objects.bulk_create(pairs, batch_size=ROWS_AT_ONCE)
    except DatabaseError:
        return False
    AssignmentEntry.objects.bulk_create(
        (AssignmentEntry(assignment=pair, state=pair.state, reason="", by=by, created_at=at) for pair in pairs),
        batch_size=ROWS_AT_ONCE,
    )
    _tell_all_of(pairs, pool, at)
    return True


def _tell_all_of(pairs: Sequence[MenteeMentorAssignment], pool: Pool, at: datetime) -> None:
    """Students hear of their mentor; a mentor hears once of all her new mentees."""
    mentors = {each.id: each.name for each in pool.candidates}
    students = {each.mentee_id: each.name for each in pool.waiting}
    of_mentor: dict[UUID, list[MenteeMentorAssignment]] = defaultdict(list)
    for pair in pairs:
        of_mentor[pair.mentor_id].append(pair)
        DashboardAggregationService.queue_update(pair.mentee_id, "assignment_started", Rank.HIGH)
    to_mentee, _ = PAIR_WORDS[AssignmentState.ACTIVE]
    page = reverse("student-page")
    notices = [
        Notice(
            recipient_id=pair.mentee_id,
            audience=Audience.STUDENT,
            kind=NotificationKind.ASSIGNMENT,
            title=to_mentee.format(name=mentors[pair.mentor_id]),
            body="",
            url=page,
            dedupe_key=f"assignment:{pair.pk}:{pair.revision}:{AssignmentState.ACTIVE}",
            by_mail=True,
        )
        for pair in pairs
    ]
    for mentor_id, hers in of_mentor.items():
        emit(
            recipient_id=mentor_id,
            audience=Audience.MENTOR,
            event=StreamEventName.WORK_QUEUE,
            data={"kind": "assignment_started", "count": len(hers)},
        )
        notices.append(_notice_to_mentor(mentor_id, hers, students))
    tell_all(notices, about="assignment", at=at)


def _notice_to_mentor(mentor_id: UUID, pairs: Sequence[MenteeMentorAssignment], names: dict[UUID, str]) -> Notice:
    _, to_mentor = PAIR_WORDS[AssignmentState.ACTIVE]
    who = [names[pair.mentee_id] for pair in pairs]
    title = to_mentor.format(name=who[0]) if len(who) == 1 else f"You mentor {len(who)} more students"
    return Notice(
        recipient_id=mentor_id,
        audience=Audience.MENTOR,
        kind=NotificationKind.ASSIGNMENT,
        title=title,
        body="" if len(who) == 1 else ", ".join(who),
        url=reverse("mentees-page"),
        dedupe_key=f"assignments:{pairs[0].match_run_id}",
        by_mail=True,
    )


def _move_pairs(proposals: Sequence[MatchProposal], *, by: User | None, at: datetime) -> dict[UUID, str]:
    """Each move by itself: the pair ends and the next begins. A pair that is another one by now is left alone."""
    _lock("app.lock_enrolment", sorted({each.enrolment_id for each in proposals}))
    lost = {}
    for each in proposals:
        pair = MenteeMentorAssignment.objects.primary().live().filter(enrolment=each.enrolment_id).first()
        if pair is None or pair.mentor_id != each.former_mentor_id or each.mentor_id is None:
            lost[each.pk] = "another_mentor_by_now"
            continue
        try:
            with transaction.atomic():
                transfer_assignment(
                    assignment_id=pair.pk, mentor_id=each.mentor_id, reason="Matched anew.", by=by, at=at
                )
        except (Conflict, NotVisible, RuleBroken) as refusal:
            lost[each.pk] = refusal.code
    return lost


def _lock(function: str, ids: Sequence[UUID]) -> None:
    """One after the other, in this order; the functions check the caller's relation to each."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(id) FROM unnest(%s::uuid[]) AS id", [list(ids)])  # noqa: S608 - our names


def _mark(run: MatchRun, lost: dict[UUID, str]) -> None:
    of_reason: dict[str, list[UUID]] = defaultdict(list)
    for proposal_id, reason in lost.items():
        of_reason[reason].append(proposal_id)
    for reason, proposal_ids in of_reason.items():
        run.proposals.filter(pk__in=proposal_ids).update(state=ProposalState.LOST, lost_reason=reason)
    run.proposals.filter(state=ProposalState.PROPOSED).update(state=ProposalState.PUBLISHED)
