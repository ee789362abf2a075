"""Work items as the work queue would hold them at the seed's instant: due times, bands and ranks are computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from core.clock import time_words
from core.enums import Rank
from mentorship_coordination.enums import Band, MailState, NotificationKind, PauseReason, WorkStatus, WorkType
from mentorship_coordination.models.notifications import Notification
from mentorship_coordination.models.queue import MentorWorkQueue, SlaPause, SlaPolicy
from mentorship_coordination.seed.world import SeedCohort, SeedStudent, World
from mentorship_coordination.sla.clock import business_seconds_between
from mentorship_coordination.sla.policies import Deadlines, calendar_of, deadlines_of

Policies = Mapping[tuple[str, str | None], SlaPolicy]

_TAKEN: Final = 0.04
_PAUSED: Final = 0.05
_REASON_OF: Final = {Band.WARNED_75: "ran_75", Band.WARNED_90: "ran_90", Band.BREACHED: "breached"}


@dataclass(frozen=True, slots=True)
class Work:
    """What an item is about. `closed_at` is None while it is open; `called_off` says why, if nobody finished it.

    `is_plain` items are neither taken nor paused.
    """

    type: WorkType
    reference_id: str
    title: str
    description: str
    started_at: datetime
    cycle: int = 1
    version: int = 1
    closed_at: datetime | None = None
    outcome: str = ""
    called_off: str = ""
    is_plain: bool = False
    pause_after: timedelta | None = None


def current_policies() -> Policies:
    """The service levels of now, by type and track; those of all tracks have None there."""
    rows = SlaPolicy.objects.filter(is_current=True).select_related("calendar")
    return {(row.type, str(row.track_id) if row.track_id else None): row for row in rows}


class Items:
    """Writes items, with the notices of those that are overdue."""

    def __init__(self, world: World, policies: Policies, random: Random) -> None:
        self._world = world
        self._policies = policies
        self._random = random

    def add(self, cohort: SeedCohort, student: SeedStudent, work: Work) -> str:
        policy = self._policies.get((work.type, cohort.track.id)) or self._policies[work.type, None]
        deadlines = deadlines_of(
            started_at=work.started_at,
            budget_seconds=policy.budget_seconds,
            calendar=calendar_of(policy.calendar),
        )
        item_id = self._world.ids.new()
        identity = {
            "id": item_id,
            "type": work.type,
            "reference_id": work.reference_id,
            "cycle": work.cycle,
            "reference_version": work.version,
            "title": work.title[:200],
            "description": work.description,
            "enrolment_id": student.enrolment_id,
            "cohort_id": cohort.id,
            "mentee_id": student.id,
            "base_rank": policy.priority,
            "policy_id": policy.pk,
            "calendar_id": policy.calendar_id,
            "budget_seconds": policy.budget_seconds,
            "clock_started_at": work.started_at,
            "warn_75_at": deadlines.warn_75_at,
            "warn_90_at": deadlines.warn_90_at,
            "created_at": work.started_at,
        }
        if work.closed_at is not None:
            state = self._closed(student, work, work.closed_at, deadlines, Rank(policy.priority))
        else:
            state = self._open(cohort, student, work, deadlines, policy, item_id)
        self._world.writer.add(MentorWorkQueue, **identity, **state)
        return item_id

    def _closed(
        self, student: SeedStudent, work: Work, at: datetime, deadlines: Deadlines, base: Rank
    ) -> dict[str, object]:
        mentor, band = student.mentor_at(at), band_at(deadlines, at)
        return {
            "mentor_id": mentor.id if mentor else None,
            "status": WorkStatus.CANCELLED if work.called_off else WorkStatus.COMPLETED,
            **ranking(base, band, is_critical=False),
            "due_at": deadlines.due_at,
            "breached_at": deadlines.due_at if band == Band.BREACHED else None,
            "outcome": work.outcome,
            "closed_reason": work.called_off,
            "completed_at": at,
            "completed_by_id": mentor.id if mentor and not work.called_off else None,
            "updated_at": at,
            "revision": 2,
        }

    def _open(
        self,
        cohort: SeedCohort,
        student: SeedStudent,
        work: Work,
        deadlines: Deadlines,
        policy: SlaPolicy,
        item_id: str,
    ) -> dict[str, object]:
        at, mentor, band = self._world.at, student.working_mentor, band_at(deadlines, self._world.at)
        state: dict[str, object] = {
            "mentor_id": mentor.id if mentor else None,
            "due_at": deadlines.due_at,
            "next_cross_at": next_cross(deadlines, band),
            "updated_at": work.started_at,
        }
        if band == Band.BREACHED:
            state["breached_at"] = deadlines.due_at
            self._tell_breach(cohort, student, work, item_id, deadlines.due_at)
        elif work.pause_after is not None or (not work.is_plain and self._random.random() < _PAUSED):
            opened_at = work.started_at + (work.pause_after or (at - work.started_at) * self._random.uniform(0.2, 0.9))
            band = band_at(deadlines, opened_at)
            state |= self._pause(item_id, student, work, opened_at, policy)
        elif mentor and not work.is_plain and self._random.random() < _TAKEN:
            lease = at + timedelta(minutes=self._random.randint(6, 29))
            state |= {"status": WorkStatus.IN_PROGRESS, "claimed_by_id": mentor.id, "lease_until": lease}
        return state | ranking(Rank(policy.priority), band, is_critical=student.has_critical_flag)

    def _pause(
        self, item_id: str, student: SeedStudent, work: Work, opened_at: datetime, policy: SlaPolicy
    ) -> dict[str, object]:
        mentor = student.mentor_at(opened_at)
        self._world.writer.add(
            SlaPause,
            id=self._world.ids.new(),
            item_id=item_id,
            reason=PauseReason.WAITING_ON_STUDENT,
            opened_at=opened_at,
            opened_by_id=mentor.id if mentor else None,
        )
        counted = business_seconds_between(work.started_at, opened_at, calendar_of(policy.calendar))
        left = max(0, policy.budget_seconds - counted)
        return {"due_at": None, "next_cross_at": None, "remaining_seconds": left, "updated_at": opened_at}

    def _tell_breach(
        self, cohort: SeedCohort, student: SeedStudent, work: Work, item_id: str, due_at: datetime
    ) -> None:
        mentor = student.working_mentor
        told = [(mentor.id, mentor.timezone, "/mentor/queue")] if mentor else []
        told += [(director, cohort.timezone, "/director/work") for director in cohort.directors]
        for person, zone, url in told:
            self._world.writer.add(
                Notification,
                id=self._world.ids.new(),
                recipient_id=person,
                kind=NotificationKind.BREACH,
                title=f"Overdue: {work.title}"[:200],
                body=f"It was due on {time_words(due_at, zone)}.",
                url=url,
                dedupe_key=f"breach:{item_id}",
                created_at=due_at + timedelta(seconds=3),
                mail_state=MailState.NONE,
            )


def band_at(deadlines: Deadlines, at: datetime) -> Band:
    """How far the clock has run at `at`: breached only after the due instant (product.md §4)."""
    if at > deadlines.due_at:
        return Band.BREACHED
    if at >= deadlines.warn_90_at:
        return Band.WARNED_90
    return Band.WARNED_75 if at >= deadlines.warn_75_at else Band.ON_TIME


def next_cross(deadlines: Deadlines, band: Band) -> datetime | None:
    """The instant at which the prioritiser has to look at an item of this band again."""
    after_due = deadlines.due_at + timedelta(microseconds=1)
    return {
        Band.ON_TIME: deadlines.warn_75_at,
        Band.WARNED_75: deadlines.warn_90_at,
        Band.WARNED_90: after_due,
        Band.BREACHED: None,
    }[band]


def ranking(base: Rank, band: Band, *, is_critical: bool) -> dict[str, object]:
    """Effective rank with its reasons, as `app.rank_of` and `app.rank_reasons` give them for items above low."""
    is_urgent = is_critical or band == Band.BREACHED
    rank = Rank.URGENT if is_urgent else max(Rank.URGENT, base - min(band, 1))
    reasons = [*(["critical_flag"] if is_critical else []), *([_REASON_OF[band]] if band else [])]
    return {"rank": rank, "rank_reasons": reasons, "band": band}
