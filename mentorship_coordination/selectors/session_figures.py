"""How a mentor's sessions went: held, missed, called off late, written up; and what mentees say of them.

Source: product.md §7.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from core.sql import fetch_planned

COUNTED_FOR: Final = timedelta(days=28)
#: Columns over sessions `s`: held, missed by either side, called off late by either side. A mentor has called off what
#: she closed herself, not what ended with the pair or was handed over.
OUTCOMES: Final = """
  count(*) FILTER (WHERE s.status = 'completed')::int AS held,
  count(*) FILTER (WHERE s.status = 'no_show_mentee')::int AS mentee_no_shows,
  count(*) FILTER (WHERE s.status = 'no_show_mentor')::int AS mentor_no_shows,
  count(*) FILTER (WHERE s.status = 'cancelled_by_mentee' AND s.is_late_cancel)::int AS mentee_late_cancellations,
  count(*) FILTER (WHERE s.status = 'cancelled_by_mentor' AND s.closed_by_id = s.mentor_id
    AND s.closed_at > s.starts_at - interval '24 hours')::int AS mentor_late_cancellations"""

FIGURES = f"""
SELECT r.mean, r.ratings, o.*, n.*
FROM app.satisfaction(%(mentor)s, %(at)s) r
CROSS JOIN (
  SELECT {OUTCOMES}
  FROM mentorship_coordination_mentorsession s
  WHERE s.mentor_id = %(mentor)s AND s.starts_at >= %(since)s AND s.starts_at < %(at)s) o
CROSS JOIN (
  SELECT count(*)::int, (count(*) FILTER (WHERE i.completed_at <= i.due_at))::int
  FROM mentorship_coordination_mentorworkqueue i
  WHERE i.mentor_id = %(mentor)s AND i.type = 'session_notes' AND i.status = 'completed'
    AND i.completed_at >= %(since)s AND i.completed_at < %(at)s) n
"""  # noqa: S608 - composed of our own words


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """Ratings (1 to 5) of the sessions of 90 days; `mean` has two decimals, None below three ratings."""

    mean: float | None
    ratings: int


@dataclass(frozen=True, slots=True)
class SessionFigures:
    """A mentor's sessions that were to begin in the last 28 days, and the notes that she finished in them.

    A group counts once, and is a no-show when nobody came. Late is less than 24 hours ahead. Notes are on time by
    their service level.
    """

    held: int
    mentee_no_shows: int
    mentor_no_shows: int
    mentee_late_cancellations: int
    mentor_late_cancellations: int
    notes_finished: int
    notes_on_time: int

    @property
    def is_empty(self) -> bool:
        sessions = self.held + self.mentee_no_shows + self.mentor_no_shows
        return not (sessions or self.mentee_late_cancellations or self.mentor_late_cancellations or self.notes_finished)


def get_session_figures(mentor_id: UUID, at: datetime) -> tuple[Satisfaction, SessionFigures]:
    """The mentor's own figures, or any mentor's as the system. One query; single ratings stay hidden."""
    ((mean, ratings, *counts),) = fetch_planned(FIGURES, mentor=mentor_id, at=at, since=at - COUNTED_FOR)
    return Satisfaction(None if mean is None else float(mean), ratings), SessionFigures(*counts)
