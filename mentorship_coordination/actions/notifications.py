"""Telling a person something, in the product and by mail. Source: product.md §8, §11.

A notification is a row of its cause's transaction. The mail leaves later: claimed and committed, sent with no
transaction open, then marked. `mail_state` is "sent" only after the mail server took it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import Error as DatabaseError
from django.db import connection
from django.db.models import QuerySet

from core.actions import action
from core.backoff import backoff
from core.enums import Audience, StreamEventName
from core.errors import NotVisible
from core.identifiers import new_id
from core.kept import kept
from core.sql import as_texts, columns_of, fetch_instances
from core.stream.publish import emit
from core.wakeup import wake
from mentorship_coordination.actions.session_mail import OUTDATED, calendar_part, is_outdated, session_words
from mentorship_coordination.enums import FlagEntryKind, MailState, NotificationKind, Severity
from mentorship_coordination.mail_timing import channel_of, leaves_at
from mentorship_coordination.models.flags import MentorFlag, MentorFlagEntry
from mentorship_coordination.models.notifications import Notification
from mentorship_coordination.models.sessions import MentorSession
from users.mail_wishes import Channel, read_mail_wishes
from users.models import User

logger = structlog.get_logger(__name__)

DELIVER = "mentorship_coordination.deliver_notifications"
MOST_ATTEMPTS = 8
#: Longer than any mail server may take to answer: nobody else takes a mail that is on its way.
LEASE = timedelta(minutes=2)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=15), timedelta(hours=1)
LONGEST_TITLE = 200
MOST_IN_A_DIGEST = 200
#: Mails that one transaction drops or puts off until it finds one to send.
MOST_PUT_OFF = 100
#: Shown beside a mail that waits for the recipient's hour.
HELD = "Held for the recipient's digest or until her quiet hours end."

STILL_CLAIMED = f"""
SELECT {columns_of(Notification, "n")} FROM mentorship_coordination_notification n
WHERE n.id = ANY (%(ids)s::uuid[]) AND n.mail_state = 'pending' AND n.mail_attempts = %(attempt)s
ORDER BY n.id FOR UPDATE
"""  # noqa: S608 - columns of our own model


@dataclass(frozen=True, slots=True)
class ClaimedMail:
    """One mail to send, and which attempt it is. `address` is None when the recipient is inactive."""

    notification_id: UUID
    attempt: int
    address: str | None
    name: str
    title: str
    body: str
    #: Of a digest: the notifications that leave in the same mail.
    others: tuple[UUID, ...] = ()
    #: For the recipient's calendar: its text and its method (RFC 5546).
    calendar: tuple[bytes, str] | None = None


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
    session: MentorSession | None = None,
    dedupe_key: str | None = None,
    by_mail: bool = False,
) -> bool:
    """Tell one person; whether it is news. The same `dedupe_key` is told to one person once and never again.

    `url` is where to look, a path of this server, or empty. The recipient's streams hear of it, and with `by_mail` a
    mail follows, of a `session` with its calendar entry. A recipient with whom the caller has nothing to do fails the
    action (42501).
    """
    notification_id = new_id()
    values: list[Any] = [
        notification_id, recipient_id, kind.value, title[:LONGEST_TITLE], body, url, flag_id,
        session.pk if session else None, session.sequence if session else None, dedupe_key, by_mail, at,
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SELECT app.notify(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)", values)
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
    """Take the oldest mail that is due and wanted now, for as long as the lease; None when there is none.

    What the recipient wants later is put off, with the reason where admins see it; what waits for one morning of hers
    leaves in one mail. Committed before anything is sent: a worker that dies meanwhile has used up one attempt, and the
    mail comes up again after the lease.
    """
    for _ in range(MOST_PUT_OFF):
        due = next(iter(_fetch_first_due(at)), None)
        if due is None:
            break
        mail = _claim(due, at) if _is_wanted_now(due, at) else None
        if mail is not None:
            return mail
    return None


@kept
def _fetch_first_due(at: datetime) -> QuerySet[Notification]:
    return _due(at).select_related("recipient", "flag", "session__mentor", "session__mentee")[:1]


def _due(at: datetime) -> QuerySet[Notification]:
    return (
        Notification.objects.filter(mail_state=MailState.PENDING, mail_available_at__lte=at)
        .order_by("mail_available_at", "id")
        .select_for_update(of=("self",), skip_locked=True)
    )


def _is_wanted_now(due: Notification, at: datetime) -> bool:
    """Whether the mail may leave; if not, it is put off or dropped for good."""
    person = due.recipient
    if is_outdated(due, at):
        due.mail_state, due.mail_available_at, due.mail_error = MailState.NONE, None, OUTDATED
        due.save(update_fields=["mail_state", "mail_available_at", "mail_error"])
        return False
    leaves = leaves_at(
        due.kind,
        read_mail_wishes(person.preferences),
        is_critical=due.flag is not None and due.flag.severity == Severity.CRITICAL,
        created_at=due.created_at,
        at=at,
        zone=person.timezone,
    )
    if leaves is not None and leaves <= at:
        return True
    if leaves is None:
        due.mail_state, due.mail_available_at, due.mail_error = MailState.NONE, None, ""
    else:
        due.mail_available_at, due.mail_error = leaves, HELD
    due.save(update_fields=["mail_state", "mail_available_at", "mail_error"])
    return False


def _claim(due: Notification, at: datetime) -> ClaimedMail | None:
    """None when it cannot be written down: that counts as an attempt, and holds up no other mail."""
    if due.mail_attempts >= MOST_ATTEMPTS:  # whoever took it last did not live to say what became of it
        _note_failure([due], MOST_ATTEMPTS, "It was begun several times and never came to an end.", at)
        return None
    wishes = read_mail_wishes(due.recipient.preferences)
    bundle = [due]
    if channel_of(due.kind, wishes, is_critical=False) == Channel.DIGEST and due.flag_id is None:
        others = _due(at).filter(recipient=due.recipient_id, flag__isnull=True, mail_attempts__lt=MOST_ATTEMPTS)
        others = others.exclude(pk=due.pk)[:MOST_IN_A_DIGEST]
        bundle += [each for each in others if channel_of(each.kind, wishes, is_critical=False) == Channel.DIGEST]
    attempt = max(each.mail_attempts for each in bundle) + 1
    ids = [each.pk for each in bundle]
    Notification.objects.filter(pk__in=ids).update(mail_attempts=attempt, mail_available_at=at + LEASE)
    try:
        return _composed(due, bundle, attempt)
    except DatabaseError:  # not the mail's fault, and the transaction is lost
        raise
    except Exception as error:
        logger.exception("a mail could not be written", notification=str(due.pk))
        _note_failure([due], attempt, f"{type(error).__name__}: {error}", at)
        return None


def _composed(due: Notification, bundle: Sequence[Notification], attempt: int) -> ClaimedMail:
    person, is_one = due.recipient, len(bundle) == 1
    return ClaimedMail(
        due.pk,
        attempt,
        person.email if person.is_active else None,
        person.name,
        due.title if is_one else f"{len(bundle)} notifications",
        session_words(due) if is_one else "\n".join(_line(each) for each in bundle),
        tuple(each.pk for each in bundle[1:]),
        calendar_part(due) if is_one else None,
    )


def _line(notification: Notification) -> str:
    return f"– {notification.title}" + (f" {notification.body}" if notification.body else "")


@action
def mark_mail_sent(*, mail: ClaimedMail, at: datetime) -> None:
    """Only now the flag's directors count as notified, and only of the severity that the mail spoke of."""
    for notification in _still_claimed(mail):
        notification.mail_state, notification.mail_sent_at, notification.mail_error = MailState.SENT, at, ""
        notification.save(update_fields=["mail_state", "mail_sent_at", "mail_error"])
        if notification.flag_id is not None:
            _note_told(notification, at)


