"""Counts failed tries and closes the door for a while. Rows of the database, so that every process counts the
same.
"""

from __future__ import annotations

import math
from datetime import datetime
from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from rest_framework.throttling import BaseThrottle

from core.errors import TooManyAttempts

#: Many people share the address of a school or an office; each of them may mistype.
ADDRESS_ALLOWANCE = 5
#: A subscriber of IPv6 has a whole network of this size to try from.
IPV6_SUBSCRIBER_PREFIX = 64


def account_key(email: str) -> bytes:
    """The counter of one account, whether or not it exists."""
    return _key("account", email.strip().lower())


def address_key(request: HttpRequest) -> bytes:
    """The counter of the address that the request comes from, behind `NUM_PROXIES` proxies of ours."""
    given = BaseThrottle().get_ident(request)  # type: ignore[arg-type]
    return _key("address", _subscriber(given or ""))


def _subscriber(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(ip_network(f"{parsed}/{IPV6_SUBSCRIBER_PREFIX}", strict=False))
    return address


def _key(kind: str, value: str) -> bytes:
    return salted_hmac("users.login_attempt", f"{kind}:{value}", algorithm="sha256").digest()


def take_attempt(account: bytes, *, at: datetime) -> None:
    """Spend one of the account's tries, or raise TooManyAttempts.

    The try is counted before the password is checked, so that guesses sent at once cannot all pass the door
    while none has failed yet. `forget_failures` gives it back after a success.
    """
    allowed: int = settings.LOGIN_FAILURES_ALLOWED
    refuse_when_locked(account, allowed=allowed, at=at)
    note_failure(account, at=at)
    refuse_when_locked(account, allowed=allowed + 1, at=at)


def refuse_when_locked(key: bytes, *, allowed: int, at: datetime) -> None:
    """Raise TooManyAttempts while `allowed` failures lie in the lock-out window."""
    window = settings.LOGIN_LOCKOUT
    with connection.cursor() as cursor:
        cursor.execute("SELECT app.login_locked_since(%s, %s, %s)", [key, at - window, allowed])
        locked_since: datetime | None = cursor.fetchone()[0]
    if locked_since is not None:
        seconds = (locked_since + window - at).total_seconds()
        raise TooManyAttempts(retry_after=max(1, math.ceil(seconds)))


def note_failure(key: bytes, *, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT app.note_login_failure(%s, %s)", [key, at])


def forget_failures(key: bytes) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT app.forget_login_failures(%s)", [key])
