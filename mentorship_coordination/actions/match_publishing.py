"""Publishing a draft: every rule is checked again under locks, then all pairs that still may begin, begin at once.

Run as the system. One transaction: all of it happens or nothing. Source: product.md §10.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from core.actions import action, part
from core.enums import Audience, Rank, StreamEventName
from core.errors import Conflict, NotVisible, RuleBroken
from core.identifiers import new_id
from core.sql import as_texts, fetch
from core.stream.publish import emit
from mentorship_coordination.actions.assignments import (
    REFUSALS,
    MentorFull,
    part_for_another,
    require_allowed,
    start_assignment,
    transfer_assignment,
)
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
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.matching import MatchRun
from mentorship_coordination.selectors.match_runs import cohorts_of
from mentorship_coordination.selectors.matching import find_last_published_answers, get_pool, list_assigned
from student_dashboard.aggregation import DashboardAggregationService
from users.models import User

BEGIN_PAIRS: Final = "SELECT app.begin_pairs(%s, %s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s, %s, %s, %s)"
LOCK_ENROLMENTS: Final = """
SELECT id FROM users_enrolment WHERE id = ANY (%(ids)s::uuid[]) ORDER BY id FOR NO KEY UPDATE
"""
LOCK_MENTORS: Final = "SELECT id FROM users_user WHERE id = ANY (%(ids)s::uuid[]) ORDER BY id FOR NO KEY UPDATE"
#: Pairs up to which each begins by itself, with news of its own; from here on a mentor hears of all hers together.
FEW: Final = 20
ANEW: Final = "Matched anew."


class Proposed(NamedTuple):
    """A pair that a run proposes; the mentor whom the student has now, in a rematch."""

    pk: UUID
    enrolment_id: UUID
    mentee_id: UUID
    mentor_id: UUID
    former_mentor_id: UUID | None


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
    proposed = run.proposals.filter(state=ProposalState.PROPOSED, mentor__isnull=False)
    proposals = [
        Proposed(*row) for row in proposed.order_by("mentor_id", "enrolment_id").values_list(*Proposed._fields)
    ]
    if run.kind == MatchRunKind.REMATCH:
        lost = _move_pairs(proposals, by=by, at=at)
    else:
        lost = _start_pairs(run, proposals, by=by, at=at)
    _mark(run, lost)
    run.state, run.published_at, run.failure = MatchRunState.PUBLISHED, at, ""
    run.summary |= {
        "published": len(proposals) - len(lost),
        "lost": len(lost),
        "lost_reasons": dict(Counter(lost.values())),
    }
    run.save(update_fields=["state", "published_at", "failure", "summary"])
    tell_run(run)
    return run


def is_worth_a_run(cohort_id: UUID, pool: Pool) -> bool:
    """Whether anybody of the cohort's pool can be matched, or what stands in the way is not what its last run said.

    Raises SolverFailed.
    """
    pairings = match(pool).pairings
    blocked = {each.waiting.enrolment_id: each.blocked for each in pairings if each.mentor_id is None}
    return len(blocked) < len(pairings) or (bool(blocked) and blocked != find_last_published_answers(cohort_id))


@action
def match_cohort_automatically(*, cohort_id: UUID, at: datetime) -> MatchRun | None:
    """What beat does: match whoever waits, with existing pairs as they are, and publish at once what is proved best.

    Returns None, and writes nothing, when nobody can be matched and the reasons are those of the last run. Raises
    DraftExists when a director has a run open for this cohort, SolverFailed.
    """
    if not is_worth_a_run(cohort_id, get_pool(cohort_ids=[cohort_id], at=at)):
        return None
    run = draft_match_run(cohort_id=cohort_id, by=None, at=at, is_automatic=True)
    return publish_match_run(run_id=run.pk, by=None, at=at) if run.certificate["is_proved"] else run


def _start_pairs(run: MatchRun, proposals: Sequence[Proposed], *, by: User | None, at: datetime) -> dict[UUID, str]:
    """Why pairs could not begin, by proposal."""
    if not proposals:
        return {}
    _lock(proposals)
    enrolment_ids = [each.enrolment_id for each in proposals]
    pool = get_pool(cohort_ids=cohorts_of(run), at=at)
    pairs = [(each.enrolment_id, each.mentor_id) for each in proposals]
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


def _start_alone(run: MatchRun, proposal: Proposed, *, by: User | None, at: datetime) -> str:
    try:
        with transaction.atomic():
            start_assignment(
                enrolment_id=proposal.enrolment_id,
                mentor_id=proposal.mentor_id,
                by=by,
                at=at,
                match_run_id=run.pk,
            )
    except (Conflict, NotVisible) as refusal:
        return refusal.code
    return ""


def _start_together(run: MatchRun, proposals: Sequence[Proposed], pool: Pool, *, by: User | None, at: datetime) -> bool:
    """Begin all in a few statements. False, with nothing done, when the database refuses one that was thought good."""
    ids = [[new_id() for _ in proposals] for _ in range(3)]
    to_mentee, _ = PAIR_WORDS[AssignmentState.ACTIVE]
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                BEGIN_PAIRS,
                [
                    run.pk,
                    [each.pk for each in proposals],
                    *ids,
                    to_mentee.format(name="%s"),
                    reverse("student-page"),
                    by.pk if by else None,
                    at,
                ],
            )
    except DatabaseError as error:
        if getattr(error.__cause__, "pgcode", "") not in REFUSALS:
            raise
        return False
    _tell_all_of(run, proposals, pool, at)
    return True


def _tell_all_of(run: MatchRun, proposals: Sequence[Proposed], pool: Pool, at: datetime) -> None:
    """Streams and dashboards; the students have their notices already, a mentor gets one about all her new mentees."""
    students = {each.mentee_id: each.name for each in pool.waiting}
    of_mentor: dict[UUID, list[str]] = defaultdict(list)
    for each in proposals:
        of_mentor[each.mentor_id].append(students[each.mentee_id])
        DashboardAggregationService.queue_update(each.mentee_id, "assignment_started", Rank.HIGH)
        emit(
            recipient_id=each.mentee_id,
            audience=Audience.STUDENT,
            event=StreamEventName.NOTIFICATION,
            data={"kind": NotificationKind.ASSIGNMENT, "count": 1},
        )
    for mentor_id, names in of_mentor.items():
        emit(
            recipient_id=mentor_id,
            audience=Audience.MENTOR,
            event=StreamEventName.WORK_QUEUE,
            data={"kind": "assignment_started", "count": len(names)},
        )
    notices = [_notice_to_mentor(run, mentor_id, names) for mentor_id, names in of_mentor.items()]
    tell_all(notices, about=NotificationKind.ASSIGNMENT, at=at)


def _notice_to_mentor(run: MatchRun, mentor_id: UUID, names: Sequence[str]) -> Notice:
    _, to_mentor = PAIR_WORDS[AssignmentState.ACTIVE]
    return Notice(
        recipient_id=mentor_id,
        audience=Audience.MENTOR,
        kind=NotificationKind.ASSIGNMENT,
        title=to_mentor.format(name=names[0]) if len(names) == 1 else f"You mentor {len(names)} more students",
        body="" if len(names) == 1 else ", ".join(names),
        url=reverse("mentees-page"),
        dedupe_key=f"assignments:{run.pk}",
        by_mail=True,
    )


def _move_pairs(proposals: Sequence[Proposed], *, by: User | None, at: datetime) -> dict[UUID, str]:
    """Each move by itself: the pair ends and the next begins. A pair that is another one by now is left alone.

    One move makes the place for another: those who found their mentor full are tried again while any finds a place, and
    what is left then all together.
    """
    _lock(proposals)
    live = MenteeMentorAssignment.objects.primary().live()
    pairs = {pair.enrolment_id: pair for pair in live.filter(enrolment__in=[each.enrolment_id for each in proposals])}
    lost, waiting = {}, []
    for each in proposals:
        pair = pairs.get(each.enrolment_id)
        if pair is None or pair.mentor_id != each.former_mentor_id:
            lost[each.pk] = "another_mentor_by_now"
        else:
            waiting.append((each, pair.pk))
    tried = None
    while waiting and tried != len(waiting):
        tried, full = len(waiting), []
        for each, pair_id in waiting:
            try:
                with part():
                    transfer_assignment(assignment_id=pair_id, mentor_id=each.mentor_id, reason=ANEW, by=by, at=at)
            except MentorFull:
                full.append((each, pair_id))
            except (Conflict, NotVisible, RuleBroken) as refusal:
                lost[each.pk] = refusal.code
        waiting = full
    return lost | _move_together(waiting, by=by, at=at)


def _move_together(moves: Sequence[tuple[Proposed, UUID]], *, by: User | None, at: datetime) -> dict[UUID, str]:
    """Students who change places: all their pairs end before the first begins. Whoever stands in the way is lost."""
    lost: dict[UUID, str] = {}
    moves = list(moves)
    while moves:
        each = moves[0][0]
        try:
            with part():
                for _, pair_id in moves:
                    part_for_another(assignment_id=pair_id, reason=ANEW, by=by, at=at)
                for each, _ in moves:
                    require_allowed(enrolment_id=each.enrolment_id, mentor_id=each.mentor_id, at=at)
                    start_assignment(enrolment_id=each.enrolment_id, mentor_id=each.mentor_id, by=by, at=at)
        except (Conflict, NotVisible, RuleBroken) as refusal:
            lost[each.pk] = refusal.code
            moves = [move for move in moves if move[0] is not each]
        else:
            break
    return lost


def _lock(proposals: Sequence[Proposed]) -> None:
    """As everywhere: enrolments by id, then mentors by id. One statement each; an action of one pair locks its two."""
    fetch(LOCK_ENROLMENTS, ids=as_texts({each.enrolment_id for each in proposals}))
    fetch(LOCK_MENTORS, ids=as_texts({each.mentor_id for each in proposals}))


def _mark(run: MatchRun, lost: dict[UUID, str]) -> None:
    of_reason: dict[str, list[UUID]] = defaultdict(list)
    for proposal_id, reason in lost.items():
        of_reason[reason].append(proposal_id)
    for reason, proposal_ids in of_reason.items():
        run.proposals.filter(pk__in=proposal_ids).update(state=ProposalState.LOST, lost_reason=reason)
    run.proposals.filter(state=ProposalState.PROPOSED).update(state=ProposalState.PUBLISHED)
