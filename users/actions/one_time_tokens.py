"""The outbox of invitations and password resets: a row waits, its secret is made when its mail is, and lives
in the mail alone. Source: product.md §3 (outbox), architecture.md §3 (durable steps).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from core.actions import action
from users.enums import TokenPurpose
from users.models import OneTimeToken
from users.policies import MOST_SEND_ATTEMPTS
from users.secrets import digest_of, new_secret

SEND_TASK = "users.send_one_time_tokens"
#: How long a mail may take before another worker tries; it doubles with each attempt.
FIRST_RETRY = timedelta(minutes=1)
LONGEST_ERROR = 500


@dataclass(frozen=True, slots=True)
class TokenToSend:
    """A link that is ready to be mailed. `secret` exists here and in the mail only."""

    token_id: UUID
    secret: str
    purpose: TokenPurpose
    email: str
    name: str
    expires_at: datetime
    attempts: int


def expiry(purpose: TokenPurpose, *, at: datetime) -> datetime:
    """When a link made at `at` stops working."""
    if purpose is TokenPurpose.INVITATION:
        return at + settings.INVITATION_LIFETIME
    return at + settings.PASSWORD_RESET_LIFETIME


@action
def claim_token_to_send(*, at: datetime) -> TokenToSend | None:
    """Take the next waiting row, give it a fresh secret and commit; None when nothing waits.

    The row stays unsent and comes up again after a doubling wait, so that a worker that dies loses nothing.
    Its next attempt has a new secret and the link of this one dies. Given up after `MOST_SEND_ATTEMPTS`.
    """
    waiting = OneTimeToken.objects.filter(
        sent_at__isnull=True, available_at__lte=at, attempts__lt=MOST_SEND_ATTEMPTS, user__is_active=True
    )
    locked = waiting.select_related("user").select_for_update(skip_locked=True, of=("self",))
    token = locked.order_by("available_at", "id").first()
    if token is None:
        return None
    purpose, secret = TokenPurpose(token.purpose), new_secret()
    token.digest = digest_of(secret)
    token.expires_at = expiry(purpose, at=at)
    token.available_at = at + FIRST_RETRY * 2**token.attempts
    token.attempts += 1
    token.save(update_fields=["digest", "expires_at", "available_at", "attempts"])
    return TokenToSend(
        token_id=token.pk,
        secret=secret,
        purpose=purpose,
        email=token.user.email,
        name=token.user.name,
        expires_at=token.expires_at,
        attempts=token.attempts,
    )


@action
def note_token_sent(*, sent: TokenToSend, at: datetime) -> None:
    """The mail is out. A row that somebody else took over meanwhile, with another secret, is left to them."""
    OneTimeToken.objects.filter(pk=sent.token_id, digest=digest_of(sent.secret), sent_at__isnull=True).update(
        sent_at=at, last_error=""
    )


@action
def note_token_not_sent(*, failed: TokenToSend, error: str) -> None:
    """The mail did not go out; the row keeps the reason for whoever looks, and waits for its next attempt."""
    OneTimeToken.objects.filter(pk=failed.token_id, digest=digest_of(failed.secret)).update(
        last_error=error[:LONGEST_ERROR]
    )
