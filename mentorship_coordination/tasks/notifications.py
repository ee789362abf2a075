from __future__ import annotations

import time

import structlog
from celery import shared_task
from django.conf import settings

from core import clock
from core.integrations.mail import MailNotSent, send_mail_message
from core.periodic import register_job
from core.tenancy.tasks import SystemTask
from mentorship_coordination.actions.notifications import (
    DELIVER,
    ClaimedMail,
    claim_mail,
    mark_mail_failed,
    mark_mail_sent,
)
from mentorship_coordination.enums import MailState

logger = structlog.get_logger(__name__)

#: Well inside the hard limit of a task; what is left over is the next run's.
LONGEST_RUN_SECONDS = 60


@shared_task(base=SystemTask, name=DELIVER)
def deliver_notifications() -> int:
    """Send the mails that are due, one by one, each claimed and committed first; how many were sent."""
    ends_at = time.monotonic() + LONGEST_RUN_SECONDS
    sent = 0
    while time.monotonic() < ends_at:
        mail = claim_mail(at=clock.now())
        if mail is None:
            break
        sent += _deliver(mail)
    return sent


def _deliver(mail: ClaimedMail) -> bool:
    if mail.address is None:
        mark_mail_failed(mail=mail, error="The recipient is not active.", at=clock.now(), is_final=True)
        return False
    try:
        send_mail_message(to=mail.address, subject=mail.title, text=_text_of(mail), calendar=mail.calendar)
    except MailNotSent as error:
        state = mark_mail_failed(mail=mail, error=str(error), at=clock.now())
        log = logger.error if state == MailState.FAILED else logger.warning
        log(
            "a mail was not sent",
            notification=str(mail.notification_id),
            attempt=mail.attempt,
            error=str(error),
        )
        return False
    mark_mail_sent(mail=mail, at=clock.now())
    return True


def _text_of(mail: ClaimedMail) -> str:
    return f"Dear {mail.name},\n\n{mail.title}\n{mail.body}\n\nSign in to see it: {settings.SITE_URL}/\n"


register_job("deliver_notifications", DELIVER, every_seconds=5)
