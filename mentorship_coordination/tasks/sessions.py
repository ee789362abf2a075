from __future__ import annotations

from celery import shared_task
from django.db import transaction

from core import clock
from core.periodic import register_job
from core.tenancy.tasks import SystemTask
from mentorship_coordination.actions import reminders, session_requests
from mentorship_coordination.actions.session_outcomes import close_ended_session
from mentorship_coordination.selectors.sessions import list_ended_without_notes

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
    return sum(close_ended_session(session_id=session_id, at=at) for session_id in ended)


@shared_task(base=SystemTask, name=REMIND)
def remind_of_sessions() -> int:
    """Remind of sessions that begin in a day or in an hour; how many reminders."""
    return reminders.remind_of_sessions(at=clock.now())


@shared_task(base=SystemTask, name=EXPIRE)
def expire_session_requests() -> int:
    """Close the wishes that nobody answered in time; how many."""
    return session_requests.expire_session_requests(at=clock.now())


register_job("close_ended_sessions", CLOSE_ENDED, every_seconds=60)
register_job("remind_of_sessions", REMIND, every_seconds=60)
register_job("expire_session_requests", EXPIRE, every_seconds=60)
