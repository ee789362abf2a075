"""Reminders a day and an hour before a session, to everybody who comes. Source: product.md §11."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.urls import reverse

from core.actions import action
from core.clock import time_words
from core.enums import Audience
from core.wakeup import wake
from mentorship_coordination.actions.notices import Notice, tell_all
from mentorship_coordination.actions.notifications import DELIVER
from mentorship_coordination.enums import NotificationKind
from mentorship_coordination.selectors.reminders import DueReminder, list_due_reminders

#: The name of a reminder, how long before the start it is due, and when it is too late for it.
STEPS = (("24h", timedelta(hours=24), timedelta(hours=1)), ("1h", timedelta(hours=1), timedelta(0)))
WORDS = {"24h": "In a day", "1h": "In an hour"}


@action
def remind_of_sessions(*, at: datetime) -> int:
    """Remind the people of every session that begins within a day, or within an hour; how many reminders were new.

    Each once per (session, sequence): a moved session is told again. Who is late skips what is past: within the last
    hour only the hour's reminder, after the start none. Of what was booked or moved within the day only the hour's.
    One query a step, whatever the number of sessions. Run as the system.
    """
    notices = [
        _notice(each, step)
        for step, before, too_late in STEPS
        for each in list_due_reminders(step=step, before=before, too_late=too_late, at=at)
    ]
    if notices:
        tell_all(notices, about="reminder", at=at)
        wake(DELIVER)
    return len(notices)


def _notice(due: DueReminder, step: str) -> Notice:
    audience, page = (Audience.MENTOR, "mentor-page") if due.is_mentor else (Audience.STUDENT, "student-page")
    return Notice(
        recipient_id=due.person_id,
        audience=audience,
        kind=NotificationKind.REMINDER,
        title=f"{WORDS[step]}: {due.title}",
        body=time_words(due.starts_at, due.timezone),
        dedupe_key=due.dedupe_key,
        by_mail=True,
        url=reverse(page),
        session_id=due.session_id,
        sequence=due.sequence,
    )
