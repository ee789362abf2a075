"""How a mentor's sessions of 28 days went, on her dashboard …"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from rest_framework.test import APIClient

from conftest import Cast
from mentorship_coordination.actions.queue import complete_work_item
from mentorship_coordination.actions.session_outcomes import close_ended_session
from mentorship_coordination.enums import SessionStatus, WorkType
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.tests.dashboard_world import DAY, dashboard, session
from mentorship_coordination.tests.queue_world import HOUR, MONDAY, at, finishable_item, mentor_acting
from tests.database import as_system, as_worker
from tests.people import browser_of
from users.models import User

Api = Callable[[User | None], APIClient]
NAMES = (
    "held",
    "mentee_no_shows",
    "mentor_no_shows",
    "mentee_late_cancellations",
    "mentor_late_cancellations",
    "notes_finished",
    "notes_on_time",
)


def figures(**counts: int) -> dict[str, int]:
    return dict.fromkeys(NAMES, 0) | counts


def told(api: Api, cast: Cast) -> Any:
    return dashboard(api, cast.mentor, MONDAY)["session_figures"]


def test_count_those_that_were_to_begin_by_now(cast: Cast, api: Api) -> None:
    """From 28 days ago on. What is to come is in no figure, nor what nobody said anything of."""
    begin, status = MONDAY - 28 * DAY, SessionStatus
    for starts_at in (begin - HOUR, begin, MONDAY - HOUR):
        session(cast, starts_at, status=status.COMPLETED, closed_at=starts_at + HOUR, closed_by=cast.mentor)
    session(cast, MONDAY - DAY, status=status.NO_SHOW_MENTEE, closed_at=MONDAY, closed_by=cast.mentor)
    session(cast, MONDAY - 2 * DAY, status=status.NO_SHOW_MENTOR, closed_at=MONDAY, closed_by=cast.mentor)
    session(cast, MONDAY - 3 * DAY)
    session(cast, MONDAY + HOUR)
    assert told(api, cast) == figures(held=2, mentee_no_shows=1, mentor_no_shows=1)
    assert dashboard(api, cast.other_mentor, MONDAY)["session_figures"] == figures()


def test_count_late_cancellations_by_whom_they_were(cast: Cast, api: Api) -> None:
    """A day ahead is not late; nor does a mentor answer for what ended with the pair or was handed over."""
    off, late = SessionStatus.CANCELLED_BY_MENTOR, DAY - timedelta(minutes=1)
    for hours, notice, by in ((1, DAY, cast.mentor), (3, late, cast.mentor), (5, late, cast.director), (7, late, None)):
        starts_at = MONDAY - hours * HOUR
        session(cast, starts_at, status=off, closed_at=starts_at - notice, closed_by=by)
    by_mentee = SessionStatus.CANCELLED_BY_MENTEE
    for hours, is_late in ((9, True), (11, True), (13, False), (-1, True)):
        session(cast, MONDAY - hours * HOUR, status=by_mentee, closed_by=cast.student, is_late_cancel=is_late)
    assert told(api, cast) == figures(mentee_late_cancellations=2, mentor_late_cancellations=1)


def notes_of(cast: Cast, ended_at: datetime) -> UUID:
    """The item that a session bears when it ends."""
    ended = session(cast, ended_at - timedelta(minutes=45))
    with as_worker():
        assert close_ended_session(session_id=ended.pk, at=ended_at)
    with as_system():
        return MentorWorkQueue.objects.about(WorkType.SESSION_NOTES, ended.pk).get().pk


def finish(cast: Cast, item_id: UUID, finished_at: datetime) -> None:
    with mentor_acting(cast.mentor):
        complete_work_item(item_id=item_id, outcome="done", by=cast.mentor, at=finished_at)


def test_count_notes_by_their_service_level(cast: Cast, api: Api) -> None:
    """Due a day after the end. Finished to the second is on time; other work and what is open are no notes."""
    for took, hours_ago in ((24, 1), (25, 2), (3, 28 * 24 + 1)):
        finished_at = MONDAY - hours_ago * HOUR
        finish(cast, notes_of(cast, finished_at - took * HOUR), finished_at)
    notes_of(cast, MONDAY - 50 * HOUR)
    finish(cast, finishable_item(cast.enrolment, started_at=MONDAY - HOUR), MONDAY - HOUR)
    assert told(api, cast) == figures(notes_finished=2, notes_on_time=1)


@pytest.mark.parametrize("is_empty", [True, False])
def test_are_shown_in_words(cast: Cast, is_empty: bool) -> None:
    if not is_empty:
        session(cast, MONDAY - DAY, status=SessionStatus.COMPLETED, closed_at=MONDAY, closed_by=cast.mentor)
        finish(cast, notes_of(cast, MONDAY - 30 * HOUR), MONDAY - HOUR)
    with at(MONDAY):
        page = browser_of(cast.mentor).get("/mentor").content.decode()
    assert ("No session was to begin." in page) is is_empty
    assert ("<dt>held</dt><dd>1</dd>" in page) is not is_empty
    assert ('<dt>notes on time</dt><dd>0<span class="faint small"> of 1</span></dd>' in page) is not is_empty
