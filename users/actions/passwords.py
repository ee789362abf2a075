"""Setting, changing and resetting passwords. Hashes go in through definer functions alone (architecture.md
§5).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.http import HttpRequest

from core.actions import action
from core.errors import InvalidInput
from core.identifiers import new_id
from core.wakeup import wake
from users.actions import lockout
from users.actions.one_time_tokens import SEND_TASK
from users.actions.sign_in import has_session_of, keep_session
from users.enums import TokenPurpose
from users.models import Credential, User
from users.secrets import digest_of
from users.selectors import find_one_time_person, get_person, own_password_hash


class WrongPassword(InvalidInput):
    code = "wrong_password"
    message = "The current password is wrong."


class UnusableToken(InvalidInput):
    """Unknown, used and expired links look the same."""

    code = "invalid_token"
    message = "This link is unknown, used or expired. Ask for a new one."


class WeakPassword(InvalidInput):
    code = "weak_password"
    message = "Choose another password."


def refuse_weak(password: str, *, email: str, name: str, field: str) -> None:
    """Raise WeakPassword, with the reasons under `field`, unless AUTH_PASSWORD_VALIDATORS accept it."""
    try:
        validate_password(password, User(email=email, name=name))
    except ValidationError as error:
        raise WeakPassword(fields={field: error.messages}) from None


def change_password(*, request: HttpRequest, by: User, current: str, new: str, at: datetime) -> None:
    """Change the acting person's own password. Her other sessions end; the one of `request` goes on under a
    new key.

    Runs outside of a transaction: a wrong current password counts as a failed sign-in and stays counted.
    Raises WrongPassword, WeakPassword, TooManyAttempts.
    """
    account = lockout.account_key(by.email)
    lockout.take_attempt(account, at=at)
    with transaction.atomic():
        stored = own_password_hash()
    if stored is None or not check_password(current, stored):
        raise WrongPassword(fields={"current_password": [WrongPassword.message]})
    lockout.forget_failures(account)
    refuse_weak(new, email=by.email, name=by.name, field="new_password")
    by.auth_version = _set_own_password(password=new, at=at)
    if has_session_of(request, by):
        keep_session(request, by)


@action
def _set_own_password(*, password: str, at: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT app.set_own_password(%s, %s)", [make_password(password), at])
        return int(cursor.fetchone()[0])


@action
def request_password_reset(*, email: str, at: datetime) -> None:
    """Queue a mail with a link, if there is such a person. Does the same work if not, and never tells."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app.request_password_reset(%s, %s, %s)", [new_id(), email.strip().lower(), at])
    wake(SEND_TASK)


@action
def set_password_with_token(*, token: str, purpose: TokenPurpose, password: str, at: datetime) -> None:
    """Set the password of whoever holds this invitation or reset link. The link works once; all her sessions
    end.

    Acts as nobody: the secret is the key. Raises UnusableToken, WeakPassword.
    """
    person = find_one_time_person(token=token, purpose=purpose, at=at)
    if person is None:
        raise UnusableToken(fields={"token": [UnusableToken.message]})
    refuse_weak(password, email=person.email, name=person.name, field="password")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT app.use_one_time_token(%s, %s, %s, %s)",
            [digest_of(token), purpose.value, make_password(password), at],
        )
        used_by: UUID | None = cursor.fetchone()[0]
    if used_by is None:
        raise UnusableToken(fields={"token": [UnusableToken.message]})
    # She has shown that the mailbox is hers: whoever locked the account by guessing does not keep her out.
    lockout.forget_failures(lockout.account_key(person.email))


@action
def set_password_of(*, person_id: UUID, password: str, at: datetime) -> None:
    """Set somebody's password, as the system: for an administrator at the console. All her sessions end.

    Raises NotVisible, WeakPassword.
    """
    person = get_person(person_id)
    refuse_weak(password, email=person.email, name=person.name, field="password")
    Credential.objects.update_or_create(user=person, defaults={"password": make_password(password), "changed_at": at})
    person.auth_version += 1
    person.save(update_fields=["auth_version"])
