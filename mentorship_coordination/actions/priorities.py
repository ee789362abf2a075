"""The prioritiser: items whose time has come move up, and whoever is responsible is told. Source: product.md §4.

A run touches only rows whose `next_cross_at` has come or whose lease ran out, in one statement, and writes down when
each will change next (architecture.md §8). The clock is a parameter: a second run at the same instant finds nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.urls import reverse

from core.actions import action
from core.clock import time_words
from core.enums import Audience
from mentorship_coordination.actions.notices import Notice, tell_all
from mentorship_coordination.actions.queue_news import say
from mentorship_coordination.enums import Band, NotificationKind
from mentorship_coordination.selectors.responsible import map_responsible
from users.models import CohortDirector
from users.selectors import map_zones

#: Rows of one transaction; what is more, the next round takes.
BATCH = 5000
MENTORS_PAGE, DIRECTORS_PAGE = "queue-page", "director-work-page"
ADMINS_PAGE = "admin:mentorship_coordination_mentorworkqueue_change"
#: Ids that one stream event carries; with more, the page reads its list again.
NAMED_IDS = 50

#: "Breached iff now > due_at": the first instant after `due_at` is a microsecond later. Rows that somebody else holds
#: are left for the next run. The array beside the join keeps the planner on the primary key.
CROSS = """
WITH reached AS (
  SELECT id, base_rank, band AS old_band, rank AS old_rank, rank_reasons ? 'critical_flag' AS is_critical,
    app.aged_steps(ages_at, %(at)s) AS steps, coalesce(lease_until <= %(at)s, false) AS is_left,
    CASE WHEN due_at IS NULL THEN band WHEN due_at < %(at)s THEN 3 WHEN warn_90_at <= %(at)s THEN 2
      WHEN warn_75_at <= %(at)s THEN 1 ELSE 0 END AS new_band
  FROM mentorship_coordination_mentorworkqueue
  WHERE status IN ('pending', 'in_progress') AND next_cross_at <= %(at)s
    OR status = 'in_progress' AND lease_until <= %(at)s
  LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
), moved AS (
  SELECT r.*, k.new_rank, r.is_left OR (r.old_band, r.old_rank) <> (r.new_band, k.new_rank) AS has_moved
  FROM reached r CROSS JOIN LATERAL (
    SELECT app.rank_of(r.base_rank, r.new_band, r.steps, r.is_critical) AS new_rank) k
)
UPDATE mentorship_coordination_mentorworkqueue i SET
  band = m.new_band,
  rank = m.new_rank,
  rank_reasons = app.rank_reasons(m.new_band, m.steps, m.is_critical),
  breached_at = CASE WHEN m.new_band = 3 THEN i.due_at END,
  next_cross_at = CASE WHEN m.new_band < 3 AND i.due_at IS NOT NULL THEN least(
    CASE WHEN m.new_band < 1 THEN i.warn_75_at END, CASE WHEN m.new_band < 2 THEN i.warn_90_at END,
    i.due_at + interval '1 microsecond', i.ages_at[m.steps + 1]) END,
  status = CASE WHEN m.is_left THEN 'pending' ELSE i.status END,
  claimed_by_id = CASE WHEN NOT m.is_left THEN i.claimed_by_id END,
  lease_until = CASE WHEN NOT m.is_left THEN i.lease_until END,
  updated_at = CASE WHEN m.has_moved THEN %(at)s ELSE i.updated_at END,
  revision = i.revision + m.has_moved::int
