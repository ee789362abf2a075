"""When the mail of a notification leaves: as the recipient wishes, but for what may not wait. Source: product.md §8."""

from __future__ import annotations

from datetime import datetime

from core.tenancy.identity import Role
from mentorship_coordination.enums import NotificationKind
from users.mail_wishes import DIGEST_AT, Channel, MailKind, MailWishes, next_time

#: What may come by mail, and to whom.
STAFF = frozenset({Role.MENTOR, Role.DIRECTOR, Role.ADMIN})
MAIL_KINDS = (
    MailKind(NotificationKind.FLAG, "Flags of your cohorts", STAFF - {Role.MENTOR}),
    MailKind(NotificationKind.BREACH, "Work that ran out of time", STAFF),
    MailKind(NotificationKind.CAPACITY, "More than a mentor can carry", STAFF),
    MailKind(NotificationKind.SESSION, "Sessions booked, moved, called off", frozenset({Role.STUDENT, Role.MENTOR})),
    MailKind(NotificationKind.REMINDER, "Reminders of sessions", frozenset({Role.STUDENT, Role.MENTOR})),
    MailKind(NotificationKind.REVIEW, "Reviews of your missions", frozenset({Role.STUDENT})),
    MailKind(NotificationKind.ASSIGNMENT, "Who mentors whom", frozenset({Role.STUDENT, Role.MENTOR})),
)
#: What a kind does of which she has said nothing.
DEFAULTS: dict[str, Channel] = {
    NotificationKind.BREACH: Channel.DIGEST,
    NotificationKind.CAPACITY: Channel.DIGEST,
}


def channel_of(kind: str, wishes: MailWishes, *, is_critical: bool) -> Channel:
    """A critical flag comes at once; no flag is switched off, it waits for the digest then."""
    if is_critical:
        return Channel.AT_ONCE
    wished = wishes.channels.get(kind, DEFAULTS.get(kind, Channel.AT_ONCE))
    return Channel.DIGEST if wished == Channel.OFF and kind == NotificationKind.FLAG else wished


def leaves_at(
    kind: str, wishes: MailWishes, *, is_critical: bool, created_at: datetime, at: datetime, zone: str
) -> datetime | None:
    """The instant, `at` or later, at which the mail may leave; None when she wants none.

    A digest leaves at 08:00 of her next morning. Only a critical flag passes the quiet hours.
    """
    channel = channel_of(kind, wishes, is_critical=is_critical)
    if channel == Channel.OFF:
        return None
    if is_critical:
        return at
    wanted = max(at, next_time(created_at, DIGEST_AT, zone)) if channel == Channel.DIGEST else at
    return wishes.end_of_quiet(wanted, zone) or wanted