def _note_told(notification: Notification, at: datetime) -> None:
    flag = MentorFlag.objects.locked(notification.flag_id).get()  # type: ignore[arg-type]
    key = flag_dedupe_key(flag)
    if flag.director_notified_at is None and notification.dedupe_key in {key, f"{key}:again"}:
        flag.director_notified_at, flag.updated_at = at, at
        flag.revision += 1
        flag.save(update_fields=["director_notified_at", "updated_at", "revision"])


@action
def mark_mail_failed(*, mail: ClaimedMail, error: str, at: datetime, is_final: bool = False) -> MailState:
    """Keep the reason where admins see it, and try again after 15 s, 30 s, … an hour; given up after 8."""
    claimed = _still_claimed(mail)
    _note_failure(claimed, mail.attempt, error, at, is_final=is_final)
    return MailState(claimed[-1].mail_state) if claimed else MailState.NONE


def _note_failure(
    notifications: Sequence[Notification], attempt: int, error: str, at: datetime, *, is_final: bool = False
) -> None:
    for notification in notifications:
        if is_final or attempt >= MOST_ATTEMPTS:
            notification.mail_state = MailState.FAILED
        notification.mail_available_at = at + backoff(attempt, first=FIRST_PAUSE, longest=LONGEST_PAUSE)
        notification.mail_error = error
        notification.save(update_fields=["mail_state", "mail_available_at", "mail_error"])


def _still_claimed(mail: ClaimedMail) -> list[Notification]:
    ids = as_texts([mail.notification_id, *mail.others])
    return fetch_instances(Notification, STILL_CLAIMED, ids=ids, attempt=mail.attempt)


@action
def send_again(*, notification_id: UUID, by: User, at: datetime) -> bool:
    """Give a mail that was given up all its tries again; False when it was not given up."""
    given_up = Notification.objects.filter(pk=notification_id, mail_state=MailState.FAILED)
    sent = given_up.update(mail_state=MailState.PENDING, mail_attempts=0, mail_available_at=at)
    if sent:
        wake(DELIVER)
    return bool(sent)


def flag_dedupe_key(flag: MentorFlag) -> str:
    """Directors hear of a flag once per severity (product.md §11), and anew each time that it is reopened."""
    reopened = MentorFlagEntry.objects.filter(flag=flag.pk, kind=FlagEntryKind.REOPENED).count()
    return f"flag:{flag.pk}:{flag.severity}" + (f":{reopened}" if reopened else "")
