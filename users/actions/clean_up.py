"""Deletes what has run out, as the system. A second run changes nothing (product.md §12)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from core.models import IdempotencyKey
from users.models import AccessToken, LoginAttempt, LoginSession, OneTimeToken

#: Long enough to answer "what happened to my link, to my token?".
ONE_TIME_TOKENS_KEPT = timedelta(days=30)
ACCESS_TOKENS_KEPT = timedelta(days=90)
IDEMPOTENCY_KEYS_KEPT = timedelta(hours=48)


def delete_expired(*, at: datetime) -> dict[str, int]:
    """Delete expired sessions, failed tries outside of the lock-out window, dead tokens and old idempotency
    keys.

    One transaction a table, so that no lock is held longer than needed. Returns rows deleted by table.
    """
    links_ended, tokens_ended = at - ONE_TIME_TOKENS_KEPT, at - ACCESS_TOKENS_KEPT
    dead_links = (
        Q(used_at__lt=links_ended)
        | Q(expires_at__lt=links_ended)
        | Q(expires_at__isnull=True, available_at__lt=links_ended)
    )
    dead = (
        LoginSession.objects.filter(expires_at__lte=at),
        LoginAttempt.objects.filter(failed_at__lte=at - settings.LOGIN_LOCKOUT),
        OneTimeToken.objects.filter(dead_links),
        AccessToken.objects.filter(Q(revoked_at__lt=tokens_ended) | Q(expires_at__lt=tokens_ended)),
        IdempotencyKey.objects.filter(created_at__lt=at - IDEMPOTENCY_KEYS_KEPT),
    )
    deleted = {}
    for rows in dead:
        with transaction.atomic():
            deleted[rows.model._meta.db_table] = rows.delete()[0]
    return deleted