FROM moved m WHERE i.id = m.id AND i.id = ANY (ARRAY(SELECT id FROM reached))
RETURNING i.id, i.mentor_id, i.cohort_id, i.title, i.due_at, m.old_band, m.new_band, m.has_moved
"""
SHARE = {Band.WARNED_75: "75 %", Band.WARNED_90: "90 %"}


@dataclass(frozen=True, slots=True)
class Crossing:
    """One item that the statement touched. `has_moved` is False when only its next instant was written.

    `due_at` is None for a paused item, whose lease alone ran out.
    """

    item_id: UUID
    mentor_id: UUID | None
    cohort_id: UUID
    title: str
    due_at: datetime | None
    old_band: int
    new_band: int
    has_moved: bool

    @property
    def is_breach(self) -> bool:
        return self.old_band < Band.BREACHED == self.new_band

    @property
    def is_warning(self) -> bool:
        return self.old_band < self.new_band < Band.BREACHED


@action
def prioritize_work_queue(*, at: datetime, limit: int = BATCH) -> int:
    """Move up to `limit` items whose instant has come, and give back those whose lease ran out; how many.

    Bands at 75 % and 90 % of the counted time and at breach (`breached_at = due_at`, rank urgent); low items a step per
    five business days. Warnings go to the mentor, breaches to mentor and directors, each once. One stream event a
    mentor. Acts as the system.
    """
    crossings = _cross(at, limit)
    directors = _directors_of({each.cohort_id for each in crossings if each.has_moved})
    _tell_mentors(crossings)
    _tell_directors(crossings, directors)
    answering = map_responsible({each.cohort_id for each in crossings if each.is_breach})
    told = [each for each in crossings if each.is_warning or each.is_breach]
    zones = map_zones({each.mentor_id for each in told if each.mentor_id}.union(*answering.values()))
    breaches = _breaches(crossings, answering, directors, zones)
    tell_all([*_warnings(crossings, zones), *breaches], about="sla", at=at)
    return len(crossings)


def _cross(at: datetime, limit: int) -> list[Crossing]:
    with connection.cursor() as cursor:
        cursor.execute(CROSS, {"at": at, "limit": limit})
        return [Crossing(*row) for row in cursor.fetchall()]


def _directors_of(cohort_ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    directors = defaultdict(list)
    for cohort_id, user_id in CohortDirector.objects.filter(cohort__in=cohort_ids).values_list("cohort_id", "user_id"):
        directors[cohort_id].append(user_id)
    return directors


def _tell_mentors(crossings: Sequence[Crossing]) -> None:
    news: dict[UUID, list[UUID]] = defaultdict(list)
    for each in crossings:
        if each.has_moved and each.mentor_id is not None:
            news[each.mentor_id].append(each.item_id)
    for mentor_id, item_ids in news.items():
        _say_ranked(mentor_id, Audience.MENTOR, item_ids)


def _tell_directors(crossings: Sequence[Crossing], directors: dict[UUID, list[UUID]]) -> None:
    """Directors hear of breaches, and of whatever moves in the pool."""
    news: dict[UUID, list[UUID]] = defaultdict(list)
    for each in crossings:
        if each.is_breach or (each.has_moved and each.mentor_id is None):
            for director_id in directors.get(each.cohort_id, ()):
                news[director_id].append(each.item_id)
    for director_id, item_ids in news.items():
        _say_ranked(director_id, Audience.DIRECTOR, item_ids)


def _say_ranked(recipient_id: UUID, audience: Audience, item_ids: list[UUID]) -> None:
    ids = [str(item_id) for item_id in sorted(item_ids)[:NAMED_IDS]]
    say(recipient_id, audience, {"kind": "ranked", "ids": ids, "count": len(item_ids)})


def _warnings(crossings: Iterable[Crossing], zones: dict[UUID, str]) -> Iterable[Notice]:
    for each in crossings:
        if each.is_warning and each.mentor_id is not None and each.due_at is not None:
            share = SHARE[Band(each.new_band)]
            yield Notice(
                each.mentor_id,
                Audience.MENTOR,
                NotificationKind.WARNING,
                f"{share} of the time has run: {each.title}",
                f"Due on {time_words(each.due_at, zones[each.mentor_id])}.",
                f"warning:{each.item_id}:{each.new_band}",
                url=reverse(MENTORS_PAGE),
            )


def _breaches(
    crossings: Iterable[Crossing],
    answering: dict[UUID, list[UUID]],
    directors: dict[UUID, list[UUID]],
    zones: dict[UUID, str],
) -> Iterable[Notice]:
    """`answering` are the directors of a cohort, or the admins of one that has none."""
    for each in crossings:
        if not each.is_breach or each.due_at is None:
            continue
        known = directors.get(each.cohort_id, ())
        recipients = [
            (
                person,
                Audience.DIRECTOR,
                reverse(DIRECTORS_PAGE) if person in known else reverse(ADMINS_PAGE, args=[each.item_id]),
            )
            for person in answering.get(each.cohort_id, ())
        ]
        if each.mentor_id is not None:
            recipients.append((each.mentor_id, Audience.MENTOR, reverse(MENTORS_PAGE)))
        for recipient_id, audience, url in recipients:
            yield Notice(
                recipient_id,
                audience,
                NotificationKind.BREACH,
                f"Overdue: {each.title}",
                f"It was due on {time_words(each.due_at, zones[recipient_id])}.",
                f"breach:{each.item_id}",
                by_mail=True,
                url=url,
            )
