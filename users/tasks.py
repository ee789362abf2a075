"""The background edge: mails with one-time links, and the clean-up."""

from __future__ import annotations

import time
from datetime import datetime

import structlog
from celery import shared_task
from django.template.loader import render_to_string

from core import clock
from core.integrations.mail import MailNotSent, send_mail_message
from core.periodic import register_job
from core.tenancy.tasks import SystemTask
from users.actions.clean_up import delete_expired
from users.actions.one_time_tokens import (
    SEND_TASK,
    TokenToSend,
    claim_token_to_send,
    note_token_not_sent,
    note_token_sent,
)
from users.enums import TokenPurpose
from users.links import one_time_link

logger = structlog.get_logger(__name__)

#: Below the sweep's patience; whatever is left waits for the next run.
LONGEST_RUN_SECONDS = 20.0
SUBJECTS = {
    TokenPurpose.INVITATION: "Your invitation to mentorship",
    TokenPurpose.PASSWORD_RESET: "Choose a new password",
}
TEMPLATES = {
    TokenPurpose.INVITATION: "users/mail/invitation",
    TokenPurpose.PASSWORD_RESET: "users/mail/password_reset",
}


@shared_task(base=SystemTask, name=SEND_TASK)
def send_one_time_tokens() -> int:
    """Mail every waiting link, each in durable steps: claim, send, note. Returns how many went out."""
    ends = time.monotonic() + LONGEST_RUN_SECONDS
    sent = 0
    while time.monotonic() < ends:
        token = claim_token_to_send(at=clock.now())
        if token is None:
            break
        sent += _deliver(token, at=clock.now())
    return sent


def _deliver(token: TokenToSend, *, at: datetime) -> bool:
    context = {
        "name": token.name,
        "link": one_time_link(token.purpose, token.secret),
        "expires_at": token.expires_at,
    }
    template = TEMPLATES[token.purpose]
    try:
        send_mail_message(
            to=token.email,
            subject=SUBJECTS[token.purpose],
            text=render_to_string(f"{template}.txt", context),
            html=render_to_string(f"{template}.html", context),
        )
    except MailNotSent as error:
        note_token_not_sent(failed=token, error=str(error))
        logger.warning("a link was not mailed", token=str(token.token_id), attempts=token.attempts, error=str(error))
        return False
    note_token_sent(sent=token, at=at)
    return True


@shared_task(base=SystemTask, name="users.clean_up")
def clean_up() -> dict[str, int]:
    """Delete what has run out; returns rows deleted by table."""
    return delete_expired(at=clock.now())


register_job("send_one_time_tokens", SEND_TASK, every_seconds=5)
register_job("clean_up", "users.clean_up", every_seconds=3600)
