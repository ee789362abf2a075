from __future__ import annotations

from typing import Any

import structlog
from celery import shared_task
from django.conf import settings
from django.db import transaction

from core import clock
from core.integrations.zoom import (
    MeetingGone,
    ZoomAccount,
    ZoomFailed,
    create_zoom_meeting,
    delete_zoom_meeting,
    move_zoom_meeting,
)
from core.one_by_one import one_by_one
from core.periodic import register_job
from core.tenancy.tasks import SystemTask
from mentorship_coordination.actions import reminders, session_requests
from mentorship_coordination.actions.meeting_links import (
    MAKE_LINKS,
    WantedMeeting,
    claim_meeting,
    keep_meeting,
    note_meeting_changed,
    note_meeting_failure,
    replace_lost_meeting,
)
from mentorship_coordination.actions.session_outcomes import close_ended_session
from mentorship_coordination.selectors.sessions import list_ended_without_notes

logger = structlog.get_logger(__name__)

CLOSE_ENDED = "mentorship_coordination.close_ended_sessions"
EXPIRE = "mentorship_coordination.expire_session_requests"
REMIND = "mentorship_coordination.remind_of_sessions"
BATCH = 500


@shared_task(base=SystemTask, name=CLOSE_ENDED)
def close_ended_sessions() -> int:
    """Bear the `session_notes` items of sessions that have ended, one transaction each; how many were new."""
    at = clock.now()
    with transaction.atomic():
        ended = list_ended_without_notes(at, limit=BATCH)
    with one_by_one("closing a session that has ended") as rows:
        return rows.count(ended, lambda session_id: close_ended_session(session_id=session_id, at=at))


@shared_task(base=SystemTask, name=REMIND)
def remind_of_sessions() -> int:
    """Remind of sessions that begin in a day or in an hour; how many reminders."""
    return reminders.remind_of_sessions(at=clock.now())


@shared_task(base=SystemTask, name=EXPIRE)
def expire_session_requests() -> int:
    """Close the wishes that nobody answered in time; how many."""
    return session_requests.expire_session_requests(at=clock.now())


@shared_task(base=SystemTask, name=MAKE_LINKS)
def make_meeting_links() -> int:
    """Tell the provider which meetings to move, to delete or to make, each claimed and committed first; how many."""
    if not settings.ZOOM:
        return 0
    account, done = ZoomAccount.of(settings.ZOOM), 0
    for _ in range(BATCH):
        wanted = claim_meeting(at=clock.now())
        if wanted is None:
            break
        try:
            done += _told(account, wanted)
        except ZoomFailed as error:
            note_meeting_failure(wanted=wanted, error=str(error), at=clock.now())
            logger.warning("Zoom failed", session=str(wanted.session_id), attempt=wanted.attempt, error=str(error))
            # It is away for the others as well.
            break
    return done


def _told(account: ZoomAccount, wanted: WantedMeeting) -> bool:
    """Ask for what is wanted and keep what came of it. Raises ZoomFailed."""
    when: dict[str, Any] = {"topic": wanted.title, "starts_at": wanted.starts_at, "minutes": wanted.minutes}
    if not wanted.meeting_id:
        made = create_zoom_meeting(account, **when)
        return keep_meeting(wanted=wanted, meeting_id=made.id, url=made.link, at=clock.now())
    if wanted.is_off:
        delete_zoom_meeting(account, wanted.meeting_id)
        return note_meeting_changed(wanted=wanted)
    try:
        move_zoom_meeting(account, wanted.meeting_id, **when)
    except MeetingGone:
        replace_lost_meeting(wanted=wanted, at=clock.now())
        return False
    return note_meeting_changed(wanted=wanted)


register_job("close_ended_sessions", CLOSE_ENDED, every_seconds=60)
register_job("remind_of_sessions", REMIND, every_seconds=60)
register_job("expire_session_requests", EXPIRE, every_seconds=60)
register_job("make_meeting_links", MAKE_LINKS, every_seconds=15)
