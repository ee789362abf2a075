"""Many people told many things by one statement. Source: product.md §8; for one person see `notifications.notify`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.enums import Audience, StreamEventName
from core.stream.publish import emit
from mentorship_coordination.enums import MailState, NotificationKind
from mentorship_coordination.models.notifications import Notification

LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class Notice:
    """What one person is told on one of her streams; the same `dedupe_key` is told to her once."""

    recipient_id: UUID
    audience: Audience
    kind: NotificationKind
    title: str
    body: str
    dedupe_key: str
    by_mail: bool = False
    url: str = ""
    session_id: UUID | None = None
    sequence: int | None = None


def tell_all(notices: Sequence[Notice], *, about: str, at: datetime) -> None:
    """Write all notices, each once; every stream hears once that `about` brought some, and how many. As the system."""
    Notification.objects.bulk_create(
        (
            Notification(
                recipient_id=each.recipient_id,
                kind=each.kind,
                title=each.title[:LONGEST_TITLE],
                body=each.body,
                url=each.url,
                session_id=each.session_id,
                sequence=each.sequence,
                dedupe_key=each.dedupe_key,
                created_at=at,
                mail_state=MailState.PENDING if each.by_mail else MailState.NONE,
                mail_available_at=at if each.by_mail else None,
            )
            for each in notices
        ),
        ignore_conflicts=True,
    )
    for (recipient_id, audience), count in Counter((each.recipient_id, each.audience) for each in notices).items():
        emit(
            recipient_id=recipient_id,
            audience=audience,
            event=StreamEventName.NOTIFICATION,
            data={"kind": about, "count": count},
        )
