"""Telling a person something, in the product and by mail. Source: product.md §8, §11.

A notification is a row of its cause's transaction. The mail leaves later: claimed and committed, sent with no
transaction open, then marked. `mail_state` is "sent" only after the mail server took it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from core.actions import action
from core.enums import Audience, StreamEventName
from core.errors import NotVisible
from core.identifiers import new_id
from core.stream.publish import emit
from core.wakeup import wake
from mentorship_coordination.enums import FlagEntryKind, MailState, NotificationKind
from mentorship_coordination.models.flags import MentorFlag, MentorFlagEntry
from mentorship_coordination.models.notifications import Notification
from users.models import User

DELIVER = "mentorship_coordination.deliver_notifications"
MOST_ATTEMPTS = 8
#: Longer than any mail server may take to answer: nobody else takes a mail that is on its way.
LEASE = timedelta(minutes=2)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=15), timedelta(hours=1)
LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class ClaimedMail:
    """One mail to send, and which attempt it is. `address` is None when the recipient is inactive."""

    notification_id: UUID
    attempt: int
    address: str | None
    name: str
    title: str
    body: str


@action
def notify(
    *,
    recipient_id: UUID,
    kind: NotificationKind,
    title: str,
    body: str,
    url: str,
    at: datetime,
    flag_id: UUID | None = None,
    dedupe_key: str | None = None,
    by_mail: bool = False,
) -> bool:
    """Tell one person; whether it is news. The same `dedupe_key` is told to one person once and never again.

    `url` is where to look, a path of this server, or empty. The recipient's streams hear of it, and with
    `by_mail` a mail follows. A recipient with whom the caller has nothing to do fails the action (42501).
    """
    notification_id = new_id()
    values: list[Any] = [
        notification_id, recipient_id, kind.value, title[:LONGEST_TITLE], body, url, flag_id, dedupe_key,
        by_mail, at,
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SELECT app.notify(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)", values)
        (audiences,) = cursor.fetchone()
    if audiences is None:
        return False
    for audience in audiences:
        emit(
            recipient_id=recipient_id,
            audience=Audience(audience),
            event=StreamEventName.NOTIFICATION,
            data={"id": str(notification_id), "kind": str(kind)},
        )
    if by_mail:
        wake(DELIVER)
    return True


@action
def mark_notification_read(*, notification_id: UUID, by: User, at: datetime) -> Notification:
    """Note when the recipient first read it; reading again changes nothing. Raises NotVisible."""
    Notification.objects.filter(pk=notification_id, recipient=by, read_at__isnull=True).update(read_at=at)
    found = Notification.objects.filter(pk=notification_id, recipient=by).first()
    if found is None:
        raise NotVisible
    return found


@action
def mark_all_notifications_read(*, by: User, at: datetime) -> int:
    """How many were unread."""
    return Notification.objects.filter(recipient=by, read_at__isnull=True).update(read_at=at)


@action
def claim_mail(*, at: datetime) -> ClaimedMail | None:
    """Take the oldest mail that is due, for as long as the lease; None when there is none.

    Committed before anything is sent: a worker that dies meanwhile has used up one attempt, and the
    mail comes up again after the lease.
    """
    due = (
        Notification.objects.filter(mail_state=MailState.PENDING, mail_available_at__lte=at)
        .order_by("mail_available_at", "id")
        .select_related("recipient")
        .select_for_update(of=("self",), skip_locked=True)
        .first()
    )
    if due is None:
        return None
    due.mail_attempts += 1
    due.mail_available_at = at + LEASE
    due.save(update_fields=["mail_attempts", "mail_available_at"])
    person = due.recipient
    return ClaimedMail(
        due.pk,
        due.mail_attempts,
        person.email if person.is_active else None,
        person.name,
        due.title,
        due.body,
    )


@action
def mark_mail_sent(*, mail: ClaimedMail, at: datetime) -> None:
    """Only now the flag's directors count as notified, and only of the severity that the mail spoke of."""
    notification = _still_claimed(mail)
    if notification is None:
        return
    notification.mail_state, notification.mail_sent_at, notification.mail_error = MailState.SENT, at, ""
    notification.save(update_fields=["mail_state", "mail_sent_at", "mail_error"])
    if notification.flag_id is None:
        return
    flag = MentorFlag.objects.locked(notification.flag_id).get()
    key = flag_dedupe_key(flag)
    if flag.director_notified_at is None and notification.dedupe_key in {key, f"{key}:again"}:
        flag.director_notified_at, flag.updated_at = at, at
        flag.revision += 1
        flag.save(update_fields=["director_notified_at", "updated_at", "revision"])


@action
def mark_mail_failed(*, mail: ClaimedMail, error: str, at: datetime, is_final: bool = False) -> MailState:
    """Keep the reason where admins see it, and try again after 15 s, 30 s, … an hour; given up after 8."""
    notification = _still_claimed(mail)
    if notification is None:
        return MailState.NONE
    if is_final or mail.attempt >= MOST_ATTEMPTS:
        notification.mail_state = MailState.FAILED
    notification.mail_available_at = at + min(FIRST_PAUSE * 2 ** (mail.attempt - 1), LONGEST_PAUSE)
    notification.mail_error = error
    notification.save(update_fields=["mail_state", "mail_available_at", "mail_error"])
    return MailState(notification.mail_state)


def _still_claimed(mail: ClaimedMail) -> Notification | None:
    return (
        Notification.objects.select_for_update(of=("self",))
        .filter(pk=mail.notification_id, mail_state=MailState.PENDING, mail_attempts=mail.attempt)
        .first()
    )


def flag_dedupe_key(flag: MentorFlag) -> str:
    """Directors hear of a flag once per severity (product.md §11), and anew each time that it is reopened."""
    reopened = MentorFlagEntry.objects.filter(flag=flag.pk, kind=FlagEntryKind.REOPENED).count()
    return f"flag:{flag.pk}:{flag.severity}" + (f":{reopened}" if reopened else "")
