"""The private address of a person's calendar: made, made anew, taken back."""

from __future__ import annotations

from datetime import datetime

from core.actions import action
from users.models import FeedToken, User
from users.secrets import digest_of, new_secret


@action
def make_feed_address(*, by: User, at: datetime) -> str:
    """A new secret for the acting person's calendar, which nobody can read again; a former one opens nothing now."""
    User.objects.select_for_update().get(pk=by.pk)
    _revoke(by, at)
    secret = new_secret()
    FeedToken.objects.create(user=by, digest=digest_of(secret), created_at=at)
    return secret


@action
def revoke_feed_address(*, by: User, at: datetime) -> bool:
    """The acting person's calendar has no address from now on; whether it had one."""
    return _revoke(by, at) > 0


def _revoke(person: User, at: datetime) -> int:
    return FeedToken.objects.filter(user=person, revoked_at__isnull=True).update(revoked_at=at)
