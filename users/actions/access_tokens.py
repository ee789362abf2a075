"""A person's own tokens for scripts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.actions import action
from core.errors import Conflict, InvalidInput, NotVisible
from users.models import AccessToken, User
from users.secrets import digest_of, new_secret
from users.selectors import list_access_tokens, lock_person

MOST_TOKENS = 50


class TokenLimitReached(Conflict):
    code = "token_limit_reached"
    message = f"You have {MOST_TOKENS} tokens. Revoke one that you no longer use."


@action
def create_access_token(*, by: User, name: str, expires_at: datetime | None, at: datetime) -> tuple[AccessToken, str]:
    """A new token of the acting person and its secret, which nobody can read again.

    Raises InvalidInput for an expiry that is not in the future, TokenLimitReached.
    """
    if expires_at is not None and expires_at <= at:
        raise InvalidInput(fields={"expires_at": ["Give an instant in the future."]})
    lock_person(by)
    if list_access_tokens(person=by, at=at).count() >= MOST_TOKENS:
        raise TokenLimitReached
    secret = new_secret()
    token = AccessToken.objects.create(
        user=by, name=name, digest=digest_of(secret), created_at=at, expires_at=expires_at
    )
    return token, secret


@action
def revoke_access_token(*, token_id: UUID, by: User, at: datetime) -> None:
    """The token opens nothing from now on. Raises NotVisible unless it is the acting person's and not yet
    revoked.
    """
    revoked = AccessToken.objects.filter(pk=token_id, user=by, revoked_at__isnull=True).update(revoked_at=at)
    if not revoked:
        raise NotVisible
