"""Sessions and free times as lines on a page, in both people's local time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from uuid import UUID

from core.clock import local_date, zone_info
from mentorship_coordination.enums import SessionStatus
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.sessions import MentorSession, SessionActionItem, SessionParticipant
from mentorship_coordination.selectors.sessions import Span
from mentorship_coordination.selectors.slots import list_slots_of_pair
from mentorship_coordination.slots.finder import DEFAULT_MINUTES, Slot
from mentorship_coordination.slots.words import TO_MENTOR, TO_STUDENT, WORDS
from users.models import User

DAYS_AHEAD = timedelta(days=14)
#: Free times shown of one day, the fairest; a day may have nearly a hundred.
MOST_OF_A_DAY = 16


@dataclass(frozen=True, slots=True)
class SlotLine:
    """`value` is the instant as the form sends it; `theirs` the other person's local time."""

    value: str
    starts_at: datetime
    theirs: str
    is_fairest: bool


@dataclass(frozen=True, slots=True)
class SlotDay:
    """One of the viewer's days: its free times, or why it has none."""

    day: date
    slots: list[SlotLine]
    reason: str
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A session with whoever else comes; what may be done with it depends on its state and on the time."""

    id: UUID
    title: str
    who: str
    starts_at: datetime
    ends_at: datetime
    status: str
    status_words: str
    meeting_url: str
    reason: str
    is_to_come: bool
    has_begun: bool


def slot_days(
    pair: MenteeMentorAssignment, *, at: datetime, viewer: User, notice: timedelta, minutes: int = DEFAULT_MINUTES
) -> list[SlotDay]:
    """The next fourteen of the viewer's days, each with its fairest free times or the reason for none."""
    other = pair.mentee if viewer.pk == pair.mentor_id else pair.mentor
    found = list_slots_of_pair(
        pair, between=Span(at, at + DAYS_AHEAD), minutes=minutes, at=at, viewer=viewer, notice=notice
    )
    by_day = {
        day: list(slots)
        for day, slots in groupby(found.slots, key=lambda slot: local_date(slot.starts_at, viewer.timezone))
    }
    days = [
        SlotDay(
            day,
            [
                SlotLine(
                    slot.starts_at.isoformat(),
                    slot.starts_at,
                    _theirs(slot.starts_at, day, other.timezone),
                    slot.off_hours == 0,
                )
                for slot in _fairest(slots)
            ],
            "",
            is_open=day == min(by_day),
        )
        for day, slots in by_day.items()
    ]
    words = WORDS | (TO_MENTOR if viewer.pk == pair.mentor_id else TO_STUDENT)
    days += [SlotDay(each.day, [], words[each.reason]) for each in found.refused_days if each.day not in by_day]
    return sorted(days, key=lambda each: each.day)


def _fairest(slots: Iterable[Slot]) -> list[Slot]:
    """In order of time."""
    return sorted(sorted(slots, key=lambda slot: slot.rank)[:MOST_OF_A_DAY], key=lambda slot: slot.starts_at)


def session_lines(sessions: Iterable[MentorSession], at: datetime, *, of_mentor: bool) -> list[SessionLine]:
    """`sessions` come with `mentee_name` and `mentor_name`."""
    return [_line(each, at, of_mentor=of_mentor) for each in sessions]


def _line(session: MentorSession, at: datetime, *, of_mentor: bool) -> SessionLine:
    other = session.mentee_name if of_mentor else session.mentor_name  # type: ignore[attr-defined]
    unnamed = "A group" if session.mentee_id is None and of_mentor else "a former mentee" if of_mentor else "a mentor"
    return SessionLine(
        id=session.pk,
        title=session.title,
        who=other or unnamed,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        status=session.status,
        status_words=SessionStatus(session.status).label,
        meeting_url=session.meeting_url,
        reason=session.close_reason,
        is_to_come=session.status == SessionStatus.SCHEDULED and session.starts_at > at,
        has_begun=session.status == SessionStatus.SCHEDULED and session.starts_at <= at,
    )


@dataclass(frozen=True, slots=True)
class ActionLine:
    id: UUID
    text: str
    owner: str
    due_date: date | None
    is_mine: bool
    is_done: bool


def action_lines(items: Iterable[SessionActionItem], names: Mapping[UUID, str], viewer_id: UUID) -> list[ActionLine]:
    return [
        ActionLine(
            each.pk,
            each.text,
            names.get(each.owner_id, "somebody who has left"),
            each.due_date,
            each.owner_id == viewer_id,
            each.done_at is not None,
        )
        for each in items
    ]


def attendance_words(own: SessionParticipant | None) -> str:
    """What is said of the reader's coming; nothing while nobody has said it."""
    if own is None or own.attended is None:
        return ""
    return "You were there." if own.attended else "You were not there, it is said."


def _theirs(instant: datetime, day: date, zone: str) -> str:
    """`15:00`, or with the weekday when it is another day there."""
    local = instant.astimezone(zone_info(zone))
    return f"{local:%H:%M}" if local.date() == day else f"{local:%a %H:%M}"
