"""What a leaving mentor holds, who could take it, and the plan that comes of it. Source: product.md §6."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

from core.errors import NotVisible
from core.sql import as_texts, fetch
from mentorship_coordination.enums import AssignmentState, HandoverState
from mentorship_coordination.handover.plan import (
    HandoverPlan,
    LeavingPair,
    MentorTime,
    PlannedSession,
    make_plan,
)
from mentorship_coordination.matching.engine import pair_all
from mentorship_coordination.matching.people import Pairing, Pool
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.models.handovers import MentorHandover
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.models.sessions import MentorSession
from mentorship_coordination.selectors.match_runs import get_weights
from mentorship_coordination.selectors.matching import (
    list_away,
    list_candidates,
    list_forbidden_pairs,
    list_waiting_of,
)
from mentorship_coordination.selectors.sessions import week_of
from mentorship_coordination.sla.timeline import to_microseconds
from mentorship_coordination.slots.hours import hours_from
from users.models import User
from users.selectors import name_of

#: Weeks are counted whole, in whichever zone.
MARGIN = timedelta(days=8)

#: What could keep the new mentors from a session, in one round trip.
TIME_OF_MENTORS = """
SELECT 'busy', person_id, starts_at, ends_at, NULL::date, NULL::text
FROM app.busy_spans(%(mentors)s::uuid[], %(from)s, %(to)s, NULL)
UNION ALL
SELECT 'away', mentor_id, starts_at, ends_at, NULL, NULL FROM mentorship_coordination_mentorabsence
WHERE mentor_id = ANY (%(mentors)s::uuid[]) AND starts_at < %(to)s AND ends_at > %(from)s
UNION ALL
SELECT 'date', person_id, NULL, NULL, local_date, windows::text FROM mentorship_coordination_availabilityoverride
WHERE person_id = ANY (%(mentors)s::uuid[]) AND local_date BETWEEN %(from)s::date - 1 AND %(to)s::date + 1
UNION ALL
SELECT 'counted', m.id, starts_at, NULL, NULL, NULL
FROM unnest(%(mentors)s::uuid[]) m (id) CROSS JOIN LATERAL app.counted_sessions(m.id, %(from)s, %(to)s, NULL) starts_at
"""


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """What still points at a mentor; all empty when nothing does."""

    assignments: list[UUID]
    items: list[UUID]
    sessions: list[UUID]
    flags: list[UUID]

    def __bool__(self) -> bool:
        return bool(self.assignments or self.items or self.sessions or self.flags)


def list_leaving_pairs(mentor_id: UUID) -> list[MenteeMentorAssignment]:
    """The mentor's live pairs by enrolment, students and their open items counted. One query."""
    pairs = MenteeMentorAssignment.objects.of_mentor(mentor_id).live().select_related("mentee")
    return list(pairs.order_by("enrolment_id", "id"))


def find_left_behind(mentor_id: UUID, at: datetime) -> LeftBehind:
    """Live pairs, open items, sessions to come and unresolved flags of a mentor. Four queries."""
    mentor = {"mentor_id": mentor_id}
    return LeftBehind(
        _ids(MenteeMentorAssignment.objects.live().filter(**mentor)),
        _ids(MentorWorkQueue.objects.open().filter(**mentor)),
        _ids(MentorSession.objects.scheduled().filter(starts_at__gt=at, **mentor)),
        _ids(MentorFlag.objects.unresolved().filter(**mentor)),
    )


def read_handover_pool(mentor_id: UUID, pairs: Iterable[MenteeMentorAssignment], at: datetime) -> Pool:
    """The leaver's mentees as if they waited, and every mentor but her. The matching's queries, whatever the size."""
    away = list_away(at)
    waiting = tuple(list_waiting_of([pair.enrolment_id for pair in pairs if pair.is_primary]))
    candidates = tuple(each for each in list_candidates(away) if each.id != mentor_id)
    return Pool(waiting, candidates, list_forbidden_pairs(), at, away)


def find_next_best(pool: Pool, enrolment_id: UUID, *, without: Iterable[UUID]) -> Pairing | None:
    """Whom the matching gives to one mentee of `pool` when some mentors are out of the question."""
    refused = set(without)
    alone = replace(
        pool,
        waiting=tuple(each for each in pool.waiting if each.enrolment_id == enrolment_id),
        candidates=tuple(each for each in pool.candidates if each.id not in refused),
    )
    return next(iter(pair_all(alone, get_weights())), None)


