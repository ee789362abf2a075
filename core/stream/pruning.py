"""Old events go; whoever was away for longer starts over from a snapshot (`reset`)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction

KEPT_FOR = timedelta(days=7)
KEPT_AT_LEAST = 200


def prune_stream_events(*, at: datetime) -> int:
    """Delete events older than KEPT_FOR at `at`, but the last KEPT_AT_LEAST of each stream; returns how many.

    Runs as the system, a bounded number of streams to a transaction.
    """
    pruned = 0
    while removed := _prune_some(at - KEPT_FOR):
        pruned += removed
    return pruned


def _prune_some(before: datetime) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT app.prune_stream_events(%s, %s)", [before, KEPT_AT_LEAST])
        return int(cursor.fetchone()[0])