def get_handover_plan(mentor_id: UUID, at: datetime) -> tuple[HandoverPlan, dict[UUID, str]]:
    """The plan for a mentor who leaves at `at`, and the names of the new mentors. Run as the system.

    The number of queries does not depend on how many mentees she has.
    """
    pairs = list_leaving_pairs(mentor_id)
    pool = read_handover_pool(mentor_id, pairs, at)
    pairings = {each.waiting.enrolment_id: each for each in pair_all(pool, get_weights())}
    sessions = list_planned_sessions(mentor_id, at)
    chosen = {each.mentor_id for each in pairings.values() if each.mentor_id}
    people = {person.pk: person for person in User.objects.filter(pk__in=chosen)}
    times = read_mentor_times(list(people.values()), sessions)
    weeks = {
        (zone, each.session_id): week_of(zone, each.starts_at).starts_at
        for zone in {time.zone for time in times.values()}
        for each in sessions
    }
    plan = make_plan(_leaving(mentor_id, pairs), pairings, sessions, times, weeks)
    return plan, {pk: person.name for pk, person in people.items()}


def list_planned_sessions(mentor_id: UUID, at: datetime) -> list[PlannedSession]:
    """The mentor's sessions to come, by their start. One query."""
    sessions = MentorSession.objects.scheduled().of_mentor(mentor_id).filter(starts_at__gt=at)
    rows = sessions.order_by("starts_at", "id").values_list("pk", "assignment_id", "title", "starts_at", "ends_at")
    return [PlannedSession(*row) for row in rows]


def read_mentor_times(mentors: Sequence[User], sessions: Sequence[PlannedSession]) -> dict[UUID, MentorTime]:
    """The time of each of `mentors` around `sessions`. One query."""
    if not mentors or not sessions:
        return {each.pk: _time_of(each, {}, ()) for each in mentors}
    first, last = min(each.starts_at for each in sessions), max(each.ends_at for each in sessions)
    ids = [each.pk for each in mentors]
    busy: dict[UUID, list[Any]] = defaultdict(list)
    away: dict[UUID, list[Any]] = defaultdict(list)
    dates: dict[UUID, dict[Any, Any]] = defaultdict(dict)
    counted: dict[UUID, list[datetime]] = defaultdict(list)
    for kind, person, starts_at, ends_at, day, windows in fetch(
        TIME_OF_MENTORS, mentors=as_texts(ids), **{"from": first - MARGIN, "to": last + MARGIN}
    ):
        if kind == "date":
            dates[person][day] = json.loads(windows)
        elif kind == "counted":
            counted[person].append(starts_at)
        else:
            (busy if kind == "busy" else away)[person].append((to_microseconds(starts_at), to_microseconds(ends_at)))
    times = {each.pk: _time_of(each, dates[each.pk], away[each.pk]) for each in mentors}
    for mentor_id, begun in counted.items():
        mine = times[mentor_id]
        mine.load.update(Counter(week_of(mine.zone, starts_at).starts_at for starts_at in begun))
    for mentor_id, spans in busy.items():
        times[mentor_id].busy = spans
    return times


def _time_of(mentor: User, dates: dict[Any, Any], away: Sequence[Any]) -> MentorTime:
    hours = hours_from(mentor.mentor_availability, mentor.timezone, dates=dates, away=away)
    return MentorTime(mentor.timezone, mentor.mentor_capacity_weekly, hours)


def _leaving(mentor_id: UUID, pairs: Sequence[MenteeMentorAssignment]) -> list[LeavingPair]:
    """Items of a resting pair wait in the pool, so they are counted by their enrolment and not by their mentor."""
    items = MentorWorkQueue.objects.open().filter(
        mentee__in=[pair.mentee_id for pair in pairs], enrolment__in=[pair.enrolment_id for pair in pairs]
    )
    counted = dict(items.order_by().values_list("enrolment_id").annotate(n=Count("id")))
    return [
        LeavingPair(
            pair.pk,
            pair.enrolment_id,
            pair.mentee_id,
            pair.mentee.name,
            pair.state == AssignmentState.ACTIVE,
            counted.get(pair.enrolment_id, 0),
        )
        for pair in pairs
    ]


def _ids(rows: Any) -> list[UUID]:
    return list(rows.order_by("pk").values_list("pk", flat=True))


def list_open_handovers() -> list[tuple[UUID, str]]:
    """Id and state of whatever a job has to look at, oldest first."""
    to_do = MentorHandover.objects.filter(state__in=(HandoverState.REQUESTED, HandoverState.RUNNING))
    return list(to_do.order_by("created_at", "id").values_list("pk", "state"))


def list_handovers() -> QuerySet[MentorHandover]:
    """Those that the caller may see, with the mentor's name, newest first."""
    return MentorHandover.objects.annotate(mentor_name=name_of("mentor_id"))


def get_handover(handover_id: UUID) -> MentorHandover:
    """One of `list_handovers`. Raises NotVisible."""
    found = list_handovers().filter(pk=handover_id).first()
    if found is None:
        raise NotVisible
    return found
